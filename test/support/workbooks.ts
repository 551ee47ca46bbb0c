import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Cell, SheetRow } from '../../src/domain/shared/sheet.ts'
import { zipOf } from './zip.ts'

/** What a cell of a test workbook may be, beside plain values. */
export type RawCell =
  | Cell
  | { readonly formula: string; readonly result: string | number | boolean }
  | { readonly formula: string; readonly error: string }
  | { readonly rich: ReadonlyArray<string> }
  | { readonly inlineRich: ReadonlyArray<string> }
  | { readonly link: string; readonly shown: string }
  | { readonly error: string }
  | { readonly sharedString: number }

export type RawSheet = {
  readonly name: string
  readonly rows: ReadonlyArray<ReadonlyArray<RawCell>>
  readonly hidden?: boolean
}

export type BookOptions = {
  readonly date1904?: boolean
  readonly strict?: boolean
  /** Leaves out the `r` attributes, as some programs do. */
  readonly bare?: boolean
  /** Absolute targets and parts out of order, as openpyxl and exceljs write them. */
  readonly absoluteTargets?: boolean
}

const xml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
const letters = (column: number): string =>
  (column >= 26 ? letters(Math.floor(column / 26) - 1) : '') + String.fromCharCode(65 + (column % 26))
const run = (text: string): string => `<r><rPr><b/></rPr><t xml:space="preserve">${xml(text)}</t></r>`
const serialOf = (wallClock: string): number => Date.parse(`${wallClock.slice(0, 19)}Z`) / 86_400_000 + 25_569

const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006/relationships'

/** An xlsx file of these sheets; style 1 shows a date, style 2 a custom date. */
export const xlsx = (sheets: ReadonlyArray<RawSheet>, options: BookOptions = {}): Buffer => {
  const texts: string[] = []
  const known = new Map<string, number>()
  const shared = (item: string): number => {
    const at = known.get(item) ?? texts.push(item) - 1
    known.set(item, at)
    return at
  }
  const cellXml = (cell: RawCell, at: string): string => {
    const c = (attributes: string, inner: string) => `<c${at}${attributes}>${inner}</c>`
    if (cell === null) return c('', '')
    if (typeof cell === 'string') return c(' t="s"', `<v>${shared(`<t xml:space="preserve">${xml(cell)}</t>`)}</v>`)
    if (typeof cell === 'number') return c('', `<v>${cell}</v>`)
    if (typeof cell === 'boolean') return c(' t="b"', `<v>${cell ? 1 : 0}</v>`)
    if ('wallClock' in cell) return c(' s="1"', `<v>${serialOf(cell.wallClock) - (options.date1904 ? 1462 : 0)}</v>`)
    if ('rich' in cell) return c(' t="s"', `<v>${shared(cell.rich.map(run).join(''))}</v>`)
    if ('inlineRich' in cell) return c(' t="inlineStr"', `<is>${cell.inlineRich.map(run).join('')}</is>`)
    if ('link' in cell) return c(' t="str"', `<f>HYPERLINK("${xml(cell.link)}")</f><v>${xml(cell.shown)}</v>`)
    if ('sharedString' in cell) return c(' t="s"', `<v>${cell.sharedString}</v>`)
    if ('error' in cell)
      return c(' t="e"', `${'formula' in cell ? `<f>${xml(cell.formula)}</f>` : ''}<v>${cell.error}</v>`)
    const kind = typeof cell.result === 'string' ? ' t="str"' : typeof cell.result === 'boolean' ? ' t="b"' : ''
    return c(
      kind,
      `<f>${xml(cell.formula)}</f><v>${xml(String(typeof cell.result === 'boolean' ? Number(cell.result) : cell.result))}</v>`,
    )
  }
  const rowXml = (cells: ReadonlyArray<RawCell>, row: number): string =>
    `<row${options.bare ? '' : ` r="${row}"`}>${cells.map((cell, column) => cellXml(cell, options.bare ? '' : ` r="${letters(column)}${row}"`)).join('')}</row>`
  const namespace = options.strict ? 'http://purl.oclc.org/ooxml/spreadsheetml/main' : MAIN
  const sheetParts = sheets.map(({ rows }, index) => ({
    name: `xl/worksheets/sheet${index + 1}.xml`,
    content: `<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="${namespace}"><sheetData>${rows.map((cells, row) => rowXml(cells, row + 1)).join('')}</sheetData></worksheet>`,
  }))
  const target = (part: string) => (options.absoluteTargets ? `/xl/${part}` : part)
  const relation = (id: string, kind: string, part: string) =>
    `<Relationship Id="${id}" Type="${RELATIONS}/${kind}" Target="${part}"/>`
  const books = [
    {
      name: 'xl/sharedStrings.xml',
      content: `<sst xmlns="${namespace}">${texts.map((item) => `<si>${item}</si>`).join('')}</sst>`,
    },
    {
      name: 'xl/styles.xml',
      content: `<styleSheet xmlns="${namespace}"><numFmts count="1"><numFmt numFmtId="164" formatCode="dd\\ mmm\\ yyyy"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="22"/><xf numFmtId="164"/></cellXfs></styleSheet>`,
    },
    {
      name: 'xl/workbook.xml',
      content: `<workbook xmlns="${namespace}" xmlns:r="${RELATIONS}"><workbookPr${options.date1904 ? ' date1904="1"' : ''}/><sheets>${sheets
        .map(
          ({ name, hidden }, index) =>
            `<sheet name="${xml(name)}" sheetId="${index + 1}"${hidden ? ' state="hidden"' : ''} r:id="rId${index + 1}"/>`,
        )
        .join('')}</sheets></workbook>`,
    },
    {
      name: 'xl/_rels/workbook.xml.rels',
      content: `<Relationships xmlns="${PACKAGE}">${sheets
        .map((_, index) => relation(`rId${index + 1}`, 'worksheet', target(`worksheets/sheet${index + 1}.xml`)))
        .join(
          '',
        )}${relation('rIdS', 'sharedStrings', target('sharedStrings.xml'))}${relation('rIdT', 'styles', target('styles.xml'))}</Relationships>`,
    },
  ]
  const types = { name: '[Content_Types].xml', content: '<Types/>' }
  const root = {
    name: '_rels/.rels',
    content: `<Relationships xmlns="${PACKAGE}">${relation('rId1', 'officeDocument', 'xl/workbook.xml')}</Relationships>`,
  }
  return zipOf([types, root, ...sheetParts, ...books])
}

