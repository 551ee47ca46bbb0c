import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { WorkingCalendar } from '../../../src/domain/sla/working-calendar.ts'
import { aroundTheClock } from '../../../src/domain/sla/working-calendar.ts'
import { momentAfter, workingMsBetween, workingSpans } from '../../../src/domain/sla/working-time.ts'
import { emptyCalendar, johannesburgOffice, newYorkOffice, officeWithLunch } from './calendars.ts'

const HOUR = 3_600_000
const calendarArb = fc.constantFrom<WorkingCalendar>(johannesburgOffice, newYorkOffice, officeWithLunch, aroundTheClock)
const momentArb = fc.integer({ min: Date.UTC(2024, 11, 20), max: Date.UTC(2027, 0, 10) })
const lengthArb = fc.integer({ min: 1, max: 400 * HOUR })

const isWorking = (calendar: WorkingCalendar, ms: number) => workingMsBetween(calendar, ms, ms + 1) === 1

it('working time adds up wherever a stretch is cut', () => {
  const reached = new Set<string>()
  fc.assert(
    fc.property(calendarArb, fc.tuple(momentArb, momentArb, momentArb), (calendar, moments) => {
      const [a, b, c] = moments.toSorted((x, y) => x - y) as [number, number, number]
      reached.add(workingMsBetween(calendar, a, b) === 0 ? 'no work' : 'work')
      expect(workingMsBetween(calendar, a, b) + workingMsBetween(calendar, b, c)).toBe(workingMsBetween(calendar, a, c))
    }),
    {
      numRuns: 500,
      examples: [[johannesburgOffice, [Date.UTC(2026, 3, 4), Date.UTC(2026, 3, 5), Date.UTC(2026, 3, 6)]]],
    },
  )
  expect([...reached].toSorted()).toEqual(['no work', 'work'])
})

it('the due moment is the earliest one at which exactly that much work has passed', () => {
  const reached = new Set<string>()
  fc.assert(
    fc.property(calendarArb, momentArb, lengthArb, (calendar, from, length) => {
      const due = momentAfter(calendar, from, length)
      if (due === null) throw new Error('these calendars always have work ahead')
      reached.add(isWorking(calendar, due) ? 'inside working time' : 'at closing time')
      reached.add(isWorking(calendar, from) ? 'from working time' : 'from free time')
      expect(workingMsBetween(calendar, from, due)).toBe(length)
      expect(workingMsBetween(calendar, from, due - 1)).toBe(length - 1)
    }),
    { numRuns: 1000, examples: [[johannesburgOffice, Date.UTC(2026, 3, 2, 6), 10 * HOUR]] },
  )
  expect([...reached].toSorted()).toEqual([
    'at closing time',
    'from free time',
    'from working time',
    'inside working time',
  ])
})

it('a later start or a longer length is never due earlier', () => {
  fc.assert(
    fc.property(calendarArb, momentArb, lengthArb, fc.nat(50 * HOUR), (calendar, from, length, more) => {
      const due = momentAfter(calendar, from, length) ?? 0
      expect(momentAfter(calendar, from + more, length)).toBeGreaterThanOrEqual(due)
      expect(momentAfter(calendar, from, length + more)).toBeGreaterThanOrEqual(due)
    }),
    { numRuns: 500 },
  )
})

it('the spans shown are in order, never touch and sum to the time counted', () => {
  fc.assert(
    fc.property(calendarArb, momentArb, momentArb, (calendar, from, to) => {
      const spans = workingSpans(calendar, from, to)
      expect(spans.reduce((sum, span) => sum + span.toMs - span.fromMs, 0)).toBe(workingMsBetween(calendar, from, to))
      expect(spans.every((span, n) => n === 0 || span.fromMs > (spans[n - 1]?.toMs ?? 0))).toBe(true)
    }),
    { numRuns: 300 },
  )
})

it('around the clock, a new year does not cut the time counted', () => {
  expect(workingSpans(aroundTheClock, Date.UTC(2025, 11, 31, 20), Date.UTC(2026, 0, 1, 4))).toHaveLength(1)
})

it('a calendar without work gives no due moment instead of searching for ever', () => {
  expect(momentAfter(emptyCalendar, Date.UTC(2026, 0, 1), 1)).toBeNull()
})

it('no length at all is due at once', () => {
  expect(momentAfter(emptyCalendar, 5, 0)).toBe(5)
})
