import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import type { SheetChoice, WorkbookLimits } from '../../src/application/ports/workbook-reader.ts'
import { readRowsHere } from '../support/read-rows.ts'
import type { BookOptions, RawCell } from '../support/workbooks.ts'
import { flatRows, hostile, notesRows, saved, sheetRows, xlsx } from '../support/workbooks.ts'

const cellsOf = async (rows: ReadonlyArray<ReadonlyArray<RawCell>>, options: BookOptions = {}) => {
  const read = await readRowsHere(saved(xlsx([{ name: 'Notes', rows }], options)))
  return E.isRight(read) ? read.right.found.map(({ cells }) => cells) : read.left
}

const refusalOf = async (
  content: Buffer,
  limits: Partial<WorkbookLimits> = {},
  sheet: SheetChoice = { type: 'first' },
) => {
  const read = await readRowsHere(saved(content), sheet, limits)
  return E.isLeft(read) ? read.left : 'read'
}

describe('the cells of a workbook', () => {
  it('come as a person sees them, whatever Excel made of them', async () => {
    expect(
      await cellsOf([
        [
          { formula: '"DR"&A1', result: 'DR1729500' },
          { formula: 'A1*2', result: -26.5 },
          { formula: 'TRUE()', result: true },
        ],
        [
          { rich: ['DR', ' 1729', '500'] },
          { inlineRich: ['ALCLB', '465A671'] },
          { link: 'https://example.invalid/', shown: 'DR1729500' },
        ],
        ['  law1 \n ', 'No  entry\n on field app', '007', 'Zoë\u00a0Māori', 'a_x000D_b', 'A & B <c>'],
        [true, false, 0, -28.801000000000002, 1e21],
        [{ wallClock: '2025-11-14T00:00:00' }, { wallClock: '2025-11-14T13:30:15' }],
      ]),
    ).toEqual([
      ['DR1729500', -26.5, true],
      ['DR 1729500', 'ALCLB465A671', 'DR1729500'],
      ['law1', 'No entry on field app', '007', 'Zoë Māori', 'a b', 'A & B <c>'],
      [true, false, 0, -28.801, 1e21],
      [{ wallClock: '2025-11-14T00:00:00' }, { wallClock: '2025-11-14T13:30:15' }],
    ])
  })

  it('that hold an Excel error are empty, with a note of the error', async () => {
    const read = await readRowsHere(
      saved(xlsx([{ name: 'Notes', rows: [['x', { error: '#N/A' }, { formula: 'A1', error: '#REF!' }]] }])),
    )
    expect(E.isRight(read) && read.right.found[0]).toEqual({
      sheet: 'Notes',
      row: 1,
      cells: ['x'],
      faults: [
        { column: 1, fault: '#N/A' },
        { column: 2, fault: '#REF!' },
      ],
    })
  })

  it('keep their row numbers across empty rows, and their columns across empty cells', async () => {
    const read = await readRowsHere(
      saved(xlsx([{ name: 'Notes', rows: [['a'], [], [null, null, 'b'], [null, ''], ['c']] }])),
    )
    expect(E.isRight(read) && read.right.found.map(({ row, cells }) => [row, cells])).toEqual([
      [1, ['a']],
      [3, [null, null, 'b']],
      [5, ['c']],
    ])
  })

  it('are the same without references, with absolute targets, and in the 1904 calendar', async () => {
    const rows = [['a', null, 'b'], [{ wallClock: '2025-11-14T00:00:00' }]]
    for (const options of [{ bare: true }, { absoluteTargets: true }, { date1904: true }])
      expect(await cellsOf(rows, options)).toEqual(rows)
  })

  it('survive a character that lies across two chunks of the file', async () => {
    const rows = Array.from({ length: 3_000 }, (_, n) => [`${n} ääääääääääääääääääääääääääääääääää €`])
    expect(await cellsOf(rows)).toEqual(rows)
  })

  it('of the client layout come through whole', async () => {
    const read = await readRowsHere(saved(xlsx([{ name: 'Notes', rows: notesRows() }])))
    const expected = sheetRows(notesRows()).map(({ row }) => row)
    expect(E.isRight(read) && read.right.found.map(({ row }) => row)).toEqual(expected)
  })
})

