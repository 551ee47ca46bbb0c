import type { Either } from 'fp-ts/lib/Either.js'
import * as E from 'fp-ts/lib/Either.js'
import { IANAZone } from 'luxon'
import type { CalendarYear, WorkingCalendar } from '../../domain/sla/working-calendar.ts'
import { aroundTheClock } from '../../domain/sla/working-calendar.ts'
import type { Hours, Week } from './calendar-year.ts'
import { calendarYear } from './calendar-year.ts'
import { isKnownCountry, noPublicHolidays, publicHolidaysOf } from './public-holidays.ts'
import type { CalendarDefinition, CalendarError, Weekday, WorkingInterval } from './working-week.ts'
import { southAfricanWorkingHours, WEEKDAYS } from './working-week.ts'

const MINUTE_MS = 60_000
const TIME = /^(?:([01]\d|2[0-3]):([0-5]\d)|24:00)$/

const minutes = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5))

const hoursOf = (interval: WorkingInterval): Either<CalendarError, Hours> => {
  if (!TIME.test(interval.from) || !TIME.test(interval.to)) return E.left({ type: 'TimeUnreadable', interval })
  const hours = { from: minutes(interval.from), to: minutes(interval.to) }
  return hours.from < hours.to ? E.right(hours) : E.left({ type: 'IntervalEndsBeforeItStarts', interval })
}

const dayOf = (
  day: Weekday,
  intervals: ReadonlyArray<WorkingInterval>,
): Either<CalendarError, ReadonlyArray<Hours>> => {
  const hours: Array<Hours> = []
  for (const interval of intervals.filter((one) => one.day === day)) {
    const one = hoursOf(interval)
    if (E.isLeft(one)) return one
    hours.push(one.right)
  }
  const ordered = hours.toSorted((a, b) => a.from - b.from)
  const overlaps = ordered.some(({ from }, n) => from < (ordered[n - 1]?.to ?? 0))
  return overlaps ? E.left({ type: 'IntervalsOverlap', day }) : E.right(ordered)
}

const weekOf = (definition: CalendarDefinition): Either<CalendarError, Week> => {
  const { zone, country, week: intervals } = definition
  if (!IANAZone.isValidZone(zone)) return E.left({ type: 'ZoneUnknown', zone })
  if (country !== null && !isKnownCountry(country)) return E.left({ type: 'CountryUnknown', country })
  if (intervals.length === 0) return E.left({ type: 'WeekWithoutWork' })
  const week: Array<ReadonlyArray<Hours>> = []
  for (const day of WEEKDAYS) {
    const hours = dayOf(day, intervals)
    if (E.isLeft(hours)) return hours
    week.push(hours.right)
  }
  return E.right(week)
}

/**
 * Builds a calendar from zone, holidays and week; refuses definitions nobody could work by. A full day is the longest
 * day of the week. Each year is worked out when first asked for (some 20 ms) and kept; {@link warm} does it ahead.
 */
export const workingCalendar = (definition: CalendarDefinition): Either<CalendarError, WorkingCalendar> => {
  const week = weekOf(definition)
  if (E.isLeft(week)) return week
  const { name, zone, country } = definition
  const holidays = country === null ? noPublicHolidays : publicHolidaysOf(country)
  const years = new Map<number, CalendarYear>()
  const longest = Math.max(...week.right.map((day) => day.reduce((sum, { from, to }) => sum + to - from, 0)))
  return E.right({
    name,
    zone,
    workingDayMs: longest * MINUTE_MS,
    year: (utcYear) => {
      const known = years.get(utcYear)
      if (known !== undefined) return known
      const built = calendarYear(zone, week.right, holidays, utcYear)
      years.set(utcYear, built)
      return built
    },
  })
}

/** Works out the years around a moment, so that no request pays for it. */
export const warm = (calendar: WorkingCalendar, aroundYear: number): void => {
  for (const year of [aroundYear - 1, aroundYear, aroundYear + 1]) calendar.year(year)
}

/** The calendars of the default policy, by name. */
export const defaultCalendars = (): Readonly<Record<'around_the_clock' | 'working_hours', WorkingCalendar>> => {
  const working = workingCalendar(southAfricanWorkingHours)
  if (E.isLeft(working)) throw new Error(`The default calendar is refused: ${working.left.type}`)
  return { around_the_clock: aroundTheClock, working_hours: working.right }
}
