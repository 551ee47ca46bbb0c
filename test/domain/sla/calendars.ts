import type { CalendarYear, HolidayOff, Span, WorkingCalendar } from '../../../src/domain/sla/working-calendar.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

type Hours = readonly [from: number, to: number]

/** A calendar made by hand for tests of the domain: fixed offset, Monday to Friday, a few days off. */
const officeCalendar = (
  offsetHours: number,
  hours: ReadonlyArray<Hours>,
  daysOff: Readonly<Record<string, string>> = {},
): WorkingCalendar => {
  const years = new Map<number, CalendarYear>()
  const build = (utcYear: number): CalendarYear => {
    const spans: Array<Span> = []
    const holidays: Array<HolidayOff> = []
    const [start, end] = [Date.UTC(utcYear, 0, 1), Date.UTC(utcYear + 1, 0, 1)]
    for (let midnight = start - DAY_MS; midnight <= end + DAY_MS; midnight += DAY_MS) {
      const weekday = new Date(midnight).getUTCDay()
      if (weekday === 0 || weekday === 6) continue
      const worked = hours
        .map(([from, to]) => ({
          fromMs: Math.max(start, midnight + (from - offsetHours) * HOUR_MS),
          toMs: Math.min(end, midnight + (to - offsetHours) * HOUR_MS),
        }))
        .filter(({ fromMs, toMs }) => fromMs < toMs)
      const [first] = worked
      const last = worked.at(-1)
      if (first === undefined || last === undefined) continue
      const day = new Date(midnight).toISOString().slice(0, 10)
      const name = daysOff[day]
      if (name === undefined) spans.push(...worked)
      else holidays.push({ day, name, fromMs: first.fromMs, toMs: last.toMs })
    }
    return { spans, holidays }
  }
  return {
    name: 'working_hours',
    zone: offsetHours === 2 ? 'Africa/Johannesburg' : `UTC${offsetHours}`,
    workingDayMs: hours.reduce((sum, [from, to]) => sum + to - from, 0) * HOUR_MS,
    year: (utcYear) => {
      const known = years.get(utcYear) ?? build(utcYear)
      years.set(utcYear, known)
      return known
    },
  }
}

export const johannesburgOffice = officeCalendar(2, [[8, 18]], {
  '2026-04-03': 'Good Friday',
  '2026-04-06': 'Family Day',
})
export const officeWithLunch = officeCalendar(2, [
  [8, 12],
  [13, 17],
])
export const newYorkOffice = officeCalendar(-5, [[8, 18]])

/** Never any work: what a broken calendar would be. */
export const emptyCalendar: WorkingCalendar = {
  name: 'empty',
  zone: 'UTC',
  workingDayMs: HOUR_MS,
  year: () => ({ spans: [], holidays: [] }),
}
