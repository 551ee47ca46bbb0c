import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import type { Cell } from '../../../src/domain/shared/sheet.ts'
import type { ReportLine } from '../../../src/domain/weekly-report/weekly-report.ts'
import { readReport } from '../../support/read-report.ts'
import { flatRows, notesRows, sheetRows } from '../../support/workbooks.ts'

const read = (rows: ReadonlyArray<ReadonlyArray<Cell>>) => readReport(sheetRows(rows))
const noteLine = (note: number, ...rows: ReadonlyArray<ReadonlyArray<Cell>>): ReportLine => {
  const line = read([[`Note ${note}: something`], ...rows]).lines[0]
  if (line === undefined) throw new Error('no line')
  return line
}
const flatLine = (header: ReadonlyArray<Cell>, row: ReadonlyArray<Cell>): ReportLine => {
  const line = read([header, row]).lines[0]
  if (line === undefined) throw new Error('no line')
  return line
}
const rules = (line: ReportLine) =>
  line.problems.map(({ field, rule, blocks }) => `${field} ${rule}${blocks ? '!' : ''}`)

describe('a report in the client layout', () => {
  it('gives 93 items over five notes, none with a problem', () => {
    const { lines, layout } = read(notesRows())
    expect(layout).toEqual(E.right('notes'))
    expect([1, 2, 3, 4, 5].map((note) => lines.filter((line) => line.note === note).length)).toEqual([
      31, 24, 12, 14, 12,
    ])
    expect(lines.flatMap(({ problems }) => problems)).toEqual([])
  })

  it('names what each row is', () => {
    expect(
      read([['Lawley'], ['Note 5:'], ['DR', 'Reason'], ['DR1729500', 'cut'], []]).readings.map(({ type }) => type),
    ).toEqual(['title', 'section', 'header', 'line'])
  })

  it('is read by looks where a section has no header, whatever the order of its columns', () => {
    const wanted = {
      dr: 'DR1729500',
      serial: 'ALCLB465A671',
      olt: 'law.olt.01:1-1-8-10',
      rx: -27.5,
      team: 'law1',
      reportedOn: '2025-11-08',
      reason: 'Fibre break',
    }
    const cells: ReadonlyArray<Cell> = [
      'DR1729500',
      'ALCLB465A671',
      'law.olt.01:1-1-8-10',
      -27.5,
      'law1',
      45_969,
      'Fibre break',
    ]
    expect(noteLine(5, cells)).toMatchObject(wanted)
    expect(noteLine(5, cells.toReversed())).toMatchObject(wanted)
    expect(noteLine(5, [null, 'drop 1729500', null, ...cells.slice(1)])).toMatchObject(wanted)
  })

  it('takes a bare number for the drop only when no cell calls itself one', () => {
    expect(noteLine(2, [1_729_500, 'law1']).dr).toBe('DR1729500')
    expect(noteLine(2, [11_504_715, 'DR1729500']).dr).toBe('DR1729500')
  })

  it('tells the serial of the OLT from that of the field app, with and without a header', () => {
    const serials = ['ALCLB87538E0', 'ALCLBBD1AECC']
    expect(noteLine(4, ['DR1740181', ...serials])).toMatchObject({ serial: serials[0], serialFieldApp: serials[1] })
    expect(
      noteLine(
        4,
        ['Drop', 'ONT serial (Field App)', 'ONT serial (OLT)'],
        ['DR1740181', serials[1] ?? '', serials[0] ?? ''],
      ),
    ).toMatchObject({
      serial: serials[0],
      serialFieldApp: serials[1],
    })
  })

  it('forgets the header of a section when the next begins, but keeps one that stands above all', () => {
    const lines = read([
      ['Note 1:'],
      ['Reason', 'Drop'],
      ['weak', 'DR1729500'],
      ['Note 5:'],
      ['DR1729501', 'cut'],
    ]).lines
    expect(lines.map(({ dr, reason }) => [dr, reason])).toEqual([
      ['DR1729500', 'weak'],
      ['DR1729501', 'cut'],
    ])
    const common = read([['Serial', 'Drop', 'Remarks'], ['Note 2:'], ['ALCLB465A671', 1_729_500, 'late']]).lines[0]
    expect(common).toMatchObject({ dr: 'DR1729500', serial: 'ALCLB465A671', reason: 'late', note: 2 })
  })

  it('does not trust a header whose columns moved under it', () => {
    expect(noteLine(1, ['Drop', 'Serial'], [null, 'DR1729500', 'ALCLB465A671'])).toMatchObject({
      dr: 'DR1729500',
      serial: 'ALCLB465A671',
      problems: [],
    })
  })

  it('keeps a row it cannot use, with the reason', () => {
    expect(rules(noteLine(1, ['Total: 31']))).toEqual(['row unrecognised!'])
    expect(rules(noteLine(1, ['Drop', 'Team'], ['DR17295', 'law1']))).toEqual(['dr not_a_drop_number!'])
    expect(rules(noteLine(1, ['DRTEST001', 'law1']))).toEqual(['dr not_a_drop_number!'])
    expect(rules(noteLine(1, ['ALCLB465A671', 'law1']))).toEqual(['dr missing!'])
    expect(rules(noteLine(6, ['DR1729500', 'law1']))).toEqual(['note unknown_note!'])
    expect(rules(read([['DR1729500'], ['Note 1:']]).lines[0] as ReportLine)).toEqual(['row before_any_section!'])
  })

  it('notes what is doubtful without giving the row up', () => {
    expect(rules(noteLine(1, ['Drop', 'RX', 'Serial', 'Date'], ['DR1729500', 27.5, 'ALCB465A671', 'soon']))).toEqual([
      'serial not_an_ont_serial',
      'reported_on not_a_date',
      'rx not_a_negative_level',
    ])
    expect(rules(noteLine(1, ['Drop', 'RX'], ['DR1729500', 'weak']))).toEqual(['rx not_a_number'])
    expect(rules(noteLine(4, ['DR1729500', 'DR1729501']))).toEqual(['dr several_in_one_row'])
    expect(noteLine(1, ['Drop', 'Serial', 'RX', 'Team'], ['DR1729500', 'N/A', '-', 'Team LAW 2'])).toMatchObject({
      serial: null,
      rx: null,
      team: 'law2',
      problems: [],
    })
  })

  it('lets no device login in from a scanned barcode', () => {
    const line = noteLine(4, ['DR1729500', '(S)ALCLB46BE62E(23S)admin(P)s3cret', '(P)s3cret'])
    expect(line).toMatchObject({ dr: 'DR1729500', serial: 'ALCLB46BE62E' })
    expect(JSON.stringify(line)).not.toMatch(/s3cret|admin/)
  })

  it('takes no plural for a barcode', () => {
    const headers = ['DR Number', 'Fault Description']
    for (const said of ['Cable(s) cut', 'CABLE(S) CUT AT POLE', 'Team (P) found nothing'])
      expect(flatLine(headers, ['DR1729500', said]).description).toBe(said)
    for (const scanned of ['(P)s3cret', 'ONT (S)ALCLB46BE62E(23S)admin(P)s3cret', 'pw(P)s3cret', '(S) x (U)s3cret'])
      expect(JSON.stringify(flatLine(headers, ['DR1729500', scanned]))).not.toMatch(/s3cret|admin/)
  })

  it('reports a formula that failed', () => {
    const rows = [...sheetRows([['Note 1:'], ['Drop', 'RX'], ['DR1729500']])].map((row) =>
      row.row === 3 ? { ...row, faults: [{ column: 1, fault: '#N/A' }] } : row,
    )
    expect(readReport(rows).lines[0]?.problems).toEqual([
      { field: 'rx', rule: 'formula_error', value: '#N/A', blocks: false },
    ])
  })
})

