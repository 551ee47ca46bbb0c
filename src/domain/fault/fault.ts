import type { Instant } from '../shared/time.ts'

export const FAULT_CAUSES = [
  'workmanship',
  'material_failure',
  'client_damage',
  'third_party',
  'environmental',
  'vandalism',
  'unknown',
] as const
export type FaultCause = (typeof FAULT_CAUSES)[number]

export const FAULT_COMPONENTS = ['homedrop', 'fibre', 'ont', 'gizzu'] as const
export type FaultComponent = (typeof FAULT_COMPONENTS)[number]

/** Why the fault happened, as far as anyone has said; `confirmed` once a person stands behind it. */
export type Attribution = {
  readonly cause: FaultCause | null
  readonly component: FaultComponent | null
  readonly details: string | null
  readonly confirmed: { readonly by: string; readonly at: Instant } | null
}

/** "Attribution pending": what an imported ticket starts with. */
export const attributionPending: Attribution = { cause: 'unknown', component: null, details: null, confirmed: null }
export const notAttributed: Attribution = { cause: null, component: null, details: null, confirmed: null }
