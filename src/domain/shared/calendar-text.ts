import * as O from 'fp-ts/lib/Option.js'
import type { Cell } from './sheet.ts'
import type { Day } from './time.ts'
import { addDays } from './time.ts'

/** Excel counts days from 30 December 1899 (its false leap day of 1900 included); only 1982 to 2064 is taken for a date. */
const EXCEL_EPOCH = '1899-12-30'
const FIRST_SERIAL = 30_000
const LAST_SERIAL = 60_000

/** The day of an Excel serial date such as 45969 (2025-11-08); a fraction is the time of that day. */
export const dayOfExcelSerial = (serial: number): O.Option<Day> =>
  serial >= FIRST_SERIAL && serial < LAST_SERIAL + 1 ? O.some(addDays(EXCEL_EPOCH, Math.floor(serial))) : O.none

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/** A calendar day that exists, from 1900 on (Excel keeps bare times of day in 1899); 31 November does not exist. */
export const dayOf = (year: number, month: number, day: number): O.Option<Day> => {
  const text = [String(year).padStart(4, '0'), String(month).padStart(2, '0'), String(day).padStart(2, '0')].join('-')
  const at = Date.parse(`${text}T00:00:00.000Z`)
  return year >= 1900 && Number.isFinite(at) && new Date(at).toISOString().slice(0, 10) === text ? O.some(text) : O.none
}

const century = (year: string): number => (year.length === 2 ? 2000 + Number(year) : Number(year))
const monthOf = (name: string): number => MONTHS.indexOf(name.slice(0, 3).toLowerCase()) + 1

/** Reads the day of `2025-11-14`, `2025/11/14`, `14/11/2025`, `14 Nov 2025` and the like; days come before months, as in South Africa. */
const dayOfText = (text: string): O.Option<Day> => {
  const yearFirst = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ,].*)?$/.exec(text)
  if (yearFirst) return dayOf(Number(yearFirst[1]), Number(yearFirst[2]), Number(yearFirst[3]))
  const dayFirst = /^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})(?:[T ,].*)?$/.exec(text)
  if (dayFirst) return dayOf(century(dayFirst[3] ?? ''), Number(dayFirst[2]), Number(dayFirst[1]))
  const named = /^(\d{1,2})[-/. ]+([a-z]{3,9})[-/., ]+(\d{4}|\d{2})(?:[T ,].*)?$/i.exec(text)
  return named ? dayOf(century(named[3] ?? ''), monthOf(named[2] ?? ''), Number(named[1])) : O.none
}

/** The day a cell means: a real date, an Excel serial number, or a date written as text. */
export const dayOfCell = (cell: Cell): O.Option<Day> => {
  if (cell === null || typeof cell === 'boolean') return O.none
  if (typeof cell === 'number') return dayOfExcelSerial(cell)
  if (typeof cell === 'object') return dayOfText(cell.wallClock)
  return /^\d{5}(\.\d+)?$/.test(cell) ? dayOfExcelSerial(Number(cell)) : dayOfText(cell.trim())
}
