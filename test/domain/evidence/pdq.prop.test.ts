import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { distance, nearest } from '../../../src/domain/evidence/likeness.ts'
import { hashesInAllPositions, hashOf, type Luma, lumaOf, spectrumOf } from '../../../src/domain/evidence/pdq.ts'
import { flipped, hashArb } from '../../support/hashes.ts'

/** Pictures with something in them: waves of several lengths, and a plain rectangle. */
const recipeArb = fc.record({
  width: fc.integer({ min: 64, max: 200 }),
  height: fc.integer({ min: 64, max: 200 }),
  waves: fc.array(
    fc.record({
      across: fc.double({ min: 0.5, max: 15, noNaN: true }),
      down: fc.double({ min: 0.5, max: 15, noNaN: true }),
      shift: fc.double({ min: 0, max: 6, noNaN: true }),
    }),
    { minLength: 4, maxLength: 10 },
  ),
  grain: fc.integer({ min: 1, max: 1_000 }),
  box: fc.tuple(fc.double({ min: 0, max: 0.7, noNaN: true }), fc.double({ min: 0, max: 0.7, noNaN: true })),
})
type Recipe = typeof recipeArb extends fc.Arbitrary<infer R> ? R : never

const pictureOf = ({ width, height, waves, box: [left, top], grain }: Recipe): Luma =>
  drawn(width, height, (x, y) => {
    const sum = waves.reduce((all, { across, down, shift }) => all + Math.sin(x * across * 6 + y * down * 6 + shift), 0)
    const inside = x > left && x < left + 0.3 && y > top && y < top + 0.3
    const noise = Math.sin((x * 127.1 + y * 311.7 + grain) * 43758.5453)
    return (inside ? 200 : 120 + (70 * sum) / waves.length) + 20 * noise
  })

const drawn = (width: number, height: number, at: (x: number, y: number) => number): Luma => ({
  width,
  height,
  pixels: Float32Array.from({ length: width * height }, (_, i) =>
    at((i % width) / width, Math.floor(i / width) / height),
  ),
})

const placed = (luma: Luma, swapped: boolean, upsideDown: boolean, mirrored: boolean): Luma => {
  const [width, height] = swapped ? [luma.height, luma.width] : [luma.width, luma.height]
  return {
    width,
    height,
    pixels: Float32Array.from({ length: width * height }, (_, i) => {
      const x = mirrored ? width - 1 - (i % width) : i % width
      const y = upsideDown ? height - 1 - Math.floor(i / width) : Math.floor(i / width)
      return luma.pixels[swapped ? x * luma.width + y : y * luma.width + x] ?? 0
    }),
  }
}

const hash = (luma: Luma): string => hashOf(spectrumOf(luma).frequencies)
const samples = { numRuns: 30 }

describe('The PDQ hash of a picture', () => {
  it('has half of its 256 bits set, and a quality from 0 to 100', () => {
    fc.assert(
      fc.property(recipeArb, (recipe) => {
        const luma = pictureOf(recipe)
        const { frequencies, quality } = spectrumOf(luma)
        expect(hashOf(frequencies)).toMatch(/^[0-9a-f]{64}$/)
        expect(distance(hashOf(frequencies), '0'.repeat(64))).toBe(128)
        expect(quality).toBeGreaterThanOrEqual(0)
        expect(quality).toBeLessThanOrEqual(100)
      }),
      samples,
    )
  })

  it('in each of the eight positions is that of the picture mirrored and turned, whatever its size', () => {
    let compared = 0
    fc.assert(
      fc.property(recipeArb, (recipe) => {
        const luma = pictureOf(recipe)
        const positions = hashesInAllPositions(luma)
        expect(positions).toHaveLength(8)
        expect(positions[0]).toBe(hash(luma))
        for (const [i, position] of positions.entries()) {
          compared += 1
          const [upsideDown, mirrored] = [(i & 2) !== 0, (i & 1) !== 0]
          const turned = i < 4 ? placed(luma, false, upsideDown, mirrored) : placed(luma, true, mirrored, upsideDown)
          expect(distance(position, hash(turned))).toBeLessThanOrEqual(2)
        }
      }),
      samples,
    )
    expect(compared).toBeGreaterThanOrEqual(8 * samples.numRuns)
  })

  it('does not change with a little more light or contrast', () => {
    fc.assert(
      fc.property(
        recipeArb,
        fc.double({ min: -20, max: 20, noNaN: true }),
        fc.double({ min: 0.8, max: 1.2, noNaN: true }),
        (recipe, light, contrast) => {
          const luma = pictureOf(recipe)
          const lit = { ...luma, pixels: luma.pixels.map((value) => value * contrast + light) }
          expect(distance(hash(luma), hash(lit))).toBeLessThanOrEqual(2)
        },
      ),
      samples,
    )
  })

  it('of a frame is that of the picture cut out', () => {
    fc.assert(
      fc.property(recipeArb, fc.nat(20), fc.nat(20), (recipe, left, top) => {
        const luma = pictureOf(recipe)
        const frame = { left, top, width: luma.width - left - 3, height: luma.height - top - 5 }
        const cut = {
          width: frame.width,
          height: frame.height,
          pixels: Float32Array.from(
            { length: frame.width * frame.height },
            (_, i) => luma.pixels[(top + Math.floor(i / frame.width)) * luma.width + left + (i % frame.width)] ?? 0,
          ),
        }
        expect(hashOf(spectrumOf(luma, frame).frequencies)).toBe(hash(cut))
      }),
      samples,
    )
  })

  it('says nothing of a plain picture, nor of one under 5 pixels a side', () => {
    expect(spectrumOf(drawn(300, 200, () => 90)).quality).toBe(0)
    const lines = (width: number, height: number) => drawn(width, height, (x) => (Math.floor(x * width) % 2) * 255)
    expect(spectrumOf(lines(4, 300)).quality).toBe(0)
    expect(spectrumOf(lines(300, 4)).quality).toBe(0)
    expect(spectrumOf(lines(5, 300)).quality).toBeGreaterThan(0)
  })

  it('weighs red, green and blue as Rec. 601 does, whatever further channels there are', () => {
    const { pixels } = lumaOf(Uint8Array.from([255, 0, 0, 9, 0, 255, 0, 9, 0, 0, 255, 9]), 3, 1, 4)
    expect([...pixels].map((value) => Math.round(value * 10) / 10)).toEqual([76.2, 149.7, 29.1])
  })
})

describe('The distance of two hashes', () => {
  it('is the number of bits in which they differ, the same both ways', () => {
    fc.assert(
      fc.property(hashArb, fc.uniqueArray(fc.nat(255)), (a, bits) => {
        const b = flipped(a, bits)
        expect(distance(a, b)).toBe(bits.length)
        expect(distance(b, a)).toBe(bits.length)
        expect(distance(a, a)).toBe(0)
      }),
    )
  })

  it('is no longer over a third hash', () => {
    fc.assert(
      fc.property(hashArb, hashArb, hashArb, (a, b, c) => {
        expect(distance(a, c)).toBeLessThanOrEqual(distance(a, b) + distance(b, c))
      }),
    )
  })

  it('of many to many is the least, and there is none where one side is empty', () => {
    const zero = '0'.repeat(64)
    expect(nearest([flipped(zero, [1, 2, 3]), flipped(zero, [1])], [flipped(zero, [200]), zero])).toBe(1)
    expect(nearest([], [zero])).toBeNull()
    expect(nearest([zero], [])).toBeNull()
  })
})
