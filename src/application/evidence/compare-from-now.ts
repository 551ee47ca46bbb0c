import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { newestOf } from '../../domain/evidence/blocking.ts'
import { type AlikeUse, type EarlierUse, judgeReuse } from '../../domain/evidence/judge-reuse.ts'
import { type Fingerprint, REUSE_DISTANCE } from '../../domain/evidence/likeness.ts'
import type { Photo } from '../../domain/evidence/photo.ts'
import { judgePhotoAgain } from '../../domain/ticket/judge-photo-again.ts'
import type { Ticket, TicketId } from '../../domain/ticket/ticket.ts'
import { type ChangeDeps, changeTicket } from '../change.ts'
import type { AppError } from '../errors.ts'
import type { PhotoLikeness } from '../ports/photo-likeness.ts'
import { systemPrincipal } from '../principal.ts'
import { tellLookAlikes } from '../ticket/note-look-alikes.ts'

export type CompareDeps = ChangeDeps & { readonly likeness: PhotoLikeness }

const JUDGE = { checker: 'reuse', version: '1' }

/** A photo that was stored without hashes is given them, and compared with those that were kept before. */
export const compareFromNow = (
  deps: CompareDeps,
  ticket: Ticket,
  photo: Photo,
  hashes: Fingerprint,
): TE.TaskEither<AppError, unknown> =>
  pipe(
    deps.likeness.keep(photo.id, hashes),
    TE.flatMap((kept) => (kept ? compareWithOthers(deps, ticket, photo) : TE.right(null))),
  )

/**
 * Where the same picture was used before, or has been since, the later use is the reuse, and is judged so now. What the
 * photo looks like is told last: a photo of which it is not told is compared once more.
 */
export const compareWithOthers = (deps: CompareDeps, ticket: Ticket, photo: Photo): TE.TaskEither<AppError, unknown> =>
  pipe(
    deps.likeness.lookAlikesOf(photo.id),
    TE.flatMap((alike) => {
      if (alike === null) return TE.right<AppError, unknown>(null)
      const same = alike.filter(({ distance }) => distance <= REUSE_DISTANCE)
      const earlier = same.filter((use) => isEarlier(use, photo))
      const since = same.filter((use) => !isEarlier(use, photo))
      return pipe(
        judgeReuseAgain(deps, ticket.id, photo.id, earlier),
        TE.flatMap(() =>
          TE.sequenceSeqArray(
            since.map((use) => judgeReuseAgain(deps, use.ticketId, use.photoId, [useOf(ticket, photo, use.distance)])),
          ),
        ),
        TE.flatMap(() => tellLookAlikes(deps, ticket.id, photo, alike)),
      )
    }),
  )

const isEarlier = (use: EarlierUse, { id, arrivedAt }: Photo): boolean =>
  use.uploadedAt < arrivedAt || (use.uploadedAt === arrivedAt && use.photoId < id)

const useOf = (ticket: Ticket, photo: Photo, distance: number): AlikeUse => ({
  ticketId: ticket.id,
  ticketUid: ticket.uid ?? '',
  stepKey: photo.step,
  photoId: photo.id,
  uploadedAt: photo.arrivedAt,
  drNumber: ticket.place.dr,
  distance,
})

/** A reuse that is known or cleared stays as it is, and so does everything on a ticket that is past QA's door. */
const judgeReuseAgain = (
  deps: CompareDeps,
  ticketId: TicketId,
  photoId: string,
  alike: ReadonlyArray<AlikeUse>,
): TE.TaskEither<AppError, unknown> =>
  alike.length === 0
    ? TE.right(null)
    : pipe(
        changeTicket(deps)<ReadonlyArray<EarlierUse>>(
          { ticketId, principal: systemPrincipal, version: null },
          {
            action: 'judge_photo_again',
            gather: ({ ticket }) => deps.tickets.usesOf(photoIn(ticket, photoId)?.object.sha256 ?? ''),
            decide: ({ ticket, facts }, stamp, sameBytes) => {
              const photo = photoIn(ticket, photoId)
              if (photo === undefined || !photo.current || isJudgedReuse(photo)) return E.right([ticket, []])
              const verdict = judgeReuse(
                {
                  sha256: photo.object.sha256,
                  ticketId,
                  stepKey: photo.step,
                  drNumber: ticket.place.dr,
                  paperwork: ticket.paperwork,
                },
                sameBytes.filter((use) => use.photoId !== photoId && isEarlier(use, photo)),
                { ...JUDGE, at: stamp.at },
                alike,
              )
              return verdict.outcome === 'pass'
                ? E.right([ticket, []])
                : judgePhotoAgain({ ...stamp, photoId, found: photo, verdicts: [verdict] }, facts)(ticket)
            },
          },
        ),
        TE.orElse((error) => (NO_LONGER_JUDGED.has(error.type) ? TE.right<AppError, unknown>(null) : TE.left(error))),
      )

const photoIn = (ticket: Ticket, photoId: string): Photo | undefined => ticket.photos.find(({ id }) => id === photoId)

const isJudgedReuse = (photo: Photo): boolean =>
  photo.reuseCleared !== null || newestOf('reuse', photo.verdicts)?.outcome === 'block'

const NO_LONGER_JUDGED: ReadonlySet<AppError['type']> = new Set<AppError['type']>(['NotFound', 'FactsFrozen'])
