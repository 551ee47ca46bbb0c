import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { FaultCause } from '../../domain/fault/fault.ts'
import type { ReadinessCheck } from '../../domain/readiness/readiness.ts'
import type { Instant } from '../../domain/shared/time.ts'
import type { Owner, Priority, Source, TicketId, TicketStatus, TicketType } from '../../domain/ticket/ticket.ts'
import type { Unavailable } from '../errors.ts'
import type { Sight } from '../permissions.ts'
import type { PageOf, PageWindow } from './pages.ts'

/** Several values of one filter are alternatives; several filters all hold. An empty list of values lets nothing through. */
export type TicketFilters = {
  readonly status?: ReadonlyArray<TicketStatus>
  readonly type?: ReadonlyArray<TicketType>
  readonly priority?: ReadonlyArray<Priority>
  readonly source?: ReadonlyArray<Source>
  readonly owner?: ReadonlyArray<Owner>
  readonly faultCause?: ReadonlyArray<FaultCause>
  readonly project?: ReadonlyArray<string>
  readonly assignee?: ReadonlyArray<string>
  readonly contractor?: ReadonlyArray<string>
  readonly team?: ReadonlyArray<string>
  readonly dr?: ReadonlyArray<string>
  readonly pole?: ReadonlyArray<string>
  readonly pon?: ReadonlyArray<string>
  readonly zone?: ReadonlyArray<string>
  readonly weeklyReport?: ReadonlyArray<string>
  readonly duplicateOf?: ReadonlyArray<TicketId>
  readonly followUpOf?: ReadonlyArray<TicketId>
  /** Both ends of the period of creation: from is in it, before is not. */
  readonly createdFrom?: Instant
  readonly createdBefore?: Instant
  readonly qaReady?: boolean
  readonly paperwork?: boolean
  /** Its resolution clock runs and its due time is past; a stored due time means nothing while the clock stands. */
  readonly overdue?: boolean
  /** Open and given to nobody. */
  readonly unassigned?: boolean
  /** No DR where one is needed, or one the connected SOW does not hold, and no place confirmed by hand. */
  readonly unknownDrop?: boolean
  readonly rejectedMoreThan?: number
  /** Not ready for QA because these checks failed when it was last looked at. */
  readonly failedCheck?: ReadonlyArray<ReadinessCheck>
}

export const TICKET_SORTS = [
  'created_at',
  'updated_at',
  'sla_due_at',
  'priority',
  'status',
  'ticket_uid',
  'dr_number',
] as const
/** What has no value comes after everything that has one, so it leads when descending. */
export type TicketSort = { readonly by: (typeof TICKET_SORTS)[number]; readonly direction: 'asc' | 'desc' }

/** A place in a sorted list: the value sorted by, as text, and the ticket that stands there. */
export type Position = { readonly key: string; readonly id: TicketId }

/** Every one of these groups of word beginnings is met by one of its alternatives; see search-words.ts. */
export type SearchWords = ReadonlyArray<ReadonlyArray<string>>

export type Wanted = {
  readonly sight: Sight
  readonly filters: TicketFilters
  readonly words: SearchWords
  readonly sort: TicketSort
  readonly now: Instant
  /** Whether the caller may see what belongs to the client. */
  readonly client: boolean
}

type ClientColumns = {
  readonly address: string | null
  readonly gps_coordinates: { readonly lat: number; readonly lon: number } | null
  readonly client_name: string | null
  readonly client_phone: string | null
  readonly client_email: string | null
}

export type TicketRow = Partial<ClientColumns> & {
  readonly id: TicketId
  readonly ticket_uid: string
  readonly source: Source
  readonly external_id: string | null
  readonly title: string
  readonly ticket_type: TicketType
  readonly priority: Priority
  readonly status: TicketStatus
  readonly owner_type: Owner
  readonly project_id: string
  readonly dr_number: string | null
  readonly pole_number: string | null
  readonly pon_number: string | null
  readonly zone_no: string | null
  readonly assigned_to: string | null
  readonly assigned_contractor_id: string | null
  readonly assigned_team: string | null
  readonly qa_ready: boolean
  readonly fault_cause: FaultCause | null
  readonly guarantee_status: string | null
  readonly billing_classification: string | null
  readonly rectification_count: number
  readonly paperwork: boolean
  readonly weekly_note: number | null
  readonly duplicate_of: TicketId | null
  readonly follow_up_of: TicketId | null
  readonly sla_due_at: Instant | null
  readonly sla_response_due_at: Instant | null
  readonly sla_first_response_at: Instant | null
  readonly sla_breached: boolean
  readonly overdue: boolean
  /** Completed of 12, as people say it: `7/12`. */
  readonly progress: string
  readonly steps_completed: number
  readonly required_steps: number
  readonly required_completed: number
  readonly created_at: Instant
  readonly updated_at: Instant
  readonly version: number
}

export type TicketPage = PageOf<TicketRow>
export type TicketSlice = { readonly rows: ReadonlyArray<TicketRow>; readonly next: Position | null }

/** Lists of tickets, within a caller's sight and without deleted ones. */
export type TicketQueries = {
  readonly page: (wanted: Wanted, window: PageWindow) => TaskEither<Unavailable, TicketPage>
  /** The tickets after a position; `next` is null at the end. */
  readonly slice: (
    wanted: Wanted,
    window: { readonly after: Position | null; readonly limit: number },
  ) => TaskEither<Unavailable, TicketSlice>
}
