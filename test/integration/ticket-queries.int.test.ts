import { sha256 } from '../../src/adapters/canonical/sha256.ts'
import { memoryTicketQueries } from '../../src/adapters/memory/ticket-queries.ts'
import { memoryState } from '../../src/adapters/memory/ticket-state.ts'
import { memoryTicketStore } from '../../src/adapters/memory/ticket-store.ts'
import { postgresTicketQueries } from '../../src/adapters/postgres/ticket-queries.ts'
import { postgresTicketStore } from '../../src/adapters/postgres/ticket-store.ts'
import { ticketQueriesContract } from '../contract/ticket-queries.contract.ts'
import { describeOn, testDatabase } from '../support/databases.ts'

ticketQueriesContract('in memory', async () => {
  const state = memoryState()
  return {
    store: memoryTicketStore({ state, sha256, publish: () => {} }),
    queries: memoryTicketQueries({ state }),
    close: async () => {},
  }
})

for (const engine of ['postgres', 'pglite'] as const)
  describeOn(engine, 'Lists', () => {
    ticketQueriesContract(`on ${engine}`, async () => {
      const { pool, close } = await testDatabase(engine)
      return {
        store: postgresTicketStore(pool, { sow: 'platform_records', sha256, nudge: () => {} }),
        queries: postgresTicketQueries(pool, 'platform_records'),
        close,
      }
    })
  })
