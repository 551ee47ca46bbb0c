import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Instant } from '../../domain/shared/time.ts'
import type { Unavailable } from '../errors.ts'

/** A fact that waits to be reacted to. Reactions know a repetition by `id`. */
export type OutboxEvent = {
  readonly id: string
  readonly type: string
  readonly ticketId: string | null
  /** Plain JSON. */
  readonly body: Readonly<Record<string, unknown>>
  readonly at: Instant
}

/** For facts no aggregate's store writes; a store writes its own in the statement that changes the aggregate. */
export type Outbox = {
  /** All or none; in the order given. */
  readonly publish: (events: ReadonlyArray<OutboxEvent>) => TaskEither<Unavailable, void>
}
