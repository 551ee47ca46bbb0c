import { createHash } from 'node:crypto'
import { open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { StageError, StorageUnavailable } from '../../application/ports/evidence-store.ts'
import type { ReceivedFile, ReportFiles } from '../../application/ports/report-files.ts'
import { flushFolder, makeDurableFolderNow } from './durable.ts'

const ID = /^[0-9a-f-]{36}$/
const HALF_RECEIVED = '.part'
const READ_ONLY = 0o440

/** Workbooks of weekly reports in one folder, `<id>.xlsx` each, `<id>.part` while they arrive. Throws when it cannot be made. */
export const localReportFiles = (folder: string): ReportFiles => {
  const root = resolve(folder)
  makeDurableFolderNow(root)
  const partOf = (id: string): string => join(root, `${safe(id)}${HALF_RECEIVED}`)
  const wholeOf = (id: string): string => join(root, `${safe(id)}.xlsx`)

  return {
    receive: (id, content, limitBytes) =>
      storing<StageError, ReceivedFile>(async () => {
        const path = partOf(id)
        const file = await open(path, 'wx', READ_ONLY)
        const hash = createHash('sha256')
        let size = 0
        try {
          for await (const chunk of fromUploader(content)) {
            size += chunk.byteLength
            if (size > limitBytes) break
            hash.update(chunk)
            await file.writeFile(chunk)
          }
          if (size <= limitBytes) await file.sync()
        } catch (cause) {
          await file.close()
          await rm(path, { force: true })
          if (cause === INTERRUPTED) return E.left({ type: 'UploadInterrupted' })
          throw cause
        }
        await file.close()
        if (size <= limitBytes) return E.right({ id, path, sha256: hash.digest('hex'), size })
        await rm(path, { force: true })
        return E.left({ type: 'PayloadTooLarge', limitBytes })
      }),
    keep: ({ id }) =>
      storing<StorageUnavailable, string>(async () => {
        await rename(partOf(id), wholeOf(id))
        await flushFolder(root)
        return E.right(`reports/${id}.xlsx`)
      }),
    discard: ({ id }) =>
      storing<StorageUnavailable, void>(async () => {
        await rm(partOf(id), { force: true })
        await rm(wholeOf(id), { force: true })
        return E.right(undefined)
      }),
    sweep: (olderThan) =>
      storing<StorageUnavailable, number>(async () => {
        let swept = 0
        for (const name of await readdir(root)) {
          if (!name.endsWith(HALF_RECEIVED)) continue
          const path = join(root, name)
          const found = await stat(path).catch(() => null)
          if (found === null || found.mtimeMs >= Date.parse(olderThan)) continue
          await rm(path, { force: true })
          swept += 1
        }
        return E.right(swept)
      }),
  }
}

const safe = (id: string): string => {
  if (!ID.test(id)) throw new Error('a report file is named by a UUID')
  return id
}

const INTERRUPTED = new Error('the upload stopped before its end')

/** Tells a broken upload from a broken disk. */
async function* fromUploader(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* content
  } catch {
    throw INTERRUPTED
  }
}

/** Failures of the operating system are answers; anything else is a bug and stays thrown. */
const storing =
  <L, A>(run: () => Promise<E.Either<L, A>>): TaskEither<L | StorageUnavailable, A> =>
  () =>
    run().catch((cause: unknown) => {
      const reason = cause instanceof Error && 'syscall' in cause && 'code' in cause ? String(cause.code) : null
      if (reason === null) throw cause
      return E.left({ type: 'StorageUnavailable', reason })
    })
