import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type {
  CommitError,
  EvidenceStore,
  ListedObject,
  ObjectAddress,
  ObjectDamaged,
  OpenError,
  ReadableObject,
  Staged,
  StagedContent,
  StagedMissing,
  StorageUnavailable,
  SubjectErased,
} from '../../application/ports/evidence-store.ts'
import type { SubjectKeys } from '../../application/ports/subject-keys.ts'
import { type EvidencePlace, isCopyStep, objectName, placeOf } from '../../domain/evidence/object-name.ts'
import type { StoredObject } from '../../domain/evidence/photo.ts'
import { derivedKey } from '../contract/derived-key.ts'
import { beginsEncrypted, DAMAGED, decrypted, encrypted, encryptedBytes } from './frames.ts'

export type EncryptedStore = {
  /** Where the encrypted files go, and the uploads until then. */
  readonly store: EvidenceStore
  readonly keys: SubjectKeys
  /** Whether the storage keeps whatever it is given: there viewing copies cannot be erased by removing them. */
  readonly keepsAll: TaskEither<StorageUnavailable, boolean>
}

type TaskEither<L, A> = TE.TaskEither<L, A>

/**
 * Evidence in any storage, encrypted under the key of its ticket before it goes there, so that destroying the key erases
 * it. Each content has a key of its own, so its encrypted bytes are the same each time and a second upload is the same
 * object. Viewing copies stay plain where they can be removed; what earlier builds stored plain stays readable.
 */
export const encryptedEvidenceStore = ({ store, keys, keepsAll }: EncryptedStore): EvidenceStore => {
  const keyOf = <R extends SubjectErased['refused']>(ticketId: string, sha256: string, refused: R) =>
    pipe(
      keys.keyOf(ticketId),
      TE.flatMap(
        (found): TaskEither<SubjectErased, Uint8Array> =>
          found.state === 'held'
            ? TE.right(derivedKey(found.key, `object:${sha256}`))
            : TE.left({ type: 'SubjectErased', at: found.at, refused }),
      ),
    )

  const commitEncrypted = (staged: Staged, place: EvidencePlace): TaskEither<CommitError, StoredObject> =>
    pipe(
      TE.fromEither(objectName(place, staged.sha256)),
      TE.flatMap(() => keyOf(place.ticketId, staged.sha256, 'add')),
      TE.flatMap((key) =>
        pipe(
          stageEncrypted(store, key, staged),
          TE.orElse((error) =>
            error.type === 'StagedMissing' ? committedBefore(store, key, staged, place, error) : TE.left(error),
          ),
        ),
      ),
      TE.flatMap((sealed) =>
        pipe(
          store.commit(sealed, place),
          TE.tapError(() => store.discard(sealed)),
        ),
      ),
      TE.tap(() => store.discard(staged)),
      TE.map(
        ({ sha256, size, ...object }): StoredObject => ({
          ...object,
          sha256: staged.sha256,
          size: staged.size,
          stored: { sha256, size },
        }),
      ),
    )

  return {
    ...store,
    commit: (staged, place) =>
      pipe(
        isCopyStep(place.stepKey) ? keepsAll : TE.right(true),
        TE.flatMap((encrypts) => (encrypts ? commitEncrypted(staged, place) : store.commit(staged, place))),
      ),
    open: (object) => {
      const place = placeOf(object.name)
      if (object.stored === null) return store.open(object)
      if (place === null) return TE.left({ type: 'ObjectMissing', name: object.name })
      return pipe(
        keyOf(place.ticketId, object.sha256, 'read'),
        TE.bindTo('key'),
        TE.bindW('content', () => store.open(object)),
        TE.flatMap(({ key, content }): TaskEither<OpenError, AsyncIterable<Uint8Array>> => begun(key, content, object)),
      )
    },
    remove: (copy) =>
      pipe(
        store.remove(copy),
        TE.orElse((error) =>
          pipe(
            isErased({ store, keys }, copy),
            TE.flatMap((erased) => (erased ? TE.right('kept' as const) : TE.left(error))),
          ),
        ),
      ),
    link: (object, as) => (object.stored === null ? store.link(object, as) : TE.right(null)),
  }
}

/** Whether nobody can read it any more: it begins as encrypted files do, and the key of its ticket was destroyed. */
const isErased =
  (
    { store, keys }: Pick<EncryptedStore, 'store' | 'keys'>,
    { bucket, name }: ObjectAddress,
  ): TaskEither<never, boolean> =>
  async () => {
    const place = placeOf(name)
    const key = place === null ? null : await keys.keyOf(place.ticketId)()
    if (key === null || E.isLeft(key) || key.right.state !== 'destroyed') return E.right(false)
    const content = await store.open({ bucket, name, sha256: '', stored: null })()
    if (E.isLeft(content)) return E.right(false)
    return E.right(await beginsEncrypted(content.right).catch(() => false))
  }

