import type { Cell, SheetRow } from '../shared/sheet.ts'
import { cellText } from '../shared/sheet.ts'
import type { Header } from './headers.ts'
import type { Shape } from './shapes.ts'
import { shapeOf } from './shapes.ts'
import type { Layout, LineField } from './weekly-report.ts'

/** The cells of one row by what they mean; `furtherDrops` are drops beyond the first. */
export type Assigned = {
  readonly values: { readonly [F in LineField]?: Cell }
  readonly furtherDrops: ReadonlyArray<string>
}

type Shaped = { readonly column: number; readonly cell: Cell; readonly shape: Shape }

/** Where a value goes by its looks, best first; what finds no place is added to the reason. */
const PLACES: { readonly [S in Shape]: ReadonlyArray<LineField> } = {
  drop: ['dr'],
  bare_drop: ['dr'],
  broken_drop: ['dr'],
  serial: ['serial', 'serial_field_app'],
  broken_serial: ['serial', 'serial_field_app'],
  olt: ['olt'],
  rx: ['rx'],
  date: ['reported_on'],
  team: ['team'],
  number: [],
  text: [],
  empty: [],
}

/** A clear drop is placed before a bare number, and that before a broken one, wherever they stand in the row. */
const PLACING_ORDER: ReadonlyArray<Shape> = [
  'drop',
  'bare_drop',
  'broken_drop',
  'serial',
  'broken_serial',
  'olt',
  'rx',
  'date',
  'team',
  'text',
]

const shaped = (row: SheetRow): ReadonlyArray<Shaped> =>
  row.cells.map((cell, column) => ({ column, cell, shape: shapeOf(cell) })).filter(({ shape }) => shape !== 'empty')

/** The columns of this row moved: another cell is plainly a drop while the one under the drop header is not. */
const headerMisleads = (header: Header, cells: ReadonlyArray<Shaped>): boolean => {
  const column = header.columns.get('dr')
  const under = cells.find((cell) => cell.column === column)?.shape ?? 'empty'
  return under !== 'drop' && under !== 'bare_drop' && cells.some(({ shape }) => shape === 'drop')
}

const byShape = (values: Map<LineField, Cell>, cells: ReadonlyArray<Shaped>): ReadonlyArray<string> => {
  const furtherDrops: string[] = []
  const leftovers: Shaped[] = []
  for (const shape of PLACING_ORDER)
    for (const found of cells.filter((cell) => cell.shape === shape)) {
      const place = PLACES[shape].find((field) => !values.has(field))
      if (place !== undefined) values.set(place, found.cell)
      else if (shape === 'drop') furtherDrops.push(cellText(found.cell))
      else leftovers.push(found)
    }
  const words = [values.get('reason') ?? null, ...leftovers.sort((a, b) => a.column - b.column).map(({ cell }) => cell)]
  const reason = words.map((cell) => cellText(cell)).filter((text) => text !== '')
  if (reason.length > 0) values.set('reason', reason.join('; '))
  return furtherDrops
}

const byHeaderAlone = (row: SheetRow, header: Header): Assigned['values'] => {
  const values: { [F in LineField]?: Cell } = {}
  for (const [field, column] of header.columns) {
    const cell = row.cells[column] ?? null
    if (cellText(cell) !== '') values[field] = cell
  }
  return values
}

/** Gives each cell of a row its meaning: by its header where there is one, else by its looks. A flat table is read by its headers alone. */
export const assignCells = (row: SheetRow, layout: Layout, header: Header | null): Assigned => {
  if (layout === 'flat' && header !== null) return { values: byHeaderAlone(row, header), furtherDrops: [] }
  const cells = shaped(row).filter(({ column }) => column !== header?.verdictColumn)
  const trusted = header === null || headerMisleads(header, cells) ? null : header
  const values = new Map(
    Object.entries(trusted === null ? {} : byHeaderAlone(row, trusted)) as Array<[LineField, Cell]>,
  )
  const headed = new Set(trusted === null ? [] : trusted.columns.values())
  const furtherDrops = byShape(
    values,
    cells.filter(({ column }) => !headed.has(column)),
  )
  return { values: Object.fromEntries(values), furtherDrops }
}
