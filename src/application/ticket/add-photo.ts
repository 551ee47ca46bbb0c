import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Coordinates, PhotoAnalysis } from '../../domain/evidence/evidence.ts'
import { judgeCapture } from '../../domain/evidence/judge-capture.ts'
import { comparedBy, isComparable, likenessAtFirst } from '../../domain/evidence/judge-likeness.ts'
import { type EarlierUse, judgeReuse } from '../../domain/evidence/judge-reuse.ts'
import { minimumSizeOf } from '../../domain/evidence/limits.ts'
import type { Photo, PhotoCopies, StoredObject } from '../../domain/evidence/photo.ts'
import type { Instant } from '../../domain/shared/time.ts'
import { addPhoto as decide, tooLate } from '../../domain/ticket/add-photo.ts'
import { judgingSequenceAgain } from '../../domain/ticket/judge-sequence-again.ts'
import { isOpenToFacts } from '../../domain/ticket/recheck.ts'
import type { TicketId } from '../../domain/ticket/ticket.ts'
import type { StepKey } from '../../domain/verification/steps.ts'
import { type ChangeDeps, changeTicket, notFound, permit } from '../change.ts'
import type { AppError, NotFound } from '../errors.ts'
import { keepCopies } from '../evidence/keep-copies.ts'
import { knownPlaces } from '../evidence/known-places.ts'
import { isWithin, reachOf } from '../permissions.ts'
import type { EvidenceStore, Staged } from '../ports/evidence-store.ts'
import type { PhotoAnalyser } from '../ports/photo-analyser.ts'
import type { Found, PhotoLikeness } from '../ports/photo-likeness.ts'
import type { SowSource } from '../ports/sow-source.ts'
import type { Stored } from '../ports/ticket-store.ts'
import type { Principal } from '../principal.ts'

export type PhotoDeps = ChangeDeps & {
  readonly evidence: EvidenceStore
  readonly analyser: PhotoAnalyser
  readonly likeness: PhotoLikeness
  readonly sow: SowSource
}

export type AddPhoto = {
  readonly ticketId: TicketId
  readonly step: StepKey
  /** Made by the client: the same photo sent twice is one photo. */
  readonly photoId: string
  readonly filename: string
  /** When it was taken in the field, as the client says. */
  readonly doneAt: Instant | null
  readonly content: AsyncIterable<Uint8Array>
}

/**
 * A photo proves a step. Received, judged by its bytes, kept for good, and only then written to the ticket; whatever
 * fails before that leaves no trace but an unreferenced object. A photo with a known id answers as it did the first
 * time, to whoever took it also after the ticket became someone else's.
 */
export const addPhoto =
  (deps: PhotoDeps) =>
  (principal: Principal, photo: AddPhoto): TE.TaskEither<AppError, Stored> =>
    pipe(
      evenDeleted(deps, photo.ticketId),
      TE.flatMap((stored) => {
        const known = stored.ticket.photos.find(({ id }) => id === photo.photoId)
        const again = known === undefined ? E.right(stored) : sameAgain(stored, known, photo)
        return known?.uploadedBy === principal.userId
          ? TE.fromEither(again)
          : pipe(
              TE.fromEither(lateOrPermitted(principal, stored)),
              TE.flatMap(() => (known === undefined ? receive(deps, principal, photo, stored) : TE.fromEither(again))),
            )
      }),
    )

const evenDeleted = ({ tickets }: PhotoDeps, id: TicketId): TE.TaskEither<AppError, Stored> =>
  pipe(
    tickets.load([id], { deleted: true }),
    TE.flatMap(([stored]) => (stored === undefined ? TE.left(notFound('Ticket', id)) : TE.right(stored))),
  )

/** A late photo of someone who once had the ticket is refused by name; to anyone else the ticket is not there. */
const lateOrPermitted = (principal: Principal, { ticket, assignedEver }: Stored): E.Either<AppError, null> => {
  const once = [principal.userId, principal.contractorId, ...principal.teams].some(
    (who) => who !== null && assignedEver.includes(who),
  )
  const isTold = once && reachOf(principal, 'add_photo') !== null
  if (ticket.deletedAt !== null) return E.left(isTold ? tooLate(ticket) : notFound('Ticket', ticket.id))
  const sees = isWithin(reachOf(principal, 'read_ticket'), principal, ticket)
  if (!sees && isTold) return E.left({ type: 'PhotoTooLate', why: 'reassigned', ticketUid: ticket.uid ?? '' })
  return permit(principal, 'add_photo', ticket)
}

const sameAgain = (stored: Stored, known: Photo, { step }: AddPhoto): E.Either<AppError, Stored> =>
  known.step === step ? E.right(stored) : E.left({ type: 'PhotoOfAnotherStep', photoId: known.id, step: known.step })

/** Refused before a byte is stored, when the ticket takes no photos any more. */
const stillTakesPhotos = ({ ticket }: Stored): E.Either<AppError, null> =>
  isOpenToFacts(ticket) ? E.right(null) : E.left(tooLate(ticket))

