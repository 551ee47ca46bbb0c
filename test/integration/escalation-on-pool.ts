import { sha256 } from '../../src/adapters/canonical/sha256.ts'
import type { Pool } from '../../src/adapters/contract/pool.ts'
import { postgresEscalationQueries } from '../../src/adapters/postgres/escalation-queries.ts'
import { postgresEscalationStore } from '../../src/adapters/postgres/escalation-store.ts'
import { postgresTicketStore } from '../../src/adapters/postgres/ticket-store.ts'
import type { EscalationBench } from '../contract/escalation.contract.ts'

/** Escalations and their tickets on a database, as a contract bench. */
export const onPool = (pool: Pool): Omit<EscalationBench, 'close'> => ({
  tickets: postgresTicketStore(pool, { sow: 'platform_records', sha256, nudge: () => {} }),
  escalations: postgresEscalationStore(pool, { sha256, nudge: () => {} }),
  escalationQueries: postgresEscalationQueries(pool),
  told: async (id) =>
    (await pool.query('select type from outbox where ticket_id = $1 order by id', [id])).rows.map((row) => row.type),
  linked: async (id) =>
    (await pool.query("select other_id from ticket_links where ticket_id = $1 and kind = 'escalation'", [id])).rows.map(
      (row) => row.other_id,
    ),
})
