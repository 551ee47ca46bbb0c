import type { PGlite } from '@electric-sql/pglite'
import { createPgConfig } from '@electric-sql/pglite/node-postgres'
import pg from 'pg'

/**
 * A pool of the one session PGlite has, shaped like any other. `pg` throws a client away after a failed statement; here
 * the next one would share its wire and hear the end and the late answers of the first. So the client is kept, and
 * whatever transaction was left open is rolled back.
 */
export const pglitePool = (lite: PGlite): pg.Pool => {
  // Never with `max`: a second connection crashes the process.
  const pool = new pg.Pool({ ...createPgConfig(lite), idleTimeoutMillis: 0 } as pg.PoolConfig)
  pool.on('error', () => {})
  const take = pool.connect.bind(pool) as () => Promise<pg.PoolClient>
  const connect = async (): Promise<pg.PoolClient> => {
    const client = await take()
    const giveBack = client.release.bind(client)
    client.release = (abandoned) => {
      if (!abandoned) return giveBack()
      client.query('rollback').then(
        () => giveBack(),
        () => giveBack(),
      )
    }
    return client
  }
  const query = async (text: string, values?: unknown[]): Promise<pg.QueryResult> => {
    const client = await connect()
    let failed = true
    try {
      const result = await client.query(text, values)
      failed = false
      return result
    } finally {
      client.release(failed)
    }
  }
  return Object.assign(pool, { connect, query })
}
