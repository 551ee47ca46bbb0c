import type { Instant } from '../../domain/shared/time.ts'
import type { Schedule } from '../ports/job-queue.ts'
import { type SendDeps, sendNext, tidyUp } from './send.ts'

const EVERY_SECONDS = 10

export type SendScheduleDeps = SendDeps & {
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>
}

/** One run: everything that is due before the next run, at its pace; gives how many steps moved something. */
export const sendDue =
  (deps: SendScheduleDeps) =>
  async (signal: AbortSignal): Promise<number> => {
    await tidyUp(deps)()
    const next = sendNext(deps)
    const end = Date.parse(deps.now()) + EVERY_SECONDS * 1_000
    let moved = 0
    while (!signal.aborted) {
      const step = await next()
      if (step.type === 'Moved') {
        moved += 1
        continue
      }
      if (Date.parse(step.until) > end) break
      await deps.wait(Math.max(0, msUntil(step.until, deps.now())), signal)
    }
    return moved
  }

const msUntil = (until: Instant, now: Instant): number => Date.parse(until) - Date.parse(now)

/** The sender of all processes: runs one at a time, wherever. */
export const sendWhatsApp = (deps: SendScheduleDeps): Schedule => ({
  name: 'send_whatsapp',
  everySeconds: EVERY_SECONDS,
  run: async (signal) => {
    await sendDue(deps)(signal)
  },
})