describe('a report in the flat layout', () => {
  it('gives 93 items with ticket number, place and day, none with a problem', () => {
    const { lines, layout } = read(flatRows())
    expect(layout).toEqual(E.right('flat'))
    expect(lines).toHaveLength(93)
    expect(lines.flatMap(({ problems }) => problems)).toEqual([])
    expect(lines[0]).toMatchObject({
      externalId: 'FT406000',
      dr: 'DR1729500',
      description: 'No link light',
      reportedOn: '2025-11-01',
      priority: 'normal',
      contractor: 'Velocity',
      zone: '1',
      pon: '1',
      pole: 'LAW.P.A000',
      note: null,
    })
  })

  it.each([
    ['Ticket No', 'DR Number', 'Fault Description', 'Date Logged'],
    ['TICKET_NO.', 'dr number', 'Fault\nDescription', 'date  logged'],
    ['Reference', 'Drop No', 'Issue', 'Reported'],
    ['Case Number', 'Drop', 'Complaint', 'Created (SAST)'],
    ['ref #', 'DROP NUMBER (DR)', 'Problem', 'Date'],
  ])('knows the headers %s, %s, %s, %s', (...header) => {
    expect(flatLine(header, ['FT1', 'drop 1729500', 'Slow', '14/11/2025'])).toMatchObject({
      externalId: 'FT1',
      dr: 'DR1729500',
      description: 'Slow',
      reportedOn: '2025-11-14',
    })
  })

  it('keeps what belongs to the client apart', () => {
    const line = flatLine(
      ['DR', 'Ticket', 'Customer Name', 'Cell No.', 'Address'],
      ['DR1729500', 'FT1', 'A Person', '0820000000', '1 Street'],
    )
    expect(line.personal).toEqual({ clientName: 'A Person', clientContact: '0820000000', address: '1 Street' })
  })

  it('may carry a note column, a title above and the header again below', () => {
    const { lines } = read([
      ['Weekly faults'],
      ['Note', 'DR', 'Ticket'],
      ['Note 3', 1_729_500, 'FT1'],
      ['Note', 'DR', 'Ticket'],
      [7, 'DR1729501', 'FT2'],
    ])
    expect(lines.map(({ note, dr }) => [note, dr])).toEqual([
      [3, 'DR1729500'],
      [null, 'DR1729501'],
    ])
    expect(rules(lines[1] as ReportLine)).toEqual(['note unknown_note'])
  })

  it('says which headers it does not know, and notes odd values', () => {
    expect(read([['DR', 'Ticket', 'Moon phase']]).readings[0]).toEqual({
      type: 'header',
      row: 1,
      fields: ['dr', 'external_id'],
      ignored: ['Moon phase'],
    })
    const line = flatLine(
      ['DR', 'Ticket', 'Priority', 'Pole', 'PON', 'Zone'],
      ['DR1729500', 'FT1', 'Soonish', '!', 'x', 'north'],
    )
    expect(rules(line)).toEqual([
      'priority not_a_priority',
      'pole unrecognised',
      'pon unrecognised',
      'zone unrecognised',
    ])
    expect(rules(flatLine(['DR', 'Ticket'], ['DR1729500', 'x'.repeat(101)]))).toEqual(['external_id unrecognised!'])
    expect(rules(flatLine(['DR', 'Ticket'], ['DR1729500', 'x'.repeat(100)]))).toEqual([])
  })
})

describe('a sheet that is no weekly report', () => {
  it('is refused, saying what was looked for and what stood there', () => {
    expect(read([['Staff'], ['Name', 'Phone'], ['someone', 'secret']]).layout).toEqual(
      E.left({
        type: 'NothingRecognised',
        lookedFor: ['a section "Note 1:" to "Note 5:"', 'a header row with a drop number or a ticket number'],
        found: ['Staff', 'Name | Phone', 'someone | secret'],
      }),
    )
    expect(E.isLeft(read([]).layout)).toBe(true)
  })
})
