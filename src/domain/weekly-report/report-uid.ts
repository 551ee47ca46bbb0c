import * as E from 'fp-ts/lib/Either.js'
import * as O from 'fp-ts/lib/Option.js'
import { dayOf } from '../shared/calendar-text.ts'
import type { Day } from '../shared/time.ts'
import { addDays, daysBetween } from '../shared/time.ts'

export type IsoWeek = { readonly isoYear: number; readonly week: number }

/** The ISO week of a day: weeks start on Monday and belong to the year of their Thursday. */
export const isoWeekOf = (day: Day): IsoWeek => {
  const weekday = (new Date(`${day}T00:00:00.000Z`).getUTCDay() + 6) % 7
  const isoYear = Number(addDays(day, 3 - weekday).slice(0, 4))
  return { isoYear, week: Math.floor(daysBetween(`${isoYear}-01-01`, addDays(day, 3 - weekday)) / 7) + 1 }
}

const REPORT_UID_LENGTH = 20
const PROJECT_CODE_LENGTH = 6

export type NoReportUid =
  | { readonly type: 'ProjectCodeEmpty'; readonly projectCode: string }
  | { readonly type: 'NoSuchWeek'; readonly isoYear: number; readonly week: number }
  | { readonly type: 'TooManyReportsInWeek'; readonly nth: number }

/** WR2025-W46-LAWLEY for the first file of a project's week, with -2, -3 … for further ones; never over 20 characters. */
export const reportUid = (
  of: IsoWeek & { readonly projectCode: string; readonly nth: number },
): E.Either<NoReportUid, string> => {
  const code = of.projectCode
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]/g, '')
    .slice(0, PROJECT_CODE_LENGTH)
  if (code === '') return E.left({ type: 'ProjectCodeEmpty', projectCode: of.projectCode })
  const lastWeek = isoWeekOf(`${String(of.isoYear).padStart(4, '0')}-12-28`).week
  if (
    !Number.isInteger(of.isoYear) ||
    of.isoYear < 2000 ||
    of.isoYear > 9999 ||
    !Number.isInteger(of.week) ||
    of.week < 1 ||
    of.week > lastWeek
  )
    return E.left({ type: 'NoSuchWeek', isoYear: of.isoYear, week: of.week })
  const uid = `WR${of.isoYear}-W${String(of.week).padStart(2, '0')}-${code}${of.nth > 1 ? `-${of.nth}` : ''}`
  return uid.length > REPORT_UID_LENGTH || !Number.isInteger(of.nth) || of.nth < 1
    ? E.left({ type: 'TooManyReportsInWeek', nth: of.nth })
    : E.right(uid)
}

/** What a file name such as "Lawley WE251114.xlsx" says: project, last day of the week, and its ISO week. */
export type NamedReport = IsoWeek & { readonly projectName: string; readonly weekEnding: Day }

export const fromFilename = (filename: string): O.Option<NamedReport> => {
  const name = filename.slice(Math.max(filename.lastIndexOf('/'), filename.lastIndexOf('\\')) + 1)
  const found = /^(.+?)[\s_-]+WE[\s_-]?(\d{2})(\d{2})(\d{2})(?!\d)/i.exec(name)
  if (found === null) return O.none
  const projectName = (found[1] ?? '').replaceAll(/[\s_]+/g, ' ').trim()
  const weekEnding = dayOf(2000 + Number(found[2]), Number(found[3]), Number(found[4]))
  return O.isNone(weekEnding) || projectName === ''
    ? O.none
    : O.some({ projectName, weekEnding: weekEnding.value, ...isoWeekOf(weekEnding.value) })
}
