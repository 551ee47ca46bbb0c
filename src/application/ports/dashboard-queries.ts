import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { FaultCause } from '../../domain/fault/fault.ts'
import type { Instant } from '../../domain/shared/time.ts'
import type { Priority, Source, TicketStatus, TicketType } from '../../domain/ticket/ticket.ts'
import type { Unavailable } from '../errors.ts'
import type { Sight } from '../permissions.ts'

/** Which tickets a figure is about; no project means all. */
export type Scope = { readonly sight: Sight; readonly projects: ReadonlyArray<string>; readonly now: Instant }
/** From is in it, before is not; null means no such end. */
export type Period = { readonly from: Instant | null; readonly before: Instant | null }

/** Tickets alike in these four, counted. */
export type TicketGroup = {
  readonly status: TicketStatus
  readonly ticket_type: TicketType
  readonly priority: Priority
  readonly source: Source
  readonly tickets: number
  readonly overdue: number
  readonly unassigned: number
  /** Before QA and not ready for it. */
  readonly not_ready: number
  /** Live, and rejected or returned from the gate more than twice. */
  readonly rejected_often: number
}

export type LastImport = {
  readonly report_id: string
  readonly report_uid: string
  readonly project_id: string
  readonly imported_at: Instant
  readonly imported_count: number | null
  readonly skipped_count: number | null
  readonly error_count: number | null
}
export type LastSync = {
  readonly synced_at: Instant
  readonly sync_direction: string
  readonly sync_type: string
  readonly status: string
}

export type SummaryFigures = {
  readonly groups: ReadonlyArray<TicketGroup>
  /** A ticket counts once under each check it failed; `not_checked` and `check_outdated` where no check says why. */
  readonly not_ready: ReadonlyArray<{ readonly check: string; readonly tickets: number }>
  readonly risks_expiring: number
  /** The next three are null for whoever may not read them. */
  readonly open_escalations: number | null
  readonly last_import: LastImport | null
  readonly last_sync: LastSync | null
}

export type SlaRow = {
  readonly priority: Priority
  readonly met: number
  readonly breached: number
  readonly running: number
  readonly response_met: number
  readonly response_late: number
  readonly response_waiting: number
}

export type WorkloadRow = {
  readonly kind: 'technician' | 'contractor' | 'team'
  readonly id: string
  readonly open: number
  readonly overdue: number
  readonly in_qa: number
  readonly rejected: number
}

export const TREND_DIMENSIONS = [
  'fault_cause',
  'project_id',
  'zone_no',
  'pon_number',
  'pole_number',
  'dr_number',
  'assigned_contractor_id',
  'month',
] as const
export type TrendDimension = (typeof TREND_DIMENSIONS)[number]

export type TrendRow = { readonly [D in TrendDimension]?: string | null } & {
  readonly faults: number
  readonly workmanship: number
  readonly workmanship_with_evidence: number
}

export type WantedTrends = Scope &
  Period & {
    readonly causes: ReadonlyArray<FaultCause>
    readonly by: ReadonlyArray<TrendDimension>
    readonly limit: number
  }

/** Figures over many tickets within a caller's sight, one statement each. */
export type DashboardQueries = {
  /** `office`: whether escalations, imports and sync are the caller's to see. */
  readonly summary: (scope: Scope, office: boolean, riskDays: number) => TaskEither<Unavailable, SummaryFigures>
  /** By priority; cancelled tickets promise nothing. The period is that of creation. */
  readonly slaCompliance: (scope: Scope & Period) => TaskEither<Unavailable, ReadonlyArray<SlaRow>>
  /** Who has live work, the most first. */
  readonly workload: (scope: Scope) => TaskEither<Unavailable, ReadonlyArray<WorkloadRow>>
  /** Faults alike in the dimensions asked for, the most first; paperwork, cancelled and system-made tickets are none. */
  readonly faultTrends: (wanted: WantedTrends) => TaskEither<Unavailable, ReadonlyArray<TrendRow>>
}
