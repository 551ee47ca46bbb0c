import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from '../src/adapters/contract/pool.ts'
import { openPglite } from '../src/adapters/pglite/open-pglite.ts'
import { openPostgres } from '../src/adapters/postgres/database.ts'
import { migrate } from '../src/adapters/postgres/migrate.ts'
import { postgresReportStore } from '../src/adapters/postgres/report-store.ts'
import { pgBossJobQueue } from '../src/adapters/queue/job-queue.ts'
import { carryOutReports } from '../src/application/weekly-report/carry-out.ts'
import { importing, MANAGER, notesBook, onPool, right } from '../test/support/importing.ts'
import { findPostgres } from '../test/support/postgres-server.ts'
import { flatRows, notesRows } from '../test/support/workbooks.ts'

/** From the first byte of the upload to the last ticket, through outbox and queue, on both databases. Target: 93 rows under 2 s. */
const TARGET_MS = 2_000
const REPORTS = [
  ['93 rows, Notes', notesBook(notesRows()), 'Lawley WE251114.xlsx'],
  ['93 rows, flat', notesBook(flatRows(93)), 'Lawley WE251121.xlsx'],
  ['500 rows, flat', notesBook(flatRows(593).filter((_, n) => n === 0 || n > 93)), 'Lawley WE251128.xlsx'],
] as const

/** What the event loop could not answer meanwhile, at most. */
const longestPause = () => {
  let [last, longest] = [performance.now(), 0]
  const timer = setInterval(() => {
    const now = performance.now()
    longest = Math.max(longest, now - last - 5)
    last = now
  }, 5)
  return () => {
    clearInterval(timer)
    return Math.round(longest)
  }
}

const measure = async ({ kind, pool, close }: Database): Promise<void> => {
  await migrate(pool)
  const queue = pgBossJobQueue({ pool, kind, onError: console.error })
  const reports = postgresReportStore(pool, { sow: 'platform_records', nudge: queue.nudge })
  const use = importing({ ...onPool(pool), reports })
  await queue.start([carryOutReports({ ...use.carryOutDeps, reports })])
  for (const [title, file, name] of REPORTS) {
    const pause = longestPause()
    const began = performance.now()
    const { report } = right(await use.upload(file, name))
    const previewed = performance.now()
    right(await use.commit(MANAGER, report.id, report.version)())
    let view = report
    while (view.status !== 'completed') {
      await sleep(5)
      view = right(await use.reads.one(MANAGER, report.id)()).report
    }
    const all = Math.round(performance.now() - began)
    console.log(
      `${kind.padEnd(8)} ${title.padEnd(15)} ${String(all).padStart(6)} ms (preview ${Math.round(previewed - began)} ms), ` +
        `${view.imported_count} tickets, event loop held at most ${pause()} ms` +
        (title.startsWith('93') ? `  ${all < TARGET_MS ? 'ok' : 'TOO SLOW'}` : ''),
    )
  }
  await queue.stop()
  await close()
  rmSync(use.folder, { recursive: true })
}

const dataDir = mkdtempSync(join(tmpdir(), 'bench-'))
await measure(await openPglite({ dataDir }))
rmSync(dataDir, { recursive: true })

const server = await findPostgres()
if (server === null) console.log('postgres: none found')
else {
  await measure(openPostgres({ url: server.url, maxConnections: 10, onError: () => {} }))
  await server.stop()
}
