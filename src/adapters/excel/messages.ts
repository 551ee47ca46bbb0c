import type { ReadRequest, WorkbookRead, WorkbookRefused } from '../../application/ports/workbook-reader.ts'
import type { SheetRow } from '../../domain/shared/sheet.ts'

/** What the parsing process is told, as its only argument. */
export type ParsingJob = Pick<ReadRequest, 'path' | 'sheet' | 'limits'>

/** What it answers on file descriptor 3, one JSON line each; `read` or `refused` is the last. */
export type ParsingMessage =
  | { readonly type: 'rows'; readonly rows: ReadonlyArray<SheetRow> }
  | { readonly type: 'read'; readonly read: WorkbookRead }
  | { readonly type: 'refused'; readonly refused: WorkbookRefused }

export const MESSAGES_FD = 3

/** A batch is small, so that the server's event loop is never held long by one. */
export const CELLS_PER_BATCH = 2_000
