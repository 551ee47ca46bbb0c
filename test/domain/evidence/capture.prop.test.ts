import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Judge } from '../../../src/domain/evidence/evidence.ts'
import { judgeCapture } from '../../../src/domain/evidence/judge-capture.ts'
import { judgePlace, metresBetween } from '../../../src/domain/evidence/judge-place.ts'
import { type Captured, judgeSequence } from '../../../src/domain/evidence/judge-sequence.ts'
import { plusMs } from '../../../src/domain/shared/time.ts'
import { STEP_KEYS } from '../../../src/domain/verification/steps.ts'
import { begin } from '../../support/tickets.ts'

const openTicket = begin()
const judge: Judge = { checker: 'full', version: '1', at: '2026-11-22T18:00:00.000Z' }
const began = '2026-11-22T06:00:00.000Z'
const arrived = '2026-11-22T16:00:00.000Z'
const MINUTE = 60_000
const minutesIn = (minutes: number) => plusMs(began, minutes * MINUTE)
const bounds = { earliest: began, latest: arrived }
const outcome = (
  photo: Captured,
  others: ReadonlyArray<Captured> = [],
  limits: Parameters<typeof judgeSequence>[2] = bounds,
) => judgeSequence(photo, others, limits, judge).outcome

describe('the moment a photo was taken', () => {
  it('is unverifiable when the picture does not say it', () => {
    expect(outcome({ step: 'house_front', capturedAt: null })).toBe('unverifiable')
  })

  it('lies within the job, five minutes of clocks apart allowed at both ends', () => {
    const at = (capturedAt: string) => outcome({ step: 'house_front', capturedAt })
    expect([at(minutesIn(-5)), at(plusMs(arrived, 5 * MINUTE))]).toEqual(['pass', 'pass'])
    expect(at(plusMs(minutesIn(-5), -1))).toBe('warn')
    expect(at(plusMs(arrived, 5 * MINUTE + 1))).toBe('warn')
  })

  it('has no earliest day on a paperwork ticket, but is never in the future', () => {
    const old = { step: 'ont_barcode', capturedAt: '2024-01-01T00:00:00.000Z' } as const
    expect(outcome(old, [], { earliest: null, latest: arrived })).toBe('pass')
    expect(outcome({ ...old, capturedAt: plusMs(arrived, 6 * MINUTE) }, [], { earliest: null, latest: arrived })).toBe(
      'warn',
    )
  })

  it.each([
    ['wall_before_install', 'ont_back_after_install'],
    ['ont_back_after_install', 'work_area_final'],
    ['wall_before_install', 'work_area_final'],
    ['power_meter_reading', 'green_lights'],
    ['house_front', 'customer_signature'],
  ] as const)('of %s comes before that of %s, whichever is judged', (first, second) => {
    const early = { step: first, capturedAt: minutesIn(60) }
    const late = { step: second, capturedAt: minutesIn(55) }
    expect([outcome(early, [late]), outcome(late, [early])]).toEqual(['pass', 'pass'])
    const tooLate = { step: first, capturedAt: plusMs(minutesIn(60), 1) }
    expect([outcome(tooLate, [late]), outcome(late, [tooLate])]).toEqual(['warn', 'warn'])
  })

  it('orders no steps that the list leaves free', () => {
    const photo = { step: 'house_front', capturedAt: minutesIn(300) } as const
    expect(outcome(photo, [{ step: 'ont_barcode', capturedAt: minutesIn(10) }])).toBe('pass')
  })

  it('is judged the same from both sides of a pair, and never blocks', () => {
    const reached = new Set<string>()
    const captured = fc.record({
      step: fc.constantFrom(...STEP_KEYS),
      capturedAt: fc.option(fc.integer({ min: -30, max: 630 }).map(minutesIn), { freq: 5 }),
    })
    fc.assert(
      fc.property(captured, captured, (one, other) => {
        const [a, b] = [outcome(one, [other]), outcome(other, [one])]
        reached.add(a)
        const inside = [one, other].every(
          ({ capturedAt }) => capturedAt !== null && outcome({ step: 'house_front', capturedAt }) === 'pass',
        )
        return (!inside || a === b) && a !== 'block'
      }),
      { numRuns: 2000 },
    )
    expect([...reached].sort()).toEqual(['pass', 'unverifiable', 'warn'])
  })
})

describe('the place a photo was taken', () => {
  const drop = { lat: -26.3811, lon: 27.8143 }
  const north = (metres: number) => ({ lat: drop.lat + metres / 111_194.93, lon: drop.lon })

  it('is within 250 m of the drop', () => {
    expect(judgePlace(north(249), [drop], judge)).toMatchObject({ outcome: 'pass', evidence: { metres: 249 } })
    expect(judgePlace(north(251), [drop], judge)).toMatchObject({ outcome: 'warn', evidence: { metres: 251 } })
    expect(judgePlace(north(251), [drop, north(200)], judge).outcome).toBe('pass')
    expect(judgePlace(north(251), [drop], judge, 300).outcome).toBe('pass')
  })

  it('is unverifiable without GPS or without a place to compare with, and is never kept', () => {
    expect(judgePlace(null, [drop], judge).outcome).toBe('unverifiable')
    expect(judgePlace(drop, [], judge).outcome).toBe('unverifiable')
    expect(JSON.stringify(judgePlace(drop, [drop], judge))).not.toContain('26.38')
  })

  it('is as far from here to there as back, and no further than round half the earth', () => {
    const place = fc.record({
      lat: fc.double({ min: -90, max: 90, noNaN: true }),
      lon: fc.double({ min: -180, max: 180, noNaN: true }),
    })
    fc.assert(
      fc.property(place, place, (a, b) => {
        const there = metresBetween(a, b)
        return Math.abs(there - metresBetween(b, a)) < 1e-6 && there >= 0 && there <= 20_015_100
      }),
    )
    expect(metresBetween({ lat: -26.2041, lon: 28.0473 }, { lat: -25.7479, lon: 28.2293 }) / 1000).toBeCloseTo(53.9, 0)
  })
})

describe('a photo of a ticket', () => {
  const photo = { id: 'p', step: 'house_front', cycle: 0, takenAt: null, arrivedAt: arrived } as const
  const limits = { toleranceMinutes: 5, distanceMetres: 250 }
  const sequence = (change: Partial<typeof openTicket>, capturedAt: string) =>
    judgeCapture({ ...photo, capturedAt }, { ...openTicket, ...change }, [], limits, judge)[0]?.outcome

  it('may be as old as the earliest of its source, its creation and its assignment', () => {
    const ticket = { createdAt: minutesIn(60), sourceCreatedAt: null, history: [] }
    expect(sequence(ticket, minutesIn(54))).toBe('warn')
    expect(sequence({ ...ticket, sourceCreatedAt: began }, minutesIn(54))).toBe('pass')
    expect(sequence({ ...ticket, history: [{ at: minutesIn(50), status: 'assigned' }] }, minutesIn(54))).toBe('pass')
    expect(sequence({ ...ticket, paperwork: true }, '2020-01-01T00:00:00.000Z')).toBe('pass')
  })
})
