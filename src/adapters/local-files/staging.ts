import { randomUUID } from 'node:crypto'
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type { EvidenceStore, Staged, StageError, StorageUnavailable } from '../../application/ports/evidence-store.ts'
import { makeDurableFolderNow } from './durable.ts'
import { receiveInto, storing } from './receive.ts'

export const STAGING_ID = /^[0-9a-f-]{36}$/

/** Uploads received into one folder of this machine, wherever they are kept in the end. Throws when it cannot be made. */
export const localStaging = (folder: string): Pick<EvidenceStore, 'stage' | 'discard' | 'sweepStaged'> => {
  makeDurableFolderNow(folder)
  const pathOf = (id: string) => join(folder, `${id}.part`)
  return {
    stage: (content, limitBytes) =>
      storing<StageError, Staged>(async () => {
        const id = randomUUID()
        const path = pathOf(id)
        const received = await receiveInto(path, content, limitBytes)
        return E.map(
          (got: { readonly sha256: string; readonly size: number }): Staged => ({
            id,
            ...got,
            content: { type: 'file', path },
          }),
        )(received)
      }),
    discard: ({ id }) =>
      storing<StorageUnavailable, void>(async () => {
        if (STAGING_ID.test(id)) await rm(pathOf(id), { force: true })
        return E.right(undefined)
      }),
    sweepStaged: (olderThan) =>
      storing<StorageUnavailable, number>(async () => {
        let swept = 0
        for (const file of await readdir(folder)) {
          const path = join(folder, file)
          const found = await stat(path).catch(() => null)
          if (found === null || found.mtimeMs >= Date.parse(olderThan)) continue
          await rm(path, { force: true })
          swept += 1
        }
        return E.right(swept)
      }),
  }
}
