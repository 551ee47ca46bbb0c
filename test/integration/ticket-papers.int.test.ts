import { afterAll } from 'vitest'
import { sha256 } from '../../src/adapters/canonical/sha256.ts'
import { memoryTicketPapers } from '../../src/adapters/memory/papers-store.ts'
import { memoryState } from '../../src/adapters/memory/ticket-state.ts'
import { memoryTicketStore } from '../../src/adapters/memory/ticket-store.ts'
import { postgresTicketPapers } from '../../src/adapters/postgres/papers-store.ts'
import type { OutboxEvent } from '../../src/application/ports/outbox.ts'
import { ticketPapersContract } from '../contract/ticket-papers.contract.ts'
import { describeOn, type TestDatabase, testDatabase } from '../support/databases.ts'
import { storedIn } from '../support/ticket-copies.ts'

const state = memoryState()
const events: OutboxEvent[] = []
ticketPapersContract('memory', async () => {
  const publish = (some: ReadonlyArray<OutboxEvent>) => void events.push(...some)
  const tickets = memoryTicketStore({ state, sha256, publish: () => {} })
  return {
    papers: memoryTicketPapers(state, publish),
    ticket: async (status = 'open') => (await storedIn(tickets, status)).id,
    told: async (ticketId) => events.filter((event) => event.ticketId === ticketId).map((event) => event.type),
  }
})

for (const engine of ['postgres', 'pglite'] as const)
  describeOn(engine, 'notes, documents and links', () => {
    let db: TestDatabase
    ticketPapersContract(engine, async () => {
      db = await testDatabase(engine)
      return {
        papers: postgresTicketPapers(db.pool, () => {}),
        ticket: async (status = 'open') => {
          const { rows } = await db.pool.query(
            `insert into tickets (source, title, ticket_type, project_id, status, assigned_to)
             values ('manual', 'x', 'incident', 'p', $1, 'thabo') returning id`,
            [status],
          )
          return rows[0].id
        },
        told: async (ticketId) =>
          (await db.pool.query('select type from outbox where ticket_id = $1 order by id', [ticketId])).rows.map(
            (row) => row.type,
          ),
      }
    })
    afterAll(() => db?.close())
  })
