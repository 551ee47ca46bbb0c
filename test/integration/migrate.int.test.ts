import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { createPgConfig } from '@electric-sql/pglite/node-postgres'
import pg from 'pg'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Pool } from '../../src/adapters/contract/pool.ts'
import { migrate, migrationsFolder } from '../../src/adapters/postgres/migrate.ts'
import { describeOn, type Engine, testDatabase } from '../support/databases.ts'

const TABLE = `create table drop_seen (id int primary key, body jsonb not null default '{}'::jsonb);
create function touch() returns trigger language plpgsql as $$ begin new.body := '{"a": {"b": 1}}'; return new; end $$;
create trigger touch before insert on drop_seen for each row execute function touch()`

let dir: string
const file = (name: string, sql: string): Promise<void> => writeFile(join(dir, `${name}.sql`), sql)

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'migrations-'))
  await file('0001_first', TABLE)
  await file('0002_second', 'alter table drop_seen add column note text')
})
afterEach(() => rm(dir, { recursive: true }))

/** A database without our schema, and a second pool on it as another process would have. */
const emptyDatabase = async (engine: Engine) => {
  if (engine === 'pglite') {
    const lite = await PGlite.create()
    const pool = new pg.Pool(createPgConfig(lite))
    return { pool, other: pool, close: () => pool.end().then(() => lite.close()) }
  }
  const database = await testDatabase(engine)
  await database.pool.query('drop schema public cascade; create schema public; drop schema if exists pgboss cascade')
  const other = new pg.Pool({ connectionString: database.url ?? '' })
  return { pool: database.pool, other, close: () => other.end().then(database.close) }
}

