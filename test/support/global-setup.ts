import { randomBytes } from 'node:crypto'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { migrate } from '../../src/adapters/postgres/migrate.ts'
import { findPostgres } from './postgres-server.ts'
import { makeRunDirectory } from './run-directory.ts'

/** What the run hands to every test file. */
export type DatabaseRun = {
  /** Where databases of this run are made; null when no PostgreSQL was found. */
  readonly url: string | null
  readonly prefix: string
  readonly template: string
  /** Why the template could not be migrated, or null. */
  readonly broken: string | null
  readonly directory: string
}

declare module 'vitest' {
  export interface ProvidedContext {
    readonly databases: DatabaseRun
  }
}

const OURS = 'fibreflow_test_'

export default async ({ provide }: TestProject): Promise<() => Promise<void>> => {
  const directory = await makeRunDirectory()
  const run = randomBytes(4).toString('hex')
  const prefix = `${OURS}${run}_`
  const template = `${prefix}template`
  const server = await findPostgres()
  if (server === null) {
    console.log('PostgreSQL for tests: none found. Install it (Debian: postgresql) or set TEST_DATABASE_URL.')
    provide('databases', { url: null, prefix, template, broken: null, directory: directory.path })
    return directory.remove
  }
  console.log(`PostgreSQL for tests: ${server.choice}`)
  const admin = new pg.Client(server.url)
  await admin.connect()
  await admin.query('select pg_advisory_lock($1)', [lockOf(run)])
  await dropAbandoned(admin)
  await admin.query(`create database ${template}`)
  const broken = await migrateTemplate(server.url, template)
  provide('databases', { url: server.url, prefix, template, broken, directory: directory.path })
  return async () => {
    await dropDatabases(admin, prefix)
    await admin.end()
    await server.stop()
    await directory.remove()
  }
}

const migrateTemplate = async (server: string, template: string): Promise<string | null> => {
  const url = new URL(server)
  url.pathname = `/${template}`
  const pool = new pg.Pool({ connectionString: url.href })
  try {
    await migrate(pool)
    return null
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error)
  } finally {
    await pool.end()
  }
}

/** A run that was killed leaves databases on a server that it did not start; the lock it held tells that it is gone. */
const dropAbandoned = async (admin: pg.Client): Promise<void> => {
  const { rows } = await admin.query<{ run: string }>(
    `select distinct substring(datname from '^${OURS}([0-9a-f]{8})_') as run from pg_database where datname ~ '^${OURS}[0-9a-f]{8}_'`,
  )
  for (const { run } of rows) {
    const { rows: locks } = await admin.query<{ free: boolean }>('select pg_try_advisory_lock($1) as free', [
      lockOf(run),
    ])
    if (locks[0]?.free !== true) continue
    await dropDatabases(admin, `${OURS}${run}_`)
    await admin.query('select pg_advisory_unlock($1)', [lockOf(run)])
  }
}

const lockOf = (run: string): number => Number.parseInt(run, 16)

const dropDatabases = async (admin: pg.Client, prefix: string): Promise<void> => {
  const { rows } = await admin.query<{ name: string }>(
    'select datname as name from pg_database where starts_with(datname, $1)',
    [prefix],
  )
  for (const { name } of rows) await admin.query(`drop database if exists ${name} with (force)`)
}
