import type { Instant } from '../shared/time.ts'

/** The systems whose records a ticket is compared with: the design, the QA sheets, the status tracker. */
export const PLATFORMS = ['sow', 'sharepoint', 'tracker'] as const
export type Platform = (typeof PLATFORMS)[number]

/** The readiness checks in the order they are shown (requirements section 6). */
export const READINESS_CHECKS = [
  'photos_exist',
  'photo_quality',
  'dr_populated',
  'pole_populated',
  'pon_populated',
  'zone_populated',
  'ont_serial_recorded',
  'ont_rx_recorded',
  'ont_rx_within_limits',
  'platforms_aligned',
  'fault_attributed',
] as const
export type ReadinessCheck = (typeof READINESS_CHECKS)[number]

/** `not_applicable` is never counted as passed. */
export type CheckOutcome = 'passed' | 'failed' | 'not_applicable'

export type CheckResult<Name extends string = string> = {
  readonly check: Name
  readonly outcome: CheckOutcome
  readonly expected: string
  readonly actual: string
  readonly sentence: string
}

/** The fields that platforms hold beside the DR and that are compared with the ticket. */
export const PLATFORM_FIELDS = ['pole', 'pon', 'zone'] as const
export type PlatformField = (typeof PLATFORM_FIELDS)[number]

/** One row a platform holds for a drop; a field its layout does not carry is null. */
export type PlatformRow = {
  readonly platform: Platform
  readonly dr: string
  readonly pole: string | null
  readonly pon: string | null
  readonly zone: string | null
  readonly ontSerial: string | null
  readonly spare: boolean
  /** When this row was imported or read. */
  readonly asOf: Instant
}

/** What is known of one platform in one project. */
export type PlatformState = {
  readonly connected: boolean
  /** Which fields its layout carries; the others are not compared. */
  readonly carries: ReadonlyArray<PlatformField | 'ont_serial'>
}
export type Platforms = { readonly [P in Platform]: PlatformState }

/** Everything outside the ticket that its readiness depends on, read together with it and guarded by `version` when it is written. */
export type ProjectFacts = {
  readonly version: number
  readonly rxMin: number
  readonly rxMax: number
  readonly requiredPlatforms: ReadonlyArray<Platform>
  readonly platforms: Platforms
  /** The rows of the ticket's drop (and of a drop it is about to be moved to). */
  readonly rows: ReadonlyArray<PlatformRow>
}

/** An ONT that answers at all lies between these; outside, the number is a typing error (requirements section 6). */
export const PLAUSIBLE_RX = { min: -40, max: -0.001 } as const
export const DEFAULT_RX = { min: -25, max: -10 } as const
