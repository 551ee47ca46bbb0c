import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { RiskReview, RiskStatus, RiskType } from '../../domain/risk/risk.ts'
import type { Day, Instant } from '../../domain/shared/time.ts'
import type { TicketId } from '../../domain/ticket/ticket.ts'
import type { Unavailable } from '../errors.ts'
import type { Sight } from '../permissions.ts'
import type { PageOf, PageWindow } from './pages.ts'

export type RiskRow = {
  readonly id: string
  readonly ticket_id: TicketId
  readonly ticket_uid: string
  readonly project_id: string
  readonly dr_number: string | null
  readonly risk_type: RiskType
  readonly risk_description: string
  readonly conditions: string | null
  readonly steps: ReadonlyArray<string>
  /** By the date: an active risk past its date is expired, whether or not the nightly job has said so. */
  readonly status: RiskStatus
  readonly risk_expiry_date: Day
  /** Negative once past. */
  readonly days_left: number
  readonly followup_date: Day | null
  readonly accepted_by: string
  readonly accepted_at: Instant
  readonly resolved_by: string | null
  readonly resolved_at: Instant | null
  readonly resolution_notes: string | null
  readonly escalation_ticket_id: TicketId | null
  readonly reviews: ReadonlyArray<Omit<RiskReview, 'nextOn'> & { readonly next_on: Day | null }>
}

export type RiskFilters = {
  readonly status?: ReadonlyArray<RiskStatus>
  readonly project?: ReadonlyArray<string>
  /** Active, with this many days left or fewer. */
  readonly expiringWithinDays?: number
  /** Unresolved, its follow-up review due today or earlier; such a list is sorted by that date. */
  readonly followUpDue?: boolean
}

/** The date sorted by and the risk that stands there. */
export type RiskPosition = { readonly key: Day; readonly id: string }

export type WantedRisks = { readonly sight: Sight; readonly filters: RiskFilters; readonly today: Day }

/** Risk acceptances of tickets within a caller's sight, the most urgent date first. */
export type RiskQueries = {
  readonly page: (wanted: WantedRisks, window: PageWindow) => TaskEither<Unavailable, PageOf<RiskRow>>
  readonly slice: (
    wanted: WantedRisks,
    window: { readonly after: RiskPosition | null; readonly limit: number },
  ) => TaskEither<Unavailable, { readonly rows: ReadonlyArray<RiskRow>; readonly next: RiskPosition | null }>
  /** Of one ticket, the oldest acceptance first; null when the ticket is not within sight. */
  readonly ofTicket: (
    sight: Sight,
    ticketId: TicketId,
    today: Day,
  ) => TaskEither<Unavailable, ReadonlyArray<RiskRow> | null>
  /** The ticket a risk belongs to; null when there is no such risk or its ticket is not within sight. */
  readonly ticketOf: (sight: Sight, riskId: string) => TaskEither<Unavailable, TicketId | null>
}
