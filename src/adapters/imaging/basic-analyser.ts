import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import sharp, { type Metadata } from 'sharp'
import type { StagedContent } from '../../application/ports/evidence-store.ts'
import type { PhotoAnalyser, PhotoDemands } from '../../application/ports/photo-analyser.ts'
import type { Judge, PhotoAnalysis, PhotoRefusal, PictureMime, Verdict } from '../../domain/evidence/evidence.ts'
import { judgeSize } from '../../domain/evidence/judge-size.ts'
import { captureTime } from './capture-time.ts'
import { documentExtensions, type FileKind, fileKind, pictureExtensions } from './file-kind.ts'

const CHECKER = 'basic'
const VERSION = '1'
const DECODING_SECONDS = 10

/** Judges header and decoding alone, with nothing of what the picture shows. */
export const basicAnalyser = (): PhotoAnalyser => {
  // Each upload is read once: a cache would only keep files open that are gone.
  sharp.cache(false)
  return {
    checker: CHECKER,
    version: VERSION,
    analyse: (content, demands) =>
      pipe(
        fileKind(content),
        TE.flatMap((kind) =>
          isOneOf(pictureExtensions, kind.found)
            ? pictureOf(content, { ...kind, found: kind.found }, demands)
            : TE.left({
                type: 'UnsupportedPhotoType' as const,
                found: kind.found,
                allowed: Object.keys(pictureExtensions),
              }),
        ),
      ),
    identifyDocument: (content) =>
      pipe(
        fileKind(content),
        TE.flatMap(({ found }) =>
          isOneOf(documentExtensions, found)
            ? TE.right({ mime: found, extension: documentExtensions[found] })
            : TE.left({
                type: 'UnsupportedDocumentType' as const,
                found,
                allowed: Object.keys(documentExtensions),
              }),
        ),
      ),
  }
}

const isOneOf = <K extends string>(allowed: Readonly<Record<K, string>>, found: string): found is K =>
  Object.hasOwn(allowed, found)

const pictureOf =
  (
    content: StagedContent,
    { found: mime, sizeBytes }: FileKind & { readonly found: PictureMime },
    { minimumSize, pixels, at }: PhotoDemands,
  ): TE.TaskEither<PhotoRefusal, PhotoAnalysis> =>
  async () => {
    const judge: Judge = { checker: CHECKER, version: VERSION, at }
    const input = content.type === 'bytes' ? content.bytes : content.path
    const header = await headerOf(input)
    const common = { mime, extension: pictureExtensions[mime], sizeBytes }
    if (header === null) {
      const verdicts = [undecodable(judge, mime, 'its header cannot be read'), sizeUnknown(judge)]
      return E.right({
        ...common,
        width: null,
        height: null,
        capturedAt: null,
        takenAt: null,
        copies: null,
        fingerprint: null,
        verdicts,
      })
    }
    const { width, height } = header.autoOrient
    if (width * height > pixels) return E.left({ type: 'TooManyPixels', pixels: width * height, limit: pixels })
    return E.right({
      ...common,
      width,
      height,
      takenAt: null,
      copies: null,
      fingerprint: null,
      capturedAt: header.exif === undefined ? null : captureTime(header.exif),
      verdicts: [await judgeDecoding(judge, mime, input, pixels), judgeSize({ width, height }, minimumSize, judge)],
    })
  }

/** The header alone costs the same for a picture of any size, so its own limit is ours to judge. */
const headerOf = (input: string | Uint8Array): Promise<Metadata | null> =>
  sharp(input, { limitInputPixels: false })
    .metadata()
    .catch(() => null)

/** Reads the whole file, at the smallest scale that still does: a picture cut short shows only at its end. */
const judgeDecoding = async (
  judge: Judge,
  mime: PictureMime,
  input: string | Uint8Array,
  pixels: number,
): Promise<Verdict> => {
  try {
    await sharp(input, { limitInputPixels: pixels, failOn: 'warning' })
      .resize(32, 32, { fit: 'fill', kernel: 'nearest' })
      .timeout({ seconds: DECODING_SECONDS })
      .raw()
      .toBuffer()
    return { ...judge, check: 'decodable', outcome: 'pass', reason: 'The picture can be opened', evidence: { mime } }
  } catch (cause) {
    const detail = String(cause).replace(/\n.*/s, '')
    return detail.startsWith('Error: timeout')
      ? {
          ...judge,
          check: 'decodable',
          outcome: 'unverifiable',
          reason: `Opening the picture took longer than ${DECODING_SECONDS} s`,
          evidence: { mime },
        }
      : undecodable(judge, mime, detail)
  }
}

const undecodable = (judge: Judge, mime: PictureMime, detail: string): Verdict => ({
  ...judge,
  check: 'decodable',
  outcome: 'block',
  reason:
    mime === 'image/heic'
      ? 'HEIC pictures cannot be opened here: set the camera to JPEG and send it again'
      : 'The picture is damaged or incomplete: take or send it again',
  evidence: { mime, detail },
})

const sizeUnknown = (judge: Judge): Verdict => ({
  ...judge,
  check: 'size',
  outcome: 'not_judged',
  reason: 'A picture that cannot be opened has no size',
  evidence: {},
})
