import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { newestOf } from '../../domain/evidence/blocking.ts'
import type { PhotoAnalysis, PhotoRefusal, Verdict } from '../../domain/evidence/evidence.ts'
import { judgeCapture } from '../../domain/evidence/judge-capture.ts'
import { hashesIn, likenessAtFirst } from '../../domain/evidence/judge-likeness.ts'
import { minimumSizeOf } from '../../domain/evidence/limits.ts'
import type { Photo } from '../../domain/evidence/photo.ts'
import { judgePhotoAgain } from '../../domain/ticket/judge-photo-again.ts'
import { judgingSequenceAgain } from '../../domain/ticket/judge-sequence-again.ts'
import { changeTicket, loadOne, notFound } from '../change.ts'
import type { AppError } from '../errors.ts'
import type { EvidenceStore } from '../ports/evidence-store.ts'
import type { Schedule } from '../ports/job-queue.ts'
import type { PhotoAnalyser } from '../ports/photo-analyser.ts'
import type { PhotoBacklog, PhotoToCompare, PhotoToJudge } from '../ports/photo-backlog.ts'
import type { SowSource } from '../ports/sow-source.ts'
import type { Stored } from '../ports/ticket-store.ts'
import { systemPrincipal } from '../principal.ts'
import { type CompareDeps, compareFromNow, compareWithOthers } from './compare-from-now.ts'
import { keepCopies } from './keep-copies.ts'
import { knownPlaces } from './known-places.ts'

export type JudgeAgainDeps = CompareDeps & {
  readonly backlog: PhotoBacklog
  readonly evidence: EvidenceStore
  readonly analyser: PhotoAnalyser
  readonly sow: SowSource
}

/**
 * `compared`: given hashes, or told what they look like; `failed`: could not be read or written; they are listed again the
 * next time.
 */
export type JudgedAgain = { readonly judged: number; readonly compared: number; readonly failed: number }

/** At most so many photos in one run; what is left is listed the next time. */
export type JudgingBounds = { readonly most: number; readonly signal: AbortSignal | null }

const AT_ONCE = 100
/** Of one daily run: opening a photo takes about half a second. */
const MOST_A_DAY = 5_000

/**
 * Judges every photo that an earlier checker judged, or that was not judged to the end, from its stored original; and makes
 * the hashes of those that were stored without. Safe to run again and in two processes at once; photos of finished tickets
 * keep the verdicts they were approved with, but later photos are compared with them.
 */
export const judgePhotosAgain =
  (deps: JudgeAgainDeps) =>
  ({ most, signal }: JudgingBounds): TE.TaskEither<AppError, JudgedAgain> =>
  async () => {
    const bounds = { signal, left: most }
    const judged = await eachOf(
      (after) => deps.backlog.notJudgedBy(deps.analyser, after, AT_ONCE),
      (photo) => judgeOne(deps, photo),
      bounds,
    )
    if (E.isLeft(judged)) return judged
    const compared = await eachOf(
      (after) => deps.backlog.notCompared(after, AT_ONCE),
      (photo) => compareOne(deps, photo),
      bounds,
    )
    return E.isLeft(compared)
      ? compared
      : E.right({
          judged: judged.right.done,
          compared: compared.right.done,
          failed: judged.right.failed + compared.right.failed,
        })
  }

/** The daily run. */
export const judgePhotosDaily = (
  deps: JudgeAgainDeps & { readonly onJudged: (done: JudgedAgain) => void },
): Schedule => ({
  name: 'judge_photos',
  everySeconds: 86_400,
  run: async (signal) => {
    const done = await judgePhotosAgain(deps)({ most: MOST_A_DAY, signal })()
    if (E.isLeft(done)) throw new Error(done.left.type)
    deps.onJudged(done.right)
  },
})

type Bounds = { readonly signal: AbortSignal | null; left: number }

/** Page by page, each photo once, failed ones too. */
const eachOf = async <A extends PhotoToJudge>(
  list: (after: string | null) => TE.TaskEither<AppError, ReadonlyArray<A>>,
  handle: (photo: A) => TE.TaskEither<AppError, unknown>,
  bounds: Bounds,
): Promise<E.Either<AppError, { readonly done: number; readonly failed: number }>> => {
  let after: string | null = null
  let [done, failed] = [0, 0]
  for (;;) {
    const page: E.Either<AppError, ReadonlyArray<A>> = await list(after)()
    if (E.isLeft(page)) return page
    for (const photo of page.right) {
      if (bounds.left === 0 || bounds.signal?.aborted === true) return E.right({ done, failed })
      bounds.left -= 1
      if (E.isRight(await handle(photo)())) done += 1
      else failed += 1
    }
    const last = page.right.at(-1)
    if (last === undefined || page.right.length < AT_ONCE) return E.right({ done, failed })
    after = last.photoId
  }
}

const compareOne = (
  deps: JudgeAgainDeps,
  { ticketId, photoId, hashed }: PhotoToCompare,
): TE.TaskEither<AppError, unknown> =>
  pipe(
    deps.tickets.load([ticketId], { deleted: true }),
    TE.flatMapEither(([stored]) =>
      stored === undefined
        ? E.left(notFound('Ticket', ticketId))
        : pipe(
            photoOf(stored, photoId),
            E.map((photo) => ({ stored, photo })),
          ),
    ),
    TE.flatMap(({ stored, photo }) =>
      hashed
        ? compareWithOthers(deps, stored.ticket, photo)
        : pipe(
            analysed(deps, stored, photo),
            TE.map((analysis) => hashesIn(photo.step, analysis)),
            TE.flatMap((hashes) =>
              hashes === null
                ? TE.left<AppError>({ type: 'Unavailable', what: 'photos' })
                : compareFromNow(deps, stored.ticket, photo, hashes),
            ),
          ),
    ),
  )

/** Compared before anything else is written: a photo whose analysis was unfinished stays blocked until it is known whose picture it is. */
const judgeOne = (deps: JudgeAgainDeps, { ticketId, photoId }: PhotoToJudge): TE.TaskEither<AppError, unknown> =>
  pipe(
    loadOne(deps, ticketId),
    TE.bindTo('stored'),
    TE.bind('photo', ({ stored }) => TE.fromEither(photoOf(stored, photoId))),
    TE.bind('analysis', ({ stored, photo }) => analysed(deps, stored, photo)),
    TE.bindW('places', ({ stored, analysis }) => knownPlaces(deps.sow, stored.ticket, analysis)),
    TE.bindW('copies', ({ analysis }) => keepCopies(deps.evidence, ticketId, analysis.copies)),
    TE.tap(({ stored, photo, analysis }) => {
      const hashes = hashesIn(photo.step, analysis)
      return hashes === null ? TE.right(null) : compareFromNow(deps, stored.ticket, photo, hashes)
    }),
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
                    ...likenessOf(deps, ticket.photos.find(({ id }) => id === photoId) ?? photo, analysis, stamp.at),
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

/** What it says before it is compared, unless that is told already. */
const likenessOf = (
  { analyser: { checker, version } }: JudgeAgainDeps,
  photo: Photo,
  { fingerprint }: PhotoAnalysis,
  at: string,
): ReadonlyArray<Verdict> => {
  const outcome = newestOf('likeness', photo.verdicts)?.outcome
  return outcome === undefined || outcome === 'unverifiable'
    ? [likenessAtFirst(photo.step, fingerprint, { checker, version, at })]
    : []
}

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
