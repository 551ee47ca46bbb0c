import { type FileHandle, open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { AppError } from '../../application/errors.ts'
import type { BundleRecord } from '../../application/handover/export-snapshots.ts'
import type { StorageUnavailable } from '../../application/ports/evidence-store.ts'
import { lineOf } from './bundle-lines.ts'

const AT_ONCE = 4 * 1024 * 1024

type Write = (record: BundleRecord) => TaskEither<StorageUnavailable, void>

/** Writes a bundle to a new file, flushed before it answers; a file that is there already stays, and a failure leaves none. */
export const bundleFile =
  (path: string) =>
  <A>(work: (write: Write) => TaskEither<AppError, A>): TaskEither<AppError, A> =>
  async () => {
    let file: FileHandle
    try {
      file = await open(path, 'wx', 0o640)
    } catch (cause) {
      return E.left(unavailable(cause))
    }
    let waiting: string[] = []
    let size = 0
    const pour = async (): Promise<void> => {
      const text = waiting.join('')
      waiting = []
      size = 0
      await file.writeFile(text)
    }
    const outcome = await work((record) => async () => {
      try {
        const line = `${lineOf(record)}\n`
        waiting.push(line)
        size += line.length
        if (size >= AT_ONCE) await pour()
        return E.right(undefined)
      } catch (cause) {
        return E.left(unavailable(cause))
      }
    })()
    const closed = await finish(file, path, pour)
    const whole: E.Either<AppError, A> = E.isRight(outcome) && E.isLeft(closed) ? closed : outcome
    if (E.isLeft(whole)) await rm(path, { force: true })
    return whole
  }

const finish = async (
  file: FileHandle,
  path: string,
  pour: () => Promise<void>,
): Promise<E.Either<StorageUnavailable, void>> => {
  try {
    await pour()
    await file.sync()
    await file.close()
    const folder = await open(dirname(path), 'r')
    await folder.sync()
    await folder.close()
    return E.right(undefined)
  } catch (cause) {
    await file.close().catch(() => undefined)
    return E.left(unavailable(cause))
  }
}

/** What the operating system refuses is an answer; anything else is a bug and stays thrown. */
const unavailable = (cause: unknown): StorageUnavailable => {
  const { code, syscall } = cause as NodeJS.ErrnoException
  if (code === undefined || syscall === undefined) throw cause
  return { type: 'StorageUnavailable', reason: code }
}
