import type { Day } from '../shared/time.ts'

/** Working time from a moment (included) to a moment (excluded), both in milliseconds since 1970 UTC. */
export type Span = { readonly fromMs: number; readonly toMs: number }

/** A public holiday on which work would have been done; the span is the working time it takes away. */
export type HolidayOff = Span & { readonly day: Day; readonly name: string }

export type CalendarYear = { readonly spans: ReadonlyArray<Span>; readonly holidays: ReadonlyArray<HolidayOff> }

/** When people work. Built outside from zones and holidays; here it is only asked, and answers the same every time. */
export type WorkingCalendar = {
  readonly name: string
  /** IANA zone in which the calendar's days and times are read. */
  readonly zone: string
  /** Working milliseconds of one full working day. */
  readonly workingDayMs: number
  /** The working spans of one UTC year: in order, disjoint, inside that year. Every year has an answer. */
  readonly year: (utcYear: number) => CalendarYear
}

const DAY_MS = 86_400_000

/** No nights, no weekends, no holidays: the clock of critical and urgent tickets. */
export const aroundTheClock: WorkingCalendar = {
  name: 'around_the_clock',
  zone: 'UTC',
  workingDayMs: DAY_MS,
  year: (utcYear) => ({
    spans: [{ fromMs: Date.UTC(utcYear, 0, 1), toMs: Date.UTC(utcYear + 1, 0, 1) }],
    holidays: [],
  }),
}
