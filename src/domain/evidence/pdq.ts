import type { PdqHash } from './likeness.ts'

/** Brightness of each pixel, 0 to 255, row by row. */
export type Luma = { readonly pixels: Float32Array; readonly width: number; readonly height: number }

/** A rectangle of a picture, in whole pixels. */
export type Frame = { readonly left: number; readonly top: number; readonly width: number; readonly height: number }

/** The 16 x 16 lowest frequencies of a picture, the constant left out, and its quality: 0 (flat) to 100. */
export type Spectrum = { readonly frequencies: Float64Array; readonly quality: number }

const BLOCKS = 64
const FREQUENCIES = 16
const SMALLEST_SIDE = 5

/** Brightness by Rec. 601, from pixels of three or more channels that begin with red, green and blue. */
export const lumaOf = (rgb: Uint8Array, width: number, height: number, channels: number): Luma => {
  const pixels = new Float32Array(width * height)
  for (let i = 0, at = 0; i < pixels.length; i += 1, at += channels)
    pixels[i] = 0.299 * (rgb[at] ?? 0) + 0.587 * (rgb[at + 1] ?? 0) + 0.114 * (rgb[at + 2] ?? 0)
  return { pixels, width, height }
}

/**
 * PDQ as Meta published it: the picture is smoothed by two passes of a box filter and sampled at 64 x 64, its 16 x 16 lowest
 * frequencies are taken, and each is one bit, set when it is above their median. Quality counts the visible gradients
 * among the 64 x 64. Source: facebook/ThreatExchange, `pdq/` (hashing.pdf and cpp/hashing/pdqhashing.cpp), BSD licence.
 * Written anew from that description; a picture under 5 pixels a side has quality 0. The box filters are folded into the
 * 64 samples that are taken of them, so a frame of 512 pixels costs about a millisecond.
 */
export const spectrumOf = (luma: Luma, frame: Frame = whole(luma), mirroring: Mirroring = AS_IT_IS): Spectrum => {
  if (frame.width < SMALLEST_SIDE || frame.height < SMALLEST_SIDE)
    return { frequencies: new Float64Array(FREQUENCIES * FREQUENCIES), quality: 0 }
  const blocks = sampled(luma, frame, mirroring)
  return { frequencies: lowest(blocks), quality: gradientsIn(blocks) }
}

export const whole = ({ width, height }: Luma): Frame => ({ left: 0, top: 0, width, height })

/** The hash of a spectrum: the last frequency is the first bit. */
export const hashOf = (frequencies: Float64Array): PdqHash => {
  const median = frequencies.toSorted()[frequencies.length / 2 - 1] ?? 0
  let hash = ''
  for (let at = frequencies.length - 4; at >= 0; at -= 4) {
    let digit = 0
    for (let bit = 0; bit < 4; bit += 1) if ((frequencies[at + bit] ?? 0) > median) digit |= 1 << bit
    hash += digit.toString(16)
  }
  return hash
}

/**
 * The hashes of a picture in its eight positions, itself first: each as its mirrored or turned pixels would give it. The
 * published program takes all from one spectrum by changing signs, but it samples a little off the middle, so that its hash of
 * a mirrored picture is some bits away from that; a quarter turn only swaps rows and columns.
 */
export const hashesInAllPositions = (luma: Luma, frame: Frame = whole(luma)): ReadonlyArray<PdqHash> => {
  const spectra = MIRRORINGS.map((mirroring) => spectrumOf(luma, frame, mirroring).frequencies)
  return [...spectra, ...spectra.map(swapped)].map(hashOf)
}

type Mirroring = { readonly upsideDown: boolean; readonly mirrored: boolean }

const AS_IT_IS: Mirroring = { upsideDown: false, mirrored: false }
const MIRRORINGS: ReadonlyArray<Mirroring> = [false, true].flatMap((upsideDown) =>
  [false, true].map((mirrored) => ({ upsideDown, mirrored })),
)

const swapped = (frequencies: Float64Array): Float64Array =>
  frequencies.map((_, at) => frequencies[(at & 15) * FREQUENCIES + (at >> 4)] ?? 0)

