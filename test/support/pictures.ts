import sharp, { type Sharp } from 'sharp'

export type PictureWish = {
  readonly width?: number
  readonly height?: number
  /** Pictures of different seeds have different bytes; the same wish gives the same bytes. */
  readonly seed: number
  /** EXIF capture time as a camera writes it, `2026:11:20 09:30:00`. */
  readonly takenAt?: string
  /** EXIF zone of the capture time, `+02:00`. */
  readonly offset?: string
  /** EXIF orientation, 1 to 8; 5 to 8 swap width and height. */
  readonly orientation?: number
}

/** A blotchy picture of 640 x 480 unless asked otherwise: about 10 kB, a few milliseconds. */
export const jpeg = (wish: PictureWish): Promise<Buffer> => picture(wish).jpeg({ quality: 60 }).toBuffer()

export const png = (wish: PictureWish): Promise<Buffer> => picture(wish, 'nearest').png().toBuffer()

export const webp = (wish: PictureWish): Promise<Buffer> => picture(wish).webp({ quality: 40 }).toBuffer()

/** The smallest file that opens as a PDF, unique by seed. */
export const pdf = (seed: number): Buffer =>
  Buffer.from(
    `%PDF-1.4\n% ${seed}\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 0/Kids[]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n`,
  )

const COLUMNS = 16
const ROWS = 12

const picture = (
  { width = 640, height = 480, seed, takenAt, offset, orientation }: PictureWish,
  kernel: 'cubic' | 'nearest' = 'cubic',
): Sharp => {
  const next = randomBytesFrom(seed)
  const blotches = Uint8Array.from({ length: COLUMNS * ROWS * 3 }, next)
  const scaled = sharp(blotches, { raw: { width: COLUMNS, height: ROWS, channels: 3 } }).resize(width, height, {
    fit: 'fill',
    kernel,
  })
  const times = {
    ...(takenAt === undefined ? {} : { DateTimeOriginal: takenAt }),
    ...(offset === undefined ? {} : { OffsetTimeOriginal: offset }),
  }
  const timed = Object.keys(times).length === 0 ? scaled : scaled.withExif({ IFD2: times })
  return orientation === undefined ? timed : timed.withMetadata({ orientation })
}

/** mulberry32: the same bytes for the same seed on every machine. */
const randomBytesFrom = (seed: number): (() => number) => {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return (mixed ^ (mixed >>> 14)) & 255
  }
}
