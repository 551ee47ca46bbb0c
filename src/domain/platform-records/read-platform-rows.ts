import * as E from 'fp-ts/lib/Either.js'
import { dayOfCell } from '../shared/calendar-text.ts'
import {
  parseDropNumber,
  parseOntSerial,
  parsePole,
  parsePon,
  parseZone,
  serialFromBarcode,
  withoutDeviceLogin,
} from '../shared/drop.ts'
import type { Cell, SheetRow } from '../shared/sheet.ts'
import { cellText, headerWords, isEmptyRow } from '../shared/sheet.ts'
import type { Day } from '../shared/time.ts'
import type { PlatformLayout, RecordField } from './layouts.ts'
import { RECORD_FIELDS } from './layouts.ts'

export type RecordProblem = { readonly field: RecordField; readonly value: string }

/** What a platform says of one drop. Several rows may name the same drop: all are kept. Without a `dr` the row cannot be used. */
export type PlatformRecord = {
  readonly row: number
  readonly dr: string | null
  readonly pole: string | null
  readonly pon: string | null
  readonly zone: string | null
  readonly ontSerial: string | null
  readonly installedOn: Day | null
  readonly status: string | null
  /** Of a client: erasable, never logged. */
  readonly address: string | null
  readonly cableLengthM: number | null
  readonly lat: number | null
  readonly lon: number | null
  /** A drop that no home hangs on. */
  readonly spare: boolean
  readonly problems: ReadonlyArray<RecordProblem>
}

export type HeaderNotFound = {
  readonly type: 'HeaderNotFound'
  readonly sheet: string
  readonly headerRow: number
  readonly lookedFor: ReadonlyArray<string>
  readonly found: ReadonlyArray<string>
}

type Columns = ReadonlyMap<RecordField, number>

export type PlatformSoFar = {
  readonly layout: PlatformLayout
  readonly columns: Columns | null
  readonly found: ReadonlyArray<string>
}

export const startPlatform = (layout: PlatformLayout): PlatformSoFar => ({ layout, columns: null, found: [] })

const HEADERS_SHOWN_IN_REFUSAL = 40

const columnsOf = (layout: PlatformLayout, cells: ReadonlyArray<Cell>): Columns => {
  const words = cells.map((cell) => headerWords(cellText(cell)))
  const columns = new Map<RecordField, number>()
  for (const field of RECORD_FIELDS) {
    const alias = layout.columns[field].map(headerWords).find((name) => words.includes(name))
    if (alias !== undefined) columns.set(field, words.indexOf(alias))
  }
  return columns
}

const numberOf = (cell: Cell): E.Either<unknown, number> => {
  const number = Number(/^(-?\d+(?:[.,]\d+)?)\s*m?$/i.exec(cellText(cell))?.[1]?.replace(',', '.') ?? Number.NaN)
  return Number.isFinite(number) ? E.right(number) : E.left(null)
}

const within =
  (limit: number) =>
  (cell: Cell): E.Either<unknown, number> =>
    E.filterOrElse(
      (degrees: number) => Math.abs(degrees) <= limit,
      (): unknown => null,
    )(numberOf(cell))

const serialOf = (cell: Cell): E.Either<unknown, string> =>
  cellText(cell).includes('(') ? serialFromBarcode(cellText(cell)) : parseOntSerial(cell)

const recordOf = (layout: PlatformLayout, columns: Columns, row: SheetRow): PlatformRecord => {
  const problems: RecordProblem[] = []
  const cellOf = (field: RecordField): Cell => row.cells[columns.get(field) ?? -1] ?? null
  const read = <A>(field: RecordField, parse: (cell: Cell) => E.Either<unknown, A>): A | null => {
    const cell = cellOf(field)
    if (cellText(cell) === '') return null
    const parsed = parse(cell)
    if (E.isRight(parsed)) return parsed.right
    // A barcode's rest holds a device login: it is not repeated.
    problems.push({
      field,
      value:
        field === 'ontSerial' && cellText(cell).includes('(') ? '' : withoutDeviceLogin(cellText(cell)).slice(0, 80),
    })
    return null
  }
  const text = (field: RecordField): string | null => withoutDeviceLogin(cellText(cellOf(field))).trim() || null
  const dr = read('dr', parseDropNumber)
  if (dr === null && text('dr') === null) problems.push({ field: 'dr', value: '' })
  return {
    row: row.row,
    dr,
    pole: read('pole', parsePole),
    pon: read('pon', parsePon),
    zone: read('zone', parseZone),
    ontSerial: read('ontSerial', serialOf),
    installedOn: read('installedOn', (cell) => E.fromOption(() => null)(dayOfCell(cell))),
    status: text('status'),
    address: text('address'),
    cableLengthM: read('cableLength', numberOf),
    lat: read('lat', within(90)),
    lon: read('lon', within(180)),
    spare: headerWords(text('comments') ?? '') === headerWords(layout.spareComment),
    problems,
  }
}

/** Reads the next row of a platform's sheet: null above and for the header, for empty rows and when the header was not found. */
export const readPlatformRow = (
  soFar: PlatformSoFar,
  row: SheetRow,
): readonly [PlatformSoFar, PlatformRecord | null] => {
  const { layout, columns } = soFar
  if (row.row < layout.headerRow || isEmptyRow(row)) return [soFar, null]
  if (row.row > layout.headerRow) return [soFar, columns === null ? null : recordOf(layout, columns, row)]
  const named = columnsOf(layout, row.cells)
  const found = row.cells.map((cell) => withoutDeviceLogin(cellText(cell))).filter((text) => text !== '')
  return [{ ...soFar, columns: named.has('dr') ? named : null, found: found.slice(0, HEADERS_SHOWN_IN_REFUSAL) }, null]
}

/** After the last row: the fields this workbook carries, or what was looked for and what stood there. */
export const finishPlatform = ({
  layout,
  columns,
  found,
}: PlatformSoFar): E.Either<HeaderNotFound, ReadonlyArray<RecordField>> =>
  columns === null
    ? E.left({
        type: 'HeaderNotFound',
        sheet: layout.sheet,
        headerRow: layout.headerRow,
        lookedFor: layout.columns.dr,
        found,
      })
    : E.right([...columns.keys()])

export type PlatformRead = {
  readonly records: ReadonlyArray<PlatformRecord>
  readonly carries: ReadonlyArray<RecordField>
}

/** Reads all rows of a platform's sheet at once. */
export const parsePlatformRows =
  (layout: PlatformLayout) =>
  (rows: Iterable<SheetRow>): E.Either<HeaderNotFound, PlatformRead> => {
    let soFar = startPlatform(layout)
    const records: PlatformRecord[] = []
    for (const row of rows) {
      const [next, record] = readPlatformRow(soFar, row)
      soFar = next
      if (record !== null) records.push(record)
    }
    return E.map((carries: ReadonlyArray<RecordField>) => ({ records, carries }))(finishPlatform(soFar))
  }
