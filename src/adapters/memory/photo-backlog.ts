import * as TE from 'fp-ts/lib/TaskEither.js'
import type { PhotoBacklog } from '../../application/ports/photo-backlog.ts'
import { isOpenToFacts } from '../../domain/ticket/recheck.ts'
import type { MemoryState } from './ticket-state.ts'

/** Photos that were not judged by this version's checker, in memory. */
export const memoryPhotoBacklog = (state: MemoryState): PhotoBacklog => ({
  notJudgedBy: ({ checker, version }, after, limit) =>
    TE.fromIO(() =>
      [...state.tickets.values()]
        .filter(({ ticket }) => ticket.deletedAt === null && isOpenToFacts(ticket))
        .flatMap(({ ticket }) => ticket.photos.map((photo) => ({ ticket, photo })))
        .filter(
          ({ photo }) =>
            photo.current &&
            (after === null || photo.id > after) &&
            !photo.verdicts.some(
              (verdict) =>
                verdict.check === 'decodable' &&
                verdict.checker === checker &&
                verdict.version === version &&
                verdict.outcome !== 'unverifiable',
            ),
        )
        .map(({ ticket, photo }) => ({ ticketId: ticket.id, photoId: photo.id }))
        .toSorted((a, b) => (a.photoId < b.photoId ? -1 : 1))
        .slice(0, limit),
    ),
})
