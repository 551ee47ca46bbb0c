import { createHash } from 'node:crypto'
import { open, rm } from 'node:fs/promises'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { PayloadTooLarge, StorageUnavailable, UploadInterrupted } from '../../application/ports/evidence-store.ts'

const READ_ONLY = 0o440

type Received = { readonly sha256: string; readonly size: number }

/** Writes an upload to a new file, hashing on the way and flushed before it answers; a refused or broken one leaves nothing. */
export const receiveInto = async (
  path: string,
  content: AsyncIterable<Uint8Array>,
  limitBytes: number,
): Promise<E.Either<UploadInterrupted | PayloadTooLarge, Received>> => {
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
  if (size <= limitBytes) return E.right({ sha256: hash.digest('hex'), size })
  await rm(path, { force: true })
  return E.left({ type: 'PayloadTooLarge', limitBytes })
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
export const storing =
  <L, A>(run: () => Promise<E.Either<L, A>>): TaskEither<L | StorageUnavailable, A> =>
  () =>
    run().catch((cause: unknown) => {
      const reason = cause instanceof Error && 'syscall' in cause && 'code' in cause ? String(cause.code) : null
      if (reason === null) throw cause
      return E.left({ type: 'StorageUnavailable', reason })
    })
