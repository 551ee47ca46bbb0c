import * as E from 'fp-ts/lib/Either.js'
import { readSheet } from '../../src/adapters/excel/read-sheet.ts'
import { refusedBy } from '../../src/adapters/excel/refusal.ts'
import type {
  SheetChoice,
  WorkbookLimits,
  WorkbookRead,
  WorkbookRefused,
} from '../../src/application/ports/workbook-reader.ts'
import { DEFAULT_WORKBOOK_LIMITS } from '../../src/application/ports/workbook-reader.ts'
import type { SheetRow } from '../../src/domain/shared/sheet.ts'

export type RowsRead = WorkbookRead & { readonly found: ReadonlyArray<SheetRow> }

/** Reads a whole sheet in this process: the parser without its child. */
export const readRowsHere = async (
  path: string,
  sheet: SheetChoice = { type: 'first' },
  limits: Partial<WorkbookLimits> = {},
): Promise<E.Either<WorkbookRefused, RowsRead>> => {
  const found: SheetRow[] = []
  try {
    const reading = readSheet({ path, sheet, limits: { ...DEFAULT_WORKBOOK_LIMITS, ...limits } })
    for (;;) {
      const next = await reading.next()
      if (next.done) return E.right({ ...next.value, found })
      found.push(...next.value)
    }
  } catch (cause) {
    return E.left(refusedBy(cause))
  }
}
