import type { ReadRequest, WorkbookLimits, WorkbookRead } from '../../application/ports/workbook-reader.ts'
import type { Cell, SheetRow } from '../../domain/shared/sheet.ts'
import type { Workbook } from './cell.ts'
import { cellOf } from './cell.ts'
import { refusal } from './refusal.ts'
import { chooseSheet, readDateStyles, readSharedStrings, readWorkbookPart } from './workbook-parts.ts'
import type { XmlHandler } from './xml.ts'
import { readXml } from './xml.ts'
import { openGuarded } from './zip-guard.ts'

type Reading = {
  readonly sheet: string
  readonly limits: WorkbookLimits
  readonly workbook: Workbook
  readonly dateStyles: ReadonlyArray<boolean>
  readonly onRow: (row: SheetRow) => void
}

/** The column (0 is A) of a reference such as AB12; null when there is none. */
const columnOf = (reference: string | undefined): number | null => {
  let column = 0
  for (const char of reference ?? '') {
    const code = char.charCodeAt(0) - 64
    if (code < 1 || code > 26) break
    column = column * 26 + code
  }
  return column === 0 ? null : column - 1
}

const sheetHandler = ({ sheet, limits, workbook, dateStyles, onRow }: Reading): XmlHandler => {
  let row = 0
  let column = -1
  let cells: Cell[] = []
  let faults: Array<{ column: number; fault: string }> = []
  let kind = ''
  let style = 0
  let text = ''
  let inCell = false
  let inValue = false
  let phonetic = false

  const place = (): void => {
    const { cell, fault } = cellOf({ kind, text, isDate: dateStyles[style] === true }, workbook)
    if (fault !== null) faults.push({ column, fault })
    if (cell === null) return
    if (column >= limits.columns)
      throw refusal({ type: 'WorkbookTooLarge', limit: 'columns', max: limits.columns, actual: column + 1 })
    while (cells.length < column) cells.push(null)
    cells[column] = cell
  }

  return {
    open: (tag, attributes) => {
      if (tag === 'row') {
        row = Number(attributes.r ?? row + 1)
        if (!Number.isSafeInteger(row)) throw refusal({ type: 'CorruptWorkbook', reason: 'a row has no proper number' })
        column = -1
        cells = []
        faults = []
      } else if (tag === 'c') {
        column = columnOf(attributes.r) ?? column + 1
        kind = attributes.t ?? 'n'
        style = Number(attributes.s ?? 0)
        text = ''
        inCell = true
      } else if (tag === 'rPh') phonetic = true
      else if (inCell && (tag === 'v' || tag === 't')) inValue = !phonetic
    },
    text: (piece) => {
      if (inValue) text += piece
    },
    close: (tag) => {
      if (tag === 'v' || tag === 't') inValue = false
      else if (tag === 'rPh') phonetic = false
      else if (tag === 'c') {
        inCell = false
        place()
      } else if (tag === 'row' && (cells.length > 0 || faults.length > 0)) onRow({ sheet, row, cells, faults })
    },
  }
}

/** Reads one sheet of a workbook in this process, a few rows at a time; throws what `refusedBy` explains. */
export async function* readSheet(
  request: Pick<ReadRequest, 'path' | 'sheet' | 'limits'>,
): AsyncGenerator<ReadonlyArray<SheetRow>, WorkbookRead> {
  const { limits } = request
  const parts = await openGuarded(request.path, limits)
  try {
    const book = await readWorkbookPart(parts)
    const sheet = chooseSheet(book.sheets, request.sheet)
    const workbook = { date1904: book.date1904, sharedStrings: await readSharedStrings(parts, book.sharedStrings) }
    const dateStyles = await readDateStyles(parts, book.styles)
    let found: SheetRow[] = []
    let rows = 0
    const onRow = (row: SheetRow): void => {
      rows += 1
      if (rows > limits.rows + 1)
        throw refusal({ type: 'WorkbookTooLarge', limit: 'rows', max: limits.rows, actual: rows - 1 })
      found.push(row)
    }
    const handler = sheetHandler({ sheet: sheet.name, limits, workbook, dateStyles, onRow })
    for await (const _ of readXml(await parts.open(sheet.part), handler)) {
      if (found.length > 0) yield found
      found = []
    }
    return { sheet: sheet.name, sheets: book.sheets.map(({ name }) => name), rows }
  } finally {
    parts.close()
  }
}
