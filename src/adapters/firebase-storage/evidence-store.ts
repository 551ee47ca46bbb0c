import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import type { Bucket, File, FileMetadata } from '@google-cloud/storage'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type {
  CommitError,
  EvidenceStore,
  ListedObject,
  ObjectAddress,
  Removal,
  Staged,
  StorageUnavailable,
  VerifiedObject,
} from '../../application/ports/evidence-store.ts'
import { isCopyStep, isObjectName, objectName, placeOf } from '../../domain/evidence/object-name.ts'
import type { StoredObject } from '../../domain/evidence/photo.ts'
import type { Retention } from '../../domain/evidence/retention.ts'
import type { Instant } from '../../domain/shared/time.ts'
import { asking, statusOf } from './failures.ts'
import { askedFor, fieldsOf, firstFieldsOf, isLess, levelOf, type RetentionAsked } from './retention.ts'

export type FirebaseStorage = {
  /**
   * Of `@google-cloud/storage`; `getStorage().bucket()` of firebase-admin is one. Its client should be nobody else's: one
   * upload or delete without a precondition turns the retries of the whole client off.
   */
  readonly bucket: Bucket
  /** Where an upload waits on this machine, hashed, until its ticket is known to take it. */
  readonly staging: Pick<EvidenceStore, 'stage' | 'discard' | 'sweepStaged'>
  readonly retention: RetentionAsked
  readonly now: () => Instant
}

const HASHED_AT_ONCE = 4
const LISTED_AT_ONCE = 1_000
/** Above it an upload goes in chunks, so that a lost connection costs one of them. */
const CHUNK = 8 * 1_024 * 1_024
const LINK_MS = 15 * 60_000

