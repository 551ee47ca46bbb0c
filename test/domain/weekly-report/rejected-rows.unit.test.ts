import { describe, expect, it } from 'vitest'
import type { Cell } from '../../../src/domain/shared/sheet.ts'
import { rejectedSheet } from '../../../src/domain/weekly-report/rejected-rows.ts'
import type { Layout } from '../../../src/domain/weekly-report/weekly-report.ts'
import { readReport } from '../../support/read-report.ts'
import { sheetRows } from '../../support/workbooks.ts'

const rejectedOf = (layout: Layout, rows: ReadonlyArray<ReadonlyArray<Cell>>) => {
  const lines = readReport(sheetRows(rows)).lines.filter(({ problems }) => problems.some(({ blocks }) => blocks))
  return rejectedSheet(
    layout,
    lines.map((line) => ({ line, reason: 'needs a look' })),
  )
}
const corrected = (rows: ReadonlyArray<ReadonlyArray<Cell>>) =>
  readReport(sheetRows(rows.map((cells) => cells.map((cell) => (cell === 'DR17' ? 'DR1729500' : cell))))).lines

describe('the workbook of rejected rows', () => {
  it('can be corrected and uploaded again: client layout', () => {
    const { sheet, rows } = rejectedOf('notes', [
      ['Note 1:'],
      ['DR17', 'ALCLB465A671', -27.5, 'law1', 45_969],
      ['Note 5:'],
      ['DR17', 'Fibre break'],
      ['DR1729501'],
    ])
    expect(sheet).toBe('Notes')
    expect(
      corrected(rows).map(({ note, dr, serial, rx, team, reportedOn, reason, problems }) => [
        note,
        dr,
        serial,
        rx,
        team,
        reportedOn,
        reason,
        problems,
      ]),
    ).toEqual([
      [1, 'DR1729500', 'ALCLB465A671', -27.5, 'law1', '2025-11-08', null, []],
      [5, 'DR1729500', null, null, null, null, 'Fibre break', []],
    ])
  })

  it('can be corrected and uploaded again: flat layout, the reason for the rejection left out', () => {
    const { rows } = rejectedOf('flat', [
      ['Ticket', 'DR', 'Fault', 'Date', 'Customer', 'Note'],
      ['FT1', 'DR17', 'Slow', '14/11/2025', 'A Person', 3],
    ])
    expect(rows[1]?.at(-1)).toBe('row 2: needs a look')
    expect(corrected(rows)[0]).toMatchObject({
      externalId: 'FT1',
      dr: 'DR1729500',
      description: 'Slow',
      reportedOn: '2025-11-14',
      note: 3,
      reason: null,
      personal: { clientName: 'A Person' },
      problems: [],
    })
  })

  it('keeps rows that stood under no note, to be moved', () => {
    const { rows } = rejectedOf('notes', [['DR1729500'], ['Note 1:'], ['Total: 0']])
    expect(rows.map((cells) => cells[0] ?? null)).toEqual(
      expect.arrayContaining(['Note 0: move each of these rows under its own note', 'DR1729500']),
    )
    expect(readReport(sheetRows(rows)).lines.every(({ problems }) => problems.some(({ blocks }) => blocks))).toBe(true)
  })
})
