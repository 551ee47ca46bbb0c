import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import type { ParsingMessage } from '../../src/adapters/excel/messages.ts'
import { runJob } from '../../src/adapters/excel/run-job.ts'
import { isDateFormat } from '../../src/adapters/excel/workbook-parts.ts'
import { DEFAULT_WORKBOOK_LIMITS } from '../../src/application/ports/workbook-reader.ts'
import { readRowsHere } from '../support/read-rows.ts'
import { flatRows, hostile, saved, xlsx } from '../support/workbooks.ts'
import type { ZipPart } from '../support/zip.ts'
import { zipOf } from '../support/zip.ts'

const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const relations = (...items: ReadonlyArray<readonly [string, string, string, string?]>): string =>
  `<Relationships>${items.map(([id, kind, target, mode]) => `<Relationship Id="${id}" Type="${OFFICE}/${kind}" Target="${target}"${mode ? ` TargetMode="${mode}"` : ''}/>`).join('')}</Relationships>`

/** A workbook of one sheet whose rows are given as XML; `parts` replace or add to the usual ones, `without` leaves some out. */
const book = (
  rows: string,
  parts: Readonly<Record<string, string>> = {},
  without: ReadonlyArray<string> = [],
): string => {
  const all: Readonly<Record<string, string>> = {
    '[Content_Types].xml': '<Types/>',
    'xl/workbook.xml':
      '<x:workbook xmlns:x="main"><x:sheets><x:sheet name="One" sheetId="1" r:id="a"/></x:sheets></x:workbook>',
    'xl/_rels/workbook.xml.rels': relations(
      ['a', 'worksheet', 'worksheets/notes.xml'],
      ['s', 'styles', 'styles.xml'],
      ['t', 'sharedStrings', 'texts.xml'],
    ),
    'xl/worksheets/notes.xml': `<worksheet><sheetData>${rows}</sheetData></worksheet>`,
    'xl/styles.xml':
      '<styleSheet><numFmts><numFmt numFmtId="164" formatCode="dd/mm/yyyy"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="9"/><xf/></cellXfs></styleSheet>',
    'xl/texts.xml': '<sst><si><t>Zone</t><rPh sb="0" eb="1"><t>spoken</t></rPh></si></sst>',
    ...parts,
  }
  const list: ZipPart[] = Object.entries(all).map(([name, content]) => ({ name, content }))
  return saved(zipOf(list.filter(({ name }) => !without.includes(name))))
}
const cellsOf = async (path: string) => {
  const read = await readRowsHere(path)
  return E.isRight(read)
    ? read.right.found.map(({ cells, faults }) =>
        faults.length > 0 ? [cells, faults.map(({ fault }) => fault)] : cells,
      )
    : read.left
}

describe('a workbook that other programs wrote', () => {
  it('may use any part names, prefixes and no package relations at all', async () =>
    expect(await cellsOf(book('<row r="1"><c r="A1" t="s"><v>0</v></c></row>'))).toEqual([['Zone']]))

  it('may have no styles, no texts and no types of cells', async () =>
    expect(
      await cellsOf(
        book('<row><c><v>45969</v></c><c t="inlineStr"><is><t>x</t></is></c></row>', {}, [
          'xl/styles.xml',
          'xl/texts.xml',
        ]),
      ),
    ).toEqual([[45969, 'x']]))

  it('shows a number as a date where its style does, and only there', async () =>
    expect(
      await cellsOf(
        book(
          '<row><c s="1"><v>45969.5</v></c><c s="2"><v>45969</v></c><c s="3"><v>1</v></c><c s="99"><v>2</v></c></row>',
        ),
      ),
    ).toEqual([[{ wallClock: '2025-11-08T12:00:00' }, 45969, 1, 2]]))

  it('keeps a number no calendar has a number, even in a date style', async () =>
    expect(
      await cellsOf(book('<row><c s="1"><v>-1</v></c><c s="1"><v>2958466</v></c><c s="1"><v>2958465</v></c></row>')),
    ).toEqual([[-1, 2958466, { wallClock: '9999-12-31T00:00:00' }]]))

  it('may hold ISO dates, worded booleans, empty values and phonetic guides', async () =>
    expect(
      await cellsOf(
        book(
          '<row><c t="d"><v>2025-11-14T08:00:00.000</v></c><c t="b"><v>true</v></c><c><v></v></c><c t="inlineStr"><is><t>a</t><rPh><t>b</t></rPh></is></c></row>',
        ),
      ),
    ).toEqual([[{ wallClock: '2025-11-14T08:00:00' }, true, null, 'a']]))

  it('with a value that is no number says so', async () =>
    expect(await cellsOf(book('<row><c><v>abc</v></c></row>'))).toEqual([[[], ['abc']]]))

  it('has its links to the outside left alone', async () => {
    const outside = relations(['a', 'worksheet', 'http://example.invalid/sheet.xml', 'External'])
    expect(await cellsOf(book('', { 'xl/_rels/workbook.xml.rels': outside }))).toEqual({
      type: 'SheetNotFound',
      wanted: 'a sheet',
      found: [],
    })
  })
})

