import type { Day } from '../shared/time.ts'

export const GUARANTEE_STATUSES = ['under_guarantee', 'out_of_guarantee', 'pending_classification'] as const
export type GuaranteeStatus = (typeof GUARANTEE_STATUSES)[number]

export const BILLING_CLASSIFICATIONS = [
  'contractor_guarantee',
  'internal',
  'billable_standard',
  'material_warranty',
  'billable_client',
  'billable_third_party',
  'pending_classification',
] as const
export type BillingClassification = (typeof BILLING_CLASSIFICATIONS)[number]
/** What a manager may choose: anything but leaving it pending. */
export type DecidedBilling = Exclude<BillingClassification, 'pending_classification'>

export type GuaranteeCause =
  | 'workmanship'
  | 'material_failure'
  | 'client_damage'
  | 'third_party'
  | 'environmental'
  | 'vandalism'
  | 'unknown'

/** A project's guarantee terms, in days after the installation; the last day belongs to the guarantee. */
export type GuaranteePeriods = {
  readonly installationDays: number
  readonly materialDays: number
  readonly contractorLiable: boolean
  readonly autoClassifyOutOfGuarantee: boolean
}

export const DEFAULT_GUARANTEE_PERIODS: GuaranteePeriods = {
  installationDays: 90,
  materialDays: 365,
  contractorLiable: true,
  autoClassifyOutOfGuarantee: true,
}

/** Where an installation date was found, the most trusted first: what a person entered corrects the rest. */
export const INSTALLATION_SOURCES = ['entered', 'host_drops', 'tracker', 'installation_handover'] as const
export type InstallationSource = (typeof INSTALLATION_SOURCES)[number]
export type InstalledOn = { readonly day: Day; readonly source: InstallationSource }

/** The sentence that explains a classification. */
export type GuaranteeRule =
  | 'paperwork_is_internal'
  | 'cause_not_known'
  | 'installation_date_not_known'
  | 'fault_before_installation'
  | 'within_installation_period'
  | 'within_material_period'
  | 'after_its_period'
  | 'after_its_period_awaits_manager'
  | 'client_damage_outside_guarantee'
  | 'third_party_outside_guarantee'
  | 'environmental_outside_guarantee'
  | 'vandalism_outside_guarantee'
  | 'classified_by_manager'

export type Guarantee = {
  readonly status: GuaranteeStatus
  /** Last day of the guarantee; null when no period applies or its start is not known. */
  readonly expiresOn: Day | null
  readonly billing: BillingClassification
  /** Null while pending. */
  readonly billable: boolean | null
  readonly decidedBy: GuaranteeRule
  /** The day, in Africa/Johannesburg, on which the fault was reported: the one compared with `expiresOn`. */
  readonly comparedDay: Day
}
