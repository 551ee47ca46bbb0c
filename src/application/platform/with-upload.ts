import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { AppError } from '../errors.ts'
import type { ReceivedFile, ReportFiles } from '../ports/report-files.ts'
import { DEFAULT_WORKBOOK_LIMITS } from '../ports/workbook-reader.ts'

export type UploadDeps = {
  readonly reportFiles: Pick<ReportFiles, 'receive' | 'discard'>
  readonly newId: () => string
}

/** Receives a workbook, hands it to `work`, and leaves no file behind whatever becomes of it. */
export const withUpload =
  ({ reportFiles, newId }: UploadDeps) =>
  <A>(
    content: AsyncIterable<Uint8Array>,
    work: (file: ReceivedFile) => TE.TaskEither<AppError, A>,
  ): TE.TaskEither<AppError, A> =>
    pipe(
      TE.rightIO(newId),
      TE.flatMap((id) => reportFiles.receive(id, content, DEFAULT_WORKBOOK_LIMITS.packedBytes)),
      TE.mapLeft((error): AppError => error),
      TE.flatMap((file) =>
        pipe(
          work(file),
          TE.tap(() => reportFiles.discard(file)),
          TE.tapError(() => reportFiles.discard(file)),
        ),
      ),
    )
