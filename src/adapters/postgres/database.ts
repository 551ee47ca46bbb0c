import pg from 'pg'
import type { Database } from '../contract/pool.ts'

const CONNECT_TIMEOUT_MS = 5_000
const STATEMENT_TIMEOUT_MS = 30_000
/** A machine that lost its power in the middle of a transaction would hold its locks until the network gives it up, for hours. */
const SILENCE_MS = 60_000

/** Opens a pool on a PostgreSQL server; connects at the first statement. `onError` hears of idle connections that die. */
export const openPostgres = (options: {
  readonly url: string
  readonly maxConnections: number
  /** How long a transaction may say nothing before the server ends it. */
  readonly silenceMs?: number
  readonly onError: (error: Error) => void
}): Database => {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.maxConnections,
    application_name: 'fibreflow-ticketing',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: options.silenceMs ?? SILENCE_MS,
    keepAlive: true,
  })
  pool.on('error', options.onError)
  return { kind: 'postgres', pool, close: () => pool.end() }
}
