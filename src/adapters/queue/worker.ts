import { setTimeout as sleep } from 'node:timers/promises'
import type { Outcome, QueueWatch, Reaction, Setback } from '../../application/ports/job-queue.ts'
import { type Backoff, delayMs } from './backoff.ts'
import type { Claim, Claims } from './claims.ts'
import type { Turns } from './turns.ts'

/** What a worker has claimed and not yet settled. */
type Held = { readonly claim: Claim; readonly heldSince: number; readonly stop: AbortController }

export type Worker = {
  /** There may be something to fetch. */
  readonly stir: () => void
  readonly held: () => ReadonlyArray<Claim>
  /** The attempt was given to another: what it does is not settled here any more. */
  readonly lost: (id: string, attempt: number) => void
  /** Lets others have what waits for a lane that does not come free. */
  readonly shareWaiting: () => void
  /** Takes up nothing new, waits until `until` (ms of the monotonic clock), and gives the rest to others. */
  readonly stop: (until: number) => Promise<void>
}

export type WorkerOptions = {
  readonly reaction: Reaction
  readonly claims: Claims
  readonly turns: Turns
  readonly lanes: number
  readonly limitMs: number
  readonly backoff: Backoff
  readonly watch: QueueWatch
  readonly onError: (error: unknown) => void
  /** How long a claim may wait for a turn before others may have it. */
  readonly patienceMs?: number
}

/** So many at a time at most, however quick the handler is. */
const MOST_AT_ONCE = 200
/** What is fetched should be begun within about this. */
const AHEAD_MS = 200
const USUAL_PATIENCE_MS = 3_000
const LOOK_ANYWAY_MS = 15_000
const AGAIN_MS = 500
const WEEK_MS = 7 * 86_400_000

