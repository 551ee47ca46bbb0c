import { sha256 } from '../../src/adapters/canonical/sha256.ts'
import { memoryState, NEW_PROJECT } from '../../src/adapters/memory/ticket-state.ts'
import { memoryTicketStore } from '../../src/adapters/memory/ticket-store.ts'
import { postgresTicketStore } from '../../src/adapters/postgres/ticket-store.ts'
import type { OutboxEvent } from '../../src/application/ports/outbox.ts'
import { ticketStoreContract } from '../contract/ticket-store.contract.ts'
import { describeOn, testDatabase } from '../support/databases.ts'
import { chainIn, eventsIn, movedFacts } from '../support/ticket-rows.ts'

ticketStoreContract(
  'in memory',
  async () => {
    const state = memoryState()
    const outbox: OutboxEvent[] = []
    return {
      store: memoryTicketStore({ state, sha256, publish: (events) => outbox.push(...events) }),
      eventsOf: async (ticketId) => outbox.filter((event) => event.ticketId === ticketId),
      chainOf: async (projectId) => state.snapshots.filter((entry) => entry.projectId === projectId),
      moveFacts: async (projectId) => {
        const project = state.projects.get(projectId) ?? NEW_PROJECT
        state.projects.set(projectId, { ...project, factsVersion: project.factsVersion + 1 })
      },
      document: async (ticketId, bytes) => void state.documents.push({ ticketId, bytes }),
      close: async () => {},
    }
  },
  300,
)

for (const engine of ['postgres', 'pglite', 'neon'] as const)
  describeOn(engine, 'Tickets', () => {
    ticketStoreContract(
      `on ${engine}`,
      async () => {
        const { pool, close } = await testDatabase(engine)
        return {
          store: postgresTicketStore(pool, { sow: 'platform_records', sha256, nudge: () => {} }),
          eventsOf: (ticketId) => eventsIn(pool, ticketId),
          chainOf: (projectId) => chainIn(pool, projectId),
          moveFacts: (projectId) => movedFacts(pool, projectId),
          document: async (ticketId, bytes) => {
            await pool.query(
              `insert into ticket_attachments (ticket_id, filename, file_size, storage_path, storage_bucket,
                 storage_generation, sha256)
               values ($1, 'plan.pdf', $2, 'x', 'local', '1', $3)`,
              [ticketId, bytes, 'a'.repeat(64)],
            )
          },
          close,
        }
      },
      engine === 'postgres' ? 100 : 30,
    )
  })
