import Holidays from 'date-holidays'
import type { Day } from '../../domain/shared/time.ts'
import { addDays } from '../../domain/shared/time.ts'

const DAY_MS = 86_400_000

export type PublicHolidays = { readonly nameOn: (day: Day) => string | null }

const countries = new Holidays().getCountries()

export const isKnownCountry = (country: string): boolean => Object.hasOwn(countries, country)

/** Official public holidays of a country with the days given instead (Monday after a Sunday), worked out year by year. */
export const publicHolidaysOf = (country: string): PublicHolidays => {
  const source = new Holidays(country, { types: ['public'] })
  const years = new Map<number, ReadonlyMap<Day, string>>()
  const namesIn = (year: number): ReadonlyMap<Day, string> => {
    const known = years.get(year)
    if (known !== undefined) return known
    const names = new Map<Day, string>()
    for (const { date, start, end, name } of source.getHolidays(year, 'en')) {
      const days = Math.max(1, Math.round((end.getTime() - start.getTime()) / DAY_MS))
      for (let n = 0; n < days; n++) names.set(addDays(date.slice(0, 10), n), name)
    }
    years.set(year, names)
    return names
  }
  return { nameOn: (day) => namesIn(Number(day.slice(0, 4))).get(day) ?? null }
}

export const noPublicHolidays: PublicHolidays = { nameOn: () => null }
