import * as E from 'fp-ts/lib/Either.js'
import { type Instant, plusMs } from '../../domain/shared/time.ts'
import type { SendingStore } from '../ports/sending-store.ts'

const AT_ONCE = 500
/** As long as an event may be of a message whose answer is still to be read. */
const UNMATCHED_MS = 120_000

/** Works on what webhooks kept, after they were answered, one run at a time; what it misses the sender's own runs do. */
export const applyingSoon = ({
  sending,
  now,
  onTrouble,
}: {
  readonly sending: Pick<SendingStore, 'applyEvents'>
  readonly now: () => Instant
  readonly onTrouble: (error: unknown) => void
}): (() => void) => {
  let asked = false
  let running = false
  const run = async (): Promise<void> => {
    try {
      while (asked) {
        asked = false
        const applied = await sending.applyEvents(AT_ONCE, plusMs(now(), -UNMATCHED_MS))()
        if (E.isLeft(applied)) onTrouble(applied.left)
      }
    } catch (error) {
      onTrouble(error)
    } finally {
      running = false
    }
  }
  return () => {
    asked = true
    if (running) return
    running = true
    setImmediate(run)
  }
}