/** What a transaction pooler makes of connections: each transaction, and each statement outside of one, gets another. */
const throughPooler = async (url: string) => {
  const backends = await Promise.all(
    [1, 2, 3].map(async () => {
      const client = new pg.Client({ connectionString: url })
      await client.connect()
      return { client, busy: false }
    }),
  )
  let turn = 0
  const next = async () => {
    for (;;) {
      const backend = backends[turn++ % backends.length]
      if (backend?.busy === false) return backend
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }
  const connect = async () => {
    let held: (typeof backends)[number] | null = null
    return {
      query: async (statement: never, values: never) => {
        const backend = held ?? (await next())
        backend.busy = true
        if (String(statement) === 'begin') held = backend
        try {
          return await backend.client.query(statement, values)
        } finally {
          if (/^(commit|rollback)$/.test(String(statement))) held = null
          backend.busy = held !== null
        }
      },
      release: () => {},
      on: () => {},
      removeListener: () => {},
    }
  }
  return {
    pool: { connect, query: async (...said: [never, never]) => (await connect()).query(...said) } as unknown as Pool,
    close: () => Promise.all(backends.map(({ client }) => client.end())),
  }
}

describeOn('postgres', 'Migrations through a transaction pooler', () => {
  it('are applied once by two processes at once, and leave no lock and no setting behind', async () => {
    const database = await testDatabase('postgres')
    await database.pool.query('drop schema public cascade; create schema public; drop schema if exists pgboss cascade')
    const poolers = await Promise.all([1, 2].map(() => throughPooler(database.url ?? '')))
    try {
      const names = await Promise.all(poolers.map(({ pool }) => migrate(pool, { dir })))
      expect(names.flat().toSorted()).toEqual(['0001_first', '0002_second'])
      const { rows } = await database.pool.query(
        `select count(*)::integer as locks from pg_locks
         where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`,
      )
      expect(rows).toEqual([{ locks: 0 }])
      const settings = await Promise.all(
        [1, 2, 3].map(async () => (await poolers[0]?.pool.query('show statement_timeout'))?.rows[0]),
      )
      const [usual] = (await database.pool.query('show statement_timeout')).rows
      expect(settings).toEqual([usual, usual, usual])
    } finally {
      for (const pooler of poolers) await pooler.close()
      await database.close()
    }
  })
})

for (const engine of ['postgres', 'pglite'] as const) {
  describeOn(engine, 'Migrations', () => {
    let database: Awaited<ReturnType<typeof emptyDatabase>>
    beforeEach(async () => {
      database = await emptyDatabase(engine)
    }, 30_000)
    afterEach(() => database.close())

    it('are applied in order and only once', async () => {
      expect(await migrate(database.pool, { dir })).toEqual(['0001_first', '0002_second'])
      expect(await migrate(database.pool, { dir })).toEqual([])
      await database.pool.query('insert into drop_seen (id, note) values (1, $1)', ['x'])
      const { rows } = await database.pool.query('select body, note from drop_seen')
      expect(rows).toEqual([{ body: { a: { b: 1 } }, note: 'x' }])
    })

    it('may be started by two processes at once: they take turns, and each is applied once', async () => {
      await file('0003_slow', 'select pg_sleep(0.3); create table slow (id int)')
      const [one, two] = await Promise.all([migrate(database.pool, { dir }), migrate(database.other, { dir })])
      expect([...one, ...two].toSorted()).toEqual(['0001_first', '0002_second', '0003_slow'])
    })

    it('that fail leave the ones before them, nothing of their own, and a database that can be migrated later', async () => {
      await file('0003_broken', 'create table half (id int); select 1/0')
      await expect(migrate(database.pool, { dir })).rejects.toThrow('division by zero')
      const { rows } = await database.pool.query(
        `select to_regclass('public.half') as half, to_regclass('public.drop_seen') is not null as first`,
      )
      expect(rows).toEqual([{ half: null, first: true }])
      await file('0003_broken', 'create table half (id int)')
      expect(await migrate(database.other, { dir })).toEqual(['0003_broken'])
    })

    it('may have begun in another order than they were applied in, and go on', async () => {
      await migrate(database.pool, { dir })
      await database.pool.query(
        `update ticketing_migrations set run_on = run_on - interval '1 hour' where name = '0002_second'`,
      )
      await file('0003_third', 'create table third (id int)')
      expect(await migrate(database.pool, { dir })).toEqual(['0003_third'])
    })

    it('refuse a database that a newer version prepared', async () => {
      await file('0003_newer', 'create table newer (id int)')
      await migrate(database.pool, { dir })
      await rm(join(dir, '0003_newer.sql'))
      await expect(migrate(database.pool, { dir })).rejects.toThrow(/does not know: 0003_newer\. .*newer version/)
    })

    it('refuse an applied file that was changed, but not one with other line ends', async () => {
      await migrate(database.pool, { dir })
      await file('0001_first', TABLE.replaceAll('\n', '\r\n'))
      expect(await migrate(database.pool, { dir })).toEqual([])
      await file('0001_first', `${TABLE} `)
      await expect(migrate(database.pool, { dir })).rejects.toThrow(/changed afterwards: 0001_first/)
    })

    it('refuse a file that slips in before one already applied', async () => {
      await migrate(database.pool, { dir })
      await file('0001_earlier', 'create table earlier (id int)')
      await expect(migrate(database.pool, { dir })).rejects.toThrow('come before applied ones: 0001_earlier. ')
    })

    it('that are optional are applied only by name, and once', async () => {
      await mkdir(join(dir, 'optional'))
      await file('optional/0001_host_keys', 'create table host_keys (id int)')
      await file('optional/0002_other', 'create table other_keys (id int)')
      await migrate(database.pool, { dir })
      expect(await migrate(database.pool, { dir, optional: ['0001_host_keys'] })).toEqual(['0001_host_keys'])
      expect(await migrate(database.pool, { dir, optional: ['0001_host_keys'] })).toEqual([])
      expect(await migrate(database.pool, { dir, optional: ['0002_other'] })).toEqual(['0002_other'])
      await expect(migrate(database.pool, { dir, optional: ['0009_none'] })).rejects.toThrow(
        'There is no optional migration 0009_none',
      )
    })
  })
}

it('The migrations folder is found from the sources and from the built package', async () => {
  const root = await mkdtemp(join(tmpdir(), 'package-'))
  await mkdir(join(root, 'dist/adapters/postgres'), { recursive: true })
  await mkdir(join(root, 'migrations'))
  await writeFile(join(root, 'package.json'), '{}')
  expect(migrationsFolder(join(root, 'dist/adapters/postgres/migrate.js'))).toBe(join(root, 'migrations'))
  expect(migrationsFolder()).toBe(join(process.cwd(), 'migrations'))
  await rm(root, { recursive: true })
})
