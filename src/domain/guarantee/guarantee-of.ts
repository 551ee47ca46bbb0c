import type { Day, Instant } from '../shared/time.ts'
import { addDays, dayInJohannesburg } from '../shared/time.ts'
import type {
  BillingClassification,
  DecidedBilling,
  Guarantee,
  GuaranteeCause,
  GuaranteePeriods,
  GuaranteeRule,
  GuaranteeStatus,
  InstalledOn,
} from './guarantee.ts'

/** Only `billable_*` is billable; pending is neither. */
export const billableOf = {
  contractor_guarantee: false,
  internal: false,
  material_warranty: false,
  billable_standard: true,
  billable_client: true,
  billable_third_party: true,
  pending_classification: null,
} as const satisfies { readonly [B in BillingClassification]: boolean | null }

/** Causes that no guarantee ever covers, and who pays. */
const OUTSIDE = {
  client_damage: { billing: 'billable_client', decidedBy: 'client_damage_outside_guarantee' },
  third_party: { billing: 'billable_third_party', decidedBy: 'third_party_outside_guarantee' },
  vandalism: { billing: 'billable_third_party', decidedBy: 'vandalism_outside_guarantee' },
  environmental: { billing: 'internal', decidedBy: 'environmental_outside_guarantee' },
} as const

export type GuaranteeFacts = {
  /** Null where nobody has to attribute one; read as unknown. */
  readonly cause: GuaranteeCause | null
  readonly paperwork: boolean
  readonly installed: InstalledOn | null
  /** Creation of the ticket; its day in Africa/Johannesburg is compared with the last day of the guarantee. */
  readonly reportedAt: Instant
  readonly periods: GuaranteePeriods
  /** A manager's classification, which stands above the table. */
  readonly classified: DecidedBilling | null
}

type Verdict = Pick<Guarantee, 'status' | 'expiresOn' | 'billing' | 'decidedBy'>

const verdict = (
  status: GuaranteeStatus,
  billing: BillingClassification,
  decidedBy: GuaranteeRule,
  expiresOn: Day | null = null,
): Verdict => ({ status, expiresOn, billing, decidedBy })

const pending = (decidedBy: GuaranteeRule, expiresOn: Day | null = null): Verdict =>
  verdict('pending_classification', 'pending_classification', decidedBy, expiresOn)

const withinItsPeriod = (cause: 'workmanship' | 'material_failure', { contractorLiable }: GuaranteePeriods) =>
  cause === 'material_failure'
    ? ({ billing: 'material_warranty', decidedBy: 'within_material_period' } as const)
    : ({
        billing: contractorLiable ? 'contractor_guarantee' : 'internal',
        decidedBy: 'within_installation_period',
      } as const)

const byPeriod = (cause: 'workmanship' | 'material_failure', facts: GuaranteeFacts): Verdict => {
  const { installed, periods, reportedAt } = facts
  if (installed === null) return pending('installation_date_not_known')
  const day = dayInJohannesburg(reportedAt)
  const expiresOn = addDays(installed.day, cause === 'workmanship' ? periods.installationDays : periods.materialDays)
  if (day < installed.day) return pending('fault_before_installation', expiresOn)
  if (day <= expiresOn) {
    const { billing, decidedBy } = withinItsPeriod(cause, periods)
    return verdict('under_guarantee', billing, decidedBy, expiresOn)
  }
  return periods.autoClassifyOutOfGuarantee
    ? verdict('out_of_guarantee', 'billable_standard', 'after_its_period', expiresOn)
    : pending('after_its_period_awaits_manager', expiresOn)
}

const byTable = (facts: GuaranteeFacts): Verdict => {
  const { cause, paperwork } = facts
  if (paperwork) return verdict('out_of_guarantee', 'internal', 'paperwork_is_internal')
  switch (cause) {
    case null:
    case 'unknown':
      return pending('cause_not_known')
    case 'workmanship':
    case 'material_failure':
      return byPeriod(cause, facts)
    case 'client_damage':
    case 'third_party':
    case 'vandalism':
    case 'environmental':
      return verdict('out_of_guarantee', OUTSIDE[cause].billing, OUTSIDE[cause].decidedBy)
  }
}

const statusBy = (billing: DecidedBilling, byTheTable: GuaranteeStatus): GuaranteeStatus => {
  if (billing === 'contractor_guarantee' || billing === 'material_warranty') return 'under_guarantee'
  if (billing === 'internal' && byTheTable === 'under_guarantee') return 'under_guarantee'
  return 'out_of_guarantee'
}

/** Guarantee status and billing of a ticket: the table of causes and periods, below what a manager decided. */
export const guaranteeOf = (facts: GuaranteeFacts): Guarantee => {
  const table = byTable(facts)
  const { classified } = facts
  const decided: Verdict =
    classified === null
      ? table
      : verdict(statusBy(classified, table.status), classified, 'classified_by_manager', table.expiresOn)
  return { ...decided, billable: billableOf[decided.billing], comparedDay: dayInJohannesburg(facts.reportedAt) }
}
