import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Instant } from '../../domain/shared/time.ts'
import type { TicketId } from '../../domain/ticket/ticket.ts'
import type { Stale, Unavailable } from '../errors.ts'
import type { PageOf, PageWindow } from './pages.ts'
import type { RunKind } from './sync-store.ts'

export type RunRow = {
  readonly id: string
  readonly kind: RunKind
  readonly state: 'waiting' | 'running' | 'finished' | 'failed'
  readonly asked_by: string
  readonly asked_at: Instant
  readonly started_at: Instant | null
  readonly finished_at: Instant | null
  readonly cases: number
  readonly done: number
  readonly in_step: number
  readonly repaired: number
  readonly conflicts: number
  readonly created: number
  readonly skipped: number
  readonly waiting: number
  readonly failed: number
  /** Fields that differed without anyone having been told; 0 is the proof that both sides agree. */
  readonly drift: number
  readonly failure: string | null
}

/** A case that is not in step just now; one that could not become a ticket yet has none. */
export type ProblemRow = {
  readonly ticket_id: TicketId | null
  readonly ticket_uid: string | null
  readonly qcontact_ticket_id: string
  readonly problem: string
  readonly attempts: number
  readonly since: Instant
}

export type SyncStanding = {
  readonly linked: number
  readonly in_step: number
  readonly notes_waiting: number
  readonly open_conflicts: number
  readonly problems: ReadonlyArray<ProblemRow>
  readonly last_success_at: Instant | null
  readonly last_failure_at: Instant | null
  readonly last_failure: string | null
  readonly paused_until: Instant | null
  readonly last_changes_run: RunRow | null
  readonly last_full_run: RunRow | null
}

export type SyncLogRow = {
  readonly id: string
  readonly ticket_id: TicketId | null
  readonly qcontact_ticket_id: string | null
  readonly sync_direction: 'inbound' | 'outbound'
  readonly sync_type: 'create' | 'status_update' | 'assignment' | 'note_add' | 'full_sync'
  readonly request_payload: unknown
  readonly response_payload: unknown
  readonly status: 'success' | 'failed' | 'partial'
  readonly error_message: string | null
  readonly synced_at: Instant
}
export type SyncLogFilters = {
  readonly ticketId?: TicketId
  readonly direction?: SyncLogRow['sync_direction']
  readonly status?: ReadonlyArray<SyncLogRow['status']>
}

export const RESOLUTIONS = ['keep_ours', 'take_theirs', 'follow_up', 'noted'] as const
export type Resolution = (typeof RESOLUTIONS)[number]

export type ConflictRow = {
  readonly id: string
  readonly ticket_id: TicketId
  readonly ticket_uid: string
  readonly qcontact_ticket_id: string
  readonly field: string | null
  readonly kind: string
  readonly ours: string | null
  readonly theirs: string | null
  readonly winner: 'local' | 'remote'
  readonly times: number
  readonly found_at: Instant
  readonly latest_at: Instant
  readonly resolved_at: Instant | null
  readonly resolved_by: string | null
  readonly resolution: Resolution | 'agreed' | null
  readonly resolution_notes: string | null
  readonly follow_up_id: TicketId | null
  readonly version: number
}

/** What people see of the exchange, and their word on what it could not agree on. */
export type SyncDesk = {
  readonly standing: () => TaskEither<Unavailable, SyncStanding>
  readonly run: (id: string) => TaskEither<Unavailable, RunRow | null>
  readonly log: (filters: SyncLogFilters, window: PageWindow) => TaskEither<Unavailable, PageOf<SyncLogRow>>
  readonly conflicts: (
    filters: { readonly open: boolean | null; readonly ticketId: TicketId | null },
    window: PageWindow,
  ) => TaskEither<Unavailable, PageOf<ConflictRow>>
  readonly conflict: (id: string) => TaskEither<Unavailable, ConflictRow | null>
  /** Stale when another word came first. */
  readonly resolve: (
    id: string,
    version: number,
    word: {
      readonly resolution: Resolution
      readonly notes: string | null
      readonly by: string
      readonly at: Instant
      readonly followUpId: TicketId | null
    },
  ) => TaskEither<Stale | Unavailable, void>
}

/** Hints that something may have changed over there: by their sender's id, each once. Gives whether it is a new one. */
export type SyncHints = {
  readonly receive: (id: string, caseId: string, at: Instant) => TaskEither<Unavailable, boolean>
}