/** Handles the events of one reaction: one at a time per key, several keys at once. Each attempt is settled by itself. */
export const startWorker = (options: WorkerOptions): Worker => {
  const { reaction, claims, turns, lanes, backoff, watch, onError, patienceMs = USUAL_PATIENCE_MS } = options
  const waiting: Held[] = []
  const running = new Map<string, Held>()
  const unsettled = new Map<string, Claim>()
  const done: Claim[] = []
  const settling = new Set<Promise<void>>()
  let usualMs = AHEAD_MS
  let stopping = false
  let gaveUp = false
  let stirred = false
  let wake = (): void => {}
  const stir = (): void => {
    stirred = true
    wake()
  }

  /** Until the database has taken it; a claim that was lost meanwhile changes nothing there. */
  const settle = (work: () => Promise<unknown>, settled: ReadonlyArray<Claim>): void => {
    const until = async (): Promise<void> => {
      for (;;) {
        try {
          await work()
          break
        } catch (error) {
          onError(error)
          if (gaveUp) break
          await sleep(AGAIN_MS)
        }
      }
      for (const { id } of settled) unsettled.delete(id)
      stir()
    }
    const promise = until().finally(() => settling.delete(promise))
    settling.add(promise)
  }

  let flushing = false
  const flush = (): void => {
    if (flushing || done.length === 0) return
    flushing = true
    const some = done.splice(0)
    settle(async () => {
      await claims.done(some)
      flushing = false
      flush()
    }, some)
  }

  /** Others find it by looking; this process knows when it is due. */
  const putBack = (claim: Claim, ms: number, failures: number, why: string): void => {
    settle(async () => {
      await claims.putBack(claim, ms, { failures, why })
      if (ms < LOOK_ANYWAY_MS) setTimeout(stir, ms + 1).unref()
    }, [claim])
  }

  const failed = (claim: Claim, why: string): Outcome => {
    const failures = claim.failures + 1
    if (failures > backoff.limit) return died(claim, failures, why)
    putBack(claim, delayMs(backoff, failures), failures, why)
    return 'failed'
  }

  const died = (claim: Claim, failures: number, why: string): Outcome => {
    settle(async () => {
      for (const one of await claims.bury(claim, { failures, why })) watch.died(one)
    }, [claim])
    return 'dead'
  }

  // biome-ignore lint/suspicious/noConfusingVoidType: what a handler may answer
  const settled = (claim: Claim, answer: Setback | void): Outcome => {
    if (answer === undefined) {
      done.push(claim)
      flush()
      return 'done'
    }
    if (answer.type === 'GiveUp') return died(claim, claim.failures + 1, answer.why)
    putBack(claim, Math.min(Math.max(answer.ms, 0), WEEK_MS), claim.failures, answer.why)
    return 'postponed'
  }

  const attempt = async ({ claim, stop }: Held): Promise<Outcome> => {
    const limit = Promise.withResolvers<never>()
    const timer = setTimeout(() => {
      limit.reject(new Error(`not done within ${options.limitMs / 1_000} seconds`))
      stop.abort()
    }, options.limitMs)
    stop.signal.addEventListener('abort', () => limit.reject(new Error('stopped')), { once: true })
    try {
      const answer = await Promise.race([handled(reaction, claim, stop.signal), limit.promise])
      return unsettled.has(claim.id) ? settled(claim, answer) : 'postponed'
    } catch (error) {
      return unsettled.has(claim.id) ? failed(claim, error instanceof Error ? error.message : String(error)) : 'failed'
    } finally {
      clearTimeout(timer)
    }
  }

  const begin = async (held: Held): Promise<void> => {
    running.set(held.claim.id, held)
    const began = performance.now()
    const outcome = await attempt(held)
    const ms = performance.now() - began
    usualMs += (ms - usualMs) * 0.2
    if (running.get(held.claim.id) === held) running.delete(held.claim.id)
    watch.handled({ reaction: reaction.name, outcome, seconds: ms / 1_000 })
    turns.giveBack()
    pump()
    if (waiting.length === 0) stir()
  }

  const pump = (): void => {
    while (waiting.length > 0 && running.size < lanes && !stopping) {
      if (!turns.take()) {
        turns.whenFree(pump)
        return
      }
      const [next] = waiting.splice(0, 1)
      if (next !== undefined) void begin(next)
    }
  }

  const room = (): number => {
    const free = lanes - running.size
    if (free <= 0 || waiting.length > 0) return 0
    return Math.min(MOST_AT_ONCE, Math.ceil(free * Math.max(1, AHEAD_MS / Math.max(usualMs, 0.1))))
  }

  const rest = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })

  const look = async (): Promise<boolean> => {
    const most = room()
    if (most === 0) return false
    const fetched = await claims.fetch(most)
    for (const claim of fetched) {
      unsettled.set(claim.id, claim)
      waiting.push({ claim, heldSince: performance.now(), stop: new AbortController() })
    }
    pump()
    return fetched.length === most
  }

  const run = async (): Promise<void> => {
    while (!stopping) {
      stirred = false
      const more = await look().catch(async (error) => {
        if (!stopping) onError(error)
        await rest(AGAIN_MS)
        return true
      })
      if (!more && !stirred && !stopping) await rest(LOOK_ANYWAY_MS)
    }
  }
  const looking = run()

  const giveBack = (some: ReadonlyArray<Held>): void => {
    if (some.length === 0) return
    const theirs = some.map(({ claim }) => claim)
    settle(() => claims.giveBack(theirs), theirs)
  }

  const quiet = async (until: number): Promise<void> => {
    while (running.size + settling.size > 0 && performance.now() < until) await sleep(10)
  }

  return {
    stir,
    held: () => [...unsettled.values()],
    lost: (id, attemptNo) => {
      if (unsettled.get(id)?.attempt !== attemptNo) return
      unsettled.delete(id)
      const at = waiting.findIndex(({ claim }) => claim.id === id)
      if (at >= 0) waiting.splice(at, 1)
      running.get(id)?.stop.abort()
    },
    shareWaiting: () => {
      const since = waiting[0]?.heldSince ?? Number.POSITIVE_INFINITY
      if (performance.now() - since > patienceMs) giveBack(waiting.splice(0))
    },
    stop: async (until) => {
      stopping = true
      stir()
      await looking
      giveBack(waiting.splice(0))
      await quiet(until)
      const unfinished = [...running.values()]
      for (const { claim } of unfinished) unsettled.delete(claim.id)
      for (const { stop } of unfinished) stop.abort()
      giveBack(unfinished)
      await quiet(performance.now() + 1_000)
      gaveUp = true
    },
  }
}

/** A handler that throws at once fails like one that rejects. */
// biome-ignore lint/suspicious/noConfusingVoidType: what a handler may answer
const handled = async (reaction: Reaction, { event }: Claim, signal: AbortSignal): Promise<Setback | void> =>
  reaction.handle(event, signal)
