import { plusMs } from '../../domain/shared/time.ts'
import type { Schedule } from '../ports/job-queue.ts'
import { done, type Leave, type SendDeps, sendNext, tidyUp } from './send.ts'

const EVERY_SECONDS = 10

/** More at once would be as many whose fate nobody knows, were WAHA to fall silent. */
const UNDER_WAY = 4

export type SendScheduleDeps = SendDeps & {
  /** Waits so long, or until `sooner` is over. */
  readonly wait: (ms: number, signal: AbortSignal, sooner: Promise<unknown> | null) => Promise<void>
}

/** One run after another: each sends everything that is due before the next, at its pace, several under way at once, and gives how many steps moved something. */
export const sendDue = (deps: SendScheduleDeps): ((signal: AbortSignal) => Promise<number>) => {
  const next = sendNext(deps)
  return async (signal) => {
    const clock = () => done(deps.sending.now())
    const horizon = EVERY_SECONDS * 1_000
    const underWay = new Set<Promise<void>>()
    const failed: unknown[] = []
    let isAway = false
    let moved = 0
    let tidyAt = ''
    const start = (leave: Leave): void => {
      const leaving = leave()
        .then((outcome) => {
          moved += 1
          isAway ||= outcome === 'away'
        })
        .catch((error: unknown) => void failed.push(error))
        .finally(() => underWay.delete(leaving))
      underWay.add(leaving)
    }
    const run = async (): Promise<void> => {
      while (!signal.aborted && !isAway && failed.length === 0) {
        if (underWay.size >= UNDER_WAY) {
          await Promise.race(underWay)
          continue
        }
        const now = await clock()
        if (now >= tidyAt) {
          await tidyUp(deps)()
          tidyAt = plusMs(now, horizon)
        }
        const step = await next()
        if (step.type === 'Moved') moved += 1
        else if (step.type === 'Leaving') start(step.leave)
        else {
          const ms = step.until === null ? Infinity : Date.parse(step.until) - Date.parse(await clock())
          // What is not due before the next run is left to it; while something is under way, this is that run.
          if (ms > horizon && underWay.size === 0) break
          const sooner = underWay.size === 0 ? null : Promise.race(underWay)
          await deps.wait(Math.min(Math.max(0, ms), horizon), signal, sooner)
        }
      }
    }
    // Whatever ends the run, what left is heard out.
    await run().finally(() => Promise.all(underWay))
    if (failed.length > 0) throw failed[0]
    return moved
  }
}

/** The sender of all processes: runs one at a time, wherever. */
export const sendWhatsApp = (deps: SendScheduleDeps): Schedule => {
  const run = sendDue(deps)
  return {
    name: 'send_whatsapp',
    everySeconds: EVERY_SECONDS,
    run: async (signal) => {
      await run(signal)
    },
  }
}
