import { existsSync } from 'node:fs'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { childProcessWorkbookReader } from '../../src/adapters/excel/workbook-reader.ts'
import type { SheetChoice } from '../../src/application/ports/workbook-reader.ts'
import { DEFAULT_WORKBOOK_LIMITS } from '../../src/application/ports/workbook-reader.ts'
import { HLD_HOME } from '../../src/domain/platform-records/layouts.ts'
import { parsePlatformRows } from '../../src/domain/platform-records/read-platform-rows.ts'
import type { SheetRow } from '../../src/domain/shared/sheet.ts'
import { readReport } from '../support/read-report.ts'

const FOLDER = '../shared/data'
const present = existsSync(`${FOLDER}/Drops_Lawley.xlsx`)
if (!present) console.warn(`The real workbooks are not in ${FOLDER}: only synthetic ones are tested.`)

const rowsOf = async (name: string, sheet: SheetChoice): Promise<ReadonlyArray<SheetRow>> => {
  const found: SheetRow[] = []
  const request = { path: `${FOLDER}/${name}`, sheet, limits: DEFAULT_WORKBOOK_LIMITS, signal: null }
  const answer = await childProcessWorkbookReader().read(request, (rows) => void found.push(...rows))()
  expect(answer._tag).toBe('Right')
  return found
}

describe.skipIf(!present)('the real workbooks', () => {
  it('the weekly report of Lawley gives 93 items, each whole', async () => {
    const { lines, layout } = readReport(await rowsOf('Lawley WE251114.xlsx', { type: 'like', word: 'notes' }))
    const under = (note: number) => lines.filter((line) => line.note === note)
    const tally = Object.fromEntries([1, 2, 3, 4, 5].map((note) => [`note ${note}`, under(note).length]))
    console.info('Lawley WE251114:', lines.length, 'items', tally)
    expect(layout).toEqual(E.right('notes'))
    expect([lines.length, tally]).toEqual([
      93,
      { 'note 1': 31, 'note 2': 24, 'note 3': 12, 'note 4': 14, 'note 5': 12 },
    ])
    expect(lines.flatMap(({ problems }) => problems)).toEqual([])
    expect(lines.every(({ dr }) => dr !== null)).toBe(true)
    expect(
      under(1).every(
        (l) => l.serial && l.olt && l.rx !== null && l.rx < -26 && l.team && l.reportedOn && l.reason === null,
      ),
    ).toBe(true)
    expect(under(2).every((l) => l.serial && l.team && l.reason === 'No entry on field app')).toBe(true)
    expect(under(3).every((l) => l.olt && l.rx !== null && l.rx > -26 && l.serial === null)).toBe(true)
    expect(under(4).every((l) => l.serial && l.serialFieldApp && l.serial !== l.serialFieldApp && l.team)).toBe(true)
    expect(under(5).every((l) => l.reason === 'Fibre break between pole and home' && l.team)).toBe(true)
    expect(under(1)[3]).toMatchObject({
      row: 8,
      dr: 'DR1735687',
      serial: 'ALCLB7C36DD4',
      olt: 'law.olt.01:1-1-5-14',
      rx: -28.801,
      team: 'law1',
      reportedOn: '2025-11-11',
    })
  })

  it('the flat report gives 93 items, each whole', async () => {
    const { lines, layout } = readReport(await rowsOf('weekly-flat-2025-W46.xlsx', { type: 'like', word: 'notes' }))
    console.info('weekly-flat-2025-W46:', lines.length, 'items')
    expect(layout).toEqual(E.right('flat'))
    expect(lines).toHaveLength(93)
    expect(lines.flatMap(({ problems }) => problems)).toEqual([])
    expect(new Set(lines.map(({ externalId }) => externalId)).size).toBe(93)
    expect(
      lines.every(
        (l) => l.dr && l.description && l.reportedOn && l.priority && l.contractor && l.zone && l.pon && l.pole,
      ),
    ).toBe(true)
    expect(lines[92]).toMatchObject({
      row: 94,
      externalId: 'FT406092',
      dr: 'DR1753161',
      description: 'No link light',
      reportedOn: '2025-11-09',
      priority: 'high',
      contractor: 'Velocity',
      zone: '11',
      pon: '137',
      pole: 'LAW.P.C708',
      personal: { clientName: null, clientContact: null, address: null },
    })
  })

  it('the design of Lawley gives 23,708 records with every defect of the real thing', async () => {
    const parsed = parsePlatformRows(HLD_HOME)(
      await rowsOf('Drops_Lawley.xlsx', { type: 'named', name: HLD_HOME.sheet }),
    )
    const records = E.isRight(parsed) ? parsed.right.records : []
    const drops = new Set(records.map(({ dr }) => dr))
    const spares = records.filter(({ spare }) => spare)
    console.info('Drops_Lawley:', records.length, 'records', drops.size, 'drops', spares.length, 'spares')
    expect([records.length, drops.size, spares.length]).toEqual([23_708, 23_707, 3_599])
    expect(records.flatMap(({ problems }) => problems)).toEqual([])
    expect(records.filter(({ dr }) => dr === 'DR1753202').map((r) => [r.pole, r.pon, r.zone, r.cableLengthM])).toEqual([
      ['LAW.P.C175', '110', '10', 40],
      ['LAW.P.C698', '137', '11', 50],
    ])
    expect(records.every(({ pole, pon, zone }) => pole !== null && pon !== null && zone !== null)).toBe(true)
    expect([...Array(8).keys()].some((n) => drops.has(`DR${1_738_356 + n}`))).toBe(false)
  })
})
