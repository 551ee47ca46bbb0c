import type { OutboxEvent } from './outbox.ts'

/**
 * Why a reaction did not do its work now, said as an answer. `RetryAfter`: it is asked again then, however often, and its
 * key waits with it; the reaction itself decides for how long that goes on. `GiveUp`: no attempt can help, a person must
 * look at it. `why` is kept for that person and must hold neither personal data nor secrets.
 */
export type Setback =
  | { readonly type: 'RetryAfter'; readonly ms: number; readonly why: string }
  | { readonly type: 'GiveUp'; readonly why: string }

export const retryAfter = (ms: number, why: string): Setback => ({ type: 'RetryAfter', ms, why })
export const giveUp = (why: string): Setback => ({ type: 'GiveUp', why })

/** What is done about events of some types. It may come again for the same event, so its effect must not double. */
export type Reaction = {
  /** Kept for ever: events wait under this name. Small letters, digits and `_`. */
  readonly name: string
  readonly eventTypes: ReadonlyArray<string>
  /** `reactions` work on our own database; `outside` wait for other machines; `imports` are long. */
  readonly queue: 'reactions' | 'outside' | 'imports'
  /** Events of one key are handled one at a time, in the order they happened. */
  readonly key: (event: OutboxEvent) => string
  /** The ids of those events there is something to do for, told in one look at many; the others are done with. */
  readonly concerns?: (events: ReadonlyArray<OutboxEvent>) => Promise<ReadonlySet<string>>
  /** Rejects to be tried again later, a few times; `signal` tells that its time is up. */
  // biome-ignore lint/suspicious/noConfusingVoidType: most reactions have nothing to answer
  readonly handle: (event: OutboxEvent, signal: AbortSignal) => Promise<Setback | void>
}

/**
 * Work that the clock sets off: once in each period (an hour, a day; counted from 1970, in UTC) in one process of all, and
 * at start when the present period has had no run. One run of a schedule at a time; `run` rejects to be tried again soon.
 */
export type Schedule = {
  /** Kept for ever: runs are remembered under this name. */
  readonly name: string
  readonly everySeconds: number
  /** `signal` tells that its time is up. */
  readonly run: (signal: AbortSignal) => Promise<void>
}

/** How an attempt at an event ended. */
export type Outcome = 'done' | 'failed' | 'postponed' | 'dead'

/** Hears what the queue does; never of an event's content. */
export type QueueWatch = {
  readonly handled: (what: { readonly reaction: string; readonly outcome: Outcome; readonly seconds: number }) => void
  readonly died: (what: {
    readonly reaction: string
    readonly eventId: string
    readonly eventType: string
    readonly ticketId: string | null
    readonly attempts: number
  }) => void
  readonly ran: (what: {
    readonly schedule: string
    readonly outcome: 'done' | 'failed'
    readonly seconds: number
  }) => void
}

/** What waits, told cheaply however long the queue is. */
export type QueueFigures = {
  /** Events that no reaction has been asked about yet, and the age of the oldest in seconds. */
  readonly outbox: { readonly waiting: number; readonly oldestSeconds: number }
  /** Per reaction: waiting (also for another attempt), being handled, age of the oldest in seconds, dead letters. */
  readonly reactions: ReadonlyArray<{
    readonly reaction: string
    readonly waiting: number
    readonly active: number
    readonly oldestSeconds: number
    readonly dead: number
  }>
}

/** Carries each committed event to each reaction that wants it, at least once, whatever crashes. */
export type JobQueue = {
  readonly start: (reactions: ReadonlyArray<Reaction>, schedules?: ReadonlyArray<Schedule>) => Promise<void>
  /** Says that events were committed, so that they need not wait for the next look. */
  readonly nudge: () => void
  /** Resolves when no event is left to be handled; rejects when that takes longer. */
  readonly drain: (timeoutMs: number) => Promise<void>
  readonly figures: () => Promise<QueueFigures>
  /** Takes up nothing new and waits for what runs, at most the grace the adapter was given; the rest is taken up by others. */
  readonly stop: () => Promise<void>
}

/** The order most reactions want: per ticket. An event without a ticket stands alone. */
export const perTicket = (event: OutboxEvent): string => event.ticketId ?? event.id
