import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Instant } from '../../domain/shared/time.ts'
import type { SyncField } from '../../domain/sync/fields.ts'
import type { Bases, FoundConflict } from '../../domain/sync/plan.ts'
import type { SentenceKey } from '../../domain/sync/sentences.ts'
import type { TicketId } from '../../domain/ticket/ticket.ts'
import type { Stale, Unavailable } from '../errors.ts'
import type { Sighting } from './ticket-system.ts'

/** A case that is a ticket of ours, with what both sides last agreed on. */
export type SyncedCase = {
  readonly caseId: string
  readonly ticketId: TicketId
  readonly bases: Bases
  /** false: what is personal was erased and is not taken in again. */
  readonly personal: boolean
  readonly lastChangeId: string | null
  readonly attempts: number
  readonly problem: string | null
  readonly gone: boolean
  readonly version: number
}

export type Learnt = {
  readonly bases: Bases
  readonly conflicts: ReadonlyArray<FoundConflict>
  /** Fields on which both sides agree again: their open conflicts are over. */
  readonly agreed: ReadonlyArray<SyncField>
  readonly lastChangeId: string | null
  readonly gone: boolean
}

/** Something to say to the client: a note somebody wrote for them, or one of the fixed sentences. */
export type WaitingNote = {
  readonly id: string
  readonly text: string | null
  readonly sentence: SentenceKey | null
  readonly queuedAt: Instant
}

/** What is remembered of each case, in tables that nothing prunes. */
export type SyncStore = {
  readonly find: (
    by: { readonly caseId: string } | { readonly ticketId: TicketId },
  ) => TaskEither<Unavailable, SyncedCase | null>
  /** From now on the case is this ticket; again it changes nothing, and a case that was another ticket's moves. */
  readonly link: (
    caseId: string,
    ticketId: TicketId,
    learnt: Learnt,
    at: Instant,
  ) => TaskEither<Unavailable, SyncedCase>
  /** With its conflicts, all or none; Stale when somebody else learnt more meanwhile. */
  readonly learn: (before: SyncedCase, learnt: Learnt, at: Instant) => TaskEither<Stale | Unavailable, SyncedCase>
  /**
   * In step (null), or what kind of trouble there was and why. Gives how often it went wrong in this way since it was in
   * step, and whether other cases went well since it is not.
   */
  readonly settle: (
    caseId: string,
    trouble: { readonly type: string; readonly why: string } | null,
    at: Instant,
  ) => TaskEither<Unavailable, { readonly times: number; readonly othersWentWell: boolean }>
  /** Which of these tickets are cases, or were made of one and are about to be linked with it. */
  readonly linked: (ticketIds: ReadonlyArray<TicketId>) => TaskEither<Unavailable, ReadonlySet<TicketId>>
}

/** Notes on their way out, each once, in the order they were written. */
export type SyncNotes = {
  /** One that was given up waits again: somebody asked for it. */
  readonly queue: (
    id: string,
    ticketId: TicketId,
    sentence: SentenceKey | null,
    at: Instant,
  ) => TaskEither<Unavailable, void>
  readonly waiting: (ticketId: TicketId) => TaskEither<Unavailable, ReadonlyArray<WaitingNote>>
  readonly sent: (id: string, remoteId: string | null, at: Instant) => TaskEither<Unavailable, void>
  /** It waits no more, and holds up nothing; a person has its dead letter. Nothing when it was sent or was never queued. */
  readonly giveUp: (id: string, at: Instant) => TaskEither<Unavailable, void>
}

export const RUN_KINDS = ['changes', 'full', 'case'] as const
export type RunKind = (typeof RUN_KINDS)[number]

export const CASE_OUTCOMES = ['in_step', 'repaired', 'conflict', 'created', 'skipped', 'waiting', 'failed'] as const
export type CaseOutcome = (typeof CASE_OUTCOMES)[number]

/** A case is to be looked at; told through the outbox, to whoever looks. */
export const CASE_SEEN = 'QContactCaseSeen'
/** A pass through its whole list is asked for. */
export const SYNC_ASKED = 'QContactSyncAsked'

export type Run = { readonly id: string; readonly kind: RunKind; readonly askedBy: string; readonly at: Instant }

/** What its list showed, and who is told to look. Each writes its events with what it remembers, or neither. */
export type SyncFeed = {
  /** Remembers a run and, unless it is a pass by the clock, asks for it. `caseId`: of that case only. */
  readonly ask: (run: Run, caseId: string | null) => TaskEither<Unavailable, void>
  readonly begin: (run: Run) => TaskEither<Unavailable, void>
  /** Has every new or changed row looked at. */
  readonly record: (run: Run, pass: string, rows: ReadonlyArray<Sighting>) => TaskEither<Unavailable, void>
  /** The pass was whole: has each case looked at that is no longer listed, and in a full run every other one as well. */
  readonly finish: (run: Run, pass: string) => TaskEither<Unavailable, void>
  readonly fail: (runId: string, why: string) => TaskEither<Unavailable, void>
  readonly done: (
    runId: string,
    caseId: string,
    done: { readonly outcome: CaseOutcome; readonly drift: number; readonly why: string | null },
    at: Instant,
  ) => TaskEither<Unavailable, void>
}
