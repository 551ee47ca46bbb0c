import { DateTime } from 'luxon'
import type { Day } from '../../domain/shared/time.ts'
import { addDays } from '../../domain/shared/time.ts'
import type { CalendarYear, HolidayOff, Span } from '../../domain/sla/working-calendar.ts'
import type { PublicHolidays } from './public-holidays.ts'

const MINUTE_MS = 60_000
const DAY_MS = 1440 * MINUTE_MS

/** Minutes since midnight. */
export type Hours = { readonly from: number; readonly to: number }
/** The hours of each weekday, Monday first. */
export type Week = ReadonlyArray<ReadonlyArray<Hours>>

const inZone = (zone: string, day: Day, minute: number): number =>
  DateTime.fromISO(day, { zone })
    .set({ hour: Math.floor(minute / 60), minute: minute % 60 })
    .toMillis()

/** A UTC year reaches into the last local day before it and the first one after it. */
const localDaysOf = (utcYear: number): ReadonlyArray<Day> => {
  const first = new Date(Date.UTC(utcYear, 0, 0)).toISOString().slice(0, 10)
  const days = (Date.UTC(utcYear + 1, 0, 2) - Date.UTC(utcYear, 0, 0)) / DAY_MS
  return Array.from({ length: days }, (_, n) => addDays(first, n))
}

/** Monday is 0. */
const weekdayOf = (day: Day): number => (new Date(`${day}T00:00:00.000Z`).getUTCDay() + 6) % 7

const clippedTo = (utcYear: number, span: Span): ReadonlyArray<Span> => {
  const fromMs = Math.max(span.fromMs, Date.UTC(utcYear, 0, 1))
  const toMs = Math.min(span.toMs, Date.UTC(utcYear + 1, 0, 1))
  return fromMs < toMs ? [{ fromMs, toMs }] : []
}

/** Works out one UTC year of a working week; days on which the clock changes are read hour by hour. */
export const calendarYear = (zone: string, week: Week, holidays: PublicHolidays, utcYear: number): CalendarYear => {
  const spans: Array<Span> = []
  const off: Array<HolidayOff> = []
  const days = localDaysOf(utcYear)
  let midnight = inZone(zone, days[0] ?? '', 0)
  for (const day of days) {
    const startOfDay = midnight
    const startOfNext = inZone(zone, addDays(day, 1), 0)
    midnight = startOfNext
    const at = (minute: number): number =>
      startOfNext - startOfDay === DAY_MS ? startOfDay + minute * MINUTE_MS : inZone(zone, day, minute)
    const worked = (week[weekdayOf(day)] ?? []).flatMap(({ from, to }) =>
      clippedTo(utcYear, { fromMs: at(from), toMs: at(to) }),
    )
    const [opening] = worked
    const closing = worked.at(-1)
    if (opening === undefined || closing === undefined) continue
    const name = holidays.nameOn(day)
    if (name === null) spans.push(...worked)
    else off.push({ day, name, fromMs: opening.fromMs, toMs: closing.toMs })
  }
  return { spans, holidays: off }
}
