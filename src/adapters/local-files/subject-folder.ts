import { createWriteStream } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { StorageUnavailable } from '../../application/ports/evidence-store.ts'
import type { SubjectFolder } from '../../application/subject/export-subject.ts'

const OWNER_ONLY = { folder: 0o700, file: 0o600 }

const failed = (error: unknown): StorageUnavailable => ({
  type: 'StorageUnavailable',
  reason: error instanceof Error && 'code' in error ? String(error.code) : 'unreadable',
})

/** A new folder for one client's data, which only the caller's account may read. */
export const subjectFolder = (path: string): SubjectFolder => ({
  make: () =>
    TE.tryCatch(async () => {
      await mkdir(path, { mode: OWNER_ONLY.folder })
      for (const kind of ['photos', 'documents']) await mkdir(join(path, kind), { mode: OWNER_ONLY.folder })
    }, failed),
  write: (name, content) =>
    TE.tryCatch(async () => {
      const file = join(path, name)
      if (typeof content === 'string') await writeFile(file, content, { flag: 'wx', mode: OWNER_ONLY.file })
      else await pipeline(Readable.from(content), createWriteStream(file, { flags: 'wx', mode: OWNER_ONLY.file }))
    }, failed),
})
