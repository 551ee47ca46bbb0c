import { once } from 'node:events'
import { Socket } from 'node:net'
import type { SheetRow } from '../../domain/shared/sheet.ts'
import type { ParsingJob, ParsingMessage } from './messages.ts'
import { CELLS_PER_BATCH, MESSAGES_FD } from './messages.ts'
import { readSheet } from './read-sheet.ts'
import { refusedBy } from './refusal.ts'

const out = new Socket({ fd: MESSAGES_FD, readable: false, writable: true })
// The parent is gone or wants no more: there is nobody left to read for.
out.on('error', () => process.exit(0))

const send = async (message: ParsingMessage): Promise<void> => {
  if (!out.write(`${JSON.stringify(message)}\n`)) await once(out, 'drain')
}

const parse = async (job: ParsingJob): Promise<void> => {
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

parse(JSON.parse(process.argv[2] ?? '') as ParsingJob)
  .catch((cause) => send({ type: 'refused', refused: refusedBy(cause) }))
  .finally(() => out.end())
