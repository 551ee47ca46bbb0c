import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { EarlierUse } from '../../domain/evidence/judge-reuse.ts'
import type { Fingerprint } from '../../domain/evidence/likeness.ts'
import type { InstalledOn } from '../../domain/guarantee/guarantee.ts'
import type { Beside, Openings } from '../../domain/handover/personal.ts'
import type { SnapshotContent } from '../../domain/handover/snapshot.ts'
import type { ProjectFacts } from '../../domain/readiness/readiness.ts'
import type { ProjectSettings } from '../../domain/settings/settings.ts'
import type { SealingEvent, TicketEvent } from '../../domain/ticket/events.ts'
import type { Ticket, TicketId } from '../../domain/ticket/ticket.ts'
import type { AlreadyExists, Stale, Unavailable } from '../errors.ts'

/** A client's name and numbers: erasable, kept apart from the ticket. */
export type Client = { readonly name: string | null; readonly phone: string | null; readonly email: string | null }

/** Everything that decisions about a project's tickets rest on, as it stood when it was read. */
export type ProjectContext = {
  readonly settings: ProjectSettings
  /** `facts.version` is checked again when anything is written. */
  readonly facts: ProjectFacts
  readonly installed: InstalledOn | null
}

/** A ticket as read: with its version and everything else a decision about it needs, in one look. */
export type Stored = ProjectContext & {
  readonly ticket: Ticket
  readonly version: number
  readonly client: Client | null
  /** Numbers of the tickets that name this one as their survivor. */
  readonly duplicates: ReadonlyArray<string>
  readonly snapshots: number
  /** Bytes of every photo and document stored for it. */
  readonly usedBytes: number
  /** Everyone it was ever assigned to: technicians, contractors and teams. */
  readonly assignedEver: ReadonlyArray<string>
}

/** An event as stored: with its own id, by which reactions know a repetition. */
export type Recorded = TicketEvent & { readonly id: string }

/** `id` is the sealing event's and the snapshot's; `openings` is what its commitments are to, null after an erasure. */
export type Seal = {
  readonly id: string
  readonly event: SealingEvent
  readonly content: SnapshotContent
  readonly bytes: Uint8Array
  readonly openings: Openings | null
}

/**
 * A photo's use of a picture: `seen` is how many uses the decision knew; another number by now means Stale. With a
 * likeness its hashes are kept, too, and a picture within reuse of it that was kept after `upTo` means Stale.
 */
export type PictureUse = {
  readonly photoId: string
  readonly sha256: string
  readonly seen: number
  readonly likeness: { readonly fingerprint: Fingerprint; readonly upTo: number } | null
}

export type Change = {
  readonly before: Stored
  readonly next: Ticket
  readonly events: ReadonlyArray<Recorded>
  readonly seal: Seal | null
  readonly picture: PictureUse | null
  /** Only photos are written, and the ticket keeps its version: whoever read it before may still change it. */
  readonly keepsVersion?: true
  /** The client's details as corrected; left out they stay as they are. */
  readonly client?: Client
}

export type Creation = {
  readonly ticket: Ticket
  readonly events: ReadonlyArray<Recorded>
  readonly client: Client | null
  /** `facts.version` of the project it was decided by. */
  readonly factsVersion: number
}

export type Committed = {
  readonly created: ReadonlyArray<{ readonly id: TicketId; readonly uid: string; readonly version: number }>
  readonly changed: ReadonlyArray<{ readonly id: TicketId; readonly version: number }>
}

export type TicketStore = {
  /**
   * Those that exist and are not deleted, in no order; `drs` adds platform rows of drops a ticket may be moved to,
   * `deleted` the soft-deleted ones.
   */
  readonly load: (
    ids: ReadonlyArray<TicketId>,
    also?: { readonly drs?: ReadonlyArray<string>; readonly deleted?: boolean },
  ) => TaskEither<Unavailable, ReadonlyArray<Stored>>
  /** What a ticket of this project (and drop) would be decided by; a project never heard of has the defaults. */
  readonly context: (projectId: string, dr: string | null) => TaskEither<Unavailable, ProjectContext>
  /** Every earlier use of the picture with these bytes. */
  readonly usesOf: (sha256: string) => TaskEither<Unavailable, ReadonlyArray<EarlierUse>>
  /** What people wrote on the ticket and in its events until now. */
  readonly written: (ticketId: TicketId) => TaskEither<Unavailable, Pick<Beside, 'notes' | 'events'>>
  /** Whether this readiness run was logged for that ticket, however long ago. */
  readonly hasRun: (ticketId: TicketId, runId: string) => TaskEither<Unavailable, boolean>
  /**
   * Stores the ticket of a case, unless one that is of no case yet has one of its numbers and is not cancelled: then that
   * one, or its survivor, is given and nothing stored. Reports that name these numbers wait for their turn, and the other
   * way round.
   */
  readonly commitCase: (
    creation: Creation,
    numbers: ReadonlyArray<string>,
  ) => TaskEither<Stale | AlreadyExists | Unavailable, TicketId>
  /** The number of the open ticket of this imported fault; the unique constraint of a commit is the last word on it. */
  readonly openForFault: (projectId: string, importKey: string) => TaskEither<Unavailable, string | null>
  /**
   * All of it or none, with events to the outbox; Stale when a version, the project's facts or a picture's uses moved,
   * or, where a photo joins, the bytes stored for its ticket.
   */
  readonly commit: (
    creations: ReadonlyArray<Creation>,
    changes: ReadonlyArray<Change>,
  ) => TaskEither<Stale | AlreadyExists | Unavailable, Committed>
}
