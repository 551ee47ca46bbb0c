import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Instant } from '../../domain/shared/time.ts'
import type { Unavailable } from '../errors.ts'
import type { OutboxEvent } from './outbox.ts'
import type { PageOf, PageWindow } from './pages.ts'

/** An event that a reaction could not handle, without its content. */
export type DeadLetter = {
  readonly id: string
  readonly reaction: string
  readonly eventId: string
  readonly eventType: string
  readonly ticketId: string | null
  readonly reason: string
  /** Failed attempts; those cut off by a crash are not among them. */
  readonly attempts: number
  readonly happenedAt: Instant
  readonly diedAt: Instant
  /** Set while it waits to be taken up again. */
  readonly retryAskedAt: Instant | null
}

export type DeadLetterDecision = {
  readonly decision: 'retried' | 'dropped'
  readonly reason: string
  readonly by: string
  readonly at: Instant
}

/** With its content, and what people decided about it before. */
export type DeadLetterDetail = DeadLetter & {
  readonly event: OutboxEvent
  readonly decisions: ReadonlyArray<DeadLetterDecision>
}

export type DeadLetterFilter = {
  readonly reaction: ReadonlyArray<string> | null
  readonly eventType: ReadonlyArray<string> | null
  readonly ticketId: string | null
}

/** `gone`: there is no such dead letter (any more); `retrying`: it is on its way back already. */
export type Decided = 'decided' | 'gone' | 'retrying'

/** Events that wait for a person. Each decision is kept with its reason and who took it. */
export type DeadLetters = {
  /** Latest first. */
  readonly list: (filter: DeadLetterFilter, window: PageWindow) => TaskEither<Unavailable, PageOf<DeadLetter>>
  readonly find: (id: string) => TaskEither<Unavailable, DeadLetterDetail | null>
  /** Back to its reaction, before every event of its key that still waits there. */
  readonly retry: (id: string, by: Omit<DeadLetterDecision, 'decision'>) => TaskEither<Unavailable, Decided>
  /** Forgotten but for the decision. */
  readonly drop: (id: string, by: Omit<DeadLetterDecision, 'decision'>) => TaskEither<Unavailable, Decided>
}
