import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { StagedContent, StorageUnavailable } from '../../application/ports/evidence-store.ts'
import type { PhotoAnalyser, PhotoDemands } from '../../application/ports/photo-analyser.ts'
import type { PhotoClassifier } from '../../application/ports/photo-classifier.ts'
import type {
  DocumentMime,
  DocumentRefusal,
  Judge,
  MinimumSize,
  PhotoAnalysis,
  PhotoRefusal,
  PictureMime,
  Verdict,
} from '../../domain/evidence/evidence.ts'
import { barcodeOf, judgeBarcode } from '../../domain/evidence/judge-barcode.ts'
import { judgeBlur } from '../../domain/evidence/judge-blur.ts'
import { judgeLight } from '../../domain/evidence/judge-light.ts'
import { judgeByMeasures, judgeConfidence } from '../../domain/evidence/judge-relevance.ts'
import { judgeSize } from '../../domain/evidence/judge-size.ts'
import { isExempt } from '../../domain/evidence/limits.ts'
import type { StepKey } from '../../domain/verification/steps.ts'
import { wrongEndOfPdf, wrongEndOfWorkbook } from './document-ends.ts'
import { documentExtensions, type FileKind, fileKind, pictureExtensions } from './file-kind.ts'
import type { Look, Seen } from './look.ts'
import type { Answered, Unfinished } from './photo-process.ts'

const CHECKER = 'full'
const VERSION = '1'

/** With another model it is another checker: photos of open tickets are judged again by it. */
export const versionWith = (model: string): string => `${VERSION}+${model.slice(0, 12)}`

export type Looking = {
  /** Opens a picture, in a process of its own. */
  readonly look: (picture: Look) => Promise<Answered>
  /** The operator's model; null where there is none. */
  readonly classifier: PhotoClassifier | null
}

/** Judges all that one picture says by itself: format, size, light, sharpness, labels, camera time and place. */
export const photoAnalyser = (looking: Looking, version: string = VERSION): PhotoAnalyser => ({
  checker: CHECKER,
  version,
  analyse: (content, demands) =>
    pipe(
      fileKind(content),
      TE.flatMap((kind) =>
        isOneOf(pictureExtensions, kind.found)
          ? analysisOf(looking, content, { ...kind, found: kind.found }, { ...demands, version })
          : TE.left({
              type: 'UnsupportedPhotoType' as const,
              found: kind.found,
              allowed: Object.keys(pictureExtensions),
            }),
      ),
    ),
  identifyDocument: (content, pixels) =>
    pipe(
      fileKind(content),
      TE.flatMap(({ found }) =>
        isOneOf(documentExtensions, found)
          ? pipe(
              documentRefusal(looking, content, found, pixels),
              TE.map(() => ({ mime: found, extension: documentExtensions[found] })),
            )
          : TE.left<DocumentRefusal | StorageUnavailable>({
              type: 'UnsupportedDocumentType',
              found,
              allowed: Object.keys(documentExtensions),
            }),
      ),
    ),
})

const isOneOf = <K extends string>(allowed: Readonly<Record<K, string>>, found: string): found is K =>
  Object.hasOwn(allowed, found)

/** A scan is opened like a photo; of the others the end alone is looked at, and nothing is unpacked. */
const documentRefusal =
  (
    { look }: Looking,
    content: StagedContent,
    mime: DocumentMime,
    pixels: number,
  ): TE.TaskEither<DocumentRefusal | StorageUnavailable, null> =>
  async () => {
    const damaged = (detail: string) => E.left({ type: 'DocumentDamaged' as const, found: mime, detail })
    if (mime !== 'image/jpeg' && mime !== 'image/png') {
      const wrong = await (mime === 'application/pdf' ? wrongEndOfPdf(content) : wrongEndOfWorkbook(content)).catch(
        (cause: NodeJS.ErrnoException) => ({ type: 'failed' as const, code: String(cause.code) }),
      )
      switch (wrong?.type) {
        case undefined:
          return E.right(null)
        case 'cut short':
          return damaged('it stops before its end')
        case 'hides':
          return E.left({ type: 'DocumentHidesAnotherFile', found: wrong.found })
        case 'failed':
          return E.left({ type: 'StorageUnavailable', reason: wrong.code })
      }
    }
    const answer = await look({ content, mime, pixels, barcode: null, compared: false })
    switch (answer.type) {
      case 'seen':
        return E.right(null)
      case 'failed':
        return E.left({ type: 'StorageUnavailable', reason: answer.code })
      case 'undecodable':
        return damaged(answer.detail)
      case 'unfinished':
        return damaged(`it could not be opened: ${WHY[answer.why]}`)
      case 'refused':
        return E.left(
          answer.refusal.type === 'TooManyPixels'
            ? answer.refusal
            : { type: 'DocumentHidesAnotherFile', found: answer.refusal.found },
        )
    }
  }

