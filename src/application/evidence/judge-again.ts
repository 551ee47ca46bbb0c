import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { PhotoAnalysis, PhotoRefusal, Verdict } from '../../domain/evidence/evidence.ts'
import { judgeCapture } from '../../domain/evidence/judge-capture.ts'
import { minimumSizeOf } from '../../domain/evidence/limits.ts'
import type { Photo } from '../../domain/evidence/photo.ts'
import { judgePhotoAgain } from '../../domain/ticket/judge-photo-again.ts'
import { judgingSequenceAgain } from '../../domain/ticket/judge-sequence-again.ts'
import { type ChangeDeps, changeTicket, loadOne, notFound } from '../change.ts'
import type { AppError } from '../errors.ts'
import type { EvidenceStore } from '../ports/evidence-store.ts'
import type { PhotoAnalyser } from '../ports/photo-analyser.ts'
import type { PhotoBacklog, PhotoToJudge } from '../ports/photo-backlog.ts'
import type { SowSource } from '../ports/sow-source.ts'
import type { Stored } from '../ports/ticket-store.ts'
import { systemPrincipal } from '../principal.ts'
import { keepCopies } from './keep-copies.ts'
import { knownPlaces } from './known-places.ts'

export type JudgeAgainDeps = ChangeDeps & {
  readonly backlog: PhotoBacklog
  readonly evidence: EvidenceStore
  readonly analyser: PhotoAnalyser
  readonly sow: SowSource
}

/** `failed`: could not be read or written; they are listed again the next time. */
export type JudgedAgain = { readonly judged: number; readonly failed: number }

const AT_ONCE = 100

/**
 * Judges every photo that an earlier checker judged, or that was not judged to the end, from its stored original. Safe to
 * run again and in two processes at once; photos of finished tickets keep the verdicts they were approved with.
 */
export const judgePhotosAgain =
  (deps: JudgeAgainDeps): TE.TaskEither<AppError, JudgedAgain> =>
  async () => {
    let after: string | null = null
    let done: JudgedAgain = { judged: 0, failed: 0 }
    for (;;) {
      const page: E.Either<AppError, ReadonlyArray<PhotoToJudge>> = await deps.backlog.notJudgedBy(
        deps.analyser,
        after,
        AT_ONCE,
      )()
      if (E.isLeft(page)) return page
      for (const photo of page.right) {
        const judged = await judgeOne(deps, photo)()
        done = E.isRight(judged) ? { ...done, judged: done.judged + 1 } : { ...done, failed: done.failed + 1 }
      }
      const last = page.right.at(-1)
      if (last === undefined || page.right.length < AT_ONCE) return E.right(done)
      after = last.photoId
    }
  }

const judgeOne = (deps: JudgeAgainDeps, { ticketId, photoId }: PhotoToJudge): TE.TaskEither<AppError, Stored> =>
  pipe(
    loadOne(deps, ticketId),
    TE.bindTo('stored'),
    TE.bind('photo', ({ stored }) => TE.fromEither(photoOf(stored, photoId))),
    TE.bind('analysis', ({ stored, photo }) => analysed(deps, stored, photo)),
    TE.bindW('places', ({ stored, analysis }) => knownPlaces(deps.sow, stored.ticket, analysis)),
    TE.bindW('copies', ({ analysis }) => keepCopies(deps.evidence, ticketId, analysis.copies)),
    TE.flatMap(({ photo, analysis, places, copies }) =>
      changeTicket(deps)(
        { ticketId, principal: systemPrincipal, version: null },
        {
          action: 'judge_photo_again',
          gather: () => TE.right(null),
          decide: ({ ticket, settings, facts }, stamp) =>
            pipe(
              ticket,
              judgePhotoAgain(
                {
                  ...stamp,
                  photoId,
                  found: { width: analysis.width, height: analysis.height, capturedAt: analysis.capturedAt, copies },
                  verdicts: [
                    ...analysis.verdicts,
                    ...judgeCapture({ ...photo, ...analysis }, ticket, places, settings.capture, {
                      checker: deps.analyser.checker,
                      version: deps.analyser.version,
                      at: stamp.at,
                    }),
                  ],
                },
                facts,
              ),
              judgingSequenceAgain(settings.capture, deps.analyser, stamp),
            ),
        },
      ),
    ),
  )

const photoOf = ({ ticket }: Stored, photoId: string): E.Either<AppError, Photo> => {
  const photo = ticket.photos.find(({ id }) => id === photoId)
  return photo === undefined ? E.left(notFound('Photo', photoId)) : E.right(photo)
}

/** The original as it lies in storage; what would be refused at the door today cannot be evidence either. */
const analysed = (
  deps: JudgeAgainDeps,
  { settings: { limits, minimumSize } }: Stored,
  photo: Photo,
): TE.TaskEither<AppError, PhotoAnalysis> => {
  const at = deps.now()
  return pipe(
    deps.evidence.open(photo.object),
    TE.flatMap((content) =>
      TE.tryCatch<AppError, Uint8Array>(
        () => wholeOf(content),
        () => ({ type: 'StorageUnavailable', reason: 'READ' }),
      ),
    ),
    TE.flatMap((bytes) =>
      deps.analyser.analyse(
        { type: 'bytes', bytes },
        { step: photo.step, minimumSize: minimumSizeOf(photo.step, minimumSize), pixels: limits.pixels, at },
      ),
    ),
    TE.orElse((error) => (isRefusal(error) ? TE.right(refused(deps, photo, error, at)) : TE.left(error))),
  )
}

const wholeOf = async (content: AsyncIterable<Uint8Array>): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = []
  for await (const chunk of content) chunks.push(chunk)
  return Buffer.concat(chunks)
}

const REFUSALS: ReadonlySet<string> = new Set<PhotoRefusal['type']>([
  'UnsupportedPhotoType',
  'TooManyPixels',
  'PhotoHidesAnotherFile',
])
const isRefusal = (error: AppError): error is PhotoRefusal => REFUSALS.has(error.type)

const refused = (
  { analyser: { checker, version } }: JudgeAgainDeps,
  photo: Photo,
  refusal: PhotoRefusal,
  at: string,
): PhotoAnalysis => {
  const verdict = (check: Verdict['check'], outcome: Verdict['outcome']): Verdict => ({
    check,
    outcome,
    checker,
    version,
    at,
    reason: 'The file would be refused today: take the photo again',
    evidence: { refusal: refusal.type },
  })
  return {
    mime: photo.mime as PhotoAnalysis['mime'],
    extension: '',
    sizeBytes: photo.object.size,
    width: photo.width,
    height: photo.height,
    capturedAt: photo.capturedAt,
    takenAt: null,
    copies: null,
    fingerprint: null,
    verdicts: [
      verdict('decodable', 'block'),
      ...(['size', 'blank', 'black'] as const).map((check) => verdict(check, 'not_judged')),
    ],
  }
}
