import { afterAll } from 'vitest'
import { postgresTicketPapers } from '../../src/adapters/postgres/papers-store.ts'
import { ticketPapersContract } from '../contract/ticket-papers.contract.ts'
import { describeOn, type TestDatabase, testDatabase } from '../support/databases.ts'

for (const engine of ['postgres', 'pglite'] as const)
  describeOn(engine, 'notes, documents and links', () => {
    let db: TestDatabase
    ticketPapersContract(engine, async () => {
      db = await testDatabase(engine)
      return {
        papers: postgresTicketPapers(db.pool, () => {}),
        ticket: async () => {
          const { rows } = await db.pool.query(
            "insert into tickets (source, title, ticket_type, project_id) values ('manual', 'x', 'incident', 'p') returning id",
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
