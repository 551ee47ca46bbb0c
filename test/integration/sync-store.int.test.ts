import { afterAll, beforeAll } from 'vitest'
import { sha256 } from '../../src/adapters/canonical/sha256.ts'
import { postgresSyncNotes, postgresSyncStore } from '../../src/adapters/postgres/sync-store.ts'
import { postgresTicketStore } from '../../src/adapters/postgres/ticket-store.ts'
import { type SyncWorld, syncStoreContract } from '../contract/sync-store.contract.ts'
import { describeOn, type TestDatabase, testDatabase } from '../support/databases.ts'
import { aTicket, creationOf, done } from '../support/stored-tickets.ts'

for (const engine of ['postgres', 'pglite'] as const)
  describeOn(engine, 'The exchange', () => {
    let database: TestDatabase
    let world: SyncWorld
    beforeAll(async () => {
      database = await testDatabase(engine)
      const { pool } = database
      const tickets = postgresTicketStore(pool, { sow: 'platform_records', sha256, nudge: () => {} })
      world = {
        store: postgresSyncStore(pool, 'stand-in'),
        notes: postgresSyncNotes(pool),
        aTicket: async () => {
          const ticket = aTicket('open')
          await done(tickets.commit([creationOf(ticket)], []))
          return ticket.id
        },
      }
    })
    afterAll(() => database.close())
    syncStoreContract(`on ${engine}`, () => world)
  })
