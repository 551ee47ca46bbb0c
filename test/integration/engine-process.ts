import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { onceInTransaction } from '../../src/adapters/contract/once.ts'
import { pgBossJobQueue } from '../../src/adapters/queue/job-queue.ts'
import { reaction } from './relay-reaction.ts'

/** A worker whose effect is one row per event. At the event numbered `holdAt` it says so and waits `holdMs`, before its effect. */
const [url = '', holdAt = 'none', holdMs = '0', graceMs = '5000'] = process.argv.slice(2)
const pool = new pg.Pool({ connectionString: url, max: 6 })
pool.on('error', () => {})
const queue = pgBossJobQueue({ pool, kind: 'postgres', onError: console.error, graceMs: Number(graceMs) })
process.once('SIGTERM', async () => {
  await queue.stop()
  process.exit(0)
})
await queue.start([
  reaction(async ({ id, ticketId, body }) => {
    if (String(body.n) === holdAt) {
      process.stdout.write('holding\n')
      await sleep(Number(holdMs))
    }
    await onceInTransaction(pool, 'escalate', id, async (client) => {
      await client.query('insert into effects (n, ticket, pid) values ($1, $2, $3)', [body.n, ticketId, process.pid])
      await sleep(Math.random() * 4)
    })
  }),
])
process.stdout.write('ready\n')
