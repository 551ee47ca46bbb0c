/** One spreadsheet cell as a person sees it: trimmed text, a number, a yes/no, a date as the wall clock shows it (no zone), or nothing. */
export type Cell = string | number | boolean | null | { readonly wallClock: string }

/** One non-empty row; `cells[0]` is column A, and `faults` names the cells whose formula ended in an error (they read as null). */
export type SheetRow = {
  readonly sheet: string
  readonly row: number
  readonly cells: ReadonlyArray<Cell>
  readonly faults: ReadonlyArray<{ readonly column: number; readonly fault: string }>
}

/** The text a cell shows, '' when it is empty; a date shows as `YYYY-MM-DDTHH:mm:ss`. */
export const cellText = (cell: Cell | undefined): string =>
  cell === null || cell === undefined ? '' : typeof cell === 'object' ? cell.wallClock : String(cell)

/** Spellings of one header that differ only in case, spaces, underscores or punctuation become the same words. */
export const headerWords = (header: string): string =>
  header
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()

export const isEmptyRow = (row: Pick<SheetRow, 'cells'>): boolean => row.cells.every((cell) => cellText(cell) === '')
