import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { expect, it } from 'vitest'
import type { Cell, SheetRow } from '../../../src/domain/shared/sheet.ts'
import { decideFate, FATES, keyOf } from '../../../src/domain/weekly-report/decide-fate.ts'
import { DEFAULT_NOTE_RULES } from '../../../src/domain/weekly-report/note-rules.ts'
import { NOTES } from '../../../src/domain/weekly-report/weekly-report.ts'
import { readReport } from '../../support/read-report.ts'
import { flatRows, notesRows, sheetRows } from '../../support/workbooks.ts'

const cellArb: fc.Arbitrary<Cell> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(null) },
  { weight: 3, arbitrary: fc.integer({ min: 1_729_500, max: 1_729_520 }).map((n) => `DR${n}`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Cell>(
      'Drop number',
      'Ticket No',
      'Serial',
      'Team',
      'Reason',
      'Date',
      'ALCLB465A671',
      'law.olt.01:1-1-8-10',
      -27.5,
      45_969,
      'law1',
      'DR17',
      '(S)ALCLB46BE62E(P)x',
    ),
  },
  { weight: 1, arbitrary: fc.string() },
  { weight: 1, arbitrary: fc.double() },
  { weight: 1, arbitrary: fc.boolean() },
  {
    weight: 1,
    arbitrary: fc
      .date({ noInvalidDate: true, min: new Date('1950-01-01'), max: new Date('2090-01-01') })
      .map((at) => ({ wallClock: at.toISOString().slice(0, 19) })),
  },
)
const itemArb = fc.array(cellArb, { maxLength: 6 })
const sectionArb = fc.integer({ min: 0, max: 6 }).map((note) => [`Note ${note}: something`])
const headerArb = fc.constantFrom<ReadonlyArray<Cell>>(
  ['Ticket No', 'Drop number', 'Reason'],
  ['DR', 'Serial', null, 'Team'],
)
const manyRowsArb = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: itemArb },
    { weight: 1, arbitrary: sectionArb },
    { weight: 1, arbitrary: headerArb },
  ),
  { maxLength: 40 },
)
const rowsArb: fc.Arbitrary<ReadonlyArray<ReadonlyArray<Cell>>> = fc.oneof(
  manyRowsArb,
  fc.tuple(headerArb, fc.array(itemArb, { maxLength: 20 })).map(([header, items]) => [header, ...items]),
)
const asRows = (rows: ReadonlyArray<ReadonlyArray<Cell>>): ReadonlyArray<SheetRow> =>
  rows.map((cells, index) => ({ sheet: 'Notes', row: index + 1, cells, faults: [] }))

it('every non-empty row gets exactly one reading, in order, whatever stands in it', () => {
  const reached = new Set<string>()
  fc.assert(
    fc.property(rowsArb, (rows) => {
      const { readings, layout } = readReport(asRows(rows))
      for (const reading of readings) reached.add(reading.type)
      reached.add(E.isLeft(layout) ? layout.left.type : layout.right)
      const filled = sheetRows(rows).map(({ row }) => row)
      expect(readings.map((reading) => (reading.type === 'line' ? reading.line.row : reading.row))).toEqual(filled)
    }),
    { numRuns: 1000 },
  )
  expect([...reached].sort()).toEqual(['NothingRecognised', 'flat', 'header', 'line', 'notes', 'section', 'title'])
})

it.each([
  ['client', notesRows()],
  ['flat', flatRows()],
])('one bad row never changes the reading of the others: %s layout', (_, rows) => {
  const clean = readReport(sheetRows(rows)).lines
  const reached = new Set<string>()
  const badArb = fc.array(
    fc.oneof(
      fc.double(),
      fc.boolean(),
      fc.constant(null),
      fc.string().map((text) => `? ${text}`),
    ),
    { minLength: 1, maxLength: 10 },
  )
  fc.assert(
    fc.property(badArb, fc.nat(rows.length - 5), (bad, at) => {
      const place = at + 4
      const spoiled = readReport(
        sheetRows([...rows.slice(0, place), bad as ReadonlyArray<Cell>, ...rows.slice(place)]),
      ).lines
      const others = spoiled.filter(({ row }) => row !== place + 1)
      reached.add(spoiled.length === others.length ? 'no item' : 'one more item')
      expect(others.map((line) => ({ ...line, row: line.row > place ? line.row - 1 : line.row }))).toEqual(clean)
    }),
    { numRuns: 300 },
  )
  expect(reached.has('one more item')).toBe(true)
})

it('a line without a blocking problem has a drop, a key and, in the client layout, a note', () => {
  const reached = new Set<boolean>()
  fc.assert(
    fc.property(rowsArb, (rows) => {
      for (const line of readReport(asRows(rows)).lines) {
        const usable = !line.problems.some(({ blocks }) => blocks)
        reached.add(usable)
        if (usable) {
          expect(line.dr).toMatch(/^DR\d{6,8}$/)
          expect(keyOf('p', line)).not.toBeNull()
          if (line.layout === 'notes') expect(NOTES).toContain(line.note)
        }
        expect(line.rx === null || line.rx < 0).toBe(true)
        expect(line.serial === null || /^[A-Z]{4}[0-9A-F]{8}$/.test(line.serial)).toBe(true)
      }
    }),
    { numRuns: 500 },
  )
  expect(reached.size).toBe(2)
})

it('every line has one fate with a reason, and every fate is met', () => {
  const reached = new Set<string>()
  const newToUs = { firstRowInFile: null, openTicketByKey: null, lastTicketByKey: null, sowConnected: true }
  const ticketArb = fc.option(
    fc
      .constantFrom('open', 'pending_qa', 'handed_to_maintenance', 'closed', 'cancelled')
      .map((status) => ({ ticketId: 't', ticketUid: 'FT1000001', status }) as const),
  )
  const lookupsArb = fc.record({
    firstRowInFile: fc.option(fc.nat(), { freq: 2 }),
    openTicketByKey: fc.constant(null),
    lastTicketByKey: ticketArb,
    drKnown: fc.boolean(),
    sowConnected: fc.boolean(),
  })
  fc.assert(
    fc.property(rowsArb, lookupsArb, (rows, lookups) => {
      for (const line of readReport(asRows(rows)).lines) {
        const decided = decideFate(line, lookups, DEFAULT_NOTE_RULES)
        reached.add(decided.fate)
        expect(decided.reason).not.toBe('')
      }
    }),
    {
      numRuns: 500,
      examples: [[notesRows(), { ...newToUs, drKnown: true }]],
    },
  )
  expect([...reached].sort()).toEqual([...FATES].sort())
})
