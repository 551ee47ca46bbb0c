import { afterAll, beforeAll, expect, it } from 'vitest'
import { postgresEscalationQueries } from '../../src/adapters/postgres/escalation-queries.ts'
import { postgresRiskQueries } from '../../src/adapters/postgres/risk-queries.ts'
import { EXACT_TO, type PageOf } from '../../src/application/ports/pages.ts'
import { describeOn, type TestDatabase, testDatabase } from '../support/databases.ts'
import { done } from '../support/stored-tickets.ts'

/** So many tickets, each with one risk and one ended escalation. */
const FILL = `
with made as (
  insert into tickets (source, title, ticket_type, project_id, ticket_uid)
  select 'manual', 'x', 'incident', 'p', 'FT' || (1000000 + n) from generate_series($1::int, $2::int) n returning id
), risks as (
  insert into qa_risk_acceptances (ticket_id, risk_type, risk_description, risk_expiry_date, accepted_by)
  select id, 'other', 'x', '2026-03-10', 'zanele' from made
)
insert into repeat_fault_escalations (scope_type, scope_value, project_id, fault_count, fault_threshold, window_days,
  escalation_ticket_id, escalation_type, status, resolved_at)
select 'dr', id, 'p', 3, 2, 90, id, 'investigation', 'resolved', now() from made`

for (const engine of ['postgres', 'pglite'] as const)
  describeOn(engine, 'the total of a list', () => {
    let database: TestDatabase
    beforeAll(async () => {
      database = await testDatabase(engine)
    })
    afterAll(() => database.close())

    const wanted = { sight: { type: 'all' }, filters: { status: ['active'] }, today: '2026-03-02' } as const
    const first = { page: 1, pageSize: 2 }
    const both = async (): Promise<ReadonlyArray<PageOf<unknown>>> => [
      await done(postgresRiskQueries(database.pool).page(wanted, first)),
      await done(postgresEscalationQueries(database.pool).page({ project: ['p'] }, first)),
    ]

    it('is exact to 10,000, and says that it is an estimate beyond', async () => {
      await database.pool.query(FILL, [1, EXACT_TO])
      for (const { rows, total, totalIsEstimate } of await both())
        expect([rows.length, total, totalIsEstimate]).toEqual([2, EXACT_TO, false])
      await database.pool.query(FILL, [EXACT_TO + 1, EXACT_TO + 1])
      for (const { rows, total, totalIsEstimate } of await both())
        expect([rows.length, total > EXACT_TO, totalIsEstimate]).toEqual([2, true, true])
    })
  })
