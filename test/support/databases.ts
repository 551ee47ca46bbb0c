import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { PGlite } from '@electric-sql/pglite'
import pg from 'pg'
import { describe, inject } from 'vitest'
import { pglitePool } from '../../src/adapters/pglite/pglite-pool.ts'
import { migrate } from '../../src/adapters/postgres/migrate.ts'
import { neonPool } from './neon.ts'

/** postgres: pg over TCP; pglite: the embedded default; neon: Neon's driver over its WebSocket, on the same server. */
export type Engine = 'postgres' | 'pglite' | 'neon'

export type TestDatabase = {
  readonly pool: pg.Pool
  readonly name: string
  /** For a process of its own; null for PGlite, which lives in this one. */
  readonly url: string | null
  readonly close: () => Promise<void>
}

const NO_POSTGRES =
  'This suite needs PostgreSQL and none was found: install its server programs (Debian: apt-get install postgresql), set TEST_DATABASE_URL, or start Docker.'

/** A suite on one engine. Without PostgreSQL it is left out and named as skipped; where CI=true it fails instead. */
export const describeOn = (engine: Engine, title: string, body: () => void): void => {
  const leftOut = engine !== 'pglite' && inject('databases').url === null && process.env.CI !== 'true'
  describe.skipIf(leftOut)(`${title} on ${engine}`, body)
}

/** A freshly migrated, empty database of this test file's own. */
export const testDatabase = (engine: Engine): Promise<TestDatabase> =>
  engine === 'pglite' ? onPglite() : onServer(engine === 'neon' ? neonPool : tcpPool)

const tcpPool = async (url: string) => {
  const pool = new pg.Pool({ connectionString: url })
  return { pool, close: () => pool.end() }
}

const onServer = async (connect: typeof tcpPool): Promise<TestDatabase> => {
  const { url: server, prefix, template, broken } = inject('databases')
  if (server === null) throw new Error(NO_POSTGRES)
  if (broken !== null) throw new Error(`The template database could not be migrated: ${broken}`)
  const name = `${prefix}${randomBytes(4).toString('hex')}`
  await asAdmin(server, `create database ${name} template ${template} strategy wal_log`)
  const url = new URL(server)
  url.pathname = `/${name}`
  const { pool, close } = await connect(url.href)
  pool.on('error', () => {}) // an idle connection that the forced drop below cuts is no failure of the test
  return {
    pool,
    name,
    url: url.href,
    close: async () => {
      await close()
      await asAdmin(server, `drop database if exists ${name} with (force)`)
    },
  }
}

const asAdmin = async (server: string, statement: string): Promise<void> => {
  const client = new pg.Client(server)
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

const onPglite = async (): Promise<TestDatabase> => {
  const lite = await PGlite.create({ loadDataDir: new Blob([await migratedSnapshot()]) })
  const pool = pglitePool(lite)
  return {
    pool,
    name: 'pglite',
    url: null,
    close: async () => {
      await pool.end()
      await lite.close()
    },
  }
}

const SNAPSHOT_DEADLINE_SECONDS = 90

/** The files of a migrated PGlite, made by the first test file of the run that asks. */
const migratedSnapshot = async (): Promise<Uint8Array<ArrayBuffer>> => {
  const path = join(inject('databases').directory, 'pglite.tar')
  const lock = `${path}.lock`
  for (const end = Date.now() + SNAPSHOT_DEADLINE_SECONDS * 1_000; Date.now() < end; await sleep(50)) {
    if (await exists(path)) return new Uint8Array(await readFile(path))
    if (!(await taken(lock))) continue
    try {
      await makeSnapshot(path)
    } finally {
      await rm(lock, { recursive: true })
    }
  }
  throw new Error('No migrated PGlite was made in time')
}

const makeSnapshot = async (path: string): Promise<void> => {
  if (await exists(path)) return
  const lite = await PGlite.create()
  const pool = pglitePool(lite)
  try {
    await migrate(pool)
    await pool.end()
    const files = await lite.dumpDataDir('none')
    await writeFile(`${path}.part`, new Uint8Array(await files.arrayBuffer()))
    await rename(`${path}.part`, path)
  } finally {
    await lite.close()
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

const taken = (lock: string): Promise<boolean> =>
  mkdir(lock).then(
    () => true,
    () => false,
  )
