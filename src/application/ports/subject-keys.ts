import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Instant } from '../../domain/shared/time.ts'
import type { TicketId } from '../../domain/ticket/ticket.ts'
import type { Unavailable } from '../errors.ts'

/** A ticket's 32 random bytes, or when they were destroyed: what was sealed or encrypted by them is then past reading. */
export type SubjectKey =
  | { readonly state: 'held'; readonly key: Uint8Array }
  | { readonly state: 'destroyed'; readonly at: Instant }

/** The keys of what is personal about a ticket's client. They are in no log, answer or snapshot. */
export type SubjectKeys = {
  /** Made at the first asking; two who ask at once are given the same one. */
  readonly keyOf: (ticketId: TicketId) => TaskEither<Unavailable, SubjectKey>
}