/** The encrypted bytes as an upload of their own; what is read is hashed again, since its key is made of that hash. */
const stageEncrypted =
  (store: EvidenceStore, key: Uint8Array, staged: Staged): TaskEither<StorageUnavailable | StagedMissing, Staged> =>
  async () => {
    const hash = createHash('sha256')
    let trouble: unknown = null
    const content = async function* () {
      try {
        for await (const chunk of bytesOf(staged.content)) {
          hash.update(chunk)
          yield chunk
        }
      } catch (cause) {
        trouble = cause
        throw cause
      }
    }
    const sealed = await store.stage(encrypted(key, content()), encryptedBytes(staged.size))()
    if (E.isRight(sealed)) {
      if (hash.digest('hex') === staged.sha256) return sealed
      await store.discard(sealed.right)()
      return E.left({ type: 'StorageUnavailable', reason: 'STAGED_CHANGED' })
    }
    if (sealed.left.type === 'StorageUnavailable') return E.left(sealed.left)
    if (codeOf(trouble) === 'ENOENT') return E.left({ type: 'StagedMissing', id: staged.id })
    return E.left({ type: 'StorageUnavailable', reason: codeOf(trouble) ?? 'STAGED_CHANGED' })
  }

/** A commit tried again finds its upload gone: what it stored the first time is the one object that its key opens. */
const committedBefore = (
  store: EvidenceStore,
  key: Uint8Array,
  staged: Staged,
  { ticketId, stepKey, extension }: EvidencePlace,
  missing: StagedMissing,
): TaskEither<CommitError, Staged> => {
  const folder = `evidence/${ticketId}/${stepKey}/`
  const size = encryptedBytes(staged.size)
  const isLike = (object: ListedObject): boolean =>
    object.name.startsWith(folder) && object.name.endsWith(`.${extension}`) && object.size === size
  return pipe(
    store.list(folder),
    TE.flatMap((listed) => async () => {
      for (const { bucket, name } of listed.filter(isLike)) {
        const sha256 = name.slice(folder.length, -extension.length - 1)
        const object = { bucket, name, sha256, stored: null }
        const content = await store.open(object)()
        const found = E.isRight(content) ? await begun(key, content.right, object)() : content
        if (E.isLeft(found)) continue
        await found.right[Symbol.asyncIterator]().return?.()
        return E.right({ ...staged, sha256, size })
      }
      return E.left<CommitError>(missing)
    }),
  )
}

/** Nothing is given before the first frame is authenticated, so that damage there is an answer and no broken stream. */
const begun =
  (
    key: Uint8Array,
    content: AsyncIterable<Uint8Array>,
    { name }: ReadableObject,
  ): TaskEither<StorageUnavailable | ObjectDamaged, AsyncIterable<Uint8Array>> =>
  async () => {
    const frames = decrypted(key, content)
    try {
      return E.right(startingWith(await frames.next(), frames, name))
    } catch (cause) {
      if (cause === DAMAGED) return E.left({ type: 'ObjectDamaged', name })
      return E.left({ type: 'StorageUnavailable', reason: codeOf(cause) ?? 'READ' })
    }
  }

/** Closes its source also when it is returned before it was ever read, which a generator would not. */
const startingWith = (
  first: IteratorResult<Uint8Array, void>,
  rest: AsyncGenerator<Uint8Array, void>,
  name: string,
): AsyncIterable<Uint8Array> => ({
  [Symbol.asyncIterator]: () => {
    let waiting: IteratorResult<Uint8Array, void> | null = first
    return {
      next: async () => {
        const next = waiting ?? (await rest.next().catch(naming(name)))
        waiting = null
        return next
      },
      return: async () => {
        waiting = null
        return rest.return(undefined)
      },
    }
  },
})

const naming =
  (name: string) =>
  (cause: unknown): never => {
    throw cause === DAMAGED ? new Error(`the stored file ${name} was changed`) : cause
  }

const bytesOf = (content: StagedContent): AsyncIterable<Uint8Array> =>
  content.type === 'file' ? createReadStream(content.path) : inOneChunk(content.bytes)

async function* inOneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

const codeOf = (cause: unknown): string | null => {
  const { code } = (cause ?? {}) as { readonly code?: unknown }
  return typeof code === 'string' ? code : null
}
