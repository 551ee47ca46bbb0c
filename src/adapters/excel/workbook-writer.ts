import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { setImmediate as breath } from 'node:timers/promises'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { WorkbookWriter } from '../../application/ports/workbook-reader.ts'
import type { Cell } from '../../domain/shared/sheet.ts'
import { guardedCell } from './formula-guard.ts'

const ROWS_BETWEEN_BREATHS = 200
const DATE_FORMAT = 'yyyy-mm-dd hh:mm'

const excelValue = (cell: Cell): string | number | boolean | Date | null =>
  cell !== null && typeof cell === 'object' ? new Date(`${cell.wallClock}Z`) : cell

/** A reader who goes away would otherwise leave exceljs waiting for ever. */
const brokenOff = async (to: Writable, done: AbortSignal): Promise<never> => {
  await once(to, 'close', { signal: done })
  if (!to.writableFinished) throw new Error('the stream closed before the workbook was written')
  return new Promise(() => {})
}

const writeRows = async (
  sheetName: string,
  rows: Iterable<ReadonlyArray<Cell>> | AsyncIterable<ReadonlyArray<Cell>>,
  to: Writable,
): Promise<number> => {
  const { default: ExcelJS } = await import('exceljs')
  // Shared strings keep every text typed as text; without them exceljs writes it as the result of a formula.
  const workbook = new ExcelJS.stream.xlsx.WorkbookWriter({ stream: to, useStyles: true, useSharedStrings: true })
  const sheet = workbook.addWorksheet(sheetName)
  let written = 0
  for await (const cells of rows) {
    const row = sheet.addRow(cells.map((cell) => excelValue(guardedCell(cell))))
    for (const [column, cell] of cells.entries())
      if (cell !== null && typeof cell === 'object') row.getCell(column + 1).numFmt = DATE_FORMAT
    row.commit()
    written += 1
    if (written % ROWS_BETWEEN_BREATHS === 0) await breath()
    if (to.destroyed) throw new Error('the stream closed before the workbook was written')
  }
  await workbook.commit()
  return written
}

/** Writes xlsx with exceljs as it goes; text that begins like a formula gets a leading apostrophe, which our reader takes off again. */
export const exceljsWorkbookWriter: WorkbookWriter = {
  write: (sheet, rows, stream) =>
    TE.tryCatch(
      async () => {
        const to = stream as Writable
        const done = new AbortController()
        try {
          return await Promise.race([writeRows(sheet, rows, to), brokenOff(to, done.signal)])
        } finally {
          done.abort()
        }
      },
      (cause) => ({ type: 'WorkbookNotWritten', reason: cause instanceof Error ? cause.message : String(cause) }),
    ),
}
