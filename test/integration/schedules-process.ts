import pg from 'pg'
import { pgBossJobQueue } from '../../src/adapters/queue/job-queue.ts'

/** A process that begins the daily run, says so, and never ends it, until it is killed. */
const pool = new pg.Pool({ connectionString: process.argv[2] ?? '' })
const queue = pgBossJobQueue({ pool, kind: 'postgres', onError: console.error })
await queue.start(
  [],
  [
    {
      name: 'daily',
      everySeconds: 86_400,
      run: async () => {
        await pool.query('insert into runs (pid) values ($1)', [process.pid])
        process.stdout.write('began\n')
        await new Promise(() => {})
      },
    },
  ],
)
