import * as E from 'fp-ts/lib/Either.js'
import { serialFromBarcode } from '../shared/drop.ts'
import type { Cell, SheetRow } from '../shared/sheet.ts'
import { cellText, isEmptyRow } from '../shared/sheet.ts'
import type { Header } from './headers.ts'
import { headerOf } from './headers.ts'
import type { RowContext } from './read-line.ts'
import { readLine } from './read-line.ts'
import type { Shape } from './shapes.ts'
import { shapeOf } from './shapes.ts'
import type { Layout, Note, NothingRecognised, Reading } from './weekly-report.ts'
import { NOTES } from './weekly-report.ts'

/** What has been learnt of the sheet so far; rows themselves are not kept. */
export type ReportSoFar = {
  readonly layout: Layout | null
  readonly section: RowContext['section']
  readonly header: Header | null
  /** A header above the first section holds for every section that has none of its own. */
  readonly commonHeader: Header | null
  readonly firstRows: ReadonlyArray<string>
}

export const nothingReadYet: ReportSoFar = {
  layout: null,
  section: null,
  header: null,
  commonHeader: null,
  firstRows: [],
}

const ROWS_SHOWN_IN_REFUSAL = 5
const SECTION = /^notes?\s*(?:no\.?|nr\.?|number|#)?\s*(\d{1,2})(?!\d)/i
/** A cell that begins as a barcode does, or has a group of one with its value; "cable(s) cut" has none. */
const SCANNED = /^\s*\((?:S|\d{1,2}S|P|U)\)|\(S\)\s*[A-Z0-9]{8}|\((?:\d{1,2}S|P|U)\)\S/i
/** What only an item has: a table row whose first cell says "Note 3" opens no section. */
const ITEM_SHAPES: ReadonlyArray<Shape> = ['drop', 'bare_drop', 'broken_drop', 'serial', 'olt']
const VALUE_SHAPES: ReadonlyArray<Shape> = [...ITEM_SHAPES, 'rx', 'date', 'number']

/** A scanned barcode holds a device login: only its serial enters, wherever in the row it stands. */
const withoutLogin = (cell: Cell): Cell =>
  typeof cell === 'string' && SCANNED.test(cell) ? E.getOrElse((): string => '')(serialFromBarcode(cell)) : cell

const textOf = (row: SheetRow): string =>
  row.cells
    .map(cellText)
    .filter((text) => text !== '')
    .join(' | ')

const sectionOf = (row: SheetRow): RowContext['section'] => {
  const first = row.cells.find((cell) => cellText(cell) !== '')
  const number = SECTION.exec(cellText(first))?.[1]
  if (number === undefined || row.cells.some((cell) => ITEM_SHAPES.includes(shapeOf(cell)))) return null
  return { note: NOTES.find((note): note is Note => note === Number(number)) ?? null, text: textOf(row) }
}

const headerIn = (row: SheetRow, layout: Layout | null): Header | null => {
  if (row.cells.some((cell) => VALUE_SHAPES.includes(shapeOf(cell)))) return null
  const header = headerOf(row)
  const names = (...fields: ReadonlyArray<'dr' | 'external_id' | 'serial'>) =>
    fields.some((field) => header.columns.has(field))
  const several = header.columns.size >= 2
  return layout === 'notes'
    ? names('dr', 'serial') || several
      ? header
      : null
    : several && names('dr', 'external_id')
      ? header
      : null
}

const afterSection = (soFar: ReportSoFar, section: RowContext['section']): ReportSoFar => {
  const commonHeader = soFar.layout === 'flat' ? soFar.header : soFar.commonHeader
  return { ...soFar, layout: 'notes', section, header: commonHeader, commonHeader }
}

const beforeAnyLayout = (soFar: ReportSoFar, row: SheetRow): readonly [ReportSoFar, Reading] => {
  const next = { ...soFar, firstRows: [...soFar.firstRows, textOf(row).slice(0, 120)].slice(0, ROWS_SHOWN_IN_REFUSAL) }
  if (!row.cells.some((cell) => shapeOf(cell) === 'drop'))
    return [next, { type: 'title', row: row.row, text: textOf(row) }]
  const line = readLine(row, { layout: 'notes', section: null, header: null })
  const problem = { field: 'row', rule: 'before_any_section', value: textOf(row), blocks: true } as const
  return [next, { type: 'line', line: { ...line, problems: [problem, ...line.problems] } }]
}

/** Reads the next row of a weekly report: each non-empty row gets exactly one reading, and none stops the next. */
export const readRow = (soFar: ReportSoFar, asItStands: SheetRow): readonly [ReportSoFar, Reading | null] => {
  const row = { ...asItStands, cells: asItStands.cells.map(withoutLogin) }
  if (isEmptyRow(asItStands) && row.faults.length === 0) return [soFar, null]
  const section = sectionOf(row)
  if (section !== null) return [afterSection(soFar, section), { type: 'section', row: row.row, ...section }]
  const header = headerIn(row, soFar.layout)
  if (header !== null)
    return [
      { ...soFar, layout: soFar.layout ?? 'flat', header },
      { type: 'header', row: row.row, fields: [...header.columns.keys()], ignored: header.ignored },
    ]
  const { layout } = soFar
  return layout === null
    ? beforeAnyLayout(soFar, row)
    : [soFar, { type: 'line', line: readLine(row, { ...soFar, layout }) }]
}

/** After the last row: the layout, or what was looked for and what stood there instead. */
export const finishReport = (soFar: ReportSoFar): E.Either<NothingRecognised, Layout> =>
  soFar.layout === null
    ? E.left({
        type: 'NothingRecognised',
        lookedFor: ['a section "Note 1:" to "Note 5:"', 'a header row with a drop number or a ticket number'],
        found: soFar.firstRows,
      })
    : E.right(soFar.layout)
