import { randomUUID } from 'node:crypto'
import { sha256 } from '../../src/adapters/canonical/sha256.ts'
import { memoryDashboardQueries } from '../../src/adapters/memory/dashboard-queries.ts'
import { memoryState } from '../../src/adapters/memory/ticket-state.ts'
import { memoryTicketStore } from '../../src/adapters/memory/ticket-store.ts'
import { postgresDashboardQueries } from '../../src/adapters/postgres/dashboard-queries.ts'
import { postgresTicketStore } from '../../src/adapters/postgres/ticket-store.ts'
import { dashboardContract } from '../contract/dashboard-queries.contract.ts'
import { describeOn, testDatabase } from '../support/databases.ts'
import { later } from '../support/tickets.ts'

const lastImport = {
  report_id: randomUUID(),
  report_uid: 'WR2026-W10-LAW',
  project_id: 'lawley',
  imported_at: later(5),
  imported_count: 90,
  skipped_count: 3,
  error_count: 0,
}
const lastSync = { synced_at: later(6), sync_direction: 'inbound', sync_type: 'full_sync', status: 'success' }

dashboardContract('in memory', async () => {
  const state = memoryState()
  return {
    store: memoryTicketStore({ state, sha256, publish: () => {} }),
    queries: memoryDashboardQueries({
      state,
      office: () => ({ open_escalations: 1, last_import: lastImport, last_sync: lastSync }),
    }),
    office: async () => {},
    close: async () => {},
  }
})

for (const engine of ['postgres', 'pglite'] as const)
  describeOn(engine, 'Figures', () => {
    dashboardContract(`on ${engine}`, async () => {
      const { pool, close } = await testDatabase(engine)
      return {
        store: postgresTicketStore(pool, { sow: 'platform_records', sha256, nudge: () => {} }),
        queries: postgresDashboardQueries(pool),
        office: async () => {
          const [at, synced] = [lastImport.imported_at, lastSync.synced_at]
          for (const status of ['open', 'resolved'])
            await pool.query(
              `insert into repeat_fault_escalations (scope_type, scope_value, project_id, fault_count, fault_threshold,
                window_days, status, resolved_at) values ('pole', 'P1', 'lawley', 4, 3, 90, $1::text, case $1::text when 'resolved' then now() end)`,
              [status],
            )
          for (const [uid, status, when] of [
            ['WR2026-W09-LAW', 'completed', later(1)],
            [lastImport.report_uid, 'completed', at],
            ['WR2026-W11-LAW', 'failed', later(9)],
          ])
            await pool.query(
              `insert into weekly_reports (report_uid, week_number, year, report_date, project_id, file_sha256, layout, status,
                imported_at, imported_count, skipped_count, error_count)
              values ($1, 10, 2026, '2026-03-02', 'lawley', repeat($2, 64), 'notes', $3, $4, 90, 3, 0)`,
              [uid, uid?.slice(9, 10), status, when],
            )
          await pool.query(
            `insert into qcontact_sync_log (sync_direction, sync_type, status, synced_at)
            values ('outbound', 'note_add', 'failed', $1), ('inbound', 'full_sync', 'success', $2)`,
            [later(1), synced],
          )
        },
        close,
      }
    })
  })
