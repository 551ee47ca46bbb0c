import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { clearedUses, newestOf } from '../../domain/evidence/blocking.ts'
import type { Verdict } from '../../domain/evidence/evidence.ts'
import { judgeLikeness } from '../../domain/evidence/judge-likeness.ts'
import {
  type AlikeUse,
  type EarlierUse,
  isResubmission,
  judgeReuse,
  usesListedIn,
} from '../../domain/evidence/judge-reuse.ts'
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

/** A photo that was stored without hashes is given them, and compared with those that were kept before, unless that is done. */
export const compareFromNow = (
  deps: CompareDeps,
  ticket: Ticket,
  photo: Photo,
  hashes: Fingerprint,
): TE.TaskEither<AppError, unknown> =>
  pipe(
    deps.likeness.keep(photo.id, hashes),
    TE.flatMap((kept) => (kept || !isCompared(photo) ? compareWithOthers(deps, ticket, photo) : TE.right(null))),
  )

const isCompared = ({ verdicts }: Photo): boolean => {
  const told = newestOf('likeness', verdicts)?.outcome
  return (told === 'pass' || told === 'warn') && !isReuseUnknown(verdicts)
}

/** The picture could not be compared when the photo was added. */
const isReuseUnknown = (verdicts: ReadonlyArray<Verdict>): boolean =>
  newestOf('reuse', verdicts)?.outcome === 'unverifiable'

/**
 * Where the same picture was used before, or has been since, the later use is the reuse, and is judged so now. What the
 * photo looks like is told last: a photo of which it is not told is compared once more.
 */
export const compareWithOthers = (deps: CompareDeps, ticket: Ticket, photo: Photo): TE.TaskEither<AppError, unknown> =>
  pipe(
    deps.likeness.lookAlikesOf(photo.id),
    TE.flatMap((alike) => {
      const same = (alike ?? []).filter(({ distance }) => distance <= REUSE_DISTANCE)
      const earlier = same.filter((use) => isEarlier(use, photo))
      const since = same.filter((use) => !isEarlier(use, photo))
      return pipe(
        earlier.length > 0 || isReuseUnknown(photo.verdicts)
          ? judgeReuseAgain(deps, ticket.id, photo.id, earlier, 'all')
          : TE.right(null),
        TE.flatMap(() =>
          TE.sequenceSeqArray(
            since.map((use) =>
              judgeReuseAgain(deps, use.ticketId, use.photoId, [useOf(ticket, photo, use.distance)], 'one'),
            ),
          ),
        ),
        TE.flatMap(() => (alike === null ? TE.right(null) : tellLookAlikes(deps, ticket.id, photo, alike))),
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

/**
 * Uses that are known or cleared change nothing, and neither does anything on a ticket that is past QA's door. `compared`: with
 * all other photos, or with this one alone, which says nothing of the rest.
 */
const judgeReuseAgain = (
  deps: CompareDeps,
  ticketId: TicketId,
  photoId: string,
  alike: ReadonlyArray<AlikeUse>,
  compared: 'all' | 'one',
): TE.TaskEither<AppError, unknown> =>
  pipe(
    changeTicket(deps)<ReadonlyArray<EarlierUse>>(
      { ticketId, principal: systemPrincipal, version: null },
      {
        action: 'judge_photo_again',
        gather: ({ ticket }) => deps.tickets.usesOf(photoIn(ticket, photoId)?.object.sha256 ?? ''),
        decide: ({ ticket, facts }, stamp, sameBytes) => {
          const photo = photoIn(ticket, photoId)
          if (photo === undefined || !photo.current) return E.right([ticket, []])
          const verdict = reuseNow(ticket, photo, sameBytes, alike, stamp.at)
          const isLifting = verdict?.outcome !== 'block' && isReuseUnknown(photo.verdicts)
          const isNews = verdict?.outcome !== 'pass' || isLifting
          if (verdict === null || !isNews || (isLifting && compared === 'one')) return E.right([ticket, []])
          const verdicts = [verdict, ...likenessOfReuse(ticket, photo, alike, stamp.at)]
          return judgePhotoAgain({ ...stamp, photoId, found: photo, verdicts }, facts)(ticket)
        },
      },
    ),
    TE.orElse((error) => (NO_LONGER_JUDGED.has(error.type) ? TE.right<AppError, unknown>(null) : TE.left(error))),
  )

/** Reuse by what is known now, but for the uses that were cleared; null when it is blocked for all of it already, or was. */
const reuseNow = (
  ticket: Ticket,
  photo: Photo,
  sameBytes: ReadonlyArray<EarlierUse>,
  alike: ReadonlyArray<AlikeUse>,
  at: string,
): Verdict | null => {
  const before = newestOf('reuse', photo.verdicts)
  const known = before?.outcome === 'block' ? usesListedIn(before) : []
  const cleared = clearedUses(photo)
  const judged = { ticketId: ticket.id, stepKey: photo.step }
  const uses = [...sameBytes.filter((use) => use.photoId !== photo.id && isEarlier(use, photo)), ...alike].filter(
    (use) => !cleared.includes(use.photoId),
  )
  const isNew = (use: EarlierUse): boolean =>
    !isResubmission(judged, use) && !known.some(({ photoId }) => photoId === use.photoId)
  if (before?.outcome === 'block' && !uses.some(isNew)) return null
  const stillKnown = known.flatMap(
    (use): ReadonlyArray<AlikeUse> =>
      use.distance === undefined || uses.concat(alike).some(({ photoId }) => photoId === use.photoId)
        ? []
        : cleared.includes(use.photoId)
          ? []
          : [{ ...use, distance: use.distance, drNumber: null }],
  )
  return judgeReuse(
    { ...judged, sha256: photo.object.sha256, drNumber: ticket.place.dr, paperwork: ticket.paperwork },
    uses.filter((use): use is EarlierUse => !('distance' in use)),
    { ...JUDGE, at },
    [...uses.filter((use): use is AlikeUse => 'distance' in use), ...stillKnown],
  )
}

/** What was said to look like no other looks like one now. */
const likenessOfReuse = (
  ticket: Ticket,
  photo: Photo,
  alike: ReadonlyArray<AlikeUse>,
  at: string,
): ReadonlyArray<Verdict> => {
  if (newestOf('likeness', photo.verdicts)?.outcome !== 'pass') return []
  const likeness = judgeLikeness({ ticketId: ticket.id, stepKey: photo.step }, alike, { ...JUDGE, at })
  return likeness.outcome === 'pass' ? [] : [likeness]
}

const photoIn = (ticket: Ticket, photoId: string): Photo | undefined => ticket.photos.find(({ id }) => id === photoId)

const NO_LONGER_JUDGED: ReadonlySet<AppError['type']> = new Set<AppError['type']>(['NotFound', 'FactsFrozen'])