describe('the sheet that is read', () => {
  const book = saved(
    xlsx([
      { name: 'Summary', rows: [['s']] },
      { name: 'WE251114 notes ', rows: [['n']] },
      { name: 'Hidden', rows: [['h']], hidden: true },
    ]),
  )
  const first = async (choice: SheetChoice, path = book) => {
    const read = await readRowsHere(path, choice)
    return E.isRight(read) ? read.right.found[0]?.cells[0] : read.left
  }

  it('is the one like the word, else the first', async () => {
    expect(await first({ type: 'like', word: 'Notes' })).toBe('n')
    expect(await first({ type: 'like', word: 'HLD' })).toBe('s')
    expect(await first({ type: 'first' })).toBe('s')
  })

  it('is the named one even when hidden, or nothing: a refusal lists what there is', async () => {
    expect(await first({ type: 'named', name: 'hidden' })).toBe('h')
    expect(await first({ type: 'named', name: 'HLD_Home' })).toEqual({
      type: 'SheetNotFound',
      wanted: 'HLD_Home',
      found: ['Summary', 'WE251114 notes', 'Hidden'],
    })
  })

  it('is a visible one when nobody asks for a hidden one', async () => {
    const path = saved(
      xlsx([
        { name: 'Old', rows: [['o']], hidden: true },
        { name: 'New', rows: [['n']] },
      ]),
    )
    expect(await first({ type: 'first' }, path)).toBe('n')
    expect(await first({ type: 'first' }, saved(xlsx([{ name: 'Only', rows: [['o']], hidden: true }])))).toBe('o')
  })
})

describe('a file that is refused', () => {
  it.each([
    ['text', hostile.text(), { type: 'NotAWorkbook', found: 'a text file' }],
    ['an empty file', hostile.empty(), { type: 'NotAWorkbook', found: 'an empty file' }],
    ['a PDF', hostile.pdf(), { type: 'NotAWorkbook', found: 'a PDF' }],
    ['a picture', Buffer.from('ffd8ffe000104a464946', 'hex'), { type: 'NotAWorkbook', found: 'another kind of file' }],
    ['an encrypted workbook', hostile.encrypted(), { type: 'EncryptedWorkbook' }],
    ['an encrypted archive', hostile.encryptedZip(), { type: 'EncryptedWorkbook' }],
    ['an old .xls', hostile.oldXls(), { type: 'NotAWorkbook', found: 'a workbook of Excel 97-2003 (.xls)' }],
    ['another archive', hostile.otherZip(), { type: 'NotAWorkbook', found: 'a zip archive' }],
    ['a Word document', hostile.word(), { type: 'NotAWorkbook', found: 'another kind of Office document' }],
    ['strict Open XML', hostile.strict(), { type: 'StrictOpenXml' }],
    ['a file cut short', hostile.truncated(), { type: 'CorruptWorkbook' }],
    ['broken XML', hostile.brokenXml(), { type: 'CorruptWorkbook' }],
    ['a text that is not there', xlsx([{ name: 'Notes', rows: [[{ sharedString: 7 }]] }]), { type: 'CorruptWorkbook' }],
    [
      'more text than Excel allows',
      xlsx([{ name: 'Notes', rows: [['x'.repeat(32_768)]] }]),
      { type: 'CorruptWorkbook' },
    ],
    ['a part of lying size', hostile.lyingBomb(), { type: 'CorruptWorkbook' }],
    ['a bomb', hostile.bomb(), { type: 'WorkbookTooLarge', limit: 'ratio', max: 100 }],
    [
      'a crowd of parts',
      hostile.manyParts(),
      { type: 'WorkbookTooLarge', limit: 'entries', max: 2_000, actual: 3_000 },
    ],
    ['a workbook without sheets', xlsx([]), { type: 'SheetNotFound', wanted: 'a sheet', found: [] }],
  ])('%s', async (_, content, expected) => expect(await refusalOf(content)).toMatchObject(expected))

  const book = xlsx([{ name: 'Notes', rows: flatRows(5) }])
  it.each<readonly [string, Partial<WorkbookLimits>, Partial<WorkbookLimits>, number]>([
    ['packed', { packedBytes: book.length }, { packedBytes: book.length - 1 }, book.length],
    ['rows after the header', { rows: 5 }, { rows: 4 }, 5],
    ['columns', { columns: 10 }, { columns: 9 }, 10],
    ['parts', { entries: 7 }, { entries: 6 }, 7],
  ])('for its %s: on the limit it is read, beyond it is not', async (_, within, beyond, actual) => {
    expect(await refusalOf(book, within)).toBe('read')
    const [limit, max] = Object.entries(beyond)[0] ?? []
    expect(await refusalOf(book, beyond)).toEqual({ type: 'WorkbookTooLarge', limit, max, actual })
  })

  it('for its unpacked size and ratio, as really counted', async () => {
    const bomb = hostile.bomb(4_000_000)
    expect(await refusalOf(bomb, { unpackedBytes: 1_000_000, ratio: 100_000 })).toMatchObject({
      limit: 'unpackedBytes',
      max: 1_000_000,
    })
    expect(await refusalOf(bomb, { ratio: 100_000 })).not.toMatchObject({ type: 'WorkbookTooLarge' })
  })
})
