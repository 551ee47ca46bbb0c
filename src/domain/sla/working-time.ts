import type { HolidayOff, Span, WorkingCalendar } from './working-calendar.ts'

/** A due time further ahead than this is no due time: the calendar has no work in it. */
const MAX_YEARS_AHEAD = 20

const utcYear = (ms: number): number => new Date(ms).getUTCFullYear()

function* spansFrom(calendar: WorkingCalendar, fromMs: number, lastYear: number): Generator<Span> {
  for (let year = utcYear(fromMs); year <= lastYear; year++) {
    for (const span of calendar.year(year).spans) {
      if (span.toMs > fromMs) yield { fromMs: Math.max(span.fromMs, fromMs), toMs: span.toMs }
    }
  }
}

/** The working spans between two moments; spans that touch (midnight, new year) are one. */
export const workingSpans = (calendar: WorkingCalendar, fromMs: number, toMs: number): ReadonlyArray<Span> => {
  const found: Array<Span> = []
  if (toMs <= fromMs) return found
  for (const span of spansFrom(calendar, fromMs, utcYear(toMs))) {
    if (span.fromMs >= toMs) break
    const counted = { fromMs: span.fromMs, toMs: Math.min(span.toMs, toMs) }
    const last = found.at(-1)
    if (last?.toMs === counted.fromMs) found[found.length - 1] = { fromMs: last.fromMs, toMs: counted.toMs }
    else found.push(counted)
  }
  return found
}

/** Working milliseconds between two moments; 0 when the second is not later. */
export const workingMsBetween = (calendar: WorkingCalendar, fromMs: number, toMs: number): number => {
  let sum = 0
  if (toMs <= fromMs) return sum
  for (const span of spansFrom(calendar, fromMs, utcYear(toMs))) {
    if (span.fromMs >= toMs) break
    sum += Math.min(span.toMs, toMs) - span.fromMs
  }
  return sum
}

/** The earliest moment at which `ms` of working time have passed; null when {@link MAX_YEARS_AHEAD} hold less than that. */
export const momentAfter = (calendar: WorkingCalendar, fromMs: number, ms: number): number | null => {
  let left = ms
  if (left <= 0) return fromMs
  for (const span of spansFrom(calendar, fromMs, utcYear(fromMs) + MAX_YEARS_AHEAD)) {
    const length = span.toMs - span.fromMs
    if (left <= length) return span.fromMs + left
    left -= length
  }
  return null
}

/** The holidays that took working time away between two moments. */
export const holidaysBetween = (calendar: WorkingCalendar, fromMs: number, toMs: number): ReadonlyArray<HolidayOff> => {
  const found: Array<HolidayOff> = []
  for (let year = utcYear(fromMs); year <= utcYear(toMs); year++) {
    found.push(...calendar.year(year).holidays.filter((off) => off.toMs > fromMs && off.fromMs < toMs))
  }
  return found
}
