import { plusMs } from '../../domain/shared/time.ts'
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
    const next = sendNext(deps)
    const horizon = EVERY_SECONDS * 1_000
    let moved = 0
    let tidyAt = ''
    while (!signal.aborted) {
      if (deps.now() >= tidyAt) {
        await tidyUp(deps)()
        tidyAt = plusMs(deps.now(), horizon)
      }
      const step = await next()
      if (step.type === 'Moved') {
        moved += 1
        continue
      }
      const ms = step.until === null ? Infinity : Date.parse(step.until) - Date.parse(deps.now())
      // What is not due before the next run is left to it.
      if (ms > horizon) break
      await deps.wait(Math.max(0, ms), signal)
    }
    return moved
  }

/** The sender of all processes: runs one at a time, wherever. */
export const sendWhatsApp = (deps: SendScheduleDeps): Schedule => ({
  name: 'send_whatsapp',
  everySeconds: EVERY_SECONDS,
  run: async (signal) => {
    await sendDue(deps)(signal)
  },
})
