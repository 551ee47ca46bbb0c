import type * as E from 'fp-ts/lib/Either.js'
import type { SheetRow } from '../../src/domain/shared/sheet.ts'
import { finishReport, nothingReadYet, readRow } from '../../src/domain/weekly-report/read-report.ts'
import type { Layout, NothingRecognised, Reading, ReportLine } from '../../src/domain/weekly-report/weekly-report.ts'

export type ReportRead = {
  readonly readings: ReadonlyArray<Reading>
  readonly lines: ReadonlyArray<ReportLine>
  readonly layout: E.Either<NothingRecognised, Layout>
}

/** Folds a whole weekly report, as an import does batch by batch. */
export const readReport = (rows: Iterable<SheetRow>): ReportRead => {
  let soFar = nothingReadYet
  const readings: Reading[] = []
  for (const row of rows) {
    const [next, reading] = readRow(soFar, row)
    soFar = next
    if (reading !== null) readings.push(reading)
  }
  const lines = readings.flatMap((reading) => (reading.type === 'line' ? [reading.line] : []))
  return { readings, lines, layout: finishReport(soFar) }
}
