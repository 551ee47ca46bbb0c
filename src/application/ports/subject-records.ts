import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Json } from '../../domain/shared/json.ts'
import type { Instant } from '../../domain/shared/time.ts'
import type { TicketId } from '../../domain/ticket/ticket.ts'
import type { Unavailable } from '../errors.ts'
import type { ObjectAddress } from './evidence-store.ts'
import type { SubjectKey } from './subject-keys.ts'

/** The client of a project's drop; where a ticket has no drop, the client of that ticket. */
export type Subject =
  | { readonly type: 'drop'; readonly projectId: string; readonly dr: string }
  | { readonly type: 'ticket'; readonly projectId: string; readonly ticketId: TicketId }

export type AboutSubject = { readonly id: string; readonly subject: Subject; readonly by: string; readonly at: Instant }

export type SubjectErasure = {
  /** Every ticket of the subject, deleted and cancelled ones too. */
  readonly tickets: ReadonlyArray<TicketId>
  /** Of those, the ones that were not erased before. */
  readonly newlyErased: number
  /** Rows that lie beside the tickets under the drop's own name, whatever they hold. */
  readonly rowsBeside: number
  /** Rows that still held something, in any table: none when nothing was written since the last erasure. */
  readonly rowsCleared: number
  /** Originals that an earlier build stored as they came: no key makes them unreadable. */
  readonly plainOriginals: number
}

export type ErasedCopies = {
  readonly copies: ReadonlyArray<ObjectAddress>
  readonly ticketIds: ReadonlyArray<TicketId>
}

/** One ticket of a subject as it is held: its rows by table, and its snapshots with what opens them. */
export type HeldTicket = {
  readonly id: TicketId
  readonly rows: Readonly<Record<string, Json>>
  readonly attachments: ReadonlyArray<string>
  readonly key: SubjectKey | null
  readonly snapshots: ReadonlyArray<{
    readonly id: string
    readonly seq: number
    readonly sha256: string
    readonly openings: Json
  }>
}

/** What is held about a subject. */
export type HeldSubject = {
  readonly tickets: ReadonlyArray<HeldTicket>
  /** Rows by table that lie under the drop's own name and under none of the tickets; there need be no ticket. */
  readonly besideTickets: Readonly<Record<string, ReadonlyArray<Json>>>
}

export const rowsBeside = ({ besideTickets }: Pick<HeldSubject, 'besideTickets'>): number =>
  Object.values(besideTickets).reduce((sum, { length }) => sum + length, 0)

/** Where a ticket stands, of which only its number or id is known. */
export type TicketPlace = { readonly ticketId: TicketId; readonly projectId: string; readonly dr: string | null }

/** What is held about clients, so that it can be given to them and erased. */
export type SubjectRecords = {
  /** By number (FT…) or id, deleted ones too; null when there is none. */
  readonly ticketNamed: (ticket: string) => TaskEither<Unavailable, TicketPlace | null>
  /**
   * All of it or nothing: keys, openings, clients' details and every text a person wrote, in every table. Whoever was
   * changing one of the tickets loses the race. Safe to repeat; it then takes what was written since, and is recorded
   * only where that was something.
   */
  readonly erase: (about: AboutSubject, reason: string) => TaskEither<Unavailable, SubjectErasure>
  /** Viewing copies that are still to be taken out of the storage, and the tickets erased since `since`. */
  readonly copiesToErase: (since: Instant) => TaskEither<Unavailable, ErasedCopies>
  readonly copyErased: (copy: ObjectAddress) => TaskEither<Unavailable, void>
  /** With a record of who asked, where there is anything. */
  readonly held: (about: AboutSubject) => TaskEither<Unavailable, HeldSubject>
}
