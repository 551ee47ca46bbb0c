import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { defaultCalendars, warm, workingCalendar } from '../../src/adapters/calendar/working-calendar.ts'
import type { CalendarDefinition } from '../../src/adapters/calendar/working-week.ts'
import { southAfricanWorkingHours } from '../../src/adapters/calendar/working-week.ts'
import { DEFAULT_SLA_POLICY } from '../../src/domain/sla/sla.ts'
import { slaOf } from '../../src/domain/sla/sla-of.ts'
import { slaTerms } from '../../src/domain/sla/sla-terms.ts'
import type { WorkingCalendar } from '../../src/domain/sla/working-calendar.ts'
import { momentAfter, workingMsBetween, workingSpans } from '../../src/domain/sla/working-time.ts'

const HOUR = 3_600_000

const calendarOf = (definition: CalendarDefinition): WorkingCalendar => {
  const calendar = workingCalendar(definition)
  if (E.isLeft(calendar)) throw new Error(calendar.left.type)
  return calendar.right
}

const { working_hours } = defaultCalendars()
const ms = (time: string) => Date.parse(time)
const workedOn = (calendar: WorkingCalendar, day: string, offset = '+02:00') =>
  workingMsBetween(calendar, ms(`${day}T00:00:00${offset}`), ms(`${day}T00:00:00${offset}`) + 24 * HOUR) / HOUR

describe('South African public holidays', () => {
  it.each([
    ['2025-01-01', 'New Year'],
    ['2025-03-21', 'Human Rights Day'],
    ['2025-04-18', 'Good Friday'],
    ['2025-04-21', 'Family Day'],
    ['2025-04-28', 'Freedom Day, a Sunday, given on Monday'],
    ['2025-05-01', 'Workers Day'],
    ['2025-06-16', 'Youth Day'],
    ['2025-09-24', 'Heritage Day'],
    ['2025-12-16', 'Day of Reconciliation'],
    ['2025-12-25', 'Christmas Day'],
    ['2025-12-26', 'Day of Goodwill'],
    ['2026-04-03', 'Good Friday'],
    ['2026-04-06', 'Family Day'],
    ['2026-04-27', 'Freedom Day'],
    ['2026-05-01', 'Workers Day'],
    ['2026-06-16', 'Youth Day'],
    ['2026-08-10', 'Women’s Day, a Sunday, given on Monday'],
    ['2026-09-24', 'Heritage Day'],
    ['2026-12-16', 'Day of Reconciliation'],
    ['2026-12-25', 'Christmas Day'],
  ])('nobody works on %s, %s', (day) => {
    expect(workedOn(working_hours, day)).toBe(0)
    expect(working_hours.year(Number(day.slice(0, 4))).holidays.map((off) => off.day)).toContain(day)
  })

  it.each([
    '2025-04-22',
    '2025-04-29',
    '2025-08-11',
    '2026-03-23',
    '2026-04-02',
    '2026-04-07',
    '2026-08-11',
    '2026-12-28',
  ])('people work on %s, right after or before one, or after one on a Saturday', (day) => {
    expect(workedOn(working_hours, day)).toBe(10)
  })

  it('a holiday on a weekend takes no working time away', () => {
    expect(working_hours.year(2026).holidays.map(({ day }) => day)).not.toContain('2026-03-21')
    expect(workedOn(working_hours, '2026-03-21')).toBe(0)
  })

  it('2026 has 261 weekdays, 10 of them holidays', () => {
    expect(working_hours.year(2026).spans).toHaveLength(251)
  })
})

describe('the default calendars', () => {
  it('work from 08:00 to 18:00 in Johannesburg', () => {
    expect(workingSpans(working_hours, ms('2026-07-20T00:00:00+02:00'), ms('2026-07-21T00:00:00+02:00'))).toEqual([
      { fromMs: ms('2026-07-20T08:00:00+02:00'), toMs: ms('2026-07-20T18:00:00+02:00') },
    ])
    expect(working_hours.workingDayMs).toBe(10 * HOUR)
  })

  it('carry a ticket of Christmas Eve over the holidays', () => {
    const due = momentAfter(working_hours, ms('2026-12-24T17:00:00+02:00'), 2 * HOUR)
    expect(due).toBe(ms('2026-12-28T09:00:00+02:00'))
  })

  it('answer for years far behind and ahead', () => {
    for (const year of [1996, 2150]) expect(working_hours.year(year).spans.length).toBeGreaterThan(240)
  })
})

