import pg from 'pg'
import { PgBoss } from 'pg-boss'
import type { Pool } from '../../src/adapters/contract/pool.ts'
import { openPglite } from '../../src/adapters/pglite/open-pglite.ts'
import { bossDatabase, handOver } from '../../src/adapters/queue/relay.ts'
import { reaction } from './relay-reaction.ts'

/** A relay that has taken events and made their jobs, and stands still just before its commit until it is killed. */
const [kind, where] = process.argv.slice(2)
const pool: Pool =
  kind === 'pglite' ? (await openPglite({ dataDir: where ?? '' })).pool : new pg.Pool({ connectionString: where ?? '' })

const stuckAtCommit: Pool = {
  query: (text, values) => pool.query(text, values),
  connect: async () => {
    const client = await pool.connect()
    return {
      query: async (text: string, values?: unknown[]) => {
        if (text === 'commit') {
          process.stdout.write('about to commit\n')
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

const boss = new PgBoss({ backend: kind === 'pglite' ? 'pglite' : 'postgres', db: bossDatabase(pool), schedule: false })
await boss.start()
await boss.createQueue('reaction.escalate', { policy: 'key_strict_fifo' })
await handOver({
  pool: stuckAtCommit,
  reactions: [reaction(async () => {})],
  onError: (error) => console.error(error),
})
