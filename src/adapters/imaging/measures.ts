import type { PictureMeasures } from '../../domain/evidence/evidence.ts'
import { valueAt } from './value-at.ts'

/** Pictures are measured at this long side, as their thresholds were. */
export const MEASURED_AT = 512

export type Pixels = {
  /** Red, green and blue, one byte each, row by row. */
  readonly rgb: Uint8Array
  readonly width: number
  readonly height: number
}

/** Nearer to white than this, with less colour than that, a pixel looks like paper or an empty screen. */
const PAPER_LUMA = 200
const PAPER_COLOUR = 24

/** Counts what the rules on light, blankness, sharpness and paper rest on. */
export const measure = (pixels: Pixels): PictureMeasures => {
  const { luma, paper } = lumaOf(pixels)
  const count = luma.length
  const histogram = new Uint32Array(256)
  let sum = 0
  for (const value of luma) {
    histogram[value] = valueAt(histogram, value) + 1
    sum += value
  }
  const percentile = (share: number): number => {
    let seen = 0
    const wanted = Math.max(1, Math.ceil(count * share))
    for (let value = 0; value < 256; value += 1) {
      seen += valueAt(histogram, value)
      if (seen >= wanted) return value
    }
    return 255
  }
  return {
    meanLuma: rounded(sum / count),
    lumaSpread: percentile(0.99) - percentile(0.01),
    brightest: percentile(0.9995),
    ...sharpness(luma, pixels),
    paperShare: rounded(paper / count),
  }
}

/** Luma by ITU-R BT.601, and how many pixels look like paper. */
const lumaOf = ({ rgb, width, height }: Pixels): { readonly luma: Uint8Array; readonly paper: number } => {
  const luma = new Uint8Array(width * height)
  let paper = 0
  for (let at = 0, from = 0; at < luma.length; at += 1, from += 3) {
    const r = valueAt(rgb, from)
    const g = valueAt(rgb, from + 1)
    const b = valueAt(rgb, from + 2)
    const y = (299 * r + 587 * g + 114 * b + 500) / 1000
    luma[at] = y
    if (y >= PAPER_LUMA && Math.max(r, g, b) - Math.min(r, g, b) <= PAPER_COLOUR) paper += 1
  }
  return { luma, paper }
}

/** The Laplacian falls with any blur; a smear along one direction leaves gradients across it and takes those along it. */
const sharpness = (
  luma: Uint8Array,
  { width, height }: Pixels,
): Pick<PictureMeasures, 'laplacian' | 'gradientBalance'> => {
  if (width < 3 || height < 3) return { laplacian: 0, gradientBalance: 1 }
  let sum = 0
  let squares = 0
  const gradients = [0, 0, 0, 0]
  const steps = [1, width, width + 1, width - 1]
  for (let y = 1; y < height - 1; y += 1)
    for (let x = 1; x < width - 1; x += 1) {
      const at = y * width + x
      const here = valueAt(luma, at)
      const laplacian =
        valueAt(luma, at - 1) + valueAt(luma, at + 1) + valueAt(luma, at - width) + valueAt(luma, at + width) - 4 * here
      sum += laplacian
      squares += laplacian * laplacian
      for (let direction = 0; direction < 4; direction += 1) {
        const step = valueAt(steps, direction)
        const slope = valueAt(luma, at + step) - valueAt(luma, at - step)
        // A diagonal step is longer by the root of two.
        gradients[direction] = valueAt(gradients, direction) + (direction < 2 ? slope * slope : (slope * slope) / 2)
      }
    }
  const count = (width - 2) * (height - 2)
  const strongest = Math.max(...gradients)
  return {
    laplacian: rounded(squares / count - (sum / count) ** 2),
    gradientBalance: strongest === 0 ? 1 : rounded(Math.min(...gradients) / strongest),
  }
}

const rounded = (value: number): number => Math.round(value * 1000) / 1000
