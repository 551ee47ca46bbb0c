import { setTimeout as sleep } from 'node:timers/promises'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { DeadLetter, JobQueue, Reaction, Schedule } from '../../application/ports/job-queue.ts'
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
): JobQueue & Outbox => {
  const waiting: OutboxEvent[] = []
  const dead: DeadLetter[] = []
  const lastOfKey = new Map<string, Promise<void>>()
  let reactions: ReadonlyArray<Reaction> | null = null
  let running = 0
  const ticking: Array<() => Promise<void>> = []

  const attempt = async (reaction: Reaction, event: OutboxEvent): Promise<void> => {
    for (let tries = 1; ; tries += 1) {
      try {
        if (await isConcerned(reaction, event)) await reaction.handle(event, new AbortController().signal)
        return
      } catch (error) {
        if (tries < options.attempts) continue
        const reason = error instanceof Error ? error.message : String(error)
        dead.push({
          id: `${reaction.name}/${event.id}`,
          reaction: reaction.name,
          event,
          reason,
          at: options.now().toISOString(),
        })
        return
      }
    }
  }

  const deliver = (reaction: Reaction, event: OutboxEvent): void => {
    const key = `${reaction.name}/${reaction.key(event)}`
    running += 1
    const turn = (lastOfKey.get(key) ?? Promise.resolve()).then(() => attempt(reaction, event))
    const ended = turn.finally(() => {
      running -= 1
      if (lastOfKey.get(key) === ended) lastOfKey.delete(key)
    })
    lastOfKey.set(key, ended)
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
    deadLetters: async () => dead.slice(0, 1_000),
    stop: async () => {
      reactions = null
      await Promise.all(ticking.splice(0).map((stop) => stop()))
      await Promise.all(lastOfKey.values())
    },
  }
}
