import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { SheetRow } from '../../domain/shared/sheet.ts'
import { finishReport, nothingReadYet, readRow } from '../../domain/weekly-report/read-report.ts'
import type { Layout, ReportLine } from '../../domain/weekly-report/weekly-report.ts'
import type { AppError } from '../errors.ts'
import { type FateCounts, type FatedLine, type KeyedLine, NO_LINES, type ReportStore } from '../ports/report-store.ts'
import type { WorkbookLimits, WorkbookReader } from '../ports/workbook-reader.ts'
import { fatesOf, importKeyOf } from './fates.ts'

export type ReadingDeps = {
  readonly reports: ReportStore
  readonly workbooks: WorkbookReader
  readonly limits: WorkbookLimits
}

const LINES_AT_ONCE = 100

type LinesKept = { readonly layout: Layout; readonly lines: number; readonly fates: FateCounts }

/** Reads the workbook of an upload and keeps each line with its fate, a few at a time: the file is never held whole. */
export const keepLinesOf =
  ({ reports, workbooks, limits }: ReadingDeps) =>
  (of: {
    readonly uploadId: string
    readonly projectId: string
    readonly path: string
    readonly signal: AbortSignal | null
  }): TaskEither<AppError, LinesKept> =>
  async () => {
    const stop = new AbortController()
    const signal = of.signal === null ? stop.signal : AbortSignal.any([of.signal, stop.signal])
    const firsts = new Map<string, KeyedLine['first']>()
    let soFar = nothingReadYet
    let waiting: KeyedLine[] = []
    let lines = 0
    const fates = { ...NO_LINES }
    let failure: AppError | null = null

    const take = (line: ReportLine): void => {
      lines += 1
      const importKey = importKeyOf(of.projectId, line)
      const first = importKey === null ? null : (firsts.get(importKey) ?? null)
      if (importKey !== null && first === null) firsts.set(importKey, { lineNo: lines, row: line.row })
      waiting.push({ lineNo: lines, line, importKey, first })
    }
    const keep = async (): Promise<void> => {
      const batch = waiting
      waiting = []
      if (batch.length === 0 || failure !== null) return
      const upload = { id: of.uploadId, projectId: of.projectId }
      const kept = await reports.keepLines(upload, batch, (found) => withFate(fatesOf(found)))()
      if (E.isRight(kept)) {
        for (const { fate } of kept.right) fates[fate] += 1
        return
      }
      failure = kept.left
      stop.abort()
    }
    const onRows = async (rows: ReadonlyArray<SheetRow>): Promise<void> => {
      for (const row of rows) {
        const [next, reading] = readRow(soFar, storable(row))
        soFar = next
        if (reading?.type === 'line') take(withoutPersonalProblems(reading.line))
        if (waiting.length >= LINES_AT_ONCE) await keep()
      }
    }

    const read = await workbooks.read(
      { path: of.path, sheet: { type: 'like', word: 'notes' }, limits, signal },
      onRows,
    )()
    if (failure === null && E.isRight(read)) await keep()
    if (failure !== null) return E.left(failure)
    if (E.isLeft(read)) return read
    const layout = finishReport(soFar)
    return E.isLeft(layout) ? layout : E.right({ layout: layout.right, lines, fates })
  }

const withFate =
  (fateOf: ReturnType<typeof fatesOf>) =>
  (keyed: KeyedLine): FatedLine => {
    const fate = fateOf(keyed)
    return {
      ...keyed,
      fate: fate.fate,
      reason: fate.reason,
      ticketId: fate.fate === 'joins_open' ? fate.ticket.ticketId : null,
    }
  }

/** Neither a NUL nor half a surrogate pair can be stored. */
const storable = (row: SheetRow): SheetRow => ({
  ...row,
  cells: row.cells.map((cell) => (typeof cell === 'string' ? cell.replaceAll('\u0000', '').toWellFormed() : cell)),
})

/** A row nobody can act on is quoted whole, unless it names a client. */
const withoutPersonalProblems = (line: ReportLine): ReportLine =>
  Object.values(line.personal).every((part) => part === null)
    ? line
    : {
        ...line,
        problems: line.problems.map((problem) => (problem.field === 'row' ? { ...problem, value: '' } : problem)),
      }