describe('other calendars', () => {
  it('have breaks, shorter days and no holidays when asked to', () => {
    const shop = calendarOf({
      name: 'shop',
      zone: 'Africa/Johannesburg',
      country: null,
      week: [
        { day: 'friday', from: '13:00', to: '17:00' },
        { day: 'friday', from: '08:00', to: '12:00' },
        { day: 'saturday', from: '09:00', to: '12:30' },
      ],
    })
    expect(workedOn(shop, '2026-12-25')).toBe(8)
    expect(workedOn(shop, '2026-12-26')).toBe(3.5)
    expect(workedOn(shop, '2026-12-27')).toBe(0)
    expect(shop.workingDayMs).toBe(8 * HOUR)
  })

  it('follow summer time where there is one', () => {
    const london = calendarOf({ ...southAfricanWorkingHours, name: 'london', zone: 'Europe/London', country: 'GB' })
    expect(workingSpans(london, ms('2026-01-05T00:00:00Z'), ms('2026-01-06T00:00:00Z'))[0]?.fromMs).toBe(
      ms('2026-01-05T08:00:00Z'),
    )
    expect(workingSpans(london, ms('2026-07-06T00:00:00Z'), ms('2026-07-07T00:00:00Z'))[0]?.fromMs).toBe(
      ms('2026-07-06T07:00:00Z'),
    )
  })

  it('lose the hour that summer time skips', () => {
    const night = calendarOf({
      name: 'night',
      zone: 'Europe/London',
      country: null,
      week: [{ day: 'sunday', from: '00:00', to: '06:00' }],
    })
    expect(workedOn(night, '2026-03-22', 'Z')).toBe(6)
    expect(workedOn(night, '2026-03-29', 'Z')).toBe(5)
  })

  it('reach over midnight and over the new year in one piece, also far from Greenwich', () => {
    const days = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const
    const always = calendarOf({
      name: 'always',
      zone: 'Pacific/Auckland',
      country: null,
      week: days.map((day) => ({ day, from: '00:00', to: '24:00' })),
    })
    const [from, to] = [ms('2025-06-01T00:00:00Z'), ms('2027-03-01T00:00:00Z')]
    expect(workingSpans(always, from, to)).toEqual([{ fromMs: from, toMs: to }])
  })
})

describe('definitions nobody could work by are refused', () => {
  const interval = { day: 'monday', from: '08:00', to: '18:00' } as const
  const valid = { ...southAfricanWorkingHours, week: [interval] }

  it.each([
    [
      { ...valid, zone: 'Africa/Nowhere' },
      { type: 'ZoneUnknown', zone: 'Africa/Nowhere' },
    ],
    [
      { ...valid, country: 'XX' },
      { type: 'CountryUnknown', country: 'XX' },
    ],
    [{ ...valid, week: [] }, { type: 'WeekWithoutWork' }],
    [
      { ...valid, week: [{ ...interval, from: '8:00' }] },
      { type: 'TimeUnreadable', interval: { ...interval, from: '8:00' } },
    ],
    [
      { ...valid, week: [{ ...interval, to: '24:30' }] },
      { type: 'TimeUnreadable', interval: { ...interval, to: '24:30' } },
    ],
    [
      { ...valid, week: [{ ...interval, to: '08:00' }] },
      { type: 'IntervalEndsBeforeItStarts', interval: { ...interval, to: '08:00' } },
    ],
    [
      { ...valid, week: [interval, { ...interval, from: '17:59', to: '19:00' }] },
      { type: 'IntervalsOverlap', day: 'monday' },
    ],
  ])('%#', (definition, error) => {
    expect(workingCalendar(definition)).toEqual(E.left(error))
  })

  it('and intervals that only touch are not', () => {
    expect(
      E.isRight(workingCalendar({ ...valid, week: [interval, { ...interval, from: '18:00', to: '19:00' }] })),
    ).toBe(true)
  })
})

it('a low ticket is due seven working days later, and what both due times cost is printed', () => {
  const terms = slaTerms(DEFAULT_SLA_POLICY, defaultCalendars())
  if (E.isLeft(terms)) throw new Error(terms.left.type)
  warm(terms.right.low.calendar, 2026)
  const createdAt = '2026-11-20T13:00:00.000Z'
  const facts = {
    createdAt,
    priority: 'low',
    deletedAt: null,
    terms: terms.right,
    now: createdAt,
    history: [{ at: createdAt, status: 'open' }],
  } as const
  const runs = 2_000
  const started = performance.now()
  for (let n = 0; n < runs; n++) slaOf(facts)
  const each = (performance.now() - started) / runs
  console.info(`both due times of a new ticket: ${(each * 1000).toFixed(1)} µs`)
  expect(slaOf(facts).resolution.dueAt).toBe('2026-12-01T13:00:00.000Z')
})
