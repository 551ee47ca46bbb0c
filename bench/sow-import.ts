import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import * as E from 'fp-ts/lib/Either.js'
import pg from 'pg'
import { sha256 } from '../src/adapters/canonical/sha256.ts'
import type { Pool } from '../src/adapters/contract/pool.ts'
import { childProcessWorkbookReader } from '../src/adapters/excel/workbook-reader.ts'
import { pglitePool } from '../src/adapters/pglite/pglite-pool.ts'
import { migrate } from '../src/adapters/postgres/migrate.ts'
import { postgresPlatformStore } from '../src/adapters/postgres/platform-store.ts'
import { summaryOf } from '../src/application/platform/summary-of.ts'
import type { PlatformImport } from '../src/application/ports/platform-store.ts'
import { DEFAULT_WORKBOOK_LIMITS } from '../src/application/ports/workbook-reader.ts'
import { HLD_HOME } from '../src/domain/platform-records/layouts.ts'
import {
  type PlatformRecord,
  readPlatformRow,
  startPlatform,
} from '../src/domain/platform-records/read-platform-rows.ts'
import { findPostgres } from '../test/support/postgres-server.ts'
import { hldRows, xlsx } from '../test/support/workbooks.ts'

const REAL = process.env.SOW_WORKBOOK ?? '../shared/data/Drops_Lawley.xlsx'
const DROPS = 23_708
const ROUNDS = 5
const MAX_SECONDS = 15
const MAX_RATIO = 5

const folder = mkdtempSync(join(tmpdir(), 'sow-import-'))
const say = (line: string): void => console.log(line)
const median = (times: ReadonlyArray<number>): number =>
  times.toSorted((a, b) => a - b)[times.length >> 1] ?? Number.NaN

const workbook = (): string => {
  if (existsSync(REAL)) return REAL
  say(`${REAL} is not here: a synthetic workbook of the same shape stands in for it.`)
  const path = join(folder, 'drops.xlsx')
  writeFileSync(path, xlsx([{ name: 'HLD_Home', rows: hldRows(DROPS) }]))
  return path
}

const timed = async <A>(work: () => Promise<A>): Promise<readonly [number, A]> => {
  const start = performance.now()
  const done = await work()
  return [performance.now() - start, done]
}

const parse = async (path: string): Promise<ReadonlyArray<PlatformRecord>> => {
  let soFar = startPlatform(HLD_HOME)
  const records: PlatformRecord[] = []
  const read = await childProcessWorkbookReader().read(
    { path, sheet: { type: 'named', name: HLD_HOME.sheet }, limits: DEFAULT_WORKBOOK_LIMITS, signal: null },
    (rows) => {
      for (const row of rows) {
        const [next, record] = readPlatformRow(soFar, row)
        soFar = next
        if (record !== null) records.push(record)
      }
    },
  )()
  if (E.isLeft(read)) throw new Error(JSON.stringify(read.left))
  return records
}

const importOf = (records: ReadonlyArray<PlatformRecord>, round: number): PlatformImport => ({
  summary: summaryOf(records, {
    id: `00000000-0000-4000-8000-${String(round).padStart(12, '0')}`,
    projectId: 'lawley',
    platform: 'sow',
    filename: 'Drops_Lawley.xlsx',
    sha256: createHash('sha256').update(String(round)).digest('hex'),
    carries: ['pole', 'pon', 'zone'],
    importedBy: 'bench',
    importedAt: '2026-11-22T20:15:00.000Z',
  }),
  layout: HLD_HOME,
  records: records.filter((record): record is PlatformRecord & { readonly dr: string } => record.dr !== null),
})

/** The first import meets an empty table, the later ones replace what stands. */
const importing = async (pool: Pool, records: ReadonlyArray<PlatformRecord>): Promise<ReadonlyArray<number>> => {
  const store = postgresPlatformStore(pool, { sow: 'platform_records', sha256, nudge: () => {} })
  const times: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const [ms, replaced] = await timed(store.replace(importOf(records, round), () => null))
    if (E.isLeft(replaced)) throw new Error(JSON.stringify(replaced.left))
    times.push(ms)
  }
  return times
}

/** The same rows into the same, empty table with the same indexes, from a file the server reads itself. */
const copying = async (pool: Pool): Promise<ReadonlyArray<number>> => {
  const file = join(folder, 'rows.copy')
  execFileSync('chmod', ['777', folder])
  await pool.query(`copy platform_records to '${file}'`)
  const times: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    await pool.query('truncate platform_records')
    const [ms] = await timed(() => pool.query(`copy platform_records from '${file}'`))
    times.push(ms)
  }
  return times
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(2)} s`
const problems: string[] = []

const path = workbook()
const [parsing, records] = await timed(() => parse(path))
say(`${records.length} rows, ${(readFileSync(path).length / 1e6).toFixed(1)} MB, parsed in ${seconds(parsing)}`)

const lite = await PGlite.create(join(folder, 'pglite'))
const embedded = pglitePool(lite)
await migrate(embedded)
let [ticked, stall] = [performance.now(), 0]
const ticking = setInterval(() => {
  stall = Math.max(stall, performance.now() - ticked)
  ticked = performance.now()
}, 5)
const onPglite = await importing(embedded, records)
stall = Math.max(stall, performance.now() - ticked)
clearInterval(ticking)
await embedded.end()
await lite.close()
say(
  `PGlite: first ${seconds(onPglite[0] ?? 0)}, replacing ${seconds(median(onPglite.slice(1)))}, longest stall ${stall.toFixed(0)} ms`,
)
if (Math.max(...onPglite) + parsing > MAX_SECONDS * 1_000) problems.push(`PGlite took more than ${MAX_SECONDS} s`)

const server = await findPostgres()
if (server === null) say('No PostgreSQL was found: the ratio to COPY was not measured.')
else {
  const admin = new pg.Client(server.url)
  await admin.connect()
  const name = `sow_import_bench_${process.pid}`
  await admin.query(`create database ${name}`)
  const url = new URL(server.url)
  url.pathname = `/${name}`
  const pool = new pg.Pool({ connectionString: url.href })
  pool.on('error', () => {}) // the forced drop below cuts idle connections
  try {
    await migrate(pool)
    const onPostgres = await importing(pool, records)
    const copy = median(await copying(pool))
    const slowest = Math.max(onPostgres[0] ?? 0, median(onPostgres.slice(1)))
    const ratio = slowest / copy
    say(
      `PostgreSQL: first ${seconds(onPostgres[0] ?? 0)}, replacing ${seconds(median(onPostgres.slice(1)))}, bare COPY ${seconds(copy)}: ${ratio.toFixed(1)} times`,
    )
    if (ratio > MAX_RATIO) problems.push(`more than ${MAX_RATIO} times a bare COPY`)
    if (Math.max(...onPostgres) + parsing > MAX_SECONDS * 1_000)
      problems.push(`PostgreSQL took more than ${MAX_SECONDS} s`)
  } finally {
    await pool.end()
    await admin.query(`drop database ${name} with (force)`)
    await admin.end()
    await server.stop()
  }
}
rmSync(folder, { recursive: true, force: true })
for (const problem of problems) say(`TOO SLOW: ${problem}`)
process.exitCode = problems.length === 0 ? 0 : 1
