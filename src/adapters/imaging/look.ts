import { readFile } from 'node:fs/promises'
import sharp, { type Metadata, type Sharp } from 'sharp'
import type { StagedContent } from '../../application/ports/evidence-store.ts'
import type { CopyBytes, PhotoRefusal, PictureMeasures, PictureMime } from '../../domain/evidence/evidence.ts'
import type { BarcodeKind } from '../../domain/evidence/judge-barcode.ts'
import type { Fingerprint } from '../../domain/evidence/likeness.ts'
import { type CameraSays, cameraSays } from './camera-says.ts'
import { fingerprintOf } from './fingerprint.ts'
import { type RawPicture, readHeic } from './heic.ts'
import { hiddenFile } from './hidden-file.ts'
import { MEASURED_AT, measure, type Pixels } from './measures.ts'

/** One picture to look at: what it is by its first bytes, and how many pixels are the most that is ever decoded. */
export type Look = {
  readonly content: StagedContent
  readonly mime: PictureMime
  readonly pixels: number
  /** The label its step shows; null when there is none to read. */
  readonly barcode: BarcodeKind | null
  /** Whether it is compared with other photos. */
  readonly compared: boolean
}

export type Sides = { readonly width: number; readonly height: number }

/** Everything that one decoding of a picture gives. */
export type Seen = Sides &
  CameraSays & {
    readonly type: 'seen'
    readonly measures: PictureMeasures
    readonly copies: CopyBytes
    /** null where no label is expected. */
    readonly serials: ReadonlyArray<string> | null
    /** null where its step's pictures are not compared. */
    readonly fingerprint: Fingerprint | null
  }
export type Looked =
  | Seen
  | ({ readonly type: 'undecodable'; readonly detail: string; readonly sides: Sides | null } & CameraSays)
  | { readonly type: 'refused'; readonly refusal: PhotoRefusal }

/** Long sides of the copies: a reviewer's screen, and a list. */
const VIEW = { side: 2_048, quality: 82 }
const THUMBNAIL = { side: 320, quality: 72 }

const SILENT: CameraSays = { capturedAt: null, takenAt: null }

/** Opens a picture once and takes from it everything the checks need. It throws only when the bytes cannot be read at all. */
export const look = async ({ content, mime, pixels, barcode, compared }: Look): Promise<Looked> => {
  const bytes = content.type === 'bytes' ? content.bytes : await readFile(content.path)
  const found = hiddenFile(bytes, mime)
  if (found !== null) return { type: 'refused', refusal: { type: 'PhotoHidesAnotherFile', found } }
  const header = await headerOf(bytes)
  const said = header?.exif === undefined ? SILENT : await cameraSays(header.exif)
  const sides = header === null ? null : sidesOf(header)
  if (sides !== null && sides.width * sides.height > pixels) return tooMany(sides.width * sides.height, pixels)
  try {
    const opened =
      mime === 'image/heic'
        ? await readHeic(bytes, pixels, openedHeic)
        : { picture: await reduced(decoding(bytes, pixels)) }
    if (opened === null) throw new Error('no picture inside')
    if ('tooMany' in opened) return tooMany(opened.tooMany, pixels)
    const { picture } = opened
    const { width, height } = 'sides' in opened ? opened.sides : (sides ?? picture)
    return { type: 'seen', ...said, width, height, ...(await takenFrom(picture, barcode, compared)) }
  } catch (cause) {
    return { type: 'undecodable', detail: String(cause).replace(/\n.*/s, '').slice(0, 300), sides, ...said }
  }
}

const tooMany = (count: number, limit: number): Looked => ({
  type: 'refused',
  refusal: { type: 'TooManyPixels', pixels: count, limit },
})

/** The header alone costs the same for a picture of any size, so its own limit is ours to judge. */
const headerOf = (bytes: Uint8Array): Promise<Metadata | null> =>
  sharp(bytes, { limitInputPixels: false })
    .metadata()
    .catch(() => null)

const sidesOf = ({ autoOrient: { width, height } }: Metadata): Sides => ({ width, height })

/** Any warning fails: a picture cut short shows only at its end. */
const decoding = (bytes: Uint8Array, pixels: number): Sharp =>
  sharp(bytes, { limitInputPixels: pixels, failOn: 'warning' }).autoOrient()

const openedHeic = async (raw: RawPicture) => ({
  picture: await reduced(sharp(raw.data, { raw })),
  sides: { width: raw.width, height: raw.height },
})

/** Small enough to hold, as plain red, green and blue on white. */
const reduced = async (picture: Sharp): Promise<RawPicture & { readonly channels: 3 }> => {
  const { data, info } = await picture
    .resize(VIEW.side, VIEW.side, { fit: 'inside', withoutEnlargement: true })
    .flatten({ background: '#fff' })
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  if (info.channels !== 3) throw new Error(`a picture of ${info.channels} channels`)
  return { data, width: info.width, height: info.height, channels: 3 }
}

const takenFrom = async (
  picture: RawPicture & { readonly channels: 3 },
  barcode: BarcodeKind | null,
  compared: boolean,
): Promise<Pick<Seen, 'measures' | 'copies' | 'serials' | 'fingerprint'>> => {
  const { data: rgb, width, height } = picture
  const from = (): Sharp => sharp(rgb, { raw: { width, height, channels: 3 } })
  const measured = await from()
    .resize(MEASURED_AT, MEASURED_AT, { fit: 'inside', withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true })
  const small: Pixels = { rgb: measured.data, width: measured.info.width, height: measured.info.height }
  return {
    measures: measure(small),
    copies: {
      view: await from().jpeg({ quality: VIEW.quality }).toBuffer(),
      thumbnail: await from()
        .resize(THUMBNAIL.side, THUMBNAIL.side, { fit: 'inside', withoutEnlargement: true })
        .jpeg({ quality: THUMBNAIL.quality })
        .toBuffer(),
    },
    fingerprint: compared
      ? fingerprintOf({ bytes: small.rgb, width: small.width, height: small.height, channels: 3 })
      : null,
    serials: barcode === null ? null : await serials({ rgb, width, height }, barcode),
  }
}

/** The reader of barcodes is loaded for the two steps that show one. */
const serials = async (pixels: Pixels, kind: BarcodeKind): Promise<ReadonlyArray<string>> =>
  (await import('./barcodes.ts')).serialsIn(pixels, kind)
