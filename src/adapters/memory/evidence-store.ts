import { createHash, randomUUID } from 'node:crypto'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type {
  CommitError,
  EvidenceStore,
  ObjectAddress,
  Staged,
  StageError,
} from '../../application/ports/evidence-store.ts'
import { isCopyStep, objectName, placeOf } from '../../domain/evidence/object-name.ts'
import type { StoredObject } from '../../domain/evidence/photo.ts'
import type { Instant } from '../../domain/shared/time.ts'

const BUCKET = 'memory'
const LISTED_AT_ONCE = 100

type Staging = { readonly bytes: Uint8Array; readonly at: Instant }

/** For tests: `objects` is the storage itself, by name, so that a test can damage it; `stagings` is what is still arriving, by id. */
export const memoryEvidenceStore = (
  now: () => Instant,
  objects: Map<string, Uint8Array> = new Map(),
  stagings: Map<string, Staging> = new Map(),
): EvidenceStore => {
  const storedAt = new Map<string, Instant>()
  const stored = ({ bucket, name }: ObjectAddress): Uint8Array | undefined =>
    bucket === BUCKET ? objects.get(name) : undefined

  const place = (staged: Staged, name: string): E.Either<CommitError, StoredObject> => {
    const bytes = objects.get(name) ?? stagings.get(staged.id)?.bytes
    if (bytes === undefined) return E.left({ type: 'StagedMissing', id: staged.id })
    if (sha256(bytes) !== staged.sha256) return E.left({ type: 'ObjectConflict', name })
    if (!objects.has(name)) storedAt.set(name, now())
    objects.set(name, bytes)
    stagings.delete(staged.id)
    const { sha256: hash } = staged
    return E.right({ bucket: BUCKET, name, generation: '1', size: bytes.byteLength, sha256: hash, stored: null })
  }

  return {
    stage: (uploaded, limitBytes) => async () => {
      const read = await collect(uploaded, limitBytes)
      if (E.isLeft(read)) return read
      const bytes = read.right
      const id = randomUUID()
      stagings.set(id, { bytes, at: now() })
      const content = {
        type: 'bytes',
        /** Gone when the staging ends, as a staged file is. */
        get bytes() {
          const staging = stagings.get(id)
          if (staging === undefined) throw Object.assign(new Error('no such staging'), { code: 'ENOENT' })
          return staging.bytes
        },
      } as const
      return E.right({ id, sha256: sha256(bytes), size: bytes.byteLength, content })
    },
    commit: (staged, where) =>
      TE.fromEither(
        pipe(
          objectName(where, staged.sha256),
          E.flatMap((name): E.Either<CommitError, StoredObject> => place(staged, name)),
        ),
      ),
    discard: ({ id }) =>
      TE.fromIO(() => {
        stagings.delete(id)
      }),
    open: (object) =>
      TE.fromEither(
        pipe(E.fromNullable({ type: 'ObjectMissing', name: object.name } as const)(stored(object)), E.map(inOneChunk)),
      ),
    verify: (asked) =>
      TE.fromIO(() =>
        asked.map(({ bucket, name }) => {
          const bytes = stored({ bucket, name })
          return bytes === undefined
            ? { bucket, name, present: false, sha256: null, retention: null }
            : { bucket, name, present: true, sha256: sha256(bytes), retention: 'none' as const }
        }),
      ),
    link: () => TE.right(null),
    list: (after) =>
      TE.fromIO(() =>
        [...objects]
          .filter(([name]) => after === null || name > after)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .slice(0, LISTED_AT_ONCE)
          .map(([name, bytes]) => ({
            bucket: BUCKET,
            name,
            size: bytes.byteLength,
            storedAt: storedAt.get(name) ?? now(),
          })),
      ),
    remove: ({ bucket, name }) =>
      TE.fromIO(() => {
        if (!isCopyStep(placeOf(name)?.stepKey ?? '')) throw new Error(`no viewing copy: ${name}`)
        if (bucket === BUCKET) objects.delete(name)
        return 'removed'
      }),
    sweepStaged: (olderThan) =>
      TE.fromIO(() => {
        const old = [...stagings].filter(([, { at }]) => at < olderThan)
        for (const [id] of old) stagings.delete(id)
        return old.length
      }),
  }
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

const collect = async (
  content: AsyncIterable<Uint8Array>,
  limitBytes: number,
): Promise<E.Either<StageError, Uint8Array>> => {
  const chunks: Array<Uint8Array> = []
  let size = 0
  try {
    for await (const chunk of content) {
      size += chunk.byteLength
      if (size > limitBytes) return E.left({ type: 'PayloadTooLarge', limitBytes })
      chunks.push(chunk)
    }
  } catch {
    return E.left({ type: 'UploadInterrupted' })
  }
  return E.right(new Uint8Array(Buffer.concat(chunks)))
}

async function* inOneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
