import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runner } from 'node-pg-migrate'
import type { ClientBase } from 'pg'
import { inTransaction, type Pool, type Queryable } from '../contract/pool.ts'

/** Chosen once; two processes that start together meet on it. */
const LOCK = 4_051_873_206
const APPLIED = 'ticketing_migrations'
const APPLIED_OPTIONAL = 'ticketing_optional_migrations'
const CHECKSUMS = 'ticketing_migration_checksums'

type SqlFile = { readonly name: string; readonly sql: string; readonly sha256: string }

/** The package's own `migrations` folder, found from the sources and from the built package alike. */
export const migrationsFolder = (from: string = fileURLToPath(import.meta.url)): string => {
  const folder = dirname(from)
  const candidate = join(folder, 'migrations')
  if (existsSync(join(folder, 'package.json')) && existsSync(candidate)) return candidate
  if (folder === from) throw new Error('The migrations folder of this package is missing.')
  return migrationsFolder(folder)
}

const readSqlFiles = async (dir: string): Promise<ReadonlyArray<SqlFile>> => {
  const names = (await readdir(dir)).filter((name) => name.endsWith('.sql')).sort()
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(join(dir, name), 'utf8')
      // A checkout with CRLF line ends is still the same migration.
      const sha256 = createHash('sha256').update(sql.replaceAll('\r\n', '\n')).digest('hex')
      return { name: basename(name, '.sql'), sql, sha256 }
    }),
  )
}

const appliedNames = async (client: Queryable, table: string): Promise<ReadonlyArray<string>> => {
  const { rows: found } = await client.query(`select to_regclass('public.${table}') is not null as found`)
  if (!found[0].found) return []
  const { rows } = await client.query(`select name from public.${table} order by id`)
  return rows.map((row) => row.name as string)
}

const refuseNewerSchema = (files: ReadonlyArray<SqlFile>, applied: ReadonlyArray<string>): void => {
  const unknown = applied.filter((name) => !files.some((file) => file.name === name))
  if (unknown.length > 0)
    throw new Error(
      `The database has migrations this build does not know: ${unknown.join(', ')}. ` +
        'It was prepared by a newer version; run that version.',
    )
}

/** By their names; not by when they ran, since that is when a transaction began, which may then have waited for its turn. */
const refuseLateFiles = (files: ReadonlyArray<SqlFile>, applied: ReadonlyArray<string>): void => {
  const isMissing = ({ name }: SqlFile): boolean => !applied.includes(name)
  const last = files.findLastIndex((file) => !isMissing(file))
  const late = files.slice(0, Math.max(0, last)).filter(isMissing)
  if (late.length > 0)
    throw new Error(
      `Migrations are not applied that come before applied ones: ${late.map(({ name }) => name).join(', ')}. ` +
        'Give them the next numbers.',
    )
}

const refuseChangedFiles = async (client: Queryable, files: ReadonlyArray<SqlFile>): Promise<void> => {
  const { rows } = await client.query(`select name, sha256 from public.${CHECKSUMS}`)
  const recorded = new Map(rows.map((row) => [row.name as string, row.sha256 as string]))
  const changed = files.filter(({ name, sha256 }) => (recorded.get(name) ?? sha256) !== sha256)
  if (changed.length > 0)
    throw new Error(
      `Migrations already applied to this database were changed afterwards: ${changed.map(({ name }) => name).join(', ')}. ` +
        'Restore the files and put the change into a new migration.',
    )
}

const noLog = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** Applies the first that is missing, with its checksum, inside the caller's transaction; null when none is. */
const applyNext = async (
  client: Queryable,
  dir: string,
  table: string,
  files: ReadonlyArray<SqlFile>,
  only: string | null,
): Promise<string | null> => {
  const [applied] = await runner({
    dbClient: client as unknown as ClientBase,
    dir,
    ignorePattern: '(?!.*\\.sql$).*',
    migrationsTable: table,
    direction: 'up',
    count: 1,
    // The caller's transaction holds the lock, and ends with it.
    noLock: true,
    checkOrder: false,
    singleTransaction: false,
    logger: noLog,
    ...(only === null ? {} : { file: only }),
    migrationLoaderStrategies: [
      {
        extensions: ['.sql'],
        loader: async (paths) =>
          files.map((file) => ({
            id: paths.find((path) => basename(path, '.sql') === file.name) ?? file.name,
            filePaths: [...paths],
            actions: {
              up: (pgm) => {
                pgm.noTransaction()
                pgm.sql(file.sql)
                pgm.sql(`insert into public.${CHECKSUMS} (name, sha256) values ('${file.name}', '${file.sha256}')`)
              },
              down: false,
            },
          })),
      },
    ],
  })
  return applied?.name ?? null
}

/**
 * Brings the database to this build's schema and gives the names applied here, oldest first. Forward only. Processes
 * that start together take turns, one transaction a migration, so that nothing of a session is left behind: it works
 * through a transaction pooler as well. Throws, changing nothing, when the database is newer than this build or an
 * applied file was changed. `optional` names files of `migrations/optional` to apply as well.
 */
export const migrate = async (
  pool: Pool,
  {
    dir = migrationsFolder(),
    optional = [],
  }: { readonly dir?: string; readonly optional?: ReadonlyArray<string> } = {},
): Promise<ReadonlyArray<string>> => {
  const files = await readSqlFiles(dir)
  const names = await inTurns(pool, async (client) => {
    const applied = await appliedNames(client, APPLIED)
    refuseNewerSchema(files, applied)
    refuseLateFiles(files, applied)
    await refuseChangedFiles(client, files)
    return applyNext(client, dir, APPLIED, files, null)
  })
  for (const name of optional) names.push(...(await applyOptional(pool, join(dir, 'optional'), name)))
  return names
}

/** Runs the step, alone in its own transaction, until it has nothing more to do. */
const inTurns = async (pool: Pool, step: (client: Queryable) => Promise<string | null>): Promise<string[]> => {
  const names: string[] = []
  for (;;) {
    const name = await inTransaction(pool, async (client) => {
      await client.query('set local statement_timeout = 0')
      await client.query(`select pg_advisory_xact_lock(${LOCK})`)
      await client.query(
        `create table if not exists public.${CHECKSUMS} (name text primary key, sha256 text not null, at timestamptz not null default now())`,
      )
      return step(client)
    })
    if (name === null) return names
    names.push(name)
  }
}

const applyOptional = async (pool: Pool, dir: string, name: string): Promise<ReadonlyArray<string>> => {
  const files = await readSqlFiles(dir)
  if (!files.some((file) => file.name === name))
    throw new Error(`There is no optional migration ${name}; known: ${files.map((file) => file.name).join(', ')}.`)
  return inTurns(pool, async (client) => {
    await refuseChangedFiles(client, files)
    return applyNext(client, dir, APPLIED_OPTIONAL, files, name)
  })
}