/** Puts a file into a new temporary folder and answers its path. */
export const saved = (content: Buffer | string, name = 'workbook.xlsx'): string => {
  const path = join(mkdtempSync(join(tmpdir(), 'workbook-')), name)
  writeFileSync(path, content)
  return path
}

/** The same rows as a reader would hand them over, for tests that need no file. */
export const sheetRows = (rows: ReadonlyArray<ReadonlyArray<Cell>>, sheet = 'Notes'): ReadonlyArray<SheetRow> =>
  rows
    .map((cells, index): SheetRow => ({ sheet, row: index + 1, cells, faults: [] }))
    .filter(({ cells }) => cells.some((cell) => cell !== null && cell !== ''))

const drop = (n: number): string => `DR${1_729_500 + n}`
const serial = (n: number): string =>
  `ALCLB${(0x465a671 + n * 7919).toString(16).toUpperCase().padStart(7, '0').slice(-7)}`
const team = (n: number): string => ['law1', 'law2', 'law5', 'moh3'][n % 4] ?? 'law1'
const olt = (n: number): string => `law.olt.01:1-1-${(n % 8) + 1}-${(n % 16) + 1}`
const times = <A>(count: number, make: (n: number) => A): ReadonlyArray<A> =>
  Array.from({ length: count }, (_, n) => make(n))

/** The client's "Notes" layout with 31, 24, 12, 14 and 12 items, its columns wandering from section to section. */
export const notesRows = (): ReadonlyArray<ReadonlyArray<Cell>> => [
  ['Lawley WE251114 - non invoiceable'],
  [],
  ['Note 1: ONT RX signal lower than -26 dB'],
  ['Drop number', 'Serial number', 'OLT address', 'ONT RX (dBm)', 'Team', 'Date'],
  ...times(31, (n) => [drop(n), serial(n), olt(n), Number((-26.1 - n / 10).toFixed(3)), team(n), 45_969 + (n % 7)]),
  [],
  ['Note 2: No entry / no submission on Field App'],
  ['DR', 'Serial', 'Team', 'Reason'],
  ...times(24, (n) => [drop(100 + n), serial(100 + n), team(n), 'No entry on field app']),
  [],
  ['Note 3: Signal degraded by more than 2 dB (monitoring)'],
  ...times(12, (n) => [drop(200 + n), olt(n), Number((-20.5 - n / 10).toFixed(3))]),
  [],
  ['Note 4: Drop number and ONT serial number do not match'],
  [null, 'Drop', 'ONT serial (OLT)', 'ONT serial (Field App)', 'Team'],
  ...times(14, (n) => [null, drop(300 + n), serial(300 + n), serial(400 + n), team(n)]),
  [],
  ['Note 5: Fibre break / device not active'],
  ...times(12, (n) => [drop(500 + n), 'Fibre break between pole and home', team(n)]),
]

/** The flat layout with `count` rows. */
export const flatRows = (count = 93): ReadonlyArray<ReadonlyArray<Cell>> => [
  [
    'Ticket No',
    'DR Number',
    'Fault Description',
    'Date Logged',
    'Priority',
    'Contractor',
    'Contact',
    'Zone',
    'PON',
    'Pole',
  ],
  ...times(count, (n) => [
    `FT${406_000 + n}`,
    drop(n),
    ['No link light', 'Cable damaged', 'Slow speed', 'ONT offline'][n % 4] ?? null,
    { wallClock: `2025-11-${String((n % 14) + 1).padStart(2, '0')}T00:00:00` },
    ['Normal', 'Low', 'Urgent', 'High'][n % 4] ?? null,
    n % 3 === 0 ? 'Velocity' : 'PlanNet',
    null,
    (n % 20) + 1,
    (n % 212) + 1,
    `LAW.P.A${String(n % 1000).padStart(3, '0')}`,
  ]),
]

