import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Instant } from '../../domain/shared/time.ts'
import type { StageError, StorageUnavailable } from './evidence-store.ts'

/** An uploaded workbook on disk: `path` for the parser, `id` becomes the report's own. */
export type ReceivedFile = {
  readonly id: string
  readonly path: string
  readonly sha256: string
  readonly size: number
}

/** Where the workbooks of weekly reports arrive and stay. */
export type ReportFiles = {
  /** Hashes while it writes, never holding the whole file; over the limit it stops reading and leaves nothing behind. */
  readonly receive: (
    id: string,
    content: AsyncIterable<Uint8Array>,
    limitBytes: number,
  ) => TaskEither<StageError, ReceivedFile>
  /** Makes it stay, durably; answers the name it is found by. */
  readonly keep: (file: ReceivedFile) => TaskEither<StorageUnavailable, string>
  /** Removes it, kept or not; harmless when it is already gone. */
  readonly discard: (file: Pick<ReceivedFile, 'id'>) => TaskEither<StorageUnavailable, void>
  /** Removes what a crash left half received, begun before `olderThan`; answers how many. */
  readonly sweep: (olderThan: Instant) => TaskEither<StorageUnavailable, number>
}
