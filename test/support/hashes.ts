import fc from 'fast-check'

const SLOTS = 16

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

/** Which bits to change: anywhere, or spread over the 16 slots as evenly as can be, which hides best from an index of slots. */
export const changesArb = (most: number): fc.Arbitrary<ReadonlyArray<number>> =>
  fc.oneof(
    fc.uniqueArray(fc.nat(255), { maxLength: most }),
    fc
      .tuple(fc.nat(most), fc.shuffledSubarray([...Array(SLOTS).keys()], { minLength: SLOTS }), fc.nat(15))
      .map(([many, slots, from]) =>
        Array.from({ length: many }, (_, i) => (slots[i % SLOTS] ?? 0) * 16 + ((from + Math.floor(i / SLOTS)) % 16)),
      ),
  )