describe('a workbook that is broken', () => {
  it.each([
    ['in its row numbers', book('<row r="x"><c><v>1</v></c></row>'), 'a row has no proper number'],
    [
      'for its sheet is missing',
      book('', {}, ['xl/worksheets/notes.xml']),
      'its part xl/worksheets/notes.xml is missing',
    ],
    ['for its sheet is cut off', book('<row>'), 'unexpected close tag'],
    ['for its sheet is empty', book('', { 'xl/worksheets/notes.xml': '' }), 'cut off'],
    [
      'for a part comes twice',
      saved(
        zipOf([
          { name: 'a', content: '' },
          { name: 'a', content: '' },
        ]),
      ),
      'two parts have the same name',
    ],
    [
      'for its text is no UTF-8',
      saved(
        zipOf([
          { name: '[Content_Types].xml', content: '' },
          { name: 'xl/workbook.xml', content: Buffer.from([0x3c, 0xff, 0xfe]) },
        ]),
      ),
      'encoded data was not valid',
    ],
  ])('%s is refused', async (_, path, reason) =>
    expect(await cellsOf(path)).toMatchObject({ type: 'CorruptWorkbook', reason: expect.stringMatching(reason) }),
  )

  it('is no workbook when its main part is something else', async () => {
    expect(await cellsOf(book('', { 'xl/workbook.xml': '<presentation/>' }))).toEqual({
      type: 'NotAWorkbook',
      found: 'another kind of Office document',
    })
    expect(
      await cellsOf(
        book('', {
          '_rels/.rels': relations(['r', 'officeDocument', 'word/document.xml']),
          'word/document.xml': '<d/>',
        }),
      ),
    ).toMatchObject({ type: 'NotAWorkbook' })
    expect(
      await cellsOf(
        book('', { '_rels/.rels': relations(['r', 'officeDocument', 'xl/workbook.bin']), 'xl/workbook.bin': '' }),
      ),
    ).toMatchObject({ type: 'NotAWorkbook' })
  })

  it('by declaring itself strict is refused as that', async () =>
    expect(await cellsOf(book('', { 'xl/workbook.xml': '<workbook conformance="strict"/>' }))).toEqual({
      type: 'StrictOpenXml',
    }))
})

it.each([
  ['dd mmm yyyy', true],
  ['[$-1C09]d/m/yy;@', true],
  ['General', false],
  ['# ##0.00', false],
  ['"days" 0', false],
  ['0\\d', false],
  ['[Red]0.00', false],
])('the number format %s shows a date: %s', (code, shows) => expect(isDateFormat(code)).toBe(shows))

describe('a parsing job', () => {
  const messagesOf = async (path: string) => {
    const messages: ParsingMessage[] = []
    await runJob(
      { path, sheet: { type: 'first' }, limits: DEFAULT_WORKBOOK_LIMITS },
      async (message) => void messages.push(message),
    )
    return messages
  }

  it('tells the rows in small batches and then how it ended', async () => {
    const messages = await messagesOf(saved(xlsx([{ name: 'Notes', rows: flatRows(1_000) }])))
    expect(messages.at(-1)).toEqual({ type: 'read', read: { sheet: 'Notes', sheets: ['Notes'], rows: 1_001 } })
    const batches = messages.flatMap((message) => (message.type === 'rows' ? [message.rows.length] : []))
    expect(batches.length).toBeGreaterThan(4)
    expect(batches.reduce((sum, count) => sum + count, 0)).toBe(1_001)
  })

  it('tells a refusal', async () =>
    expect(await messagesOf(saved(hostile.pdf()))).toEqual([
      { type: 'refused', refused: { type: 'NotAWorkbook', found: 'a PDF' } },
    ]))
})
