import { createReadStream } from 'node:fs'
import { link, readdir, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
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
import { flushFolder, foldersUpTo, hashFile, makeFolder } from './durable.ts'
import { storing } from './receive.ts'
import { localStaging, STAGING_ID } from './staging.ts'

const BUCKET = 'local'
/** Nothing is ever written over, so every object is its first generation. */
const GENERATION = '1'
const HASHED_AT_ONCE = 4
const LISTED_AT_ONCE = 1_000

/** Evidence under one folder: `evidence/` holds whole objects only, `staged/` what is still arriving. Throws when the folder cannot be made. */
export const localEvidenceStore = (folder: string): EvidenceStore => {
  const root = resolve(folder)
  const staging = join(root, 'staged')
  const { stage, discard, sweepStaged } = localStaging(staging)
  const stagedPath = (id: string) => join(staging, `${id}.part`)

  const place = (staged: Staged, name: string) =>
    storing<CommitError, StoredObject>(async () => {
      if (!STAGING_ID.test(staged.id)) return E.left({ type: 'StagedMissing', id: staged.id })
      const to = join(root, name)
      await makeFolder(dirname(to))
      const linked = await linkOnce(stagedPath(staged.id), to)
      const stored = linked === 'linked' ? staged.sha256 : await hashIfThere(to)
      if (stored === null) return E.left({ type: 'StagedMissing', id: staged.id })
      if (stored !== staged.sha256) return E.left({ type: 'ObjectConflict', name })
      // Also when the object was there already: another process may have linked it and not flushed yet.
      for (const path of foldersUpTo(root, dirname(to))) await flushFolder(path)
      await rm(stagedPath(staged.id), { force: true })
      const { size, sha256 } = staged
      return E.right({ bucket: BUCKET, name, generation: GENERATION, size, sha256, stored: null })
    })

  const isOurs = ({ bucket, name }: ObjectAddress) => bucket === BUCKET && isObjectName(name)

  return {
    stage,
    commit: (staged, where) =>
      pipe(
        TE.fromEither(objectName(where, staged.sha256)),
        TE.flatMap((name): TE.TaskEither<CommitError, StoredObject> => place(staged, name)),
      ),
    discard,
    open: (object) =>
      storing(async () => {
        const path = join(root, object.name)
        const there = isOurs(object) && (await unlessMissing(stat(path))) !== null
        return there ? E.right(bytesOf(path)) : E.left({ type: 'ObjectMissing', name: object.name })
      }),
    verify: (objects) =>
      storing<StorageUnavailable, ReadonlyArray<VerifiedObject>>(async () => {
        const verified: Array<VerifiedObject> = []
        const queue = objects.entries()
        const work = async () => {
          for (const [index, { bucket, name }] of queue) {
            const sha256 = isOurs({ bucket, name }) ? await hashIfThere(join(root, name)) : null
            const retention = sha256 === null ? null : 'none'
            verified[index] = { bucket, name, present: sha256 !== null, sha256, retention }
          }
        }
        await Promise.all(Array.from({ length: HASHED_AT_ONCE }, work))
        return E.right(verified)
      }),
    link: () => TE.right(null),
    list: (after) =>
      storing<StorageUnavailable, ReadonlyArray<ListedObject>>(async () => {
        const listed: Array<ListedObject> = []
        for await (const name of namesUnder(root, 'evidence', after)) {
          const found = await unlessMissing(stat(join(root, name)))
          if (found === null || !isObjectName(name)) continue
          listed.push({ bucket: BUCKET, name, size: found.size, storedAt: found.birthtime.toISOString() })
          if (listed.length === LISTED_AT_ONCE) break
        }
        return E.right(listed)
      }),
    remove: ({ bucket, name }) =>
      storing<StorageUnavailable, Removal>(async () => {
        if (!isCopyStep(placeOf(name)?.stepKey ?? '')) throw new Error(`no viewing copy: ${name}`)
        const path = join(root, name)
        if (bucket !== BUCKET || (await unlessMissing(stat(path))) === null) return E.right('removed')
        await rm(path, { force: true })
        await flushFolder(dirname(path))
        return E.right('removed')
      }),
    sweepStaged,
  }
}

/** In the byte order of whole names: a folder sorts as if its name ended in a slash, which it does in them. */
async function* namesUnder(root: string, name: string, after: string | null): AsyncGenerator<string> {
  const entries = (await unlessMissing(readdir(join(root, name), { withFileTypes: true }))) ?? []
  const inside = entries.map((entry) => `${name}/${entry.name}${entry.isDirectory() ? '/' : ''}`)
  for (const path of inside.sort((a, b) => (a < b ? -1 : 1))) {
    if (!path.endsWith('/')) {
      if (after === null || path > after) yield path
    } else if (after === null || path > after || after.startsWith(path))
      yield* namesUnder(root, path.slice(0, -1), after)
  }
}

async function* bytesOf(path: string): AsyncGenerator<Uint8Array> {
  yield* createReadStream(path)
}

/** A hard link appears whole or not at all, and never replaces a file. */
const linkOnce = async (from: string, to: string): Promise<'linked' | 'not linked'> => {
  try {
    await link(from, to)
    return 'linked'
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST' || codeOf(cause) === 'ENOENT') return 'not linked'
    throw cause
  }
}

const hashIfThere = (path: string): Promise<string | null> => unlessMissing(hashFile(path))

const unlessMissing = <A>(promise: Promise<A>): Promise<A | null> =>
  promise.catch((cause: unknown) => {
    if (codeOf(cause) === 'ENOENT') return null
    throw cause
  })

const codeOf = (cause: unknown): string | null =>
  cause instanceof Error && 'syscall' in cause && 'code' in cause ? String(cause.code) : null
