import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Bucket, Storage } from '@google-cloud/storage'
import { firebaseEvidenceStore } from '../../src/adapters/firebase-storage/evidence-store.ts'
import type { RetentionAsked } from '../../src/adapters/firebase-storage/retention.ts'
import { localStaging } from '../../src/adapters/local-files/staging.ts'
import type { EvidenceStore } from '../../src/application/ports/evidence-store.ts'
import type { BucketRules } from './strict-objects.ts'
import { type StrictStorage, startStrictStorage } from './strict-storage.ts'

export type FirebaseStore = {
  readonly store: EvidenceStore
  readonly bucket: Bucket
  readonly stagings: () => Promise<number>
}

export type Firebase = {
  readonly strict: StrictStorage
  /** As an administrator of the bucket has it, with a client of his own. */
  readonly bucketOf: (name: string) => Bucket
  /** A store over a bucket of its own, or over another store's. */
  readonly store: (retention: RetentionAsked, rules?: BucketRules, over?: string) => Promise<FirebaseStore>
  readonly stop: () => Promise<void>
}

/** The Firebase adapter as it is put together, over the emulator and the strict layer. */
export const startFirebase = async (): Promise<Firebase> => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 })
  const strict = await startStrictStorage(publicKey)
  const folder = await mkdtemp(join(tmpdir(), 'firebase-store-'))
  // One request without a precondition turns the retries of its whole client off, for good.
  const newStorage = () =>
    new Storage({
      projectId: 'tests',
      apiEndpoint: strict.url,
      credentials: {
        client_email: 'tests@example.iam.gserviceaccount.com',
        private_key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
      },
      retryOptions: { maxRetries: 2, totalTimeout: 20, maxRetryDelay: 1 },
    })
  return {
    strict,
    bucketOf: (name) => newStorage().bucket(name),
    store: async (retention, rules, over) => {
      const name = over ?? `bucket-${randomBytes(6).toString('hex')}`
      if (over === undefined) strict.makeBucket(name, rules)
      const bucket = newStorage().bucket(name)
      const staged = await mkdtemp(join(folder, 'staged-'))
      return {
        bucket,
        store: firebaseEvidenceStore({
          bucket,
          staging: localStaging(staged),
          retention,
          now: () => new Date().toISOString(),
        }),
        stagings: async () => (await readdir(staged)).length,
      }
    },
    stop: async () => {
      await strict.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
