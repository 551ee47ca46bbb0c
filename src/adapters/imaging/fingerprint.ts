import type { Sharp } from 'sharp'
import { COMPARED_QUALITY, type Fingerprint, type PdqHash } from '../../domain/evidence/likeness.ts'
import {
  type Frame,
  hashesInAllPositions,
  hashOf,
  type Luma,
  lumaOf,
  spectrumOf,
  whole,
} from '../../domain/evidence/pdq.ts'
import { valueAt } from './value-at.ts'

/** Longer sides say no more to a hash of 64 x 64 samples; the published program, too, shrinks to 512 first. */
const LONGEST_SIDE = 512
/** Cut off each side, in per cent. Between two of them a crop is still near enough to one. */
const CROPS = [2, 4, 6, 8, 10, 15, 20]
/** Stickers, captions and clocks are put near the edges: what is inside is looked for by itself. One of the crops. */
const WITHOUT_EDGES = 20
/** Degrees by which a picture is turned back when it is looked for. */
const TURNS = [-4, -2, 2, 4]

/** Pixels as they come out of a decoder, red, green and blue first, turned upright. */
export type Pixels = {
  readonly bytes: Uint8Array
  readonly width: number
  readonly height: number
  readonly channels: number
}

/** The pixels a fingerprint is taken of: upright, at most 512 a side, on white where nothing was. Rejects on what cannot be decoded. */
export const comparablePixels = async (picture: Sharp): Promise<Pixels> => {
  const { data, info } = await picture
    .autoOrient()
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .resize(LONGEST_SIDE, LONGEST_SIDE, { fit: 'inside', withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { bytes: data, width: info.width, height: info.height, channels: info.channels }
}

/**
 * The hashes of a picture. Kept are the whole, the same without plain borders, and inner crops, so that a later crop of it is
 * found; looked for are the whole and the trimmed one in all eight positions, its inside without the edges, and the whole
 * turned back by 2 and 4 degrees. A part that is too flat is left out: flat pictures are all alike.
 */
export const fingerprintOf = ({ bytes, width, height, channels }: Pixels): Fingerprint => {
  const luma = lumaOf(bytes, width, height, channels)
  const { quality } = spectrumOf(luma)
  if (quality < COMPARED_QUALITY) return { quality, stored: [], probes: [] }
  const trimmed = withoutBorders(luma)
  const bare = trimmed === null ? null : spectrumOf(luma, trimmed)
  const barePositions =
    bare === null || bare.quality < COMPARED_QUALITY ? [] : hashesInAllPositions(luma, trimmed ?? whole(luma))
  const positions = hashesInAllPositions(luma)
  return {
    quality,
    stored: distinct([
      ...positions.slice(0, 1),
      ...barePositions.slice(0, 1),
      ...CROPS.flatMap((percent) => hashIfClear(luma, inner(luma, percent / 100))),
    ]),
    probes: distinct([
      ...positions,
      ...barePositions,
      ...hashIfClear(luma, inner(luma, WITHOUT_EDGES / 100)),
      ...TURNS.flatMap((degrees) => hashIfClear(straightened(luma, degrees))),
    ]),
  }
}

const distinct = (hashes: ReadonlyArray<PdqHash>): ReadonlyArray<PdqHash> => [...new Set(hashes)]

const hashIfClear = (luma: Luma, frame: Frame = whole(luma)): ReadonlyArray<PdqHash> => {
  const { quality, frequencies } = spectrumOf(luma, frame)
  return quality < COMPARED_QUALITY ? [] : [hashOf(frequencies)]
}

const inner = ({ width, height }: Luma, share: number): Frame => {
  const left = Math.round(width * share)
  const top = Math.round(height * share)
  return { left, top, width: width - 2 * left, height: height - 2 * top }
}

/** How far a pixel's brightness may be from its border's, and how much of a border may be something else: a clock, a caption. */
const BORDER_SPREAD = 12
const LINE_SHARE = 0.97
const BORDER_SHARE = 0.9
/** No side loses more than this, and less than that is no border. */
const WIDEST_BORDER = 0.35
const NARROWEST_BORDER = 0.01

/** The picture inside plain borders such as a screenshot's bars; null when it has none. */
const withoutBorders = (luma: Luma): Frame | null => {
  const { width, height, pixels } = luma
  const lineAt = (start: number, step: number, length: number): Float32Array =>
    Float32Array.from({ length }, (_, i) => valueAt(pixels, start + i * step))
  const row = (y: number): Float32Array => lineAt(y * width, 1, width)
  const column = (x: number): Float32Array => lineAt(x, width, height)
  const top = borderOf(height, row)
  const bottom = borderOf(height, (n) => row(height - 1 - n))
  const left = borderOf(width, column)
  const right = borderOf(width, (n) => column(width - 1 - n))
  return top + bottom + left + right === 0
    ? null
    : { left, top, width: width - left - right, height: height - top - bottom }
}

/** How many lines from the edge are border, one blurred line with them. */
const borderOf = (lines: number, line: (n: number) => Float32Array): number => {
  const colour = valueAt(line(0).toSorted(), Math.floor(line(0).length / 2))
  let alike = 0
  let border = 0
  for (let n = 0; n < lines * WIDEST_BORDER; n += 1) {
    const pixels = line(n)
    const share =
      pixels.reduce((sum, pixel) => sum + (Math.abs(pixel - colour) <= BORDER_SPREAD ? 1 : 0), 0) / pixels.length
    alike += share
    if (alike / (n + 1) < BORDER_SHARE) break
    if (share >= LINE_SHARE) border = n + 1
  }
  return border < lines * NARROWEST_BORDER ? 0 : border + 1
}

/** Fewer pixels than were read are enough for 64 samples a side. */
const STRAIGHTENED_SIDE = 256

/**
 * The picture turned back about its centre. A program that turns a picture either widens its frame, leaving four plain corners:
 * then the frame narrows again to what it was; or it keeps the frame and fills or cuts the corners: then it stays.
 */
const straightened = (luma: Luma, degrees: number): Luma => {
  const { width, height, pixels } = luma
  const angle = (degrees * Math.PI) / 180
  const cos = Math.cos(angle)
  const sin = Math.sin(angle)
  const inside = hasPlainCorners(luma, Math.abs(sin))
    ? beforeTurning(width, height, cos, Math.abs(sin))
    : { width, height }
  const side = STRAIGHTENED_SIDE
  const turned = new Float32Array(side * side)
  for (let v = 0; v < side; v += 1) {
    const y = ((v + 0.5) / side - 0.5) * inside.height
    for (let u = 0; u < side; u += 1) {
      const x = ((u + 0.5) / side - 0.5) * inside.width
      const fromX = Math.min(width - 1.001, Math.max(0, x * cos - y * sin + width / 2 - 0.5))
      const fromY = Math.min(height - 1.001, Math.max(0, x * sin + y * cos + height / 2 - 0.5))
      const column = Math.floor(fromX)
      const line = Math.floor(fromY)
      const dx = fromX - column
      const dy = fromY - line
      const at = line * width + column
      turned[v * side + u] =
        (valueAt(pixels, at) * (1 - dx) + valueAt(pixels, at + 1) * dx) * (1 - dy) +
        (valueAt(pixels, at + width) * (1 - dx) + valueAt(pixels, at + width + 1) * dx) * dy
    }
  }
  return { pixels: turned, width: side, height: side }
}

/** The sides of a frame whose turned picture fills one of this width and height. */
const beforeTurning = (width: number, height: number, cos: number, sin: number) => {
  const determinant = cos * cos - sin * sin
  return { width: (width * cos - height * sin) / determinant, height: (height * cos - width * sin) / determinant }
}

/** The corners that turning by this angle leaves empty are each of one brightness. */
const hasPlainCorners = ({ width, height, pixels }: Luma, sin: number): boolean => {
  const reach = Math.max(2, Math.floor(0.5 * sin * Math.min(width, height)))
  const corners = [false, true].flatMap((right) => [false, true].map((bottom) => ({ right, bottom })))
  return corners.every(({ right, bottom }) => {
    let least = 255
    let most = 0
    for (let y = 0; y < reach; y += 1)
      for (let x = 0; x < reach - y; x += 1) {
        const pixel = valueAt(pixels, (bottom ? height - 1 - y : y) * width + (right ? width - 1 - x : x))
        least = Math.min(least, pixel)
        most = Math.max(most, pixel)
      }
    return most - least <= 2 * BORDER_SPREAD
  })
}
