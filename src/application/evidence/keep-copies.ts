import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { CopyBytes, CopySize } from '../../domain/evidence/evidence.ts'
import type { PhotoCopies, StoredObject } from '../../domain/evidence/photo.ts'
import type { TicketId } from '../../domain/ticket/ticket.ts'
import type { CommitError, EvidenceStore, StageError } from '../ports/evidence-store.ts'

/**
 * Keeps the viewing copies of a photo where its original is kept, under the same ticket, so that whatever guards, moves
 * or erases the one does so with the others. They are content-addressed like it: made again they are the same objects.
 */
export const keepCopies = (
  evidence: EvidenceStore,
  ticketId: TicketId,
  copies: CopyBytes | null,
): TE.TaskEither<StageError | CommitError, PhotoCopies | null> =>
  copies === null
    ? TE.right(null)
    : pipe(
        TE.Do,
        TE.bind('view', () => keep(evidence, ticketId, 'view', copies)),
        TE.bind('thumbnail', () => keep(evidence, ticketId, 'thumbnail', copies)),
      )

const keep = (
  evidence: EvidenceStore,
  ticketId: TicketId,
  size: CopySize,
  copies: CopyBytes,
): TE.TaskEither<StageError | CommitError, StoredObject> =>
  pipe(
    evidence.stage(once(copies[size]), copies[size].byteLength),
    TE.flatMap((staged) =>
      pipe(
        evidence.commit(staged, { ticketId, stepKey: size, extension: 'jpg' }),
        TE.tapError(() => evidence.discard(staged)),
      ),
    ),
  )

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
