import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { SENTENCES } from '../../domain/sync/sentences.ts'
import type { SyncedCase, WaitingNote } from '../ports/sync-store.ts'
import type { SyncDeps } from './setup.ts'
import { isOfTheRequest, type SyncFailure, type Work } from './sync-failure.ts'

type Trouble = SyncFailure | null

const sendNote = (deps: SyncDeps, caseId: string, note: WaitingNote, signal: AbortSignal): Work<Trouble> => {
  const { id, text, sentence, queuedAt } = note
  const said = sentence === null ? text : SENTENCES[sentence]
  return pipe(
    // A note whose text was erased meanwhile is not sent.
    said === null
      ? TE.right<SyncFailure, { readonly id: string | null }>({ id: null })
      : deps.system.addNote(caseId, { key: id, text: said, since: queuedAt }, signal),
    TE.flatMap((sent): Work<void> => deps.syncNotes.sent(id, sent.id, deps.now())),
    TE.map((): Trouble => null),
    TE.orElse((failure): Work<Trouble> => {
      if (!isOfTheRequest(failure)) return TE.left(failure)
      return failure.type === 'Rejected'
        ? pipe(
            deps.syncNotes.giveUp(id, deps.now()),
            TE.map((): Trouble => failure),
          )
        : TE.right(failure)
    }),
  )
}

/**
 * What waits to be said to the client goes out in its order. One that is refused is given up and holds up none of those
 * behind it; what went wrong first is told in the end.
 */
export const sendNotes = (deps: SyncDeps, { caseId, ticketId }: SyncedCase, signal: AbortSignal): Work<void> =>
  pipe(
    deps.syncNotes.waiting(ticketId),
    TE.flatMap(
      (notes): Work<ReadonlyArray<Trouble>> =>
        pipe(
          notes,
          TE.traverseSeqArray((note) => sendNote(deps, caseId, note, signal)),
        ),
    ),
    TE.flatMap((troubles): Work<void> => {
      const first = troubles.find((one) => one !== null)
      return first == null ? TE.right(undefined) : TE.left(first)
    }),
  )
