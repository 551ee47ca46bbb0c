import * as TE from 'fp-ts/lib/TaskEither.js'
import type { PhotoBacklog } from '../../application/ports/photo-backlog.ts'
import { newestOf } from '../../domain/evidence/blocking.ts'
import { isExempt } from '../../domain/evidence/limits.ts'
import { REVIEWED } from '../../domain/ticket/note-likeness.ts'
import { isOpenToFacts } from '../../domain/ticket/recheck.ts'
import type { MemoryState } from './ticket-state.ts'

/** Photos that were not judged by this version's checker, in memory. */
export const memoryPhotoBacklog = (state: MemoryState): PhotoBacklog => ({
  notJudgedBy: ({ checker, version }, after, limit) =>
    TE.fromIO(() =>
      [...state.tickets.values()]
        .filter(({ ticket }) => ticket.deletedAt === null && ticket.erasedAt === null && isOpenToFacts(ticket))
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

  unfinishedSince: (since, after, limit) =>
    TE.fromIO(() =>
      [...state.tickets.values()]
        .filter(({ ticket }) => ticket.deletedAt === null && ticket.erasedAt === null && isOpenToFacts(ticket))
        .flatMap(({ ticket }) => ticket.photos.map((photo) => ({ ticketId: ticket.id, photo })))
        .filter(
          ({ photo }) =>
            photo.current &&
            (after === null || photo.id > after) &&
            (['decodable', 'reuse'] as const).some((check) => {
              const newest = newestOf(check, photo.verdicts)
              return newest?.outcome === 'unverifiable' && newest.at >= since
            }),
        )
        .map(({ ticketId, photo }) => ({ ticketId, photoId: photo.id }))
        .toSorted((a, b) => (a.photoId < b.photoId ? -1 : 1))
        .slice(0, limit),
    ),

  notCompared: (after, limit) =>
    TE.fromIO(() =>
      [...state.tickets.values()]
        .filter(({ ticket }) => ticket.erasedAt === null)
        .flatMap(({ ticket }) =>
          ticket.photos.flatMap((photo) => {
            const kept = state.fingerprints.find(({ photoId }) => photoId === photo.id)
            const isReviewed = ticket.deletedAt === null && !REVIEWED.includes(ticket.status)
            const isTold = photo.verdicts.some(
              ({ check, outcome }) => check === 'likeness' && (outcome === 'pass' || outcome === 'warn'),
            )
            const isWanted =
              kept === undefined ||
              (photo.current &&
                isReviewed &&
                ((kept.fingerprint.probes.length > 0 && !isTold) ||
                  newestOf('reuse', photo.verdicts)?.outcome === 'unverifiable'))
            return isWanted && !isExempt('likeness', photo.step) && (after === null || photo.id > after)
              ? [{ ticketId: ticket.id, photoId: photo.id, hashed: kept !== undefined }]
              : []
          }),
        )
        .toSorted((a, b) => (a.photoId < b.photoId ? -1 : 1))
        .slice(0, limit),
    ),
})
