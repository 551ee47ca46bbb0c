import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import type { PlatformLayout } from '../../../src/domain/platform-records/layouts.ts'
import { DEFAULT_LAYOUTS, HLD_HOME, QA_SHEET, TRACKER_HOME } from '../../../src/domain/platform-records/layouts.ts'
import type { PlatformRead } from '../../../src/domain/platform-records/read-platform-rows.ts'
import { parsePlatformRows } from '../../../src/domain/platform-records/read-platform-rows.ts'
import type { Cell } from '../../../src/domain/shared/sheet.ts'
import { hldRows, qaRows, sheetRows, trackerRows } from '../../support/workbooks.ts'

const read = (layout: PlatformLayout, rows: ReadonlyArray<ReadonlyArray<Cell>>): PlatformRead => {
  const parsed = parsePlatformRows(layout)(sheetRows(rows, layout.sheet))
  if (E.isLeft(parsed)) throw new Error(JSON.stringify(parsed.left))
  return parsed.right
}

describe('the design workbook', () => {
  const { records, carries } = read(HLD_HOME, hldRows(200))

  it('gives one record per row: a drop on two poles stays two', () => {
    expect(records).toHaveLength(196)
    expect(new Set(records.map(({ dr }) => dr)).size).toBe(195)
    expect(
      records
        .filter(({ dr }) => dr === 'DR1729699')
        .map(({ pole, pon, zone, cableLengthM }) => [pole, pon, zone, cableLengthM]),
    ).toEqual([
      ['LAW.P.A024', '2', '1', 40],
      ['LAW.P.C698', '137', '11', 50],
    ])
  })

  it('tells spares by their comment', () => {
    expect(records.filter(({ spare }) => spare)).toHaveLength(29)
    expect(records.find(({ dr }) => dr === 'DR1729500')?.spare).toBe(true)
    expect(records.find(({ dr }) => dr === 'DR1729501')?.spare).toBe(false)
  })

  it('has no problem, and says which fields it carries', () => {
    expect(records.flatMap(({ problems }) => problems)).toEqual([])
    expect(carries).toEqual(['dr', 'pole', 'pon', 'zone', 'address', 'comments', 'cableLength', 'lat', 'lon'])
  })
})

describe('the tracker and the quality sheet', () => {
  it('the tracker has its header on row 2, and knows serial and installation day', () => {
    const { records } = read(TRACKER_HOME, trackerRows())
    expect(records).toHaveLength(20)
    expect(records[0]).toMatchObject({
      row: 3,
      dr: 'DR1729500',
      pole: 'LAW.P.A000',
      pon: '1',
      zone: '1',
      ontSerial: 'ALCLB465A671',
      installedOn: '2025-06-02',
      spare: false,
      problems: [],
    })
  })

  it('the quality sheet carries no pole, so none is compared', () => {
    const { records, carries } = read(QA_SHEET, qaRows())
    expect(records[0]).toMatchObject({ dr: 'DR1729500', pon: '1', zone: '1', pole: null })
    expect(carries).not.toContain('pole')
  })

  it('each platform has a default layout of its own', () =>
    expect(Object.entries(DEFAULT_LAYOUTS).map(([platform, layout]) => platform === layout.platform)).toEqual([
      true,
      true,
      true,
    ]))
})

describe('a platform workbook', () => {
  it('without its header is refused, saying what was looked for and what was found', () => {
    const refused = parsePlatformRows(TRACKER_HOME)(sheetRows([['title'], ['Name', 'Phone'], ['a', 'b']]))
    expect(refused).toEqual(
      E.left({
        type: 'HeaderNotFound',
        sheet: 'Tracker_Home',
        headerRow: 2,
        lookedFor: TRACKER_HOME.columns.dr,
        found: ['Name', 'Phone'],
      }),
    )
    expect(E.isLeft(parsePlatformRows(HLD_HOME)([]))).toBe(true)
  })

  it('keeps a row it cannot read, with what is wrong in it, and goes on', () => {
    const { records } = read(TRACKER_HOME, [
      [],
      ['Drop', 'Pole', 'PON', 'Zone', 'ONT serial', 'Installed', 'lat', 'lon'],
      ['DR17', '!', 'x', 'y', 'ALCB', 'soon', 91, 181],
      [null, 'LAW.P.A001'],
      ['DR1729500', 'LAW.P.A001', 1, 1, '(S)ALCLB46BE62E(P)s3cret', '14/11/2025', -26.4, '27,8'],
      ['DR1729501', null, null, null, '(S)broken(P)s3cret'],
      ['(S)ALCLB46BE62E(U)admin(P)s3cret', '(U)admin(P)s3cret'],
    ])
    expect(records.map(({ problems }) => problems.map(({ field }) => field))).toEqual([
      ['dr', 'pole', 'pon', 'zone', 'ontSerial', 'installedOn', 'lat', 'lon'],
      ['dr'],
      [],
      ['ontSerial'],
      ['dr', 'pole'],
    ])
    expect(records[2]).toMatchObject({ ontSerial: 'ALCLB46BE62E', installedOn: '2025-11-14', lat: -26.4, lon: 27.8 })
    expect(JSON.stringify(records)).not.toContain('s3cret')
  })

  it('gives one record for each row below the header, whatever stands in it', () => {
    const cellArb = fc.oneof(
      fc.string(),
      fc.double(),
      fc.boolean(),
      fc.constant(null),
      fc.constantFrom<Cell>('DR1729500', 'LAW.P.A001', 45_969),
    )
    const reached = new Set<boolean>()
    fc.assert(
      fc.property(fc.array(fc.array(cellArb, { maxLength: 9 }), { maxLength: 20 }), (rows) => {
        const all = [['Drop', 'Pole', 'PON', 'Zone', 'Status', 'lat', 'lon', 'dim2', 'comments'], ...rows]
        const { records } = read(HLD_HOME, all)
        for (const { dr } of records) reached.add(dr !== null)
        expect(records.map(({ row }) => row)).toEqual(
          sheetRows(all)
            .slice(1)
            .map(({ row }) => row),
        )
        expect(records.every(({ dr, problems }) => dr !== null || problems.some(({ field }) => field === 'dr'))).toBe(
          true,
        )
      }),
    )
    expect(reached.size).toBe(2)
  })
})