/** 64 x 64 samples of the smoothed frame, row by row. */
const sampled = ({ pixels, width }: Luma, frame: Frame, { upsideDown, mirrored }: Mirroring): Float64Array => {
  const across = tents(frame.width, mirrored)
  const down = tents(frame.height, upsideDown)
  const narrow = new Float64Array(frame.height * BLOCKS)
  for (let y = 0; y < frame.height; y += 1) {
    const line = (frame.top + y) * width + frame.left
    for (let x = 0; x < BLOCKS; x += 1) {
      const { from, weights } = across[x] as Tent
      let sum = 0
      for (let k = 0; k < weights.length; k += 1) sum += (weights[k] as number) * (pixels[line + from + k] as number)
      narrow[y * BLOCKS + x] = sum
    }
  }
  const blocks = new Float64Array(BLOCKS * BLOCKS)
  for (let y = 0; y < BLOCKS; y += 1) {
    const { from, weights } = down[y] as Tent
    for (let k = 0; k < weights.length; k += 1)
      for (let x = 0; x < BLOCKS; x += 1)
        blocks[y * BLOCKS + x] =
          (blocks[y * BLOCKS + x] as number) + (weights[k] as number) * (narrow[(from + k) * BLOCKS + x] as number)
  }
  return blocks
}

/** What one sample takes of a line: two box filters, each the mean of what it covers, one after the other. */
type Tent = { readonly from: number; readonly weights: Float64Array }

/** `backwards`: of the line read from its end. */
const tents = (length: number, backwards: boolean): ReadonlyArray<Tent> => {
  const window = Math.floor((length + 2 * BLOCKS - 1) / (2 * BLOCKS))
  const after = Math.floor(window / 2)
  const before = window - 1 - after
  const first = (at: number): number => Math.max(0, at - before)
  const last = (at: number): number => Math.min(length - 1, at + after)
  return Array.from({ length: BLOCKS }, (_, sample) => {
    const centre = Math.floor(((sample + 0.5) * length) / BLOCKS)
    const from = first(first(centre))
    const weights = new Float64Array(last(last(centre)) - from + 1)
    const outer = last(centre) - first(centre) + 1
    for (let at = first(centre); at <= last(centre); at += 1) {
      const share = 1 / (outer * (last(at) - first(at) + 1))
      for (let covered = first(at); covered <= last(at); covered += 1)
        weights[covered - from] = (weights[covered - from] as number) + share
    }
    return backwards ? { from: length - from - weights.length, weights: weights.toReversed() } : { from, weights }
  })
}

const waves = Float64Array.from({ length: FREQUENCIES * BLOCKS }, (_, at) => {
  const frequency = Math.floor(at / BLOCKS) + 1
  return Math.sqrt(2 / BLOCKS) * Math.cos((Math.PI / (2 * BLOCKS)) * frequency * (2 * (at % BLOCKS) + 1))
})

/** The discrete cosine transform's frequencies 1 to 16 both ways. */
const lowest = (blocks: Float64Array): Float64Array => {
  const half = new Float64Array(FREQUENCIES * BLOCKS)
  for (let i = 0; i < FREQUENCIES; i += 1)
    for (let k = 0; k < BLOCKS; k += 1) {
      const wave = waves[i * BLOCKS + k] as number
      for (let x = 0; x < BLOCKS; x += 1)
        half[i * BLOCKS + x] = (half[i * BLOCKS + x] as number) + wave * (blocks[k * BLOCKS + x] as number)
    }
  const frequencies = new Float64Array(FREQUENCIES * FREQUENCIES)
  for (let i = 0; i < FREQUENCIES; i += 1)
    for (let j = 0; j < FREQUENCIES; j += 1) {
      let sum = 0
      for (let k = 0; k < BLOCKS; k += 1) sum += (half[i * BLOCKS + k] as number) * (waves[j * BLOCKS + k] as number)
      frequencies[i * FREQUENCIES + j] = sum
    }
  return frequencies
}

/** Differences of neighbours in whole hundredths of the full range, so that faint ones do not count. */
const gradientsIn = (blocks: Float64Array): number => {
  let sum = 0
  const add = (a: number, b: number): void => {
    sum += Math.abs(Math.trunc((((blocks[a] as number) - (blocks[b] as number)) * 100) / 255))
  }
  for (let y = 0; y < BLOCKS; y += 1)
    for (let x = 0; x < BLOCKS; x += 1) {
      if (y + 1 < BLOCKS) add(y * BLOCKS + x, (y + 1) * BLOCKS + x)
      if (x + 1 < BLOCKS) add(y * BLOCKS + x, y * BLOCKS + x + 1)
    }
  return Math.min(100, Math.floor(sum / 90))
}
