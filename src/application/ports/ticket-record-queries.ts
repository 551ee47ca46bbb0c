import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { CheckResult } from '../../domain/readiness/readiness.ts'
import type { Instant } from '../../domain/shared/time.ts'
import type { TicketId, TicketStatus } from '../../domain/ticket/ticket.ts'
import type { StepKey } from '../../domain/verification/steps.ts'
import type { Unavailable } from '../errors.ts'
import type { Sight } from '../permissions.ts'

/** One ticket as seen by one caller; every answer is null when it is not within sight. */
export type Look = { readonly sight: Sight; readonly ticketId: TicketId }
type OfTicket<A> = TaskEither<Unavailable, A | null>

/** Whatever happened to the ticket or was written about it; `seq` only grows. */
export type TimelineRow = {
  readonly id: string
  readonly seq: number
  readonly note_type: 'internal' | 'client' | 'system'
  readonly content: string | null
  readonly created_by: string | null
  readonly created_at: Instant
  readonly system_event: string | null
  readonly event_data: unknown
}

export type AttachmentRow = {
  readonly id: string
  /** The ticket it was added to: this one, or a duplicate whose evidence stays visible here. */
  readonly ticket_id: TicketId
  readonly ticket_uid: string
  /** As its sender called it, which may name the client; null for whoever may not know that. */
  readonly filename: string | null
  readonly file_type: string | null
  readonly mime_type: string | null
  readonly file_size: number | null
  readonly sha256: string
  readonly storage_url: string | null
  readonly uploaded_by: string | null
  readonly uploaded_at: Instant
  readonly is_evidence: boolean
  readonly step_key: StepKey | null
  readonly is_current: boolean
  readonly work_cycle: number
  readonly width: number | null
  readonly height: number | null
  readonly captured_at: Instant | null
  readonly done_at: Instant | null
  readonly verdicts: unknown
  readonly overrides: unknown
  readonly reuse_cleared: unknown
}

/** How another ticket belongs to this one, said from this one's side. */
export type LinkRow = {
  readonly kind: 'related' | 'escalation' | 'duplicate_of' | 'duplicate' | 'follow_up_of' | 'follow_up'
  readonly ticket_id: TicketId
  readonly ticket_uid: string
  readonly status: TicketStatus
  readonly linked_by: string | null
  readonly linked_at: Instant | null
}

export type ReadinessRow = {
  readonly id: string
  readonly passed: boolean
  readonly checked_at: Instant
  readonly checked_by: string | null
  readonly results: ReadonlyArray<CheckResult>
}

/** What one ticket has gathered, for its page. */
export type TicketRecordQueries = {
  /** The newest first, those before `before`; `withWords` false leaves out whatever a person wrote: notes, and the data of events. */
  readonly timeline: (
    look: Look,
    window: { readonly before: number | null; readonly limit: number; readonly withWords: boolean },
  ) => OfTicket<{ readonly rows: ReadonlyArray<TimelineRow>; readonly next: number | null }>
  /** In order of upload. */
  readonly attachments: (look: Look) => OfTicket<ReadonlyArray<AttachmentRow>>
  /** Both ways; only tickets that are within sight themselves. */
  readonly links: (look: Look) => OfTicket<ReadonlyArray<LinkRow>>
  /** The newest first. */
  readonly readinessRuns: (look: Look, limit: number) => OfTicket<ReadonlyArray<ReadinessRow>>
}
