import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { delayMs, USUAL_BACKOFF } from '../../../src/adapters/queue/backoff.ts'

describe('The wait before another attempt', () => {
  it('doubles from a second up to five minutes', () => {
    const longest = (failures: number): number => delayMs(USUAL_BACKOFF, failures, () => 1)
    expect([1, 2, 3, 9, 10, 100].map(longest)).toEqual([1_000, 2_000, 4_000, 256_000, 300_000, 300_000])
  })

  it('lies between half and the whole of its step, so that failures spread', () => {
    let spread = new Set<number>()
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), (failures) => {
        const whole = delayMs(USUAL_BACKOFF, failures, () => 1)
        const ms = delayMs(USUAL_BACKOFF, failures)
        expect(ms).toBeGreaterThanOrEqual(whole / 2)
        expect(ms).toBeLessThanOrEqual(whole)
        if (failures === 3) spread = spread.add(ms)
      }),
      { numRuns: 1_000 },
    )
    expect(spread.size).toBeGreaterThan(1)
  })

  it('ends after ten attempts within about eight minutes', () => {
    const waits = Array.from({ length: USUAL_BACKOFF.limit }, (_, n) => delayMs(USUAL_BACKOFF, n + 1, () => 1))
    expect(waits.reduce((sum, ms) => sum + ms, 0)).toBe(511_000)
  })
})
