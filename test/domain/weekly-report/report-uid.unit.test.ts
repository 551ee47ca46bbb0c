import * as E from 'fp-ts/lib/Either.js'
import * as O from 'fp-ts/lib/Option.js'
import { describe, expect, it } from 'vitest'
import { fromFilename, isoWeekOf, reportUid } from '../../../src/domain/weekly-report/report-uid.ts'

const uid = (projectCode: string, nth: number, isoYear = 2025, week = 46) =>
  reportUid({ isoYear, week, projectCode, nth })

describe('the name of a report', () => {
  it('is WR, ISO year, week and project', () => expect(uid('LAW', 1)).toEqual(E.right('WR2025-W46-LAW')))
  it('counts further files of the same week', () =>
    expect([uid('LAW', 2), uid('LAW', 3)]).toEqual([E.right('WR2025-W46-LAW-2'), E.right('WR2025-W46-LAW-3')]))
  it('keeps six characters of the project code', () =>
    expect(uid('Lawley-North', 1)).toEqual(E.right('WR2025-W46-LAWLEY')))
  it('fits twenty characters: 99 files fit, 100 do not', () => {
    expect(uid('LAWLEY', 99)).toEqual(E.right('WR2025-W46-LAWLEY-99'))
    expect(uid('LAWLEY', 100)).toEqual(E.left({ type: 'TooManyReportsInWeek', nth: 100 }))
  })
  it('writes week 7 as W07', () => expect(uid('LAW', 1, 2026, 7)).toEqual(E.right('WR2026-W07-LAW')))
  it('refuses a week the year does not have', () => {
    expect(uid('LAW', 1, 2026, 53)).toEqual(E.right('WR2026-W53-LAW'))
    expect(uid('LAW', 1, 2025, 53)).toEqual(E.left({ type: 'NoSuchWeek', isoYear: 2025, week: 53 }))
    expect(E.isLeft(uid('LAW', 1, 2025, 0))).toBe(true)
  })
  it('refuses a project code without letters or digits, and a file before the first', () => {
    expect(uid('--', 1)).toEqual(E.left({ type: 'ProjectCodeEmpty', projectCode: '--' }))
    expect(E.isLeft(uid('LAW', 0))).toBe(true)
  })
})

describe('an ISO week', () => {
  it.each([
    ['2025-11-14', 2025, 46],
    ['2025-12-29', 2026, 1],
    ['2027-01-01', 2026, 53],
    ['2024-12-30', 2025, 1],
    ['2021-01-03', 2020, 53],
  ])('%s lies in %i, week %i', (day, isoYear, week) => expect(isoWeekOf(day)).toEqual({ isoYear, week }))
})

describe('a file name', () => {
  it.each([
    'Lawley WE251114.xlsx',
    '/tmp/uploads/Lawley WE251114 (2).xlsx',
    'C:\\files\\Lawley_WE251114.xlsx',
    'lawley we 251114.XLSX',
  ])('%s gives project, day and week', (name) => {
    expect(O.toNullable(fromFilename(name))).toEqual({
      projectName: expect.stringMatching(/^lawley$/i),
      weekEnding: '2025-11-14',
      isoYear: 2025,
      week: 46,
    })
  })
  it('keeps the words of a project', () =>
    expect(O.toNullable(fromFilename('Mohadin Ext 2 WE251114.xlsx'))?.projectName).toBe('Mohadin Ext 2'))
  it.each(['report.xlsx', 'Lawley WE251314.xlsx', 'WE251114.xlsx', 'Lawley WE2511144.xlsx', ''])(
    '%s gives nothing',
    (name) => expect(O.isNone(fromFilename(name))).toBe(true),
  )
})