const HLD_HEADERS =
  'label,type,subtyp,spec,dim1,dim2,cblcpty,conntr,ntwrkptn,cmpownr,strtfeat,endfeat,lat,lon,sg21,sg26,address,pon_no,zone_no,subplace,mainplce,mun,stackref,datecrtd,crtdby,date_edt,editby,comments'

const hldRow = (
  dr: string,
  pole: string,
  pon: number,
  zone: number,
  length: string,
  spare: boolean,
): ReadonlyArray<Cell> => [
  dr,
  'Cable',
  'Drop',
  'SM/G657A2',
  '2.8mm',
  length,
  '1F',
  null,
  null,
  'PlanNet',
  pole,
  spare ? null : `LAW.ONT.${dr}`,
  null,
  null,
  null,
  null,
  null,
  pon,
  zone,
  798_038_001,
  798_038,
  'City of Johannesburg',
  'LAW',
  '2025-04-14T07:50:57.765',
  'PlanNet',
  null,
  null,
  spare ? 'Spare' : null,
]

/** A design in the shape of HLD_Home with the defects of a real one: the drops from DR1729500 on, not sorted; every seventh a spare; the last drop twice, on two poles; numbers 50 to 54 missing. */
export const hldRows = (drops = 200): ReadonlyArray<ReadonlyArray<Cell>> => {
  const at = (n: number) => `LAW.P.A${String(Math.floor(n / 8) % 1000).padStart(3, '0')}`
  const numbers = times(drops, (n) => n).filter((n) => n < 50 || n > 54)
  const rows = numbers.map((n) =>
    hldRow(drop(n), at(n), Math.floor(n / 112) + 1, Math.floor(n / 1200) + 1, '40m', n % 7 === 0),
  )
  return [HLD_HEADERS.split(','), ...rows.toReversed(), hldRow(drop(drops - 1), 'LAW.P.C698', 137, 11, '50m', false)]
}

/** A tracker whose header stands on row 2, under a title. */
export const trackerRows = (drops = 20): ReadonlyArray<ReadonlyArray<Cell>> => [
  ['VF Project Tracker'],
  ['Drop Number', 'Pole Number', 'PON No', 'Zone No', 'ONT Serial', 'Installation Date', 'Status'],
  ...times(drops, (n) => [
    drop(n),
    `LAW.P.A${String(Math.floor(n / 8)).padStart(3, '0')}`,
    1,
    1,
    serial(n),
    { wallClock: '2025-06-02T00:00:00' },
    'Installed ',
  ]),
]

/** The QA sheet of SharePoint: no poles in it. */
export const qaRows = (drops = 20): ReadonlyArray<ReadonlyArray<Cell>> => [
  ['Date', 'Drop Number', 'Zone', 'PON', 'Completed  Photos', 'User', 'completed', 'Comment'],
  ...times(drops, (n) => [45_969, `dr ${drop(n).slice(2)}`, 'Zone 1', '01', 12, 'someone', true, null]),
]

/** Files that are no workbook to be read, and why. */
export const hostile = {
  text: () => Buffer.from('Drop number,Serial\nDR1729500,ALCLB465A671\n'),
  empty: () => Buffer.alloc(0),
  pdf: () => Buffer.from('%PDF-1.7\n\u0000\u0001'),
  encrypted: () =>
    Buffer.concat([
      Buffer.from('d0cf11e0a1b11ae1', 'hex'),
      Buffer.alloc(2048),
      Buffer.from('EncryptedPackage', 'utf16le'),
    ]),
  oldXls: () =>
    Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(2048), Buffer.from('Workbook\0', 'utf16le')]),
  encryptedZip: () => zipOf([{ name: '[Content_Types].xml', content: '<Types/>', encrypted: true }]),
  otherZip: () => zipOf([{ name: 'readme.txt', content: 'hello' }]),
  word: () =>
    zipOf([
      { name: '[Content_Types].xml', content: '<Types/>' },
      { name: 'word/document.xml', content: '<w:document/>' },
    ]),
  bomb: (bytes = 4_000_000) =>
    zipOf([
      { name: '[Content_Types].xml', content: '<Types/>' },
      { name: 'xl/workbook.xml', content: Buffer.alloc(bytes, 0x20) },
    ]),
  lyingBomb: (bytes = 4_000_000) =>
    zipOf([
      { name: '[Content_Types].xml', content: '<Types/>' },
      { name: 'xl/workbook.xml', content: Buffer.alloc(bytes, 0x20), claimedSize: 100 },
    ]),
  manyParts: (parts = 3_000) => zipOf(times(parts, (n) => ({ name: `part${n}`, content: '' }))),
  strict: () => xlsx([{ name: 'Notes', rows: notesRows() }], { strict: true }),
  truncated: () => xlsx([{ name: 'Notes', rows: notesRows() }]).subarray(0, 3_000),
  brokenXml: () =>
    zipOf([
      { name: '[Content_Types].xml', content: '<Types/>' },
      { name: 'xl/workbook.xml', content: '<workbook><sheets><sheet></workbook>' },
    ]),
} as const
