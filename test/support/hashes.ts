import fc from 'fast-check'

/** Any 256 bits, as 64 hexadecimal digits. */
export const hashArb: fc.Arbitrary<string> = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Buffer.from(bytes).toString('hex'))

/** The hash with these of its 256 bits changed. */
export const flipped = (hash: string, bits: ReadonlyArray<number>): string => {
  const bytes = Buffer.from(hash, 'hex')
  for (const bit of bits) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))
  return bytes.toString('hex')
}

/** The slots of the index: where each begins, how many bits it has, and how many changes hide a hash from it. */
const SLOTS: ReadonlyArray<readonly [from: number, bits: number, hidden: number]> = [
  ...[0, 1, 2, 3].map((n) => [20 * n, 20, 2] as const),
  ...[0, 1, 2, 3, 4, 5, 6, 7].map((n) => [80 + 22 * n, 22, 3] as const),
]

/** 32 bits that hide best from an index of slots: as many in each as make it unlike, from this bit of it on. */
export const spread = (from = 0): ReadonlyArray<number> =>
  SLOTS.flatMap(([first, bits, hidden]) => Array.from({ length: hidden }, (_, n) => first + ((from + n * 7) % bits)))

/** Which bits to change: anywhere, or spread so that they hide best from an index of slots. */
export const changesArb = (most: number): fc.Arbitrary<ReadonlyArray<number>> =>
  fc.oneof(
    fc.uniqueArray(fc.nat(255), { maxLength: most }),
    fc
      .tuple(fc.nat(21), fc.oneof(fc.constant(31), fc.integer({ min: 0, max: most })))
      .chain(([from, many]) =>
        fc
          .shuffledSubarray([...spread(from)], { minLength: 32 })
          .map((bits) => [...new Set([...bits, ...Array(256).keys()])].slice(0, many)),
      ),
  )