type Kind = FileKind & { readonly found: PictureMime }

const analysisOf =
  (
    { look, classifier }: Looking,
    content: StagedContent,
    { found: mime, sizeBytes }: Kind,
    { step, minimumSize, pixels, at, version }: PhotoDemands & { readonly version: string },
  ): TE.TaskEither<PhotoRefusal | StorageUnavailable, PhotoAnalysis> =>
  async () => {
    const judge: Judge = { checker: CHECKER, version, at }
    const common = { mime, extension: pictureExtensions[mime], sizeBytes }
    const nothing = {
      width: null,
      height: null,
      capturedAt: null,
      takenAt: null,
      copies: null,
      fingerprint: null,
    }
    const compared = !isExempt('likeness', step)
    const answer = await look({ content, mime, pixels, barcode: barcodeOf(step), compared })
    switch (answer.type) {
      case 'refused':
        return E.left(answer.refusal)
      case 'failed':
        return E.left({ type: 'StorageUnavailable', reason: answer.code })
      case 'unfinished':
        return E.right({ ...common, ...nothing, verdicts: [unfinished(answer, judge)] })
      case 'undecodable': {
        const { sides, capturedAt, takenAt, detail } = answer
        const verdicts = [undecodable(judge, mime, detail), ...unseen(sides, minimumSize, judge)]
        return E.right({ ...common, ...nothing, ...sides, capturedAt, takenAt, verdicts })
      }
      case 'seen': {
        const { width, height, capturedAt, takenAt, copies, fingerprint } = answer
        const verdicts = [
          ...verdictsOn(answer, mime, step, minimumSize, judge),
          await relevanceOf(answer, classifier, step, judge),
        ]
        return E.right({ ...common, width, height, capturedAt, takenAt, copies, fingerprint, verdicts })
      }
    }
  }

const verdictsOn = (
  { width, height, measures, serials }: Seen,
  mime: PictureMime,
  step: StepKey,
  minimumSize: MinimumSize | null,
  judge: Judge,
): ReadonlyArray<Verdict> => [
  { ...judge, check: 'decodable', outcome: 'pass', reason: 'The picture can be opened', evidence: { mime } },
  judgeSize({ width, height }, minimumSize, judge),
  ...judgeLight(
    { meanLuma: measures.meanLuma, lumaSpread: measures.lumaSpread, brightest: measures.brightest },
    step,
    judge,
  ),
  judgeBlur(measures, judge),
  ...(serials === null ? [] : [judgeBarcode(serials, judge)]),
]

/** A model that fails leaves the question to a person, and says why. */
const relevanceOf = async (
  { copies, measures }: Seen,
  classifier: PhotoClassifier | null,
  step: StepKey,
  judge: Judge,
): Promise<Verdict> => {
  const counted = judgeByMeasures(measures, step, judge)
  if (classifier === null || counted.outcome === 'warn') return counted
  const said = await classifier.classify(copies.thumbnail, step)()
  return E.isRight(said)
    ? judgeConfidence(said.right, step, judge)
    : { ...counted, reason: `${counted.reason}: ${said.left.reason}` }
}

const WHY: { readonly [W in Unfinished['why']]: string } = {
  time: 'it took too long',
  memory: 'it took too much memory',
  crash: 'it ended unexpectedly',
}

const unfinished = ({ why, detail }: Unfinished, judge: Judge): Verdict => ({
  ...judge,
  check: 'decodable',
  outcome: 'unverifiable',
  reason: `The analysis did not finish: ${WHY[why]}`,
  evidence: { why, detail },
})

const undecodable = (judge: Judge, mime: PictureMime, detail: string): Verdict => ({
  ...judge,
  check: 'decodable',
  outcome: 'block',
  reason:
    mime === 'image/heic'
      ? 'This HEIC picture cannot be opened: set the camera to JPEG and send it again'
      : 'The picture is damaged or incomplete: take or send it again',
  evidence: { mime, detail },
})

/** What asks for pixels has none to look at: the one verdict that blocks is that it cannot be opened. */
const unseen = (
  sides: { readonly width: number; readonly height: number } | null,
  minimumSize: MinimumSize | null,
  judge: Judge,
): ReadonlyArray<Verdict> => {
  const notJudged = (check: Verdict['check']): Verdict => ({
    ...judge,
    check,
    outcome: 'not_judged',
    reason: 'The picture cannot be opened',
    evidence: {},
  })
  return [
    sides === null ? notJudged('size') : judgeSize(sides, minimumSize, judge),
    ...(['blank', 'black', 'dark', 'blur', 'relevance'] as const).map(notJudged),
  ]
}
