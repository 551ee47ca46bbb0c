import * as E from 'fp-ts/lib/Either.js'
import { type Instant, plusMs } from '../../domain/shared/time.ts'
import type { EvidenceStore } from '../ports/evidence-store.ts'
import type { Schedule } from '../ports/job-queue.ts'

const HOUR_MS = 3_600_000

/** A crash leaves what was just arriving on this machine, not encrypted yet: after an hour without a byte it goes. */
export const sweepUploadsHourly = ({
  evidence,
  now,
}: {
  readonly evidence: Pick<EvidenceStore, 'sweepStaged'>
  readonly now: () => Instant
}): Schedule => ({
  name: 'sweep_uploads',
  everySeconds: 3_600,
  run: async () => {
    const swept = await evidence.sweepStaged(plusMs(now(), -HOUR_MS))()
    if (E.isLeft(swept)) throw new Error(swept.left.type)
  },
})
