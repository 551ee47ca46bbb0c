import { access, constants } from 'node:fs/promises'
import type { Bucket } from '@google-cloud/storage'
import { reasonOf, statusOf } from './failures.ts'
import type { RetentionAsked } from './retention.ts'

export type BucketAsked = {
  readonly bucket: string
  readonly retention: 'none' | 'hold' | 'locked'
  /** For `locked`: of each object; a bucket whose own policy is locked keeps its own period. */
  readonly retentionDays: number
  /** The key file of a service account; null: whatever this machine is signed in with. */
  readonly credentialsFile: string | null
}

export type OpenBucket = { readonly bucket: Bucket; readonly retention: RetentionAsked }

/** One request that hangs is an outage after this; the client tries a failed one again, twice. */
const TIMEOUT_MS = 30_000
const RETRIES = { maxRetries: 2, totalTimeout: 60, maxRetryDelay: 8 }

/**
 * The bucket, once it is seen that it is there, may be used and can keep what it is asked to keep; rejects with a sentence
 * for the operator. A storage that is only away does not keep the program from starting: `onAway` hears of it.
 */
export const openBucket = async (asked: BucketAsked, onAway: (reason: string) => void): Promise<OpenBucket> => {
  const { bucket: name, credentialsFile } = asked
  if (credentialsFile !== null)
    await access(credentialsFile, constants.R_OK).catch((cause: unknown) => {
      const code = (cause as { code?: unknown }).code
      throw new Error(
        `GOOGLE_APPLICATION_CREDENTIALS names ${credentialsFile}, which cannot be read (${String(code)}).`,
      )
    })
  const { Storage } = await import('@google-cloud/storage')
  const storage = new Storage({
    timeout: TIMEOUT_MS,
    retryOptions: RETRIES,
    ...(credentialsFile === null ? {} : { keyFilename: credentialsFile }),
  })
  const bucket = storage.bucket(name)
  const found = await bucket.getMetadata().catch((cause: unknown) => {
    const status = statusOf(cause)
    const reason = reasonOf(cause)
    const sentence = sentenceOf(name, status, reason)
    if (sentence !== null) throw new Error(sentence, { cause })
    onAway(reason ?? 'UNREACHABLE')
    return null
  })
  const policyLocked = found?.[0].retentionPolicy?.isLocked === true
  const perObject = found?.[0].objectRetention?.mode === 'Enabled'
  if (asked.retention !== 'locked') return { bucket, retention: { level: asked.retention } }
  if (found !== null && !policyLocked && !perObject)
    throw new Error(
      `STORAGE_RETENTION=locked needs a bucket that was made with object retention, or has a locked retention policy; ${name} has neither.`,
    )
  return { bucket, retention: { level: 'locked', days: policyLocked ? null : asked.retentionDays } }
}

/** Why the bucket can never be used as it is; null when it may be there later. */
const sentenceOf = (bucket: string, status: number | null, reason: string | null): string | null => {
  if (reason === 'NO_CREDENTIALS' || status === 401)
    return 'STORAGE=firebase needs credentials that Google accepts: set GOOGLE_APPLICATION_CREDENTIALS to the key file of a service account.'
  if (status === 403)
    return `The bucket ${bucket} may not be read with these credentials: they need storage.buckets.get and the rights of an object administrator on it.`
  if (status === 404) return `There is no bucket ${bucket}: set STORAGE_BUCKET to its name, without gs://.`
  if (status !== null && status < 500 && status !== 408 && status !== 429)
    return `The storage refuses the bucket ${bucket} (HTTP ${status}).`
  return null
}
