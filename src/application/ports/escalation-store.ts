import type { Either } from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type {
  Escalation,
  EscalationDecision,
  EscalationError,
  EscalationEvent,
  EscalationStatus,
  EscalationType,
  FaultTicketStatus,
  LiveEscalation,
  RepeatFaultLimit,
  RepeatFaultSettings,
  Scope,
  ScopeKey,
} from '../../domain/escalation/escalation.ts'
import type { CountedFault, FaultPlace, FaultTicket } from '../../domain/escalation/repeat-faults.ts'
import type { Instant } from '../../domain/shared/time.ts'
import type { TicketId } from '../../domain/ticket/ticket.ts'
import type { AlreadyExists, NotFound, Stale, Unavailable } from '../errors.ts'
import type { PageOf, PageWindow } from './pages.ts'
import type { Creation } from './ticket-store.ts'

/** A scope whose faults are asked for, and from when on they can count. */
export type AskedScope = { readonly key: ScopeKey; readonly windowFrom: Instant; readonly until: Instant }

/** What is known of one scope: its live escalation, when counting last started again, and its faults in the window. */
export type ScopeAsRead = {
  readonly key: ScopeKey
  readonly live: LiveEscalation | null
  readonly countingSince: Instant | null
  readonly faults: ReadonlyArray<CountedFault & { readonly place: FaultPlace }>
}

/** What a fault does to one scope. `creation` is the infrastructure ticket of an escalation that begins here. */
export type ScopeOutcome = {
  readonly escalation: LiveEscalation
  readonly windowDays: number
  readonly creation: Creation | null
  readonly events: ReadonlyArray<EscalationEvent & { readonly id: string }>
}

export type FaultEvent = { readonly id: string; readonly at: Instant }

/** A ticket as far as repeat faults look at it, and the limits of its project. */
export type FaultInShort = FaultTicket & {
  readonly ticketId: TicketId
  readonly projectId: string
  readonly place: FaultPlace
  readonly limits: RepeatFaultSettings
}

/** An escalation with its infrastructure ticket as both stand. */
export type StoredEscalation = {
  readonly escalation: Escalation
  readonly version: number
  readonly ticket: { readonly status: FaultTicketStatus; readonly deletedAt: Instant | null }
}

type Recorded = (decision: EscalationDecision) => ReadonlyArray<EscalationEvent & { readonly id: string }>

/** Repeat-fault escalations as they are written; every write puts its events into the outbox with it. */
export type EscalationStore = {
  /** Those of the tickets that exist and are not deleted, in no order. */
  readonly faults: (ids: ReadonlyArray<TicketId>) => TaskEither<Unavailable, ReadonlyArray<FaultInShort>>
  /** Scopes as they stand, in the order asked. */
  readonly read: (scopes: ReadonlyArray<AskedScope>) => TaskEither<Unavailable, ReadonlyArray<ScopeAsRead>>
  /**
   * One fault weighed against all its scopes, once per event: nobody else changes them meanwhile, and what `weigh` makes
   * of each (null for nothing) is kept together or not at all, tickets and links both ways included.
   */
  readonly weigh: (
    event: FaultEvent,
    scopes: ReadonlyArray<AskedScope>,
    weigh: (scope: ScopeAsRead) => ScopeOutcome | null,
  ) => TaskEither<Stale | AlreadyExists | Unavailable, ReadonlyArray<ScopeOutcome>>
  /** The escalation that made this ticket, when one did; decided on it as it stands. */
  readonly follow: (
    ticketId: TicketId,
    decide: (escalation: Escalation) => EscalationDecision,
    recorded: Recorded,
  ) => TaskEither<Unavailable, Escalation | null>
  /** Decided on the escalation and its ticket as they stand at that moment, against the version read. */
  readonly change: (
    id: string,
    version: number,
    decide: (stored: StoredEscalation) => Either<EscalationError, EscalationDecision>,
    recorded: Recorded,
  ) => TaskEither<EscalationError | NotFound | Stale | Unavailable, null>
}

/** A ticket in short, wherever another one names it. */
export type TicketInShort = {
  readonly id: TicketId
  readonly ticket_uid: string
  readonly ticket_type: string
  readonly status: FaultTicketStatus
  readonly title: string
  readonly created_at: Instant
  readonly deleted_at: Instant | null
}

/** An escalation as people and programs read it, in the names of the columns. */
export type EscalationView = {
  readonly id: string
  readonly project_id: string
  readonly scope_type: Scope
  readonly scope_value: string
  readonly escalation_type: EscalationType
  readonly status: EscalationStatus
  /** Counted when it escalated; `contributing_count` goes on growing while it lives. */
  readonly fault_count: number
  readonly fault_threshold: number
  readonly window_days: number
  readonly contributing_count: number
  readonly escalation_ticket_id: TicketId
  readonly escalation_ticket_uid: string
  readonly escalation_ticket_status: FaultTicketStatus
  readonly created_at: Instant
  readonly investigating_since: Instant | null
  readonly resolved_at: Instant | null
  readonly resolved_by: string | null
  readonly resolution_notes: string | null
  readonly version: number
}
export type EscalationDetail = EscalationView & {
  readonly ticket: TicketInShort
  /** Oldest first. */
  readonly contributing_tickets: ReadonlyArray<TicketInShort>
}

/** Several values of one filter are alternatives; several filters all hold. */
export type EscalationFilters = {
  readonly status?: ReadonlyArray<EscalationStatus>
  readonly scope?: ReadonlyArray<Scope>
  readonly project?: ReadonlyArray<string>
}
export type EscalationPosition = { readonly key: Instant; readonly id: string }

/** How near a place is to escalating: its faults in the window of its scope, not spent by an earlier escalation. */
export type Pattern = {
  readonly scope: Scope
  readonly value: string
  readonly count: number
  readonly latestAt: Instant
  readonly live: { readonly id: string; readonly status: EscalationStatus } | null
}

/** Escalations and what leads to them, as they are read. */
export type EscalationQueries = {
  /** Newest first. */
  readonly page: (filters: EscalationFilters, window: PageWindow) => TaskEither<Unavailable, PageOf<EscalationView>>
  /** Newest first; `next` is null at the end. */
  readonly list: (
    filters: EscalationFilters,
    window: { readonly after: EscalationPosition | null; readonly limit: number },
  ) => TaskEither<
    Unavailable,
    { readonly rows: ReadonlyArray<EscalationView>; readonly next: EscalationPosition | null }
  >
  readonly detail: (id: string) => TaskEither<Unavailable, EscalationDetail | null>
  readonly inShort: (ids: ReadonlyArray<TicketId>) => TaskEither<Unavailable, ReadonlyArray<TicketInShort>>
  /** The places of a project with most faults for their threshold, nearest first. */
  readonly nearest: (
    projectId: string,
    limits: { readonly [S in Scope]: RepeatFaultLimit },
    now: Instant,
    limit: number,
  ) => TaskEither<Unavailable, ReadonlyArray<Pattern>>
}