/** Evidence in a bucket of Google Cloud Storage, which is what a Firebase bucket is. Nothing in it is ever written over. */
export const firebaseEvidenceStore = ({ bucket, staging, retention, now }: FirebaseStorage): EvidenceStore => {
  const isOurs = (object: ObjectAddress): boolean => object.bucket === bucket.name && isObjectName(object.name)

  /** Whether what the bucket keeps objects for can never be taken back; asked once for many objects. */
  const bucketLock = (): (() => Promise<boolean>) => {
    let asked: Promise<boolean> | null = null
    return () => {
      asked ??= bucket.getMetadata().then(([{ retentionPolicy }]) => retentionPolicy?.isLocked === true)
      return asked
    }
  }

  const levelNow = async (metadata: FileMetadata, isLocked: () => Promise<boolean>): Promise<Retention> => {
    const { retentionExpirationTime, eventBasedHold, temporaryHold } = metadata
    const mayBeKeptByBucket = Boolean(retentionExpirationTime || eventBasedHold || temporaryHold)
    return levelOf(metadata, mayBeKeptByBucket && (await isLocked()), now())
  }

  /** The object under the name is ours when it was stored with our hash and its bytes still have it. */
  const found = async (file: File, sha256: string): Promise<'ours' | 'other' | 'none'> => {
    const metadata = await metadataOf(file)
    if (metadata === null) return 'none'
    const said = metadata.metadata?.sha256
    if (said !== undefined && said !== sha256) return 'other'
    return (await storedHash(file, metadata)) === sha256 ? 'ours' : 'other'
  }

  const upload = async (
    file: File,
    path: string,
    staged: Staged,
    fields: FileMetadata,
  ): Promise<'stored' | 'taken' | 'gone'> => {
    const md5Hash = await md5Of(path)
    if (md5Hash === null) return 'gone'
    try {
      await bucket.upload(path, {
        destination: file,
        preconditionOpts: { ifGenerationMatch: 0 },
        ...(staged.size > CHUNK ? { resumable: true, chunkSize: CHUNK } : { resumable: false }),
        // The storage itself refuses bytes of another MD5; the client's own check would delete what it took for wrong.
        validation: false,
        metadata: { ...fields, md5Hash, metadata: { sha256: staged.sha256 } },
      })
      return 'stored'
    } catch (cause) {
      if (statusOf(cause) === 412) return 'taken'
      if ((cause as { code?: unknown }).code === 'ENOENT') return 'gone'
      throw cause
    }
  }

  /** Asks for what is not in force yet, and reads back what is. */
  const keep = async (file: File, stepKey: string): Promise<FileMetadata | null> => {
    const asked = askedFor(stepKey, retention)
    const isLocked = bucketLock()
    let [metadata] = await file.getMetadata()
    if (!isLess(await levelNow(metadata, isLocked), asked)) return metadata
    const { metageneration = 0 } = metadata
    await file.setMetadata(fieldsOf(asked, now()), { ifMetagenerationMatch: metageneration })
    ;[metadata] = await file.getMetadata()
    return isLess(await levelNow(metadata, isLocked), asked) ? null : metadata
  }

  const store = (staged: Staged, name: string, stepKey: string) =>
    asking<CommitError, StoredObject>(async () => {
      const file = bucket.file(name)
      const path = staged.content.type === 'file' ? staged.content.path : null
      const fields = firstFieldsOf(stepKey, retention, now())
      const outcome = path === null ? 'gone' : await upload(file, path, staged, fields)
      // A reply that was lost on its way comes back as `taken`, and a commit tried again as `gone`.
      const there = outcome === 'stored' ? 'ours' : await found(file, staged.sha256)
      if (there === 'other') return E.left({ type: 'ObjectConflict', name })
      if (there === 'none')
        return E.left(
          outcome === 'gone'
            ? { type: 'StagedMissing', id: staged.id }
            : { type: 'StorageUnavailable', reason: 'VANISHED' },
        )
      const kept = await keep(file, stepKey)
      if (kept === null) return E.left({ type: 'StorageUnavailable', reason: 'RETENTION_NOT_IN_FORCE' })
      if (path !== null) await rm(path, { force: true })
      const { generation = '' } = kept
      return E.right({
        bucket: bucket.name,
        name,
        generation: String(generation),
        size: staged.size,
        sha256: staged.sha256,
        stored: null,
      })
    })

  const look = async (object: ObjectAddress, isLocked: () => Promise<boolean>): Promise<VerifiedObject> => {
    const { name } = object
    const absent = { bucket: object.bucket, name, present: false, sha256: null, retention: null }
    if (!isOurs(object)) return absent
    const file = bucket.file(name)
    const metadata = await metadataOf(file)
    const sha256 = metadata === null ? null : await storedHash(file, metadata)
    return metadata === null || sha256 === null
      ? absent
      : { ...absent, present: true, sha256, retention: await levelNow(metadata, isLocked) }
  }

  return {
    ...staging,
    commit: (staged, where) =>
      pipe(
        TE.fromEither(objectName(where, staged.sha256)),
        TE.flatMap((name): TE.TaskEither<CommitError, StoredObject> => store(staged, name, where.stepKey)),
      ),
    open: (object) =>
      asking(async () => {
        const metadata = isOurs(object) ? await metadataOf(bucket.file(object.name)) : null
        return metadata === null
          ? E.left({ type: 'ObjectMissing', name: object.name })
          : E.right(bytesOf(bucket.file(object.name)))
      }),
    verify: (objects) =>
      asking<StorageUnavailable, ReadonlyArray<VerifiedObject>>(async () => {
        const isLocked = bucketLock()
        const verified: Array<VerifiedObject> = []
        const queue = objects.entries()
        const work = async () => {
          for (const [index, object] of queue) verified[index] = await look(object, isLocked)
        }
        await Promise.all(Array.from({ length: HASHED_AT_ONCE }, work))
        return E.right(verified)
      }),
    link: (object, { filename, mime }) =>
      asking<StorageUnavailable, string>(async () => {
        const [url] = await bucket.file(object.name).getSignedUrl({
          version: 'v4',
          action: 'read',
          expires: Date.parse(now()) + LINK_MS,
          accessibleAt: new Date(now()),
          responseType: mime,
          responseDisposition: `attachment; filename*=UTF-8''${encodeURIComponent(filename)}`,
        })
        return E.right(url)
      }),
    remove: (copy) =>
      asking<StorageUnavailable, Removal>(async () => {
        if (!isCopyStep(placeOf(copy.name)?.stepKey ?? '')) throw new Error(`no viewing copy: ${copy.name}`)
        const file = bucket.file(copy.name)
        const metadata = isOurs(copy) ? await metadataOf(file) : null
        if (metadata === null) return E.right('removed')
        const { eventBasedHold, metageneration = 0, generation = 0 } = metadata
        if (eventBasedHold === true)
          await file.setMetadata({ eventBasedHold: false }, { ifMetagenerationMatch: metageneration })
        await file.delete({ ifGenerationMatch: generation }).catch((cause: unknown) => {
          if (statusOf(cause) !== 404) throw cause
        })
        return E.right('removed')
      }),
    list: (after) =>
      asking<StorageUnavailable, ReadonlyArray<ListedObject>>(async () => {
        for (let from = after; ; ) {
          // `startOffset` includes the name it is given.
          const [files] = await bucket.getFiles({
            prefix: 'evidence/',
            maxResults: LISTED_AT_ONCE,
            autoPaginate: false,
            ...(from === null ? {} : { startOffset: from }),
          })
          const later = files.filter(({ name }) => from === null || name > from)
          const ours = later.filter(({ name }) => isObjectName(name))
          if (ours.length > 0 || later.length === 0)
            return E.right(
              ours.map(({ name, metadata: { size, timeCreated = '' } }) => ({
                bucket: bucket.name,
                name,
                size: Number(size),
                storedAt: new Date(timeCreated).toISOString(),
              })),
            )
          from = later.at(-1)?.name ?? null
        }
      }),
  }
}

const metadataOf = async (file: File): Promise<FileMetadata | null> => {
  try {
    const [metadata] = await file.getMetadata()
    return metadata
  } catch (cause) {
    if (statusOf(cause) === 404) return null
    throw cause
  }
}

/** SHA-256 of the bytes of this very generation as they come back; null when it is gone by now. */
const storedHash = async (file: File, { generation }: FileMetadata): Promise<string | null> => {
  const hash = createHash('sha256')
  try {
    for await (const chunk of bytesOf(file.bucket.file(file.name, generation ? { generation } : {}))) hash.update(chunk)
  } catch (cause) {
    if (statusOf(cause) === 404) return null
    throw cause
  }
  return hash.digest('hex')
}

async function* bytesOf(file: File): AsyncGenerator<Uint8Array> {
  yield* file.createReadStream({ decompress: false })
}

/** As the storage writes it, in base64; null when there is no such file. */
const md5Of = async (path: string): Promise<string | null> => {
  const hash = createHash('md5')
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk)
  } catch (cause) {
    if ((cause as { code?: unknown }).code === 'ENOENT') return null
    throw cause
  }
  return hash.digest('base64')
}
