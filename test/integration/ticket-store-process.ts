import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { sha256 } from '../../src/adapters/canonical/sha256.ts'
import { type Pool, type Prepared, textOf } from '../../src/adapters/contract/pool.ts'
import { postgresTicketStore } from '../../src/adapters/postgres/ticket-store.ts'
import { startQa } from '../../src/domain/ticket/start-qa.ts'
import { changeOf, done, only } from '../support/stored-tickets.ts'
import { later, REVIEWER, stamp } from '../support/tickets.ts'

/** A reviewer who starts QA on a ticket and stands still just before the named statement, until the process is killed. */
const [url, ticketId, stopsBefore] = process.argv.slice(2)
const pool: Pool = new pg.Pool({ connectionString: url ?? '' })

const standingStill: Pool = {
  query: (text, values) => pool.query(text, values),
  connect: async () => {
    const client = await pool.connect()
    return {
      query: async (text: string | Prepared, values?: unknown[]) => {
        if (textOf(text).includes(stopsBefore ?? 'commit')) {
          process.stdout.write('standing still\n')
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

const store = postgresTicketStore(standingStill, { sow: 'platform_records', sha256, nudge: () => {} })
const before = only(await done(store.load([ticketId ?? ''])))
const decided = startQa(stamp(REVIEWER, later(5), randomUUID()), before.facts)(before.ticket)
await store.commit([], [changeOf(before, decided)])()
