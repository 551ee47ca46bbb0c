import type { SheetRow } from '../../domain/shared/sheet.ts'
import type { ParsingJob, ParsingMessage } from './messages.ts'
import { CELLS_PER_BATCH } from './messages.ts'
import { readSheet } from './read-sheet.ts'
import { refusedBy } from './refusal.ts'

type Send = (message: ParsingMessage) => Promise<void>

const sendSheet = async (job: ParsingJob, send: Send): Promise<void> => {
  const reading = readSheet(job)
  let batch: SheetRow[] = []
  let cells = 0
  const flush = async () => {
    if (batch.length > 0) await send({ type: 'rows', rows: batch })
    batch = []
    cells = 0
  }
  for (;;) {
    const next = await reading.next()
    if (next.done) {
      await flush()
      return send({ type: 'read', read: next.value })
    }
    for (const row of next.value) {
      batch.push(row)
      cells += row.cells.length + 1
      if (cells >= CELLS_PER_BATCH) await flush()
    }
  }
}

/** Reads the sheet of a job and tells it batch by batch; the last message says how it ended. It never fails. */
export const runJob = (job: ParsingJob, send: Send): Promise<void> =>
  sendSheet(job, send).catch((cause) => send({ type: 'refused', refused: refusedBy(cause) }))
