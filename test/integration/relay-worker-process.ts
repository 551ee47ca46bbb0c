import pg from 'pg'
import type { Pool } from '../../src/adapters/contract/pool.ts'
import { openPglite } from '../../src/adapters/pglite/open-pglite.ts'
import { pgBossJobQueue } from '../../src/adapters/queue/job-queue.ts'
import { reaction } from './relay-reaction.ts'

/** A worker that takes up an import and never ends it, until it is killed. */
const [kind, where] = process.argv.slice(2)
const pool: Pool =
  kind === 'pglite' ? (await openPglite({ dataDir: where ?? '' })).pool : new pg.Pool({ connectionString: where ?? '' })
const queue = pgBossJobQueue({ pool, kind: kind === 'pglite' ? 'pglite' : 'postgres', onError: console.error })
await queue.start([
  reaction(() => {
    process.stdout.write('taken up\n')
    return new Promise(() => {})
  }, 'imports'),
])
