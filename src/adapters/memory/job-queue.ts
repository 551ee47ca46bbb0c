import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { DeadLetterDetail, DeadLetters, Decided } from '../../application/ports/dead-letters.ts'
import type { JobQueue, Reaction, Schedule, Setback } from '../../application/ports/job-queue.ts'
import type { Outbox, OutboxEvent } from '../../application/ports/outbox.ts'

/** Without an answer the reaction is, so that nothing is lost. */
const isConcerned = async (reaction: Reaction, event: OutboxEvent): Promise<boolean> => {
  const concerned = await reaction.concerns?.([event]).catch(() => undefined)
  return concerned === undefined || concerned.has(event.id)
}

/** Runs at once and then every period, never beside itself; the answer stops it, after the run that is under way. */
const repeat = ({ everySeconds, run }: Schedule, attempts: number): (() => Promise<void>) => {
  const stopping = new AbortController()
  const once = async (): Promise<void> => {
    for (let tries = 1; tries <= attempts && !stopping.signal.aborted; tries += 1) {
      const failed = await run(stopping.signal).then(
        () => false,
        () => true,
      )
      if (!failed) return
    }
  }
  const running = (async () => {
    while (!stopping.signal.aborted) {
      await once()
      await sleep(everySeconds * 1_000, undefined, { signal: stopping.signal }).catch(() => undefined)
    }
  })()
  return () => {
    stopping.abort()
    return running
  }
}

/** Outbox and queue in memory, for tests and harnesses: the same promises while the process lives. */
export const memoryJobQueue = (
  options: { readonly attempts: number; readonly now: () => Date } = { attempts: 6, now: () => new Date() },
): JobQueue & Outbox & { readonly deadLetters: DeadLetters } => {
  const waiting: OutboxEvent[] = []
  const ids = new Map<string, string>()
  const decisions = new Map<string, DeadLetterDetail['decisions']>()
  const depth = new Map<string, number>()
  const dead = new Map<string, DeadLetterDetail>()
  const lastOfKey = new Map<string, Promise<void>>()
  let reactions: ReadonlyArray<Reaction> | null = null
  let running = 0
  const ticking: Array<() => Promise<void>> = []

  const die = (reaction: Reaction, event: OutboxEvent, attempts: number, reason: string): void => {
    const name = `${reaction.name}/${event.id}`
    const id = ids.get(name) ?? randomUUID()
    ids.set(name, id)
    dead.set(id, {
      id,
      reaction: reaction.name,
      eventId: event.id,
      eventType: event.type,
      ticketId: event.ticketId,
      reason,
      attempts,
      happenedAt: event.at,
      diedAt: options.now().toISOString(),
      retryAskedAt: null,
      event,
      decisions: decisions.get(id) ?? [],
    })
  }

  // biome-ignore lint/suspicious/noConfusingVoidType: what a handler may answer
  const once = async (reaction: Reaction, event: OutboxEvent): Promise<Setback | void> =>
    (await isConcerned(reaction, event)) ? reaction.handle(event, new AbortController().signal) : undefined

  const attempt = async (reaction: Reaction, event: OutboxEvent): Promise<void> => {
    for (let tries = 1; ; )
      try {
        const setback = await once(reaction, event)
        if (setback?.type === 'GiveUp') die(reaction, event, tries, setback.why)
        if (setback?.type !== 'RetryAfter') return
        await sleep(setback.ms)
      } catch (error) {
        if (tries === options.attempts) {
          die(reaction, event, tries, error instanceof Error ? error.message : String(error))
          return
        }
        tries += 1
      }
  }

  const deliver = (reaction: Reaction, event: OutboxEvent): void => {
    const key = `${reaction.name}/${reaction.key(event)}`
    const wait = (more: number): void => {
      running += more
      depth.set(reaction.name, (depth.get(reaction.name) ?? 0) + more)
    }
    wait(1)
    const turn = (lastOfKey.get(key) ?? Promise.resolve()).then(() => attempt(reaction, event))
    const ended = turn.finally(() => {
      wait(-1)
      if (lastOfKey.get(key) === ended) lastOfKey.delete(key)
    })
    lastOfKey.set(key, ended)
  }

  const decide = (id: string, decision: DeadLetterDetail['decisions'][number]): Decided => {
    const found = dead.get(id)
    if (found === undefined) return 'gone'
    dead.delete(id)
    decisions.set(id, [...found.decisions, decision])
    const reaction = reactions?.find(({ name }) => name === found.reaction)
    if (decision.decision === 'retried' && reaction !== undefined) deliver(reaction, found.event)
    return 'decided'
  }

  const handOver = (): void => {
    if (reactions === null) return
    for (const event of waiting.splice(0))
      for (const reaction of reactions) if (reaction.eventTypes.includes(event.type)) deliver(reaction, event)
  }

  return {
    publish: (events) =>
      TE.fromIO(() => {
        waiting.push(...events)
        queueMicrotask(handOver)
      }),
    start: async (given, schedules = []) => {
      reactions = given
      ticking.push(...schedules.map((schedule) => repeat(schedule, options.attempts)))
      handOver()
    },
    nudge: handOver,
    drain: async (timeoutMs) => {
      for (const end = Date.now() + timeoutMs; running + waiting.length > 0; await sleep(1))
        if (Date.now() > end)
          throw new Error(`${running + waiting.length} events and jobs are still waiting after ${timeoutMs} ms`)
    },
    figures: async () => ({
      outbox: { waiting: waiting.length, oldestSeconds: 0 },
      reactions: (reactions ?? []).map(({ name }) => ({
        reaction: name,
        waiting: depth.get(name) ?? 0,
        active: 0,
        oldestSeconds: 0,
        dead: [...dead.values()].filter((one) => one.reaction === name).length,
      })),
    }),
    deadLetters: {
      list: ({ reaction, eventType, ticketId }, { page, pageSize }) =>
        TE.fromIO(() => {
          const found = [...dead.values()]
            .filter((one) => reaction?.includes(one.reaction) ?? true)
            .filter((one) => eventType?.includes(one.eventType) ?? true)
            .filter((one) => ticketId === null || one.ticketId === ticketId)
            .reverse()
          const rows = found.slice((page - 1) * pageSize, page * pageSize)
          return {
            rows: rows.map(({ event: _, decisions: __, ...one }) => one),
            total: found.length,
            totalIsEstimate: false,
          }
        }),
      find: (id) => TE.fromIO(() => dead.get(id) ?? null),
      retry: (id, by) => TE.fromIO(() => decide(id, { decision: 'retried', ...by })),
      drop: (id, by) => TE.fromIO(() => decide(id, { decision: 'dropped', ...by })),
    },
    stop: async () => {
      reactions = null
      await Promise.all(ticking.splice(0).map((stop) => stop()))
      await Promise.all(lastOfKey.values())
    },
  }
}
