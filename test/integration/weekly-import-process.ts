import pg from 'pg'
import { type Pool, type Prepared, textOf } from '../../src/adapters/contract/pool.ts'
import { openPglite } from '../../src/adapters/pglite/open-pglite.ts'
import { postgresReportStore } from '../../src/adapters/postgres/report-store.ts'
import { pgBossJobQueue } from '../../src/adapters/queue/job-queue.ts'
import { carryOutReports } from '../../src/application/weekly-report/carry-out.ts'
import { changeDeps, onPool } from '../support/importing.ts'

/** Carries a report out five rows at a time, and stands still just before it commits the fourth time until it is killed. */
const [kind, where] = process.argv.slice(2)
const pool: Pool =
  kind === 'pglite' ? (await openPglite({ dataDir: where ?? '' })).pool : new pg.Pool({ connectionString: where ?? '' })

let batches = 0
const stuckAtFourth: Pool = {
  query: (text, values) => pool.query(text, values),
  connect: async () => {
    const client = await pool.connect()
    let written = false
    return {
      query: async (text: string | Prepared, values?: unknown[]) => {
        if (textOf(text).includes('update weekly_report_rows')) written = true
        if (text === 'commit' && written) batches += 1
        if (text === 'commit' && written && batches === 4) {
          process.stdout.write('in the middle\n')
          await new Promise(() => setInterval(() => {}, 1_000))
        }
        return client.query(text, values)
      },
      release: (destroy) => client.release(destroy),
      on: (...args) => client.on(...args),
      removeListener: (...args) => client.removeListener(...args),
    }
  },
}

const { tickets } = onPool(pool)
const queue = pgBossJobQueue({ pool, kind: kind === 'pglite' ? 'pglite' : 'postgres', onError: console.error })
await queue.start([
  carryOutReports({
    ...changeDeps(tickets, () => '2025-11-17T08:00:00.000Z'),
    reports: postgresReportStore(stuckAtFourth, { sow: 'platform_records', nudge: () => {} }),
    chunk: 5,
    onTrouble: console.error,
  }),
])
