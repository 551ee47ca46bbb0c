/** A PDQ hash: 256 bits as 64 lower-case hexadecimal digits. */
export type PdqHash = string

/** At most this many of 256 bits apart, two pictures are one picture used twice (facebook/ThreatExchange, pdq/README.md). */
export const REUSE_DISTANCE = 31
/** From there up to here a reviewer is told that the picture looks like an earlier one. */
export const LOOK_ALIKE_DISTANCE = 64
/** A picture flatter than this says too little of itself to be compared (same source: drop quality 49 and less). */
export const COMPARED_QUALITY = 50

/**
 * What a picture is known by when later ones are compared with it, and what it is compared by itself. Every hash in it is
 * of quality 50 or more, so a flat picture has none; `quality` is that of the whole picture, 0 to 100.
 */
export type Fingerprint = {
  readonly quality: number
  /** The whole picture and its inner crops: kept. */
  readonly stored: ReadonlyArray<PdqHash>
  /** The picture mirrored, turned, trimmed and straightened: looked for among those kept. */
  readonly probes: ReadonlyArray<PdqHash>
}

/** How many of the 256 bits differ. */
export const distance = (a: PdqHash, b: PdqHash): number => {
  let bits = 0
  for (let at = 0; at < 64; at += 8) bits += ones(word(a, at) ^ word(b, at))
  return bits
}

/** The least distance of any probe to any of the hashes; null when there is none to compare. */
export const nearest = (probes: ReadonlyArray<PdqHash>, hashes: ReadonlyArray<PdqHash>): number | null =>
  probes.length === 0 || hashes.length === 0
    ? null
    : Math.min(...probes.map((probe) => Math.min(...hashes.map((hash) => distance(probe, hash)))))

const word = (hash: PdqHash, at: number): number => Number.parseInt(hash.slice(at, at + 8), 16)

const ones = (bits: number): number => {
  const pairs = bits - ((bits >>> 1) & 0x55555555)
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333)
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}
