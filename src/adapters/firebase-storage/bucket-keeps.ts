import type { Bucket } from '@google-cloud/storage'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { StorageUnavailable } from '../../application/ports/evidence-store.ts'
import type { Instant } from '../../domain/shared/time.ts'
import { asking } from './failures.ts'

const GOOD_FOR_MS = 600_000

/** Whether a retention policy of the bucket keeps all that is put there, viewing copies too; asked again after ten minutes. */
export const bucketKeepsAll = (bucket: Bucket, now: () => Instant): TaskEither<StorageUnavailable, boolean> => {
  let known = { until: 0, keeps: false }
  return asking<StorageUnavailable, boolean>(async () => {
    const at = Date.parse(now())
    if (at >= known.until) {
      const [{ retentionPolicy }] = await bucket.getMetadata()
      known = { until: at + GOOD_FOR_MS, keeps: Number(retentionPolicy?.retentionPeriod ?? 0) > 0 }
    }
    return E.right(known.keeps)
  })
}