const receive = (
  deps: PhotoDeps,
  principal: Principal,
  photo: AddPhoto,
  stored: Stored,
): TE.TaskEither<AppError, Stored> => {
  const { limits } = stored.settings
  return pipe(
    TE.fromEither(stillTakesPhotos(stored)),
    TE.flatMap(() => deps.evidence.stage(photo.content, limits.photoBytes)),
    TE.flatMap((staged) =>
      pipe(
        keep(deps, photo, stored, staged),
        TE.tapError(() => deps.evidence.discard(staged)),
        TE.flatMap((kept) => write(deps, principal, photo, kept)),
        TE.orElse((error) =>
          error.type === 'NotFound' ? goneMeanwhile(deps, principal, photo, error) : TE.left(error),
        ),
      ),
    ),
  )
}

/** The ticket was deleted or left the uploader's sight while the photo was on its way: it is late, and refused by name like any other. */
const goneMeanwhile = (
  deps: PhotoDeps,
  principal: Principal,
  { ticketId }: AddPhoto,
  error: NotFound,
): TE.TaskEither<AppError, never> =>
  pipe(
    evenDeleted(deps, ticketId),
    TE.flatMap((stored) => TE.fromEither(lateOrPermitted(principal, stored))),
    TE.flatMap(() => TE.left<AppError>(error)),
  )

type Kept = {
  readonly analysis: PhotoAnalysis
  readonly object: StoredObject
  readonly copies: PhotoCopies | null
  readonly places: ReadonlyArray<Coordinates>
  readonly at: Instant
}

const keep = (deps: PhotoDeps, photo: AddPhoto, stored: Stored, staged: Staged): TE.TaskEither<AppError, Kept> => {
  const at = deps.now()
  const { limits, minimumSize } = stored.settings
  return pipe(
    deps.analyser.analyse(staged.content, {
      step: photo.step,
      minimumSize: minimumSizeOf(photo.step, minimumSize),
      pixels: limits.pixels,
      at,
    }),
    TE.bindTo('analysis'),
    TE.bindW('places', ({ analysis }) => knownPlaces(deps.sow, stored.ticket, analysis)),
    TE.bindW('object', ({ analysis }) =>
      deps.evidence.commit(staged, { ticketId: photo.ticketId, stepKey: photo.step, extension: analysis.extension }),
    ),
    // After the original: copies may lie there unencrypted, and what breaks off here leaves none that no row names.
    TE.bindW('copies', ({ analysis }) => keepCopies(deps.evidence, photo.ticketId, analysis.copies)),
    TE.map((kept) => ({ ...kept, at })),
  )
}

/** Every earlier use of the same bytes, and of the same picture in other bytes. */
type Seen = { readonly uses: ReadonlyArray<EarlierUse>; readonly alike: Found }

const write = (deps: PhotoDeps, principal: Principal, photo: AddPhoto, kept: Kept): TE.TaskEither<AppError, Stored> => {
  const { analysis, object, copies, places } = kept
  const { checker, version } = deps.analyser
  const fingerprint = comparedBy(photo.step, analysis.fingerprint)
  return changeTicket(deps)<Seen>(
    { ticketId: photo.ticketId, principal, version: null },
    {
      action: 'add_photo',
      gather: () =>
        pipe(
          TE.Do,
          TE.apSW('uses', deps.tickets.usesOf(object.sha256)),
          TE.bindW('alike', () => deps.likeness.reusesOf(fingerprint?.probes ?? [])),
        ),
      picture: ({ uses, alike }) => ({
        photoId: photo.photoId,
        sha256: object.sha256,
        seen: uses.length,
        likeness: fingerprint === null ? null : { fingerprint, upTo: alike.upTo },
      }),
      decide: ({ ticket, settings, facts, usedBytes }, stamp, { uses, alike }) => {
        const reuse = judgeReuse(
          {
            sha256: object.sha256,
            ticketId: ticket.id,
            stepKey: photo.step,
            drNumber: ticket.place.dr,
            paperwork: ticket.paperwork,
          },
          uses.filter((use) => use.photoId !== photo.photoId),
          { checker, version, at: stamp.at },
          isComparable(photo.step, analysis) ? alike.uses.filter((use) => use.photoId !== photo.photoId) : null,
        )
        const likeness = likenessAtFirst(photo.step, analysis.fingerprint, { checker, version, at: stamp.at })
        const captured = judgeCapture(
          {
            id: photo.photoId,
            step: photo.step,
            cycle: ticket.rectificationCount,
            capturedAt: analysis.capturedAt,
            takenAt: analysis.takenAt,
            arrivedAt: stamp.at,
          },
          ticket,
          places,
          settings.capture,
          { checker, version, at: stamp.at },
        )
        return pipe(
          ticket,
          decide(
            {
              ...stamp,
              limitBytes: settings.limits.ticketBytes,
              usedBytes,
              photo: {
                id: photo.photoId,
                step: photo.step,
                filename: photo.filename,
                mime: analysis.mime,
                width: analysis.width,
                height: analysis.height,
                object,
                copies,
                capturedAt: analysis.capturedAt,
                doneAt: photo.doneAt,
                verdicts: [...analysis.verdicts, ...captured, reuse, likeness],
              },
            },
            facts,
          ),
          judgingSequenceAgain(settings.capture, { checker, version }, stamp),
        )
      },
    },
  )
}
