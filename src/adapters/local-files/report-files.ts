import { readdir, rename, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type { StageError, StorageUnavailable } from '../../application/ports/evidence-store.ts'
import type { ReceivedFile, ReportFiles } from '../../application/ports/report-files.ts'
import { flushFolder, makeDurableFolderNow } from './durable.ts'
import { receiveInto, storing } from './receive.ts'

const ID = /^[0-9a-f-]{36}$/
const HALF_RECEIVED = '.part'

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
        const received = await receiveInto(path, content, limitBytes)
        return E.map((got: { readonly sha256: string; readonly size: number }): ReceivedFile => ({ id, path, ...got }))(
          received,
        )
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
