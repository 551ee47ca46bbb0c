import { randomBytes, randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'
import { isDeepStrictEqual } from 'node:util'
import pg from 'pg'
import { migrate } from '../src/adapters/postgres/migrate.ts'
import { postgresPhotoLikeness } from '../src/adapters/postgres/photo-likeness.ts'
import type { AlikeUse } from '../src/domain/evidence/judge-reuse.ts'
import { flipped } from '../test/support/hashes.ts'
import { findPostgres } from '../test/support/postgres-server.ts'
import { done } from '../test/support/stored-tickets.ts'

/**
 * Searches two million kept hashes on PostgreSQL: `node bench/reuse-search.ts [hashes] [rounds]`. Of every search the answer is
 * compared with a plain scan's; it ends with an error when one differs or takes longer than it may. The hashes are random, eight to a photo; each probe lies near a kept one.
 */
const HASHES = Number(process.argv[2] ?? 2_000_000)
const ROUNDS = Number(process.argv[3] ?? 40)
const SCANNED = 8
/** The first searches read the index into memory. */
const WARM_UP = 10
const PER_PHOTO = 8
/** A picture in eight positions and four turns, and its inside; one with plain borders is also looked for without them. */
const VARIANTS = [13, 21]

const FILL_PHOTOS = `
insert into photo_hashes (photo_id, sha256, ticket_id, step_key, project_id, uploaded_at)
select gen_random_uuid(), md5(i::text) || md5(i::text), gen_random_uuid(), 'house_front', 'lawley', now()
from generate_series(1, $1::integer) as i`
const FILL_HASHES = `
insert into photo_fingerprints (photo_no, hash)
select photo_no, ('x' || md5(random()::text) || md5(random()::text))::bit(256)
from photo_hashes, generate_series(1, ${PER_PHOTO})`
const SOME = `
select encode(substring(bit_send(hash) from 5), 'hex') as hash from photo_fingerprints where photo_no = any($1)`
const SCAN = `
select h.photo_id, min(bit_count(f.hash # ('x' || p)::bit(256)))::integer as distance
from photo_fingerprints f join photo_hashes h using (photo_no), unnest($1::text[]) as p
where bit_count(f.hash # ('x' || p)::bit(256)) <= $2 and f.photo_no < $3
group by h.photo_id order by h.photo_id`

const server = await findPostgres()
if (server === null) throw new Error('No PostgreSQL was found; set TEST_DATABASE_URL')
const admin = new pg.Client(server.url)
await admin.connect()
const name = `bench_reuse_${process.pid}`
await admin.query(`create database ${name}`)
const url = new URL(server.url)
url.pathname = `/${name}`
const pool = new pg.Pool({ connectionString: url.href, max: 1 })
pool.on('error', () => {}) // connections that the forced drop at the end cuts

const randomHash = (): string => randomBytes(32).toString('hex')

const timed = async <A>(work: () => Promise<A>): Promise<readonly [number, A]> => {
  const from = performance.now()
  const answer = await work()
  return [performance.now() - from, answer]
}

/** Milliseconds of processor time that the one connection's backend has used; 0 where it does not run on this Linux. */
const processorTime = async (): Promise<number> => {
  const { rows } = await pool.query<{ pid: number }>('select pg_backend_pid() as pid')
  try {
    const fields = readFileSync(`/proc/${rows[0]?.pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')
    return 10 * (Number(fields[11]) + Number(fields[12]))
  } catch {
    return 0
  }
}

const report = (what: string, times: ReadonlyArray<number>, limit: number, processor: number): void => {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? 0
  const isWithin = at(0.95) <= limit
  const verdict = isWithin ? 'within' : 'OVER'
  if (!isWithin) process.exitCode = 1
  console.log(
    `${what.padEnd(44)} p50 ${at(0.5).toFixed(0).padStart(5)} ms  p95 ${at(0.95).toFixed(0).padStart(5)} ms  ${verdict} ${limit} ms; ${(processor / times.length).toFixed(0)} ms of one core`,
  )
}

const probesNear = async (count: number): Promise<ReadonlyArray<string>> => {
  const photos = Array.from({ length: count }, () => randomInt(1, HASHES / PER_PHOTO))
  const { rows } = await pool.query<{ hash: string }>(SOME, [photos])
  return rows.slice(0, count).map(({ hash }) =>
    flipped(
      hash,
      Array.from({ length: randomInt(0, 60) }, () => randomInt(256)),
    ),
  )
}

const told = (uses: ReadonlyArray<AlikeUse> | null) =>
  (uses ?? [])
    .map(({ photoId, distance }) => ({ photo_id: photoId, distance }))
    .toSorted((a, b) => (a.photo_id < b.photo_id ? -1 : 1))
const same = async (
  uses: ReadonlyArray<AlikeUse> | null,
  probes: ReadonlyArray<string>,
  bits: number,
  before: number,
) => {
  const { rows } = await pool.query<{ photo_id: string; distance: number }>(SCAN, [probes, bits, before])
  if (!isDeepStrictEqual(told(uses), rows)) throw new Error('the search and the scan found different photos')
  return rows.length
}

try {
  await migrate(pool)
  const likeness = postgresPhotoLikeness(pool)
  const [filling] = await timed(async () => {
    await pool.query('drop index idx_photo_fingerprints_tokens')
    await pool.query(FILL_PHOTOS, [HASHES / PER_PHOTO])
    await pool.query(FILL_HASHES)
  })
  await pool.query(`set maintenance_work_mem = '512MB'`)
  const [indexing] = await timed(() =>
    pool.query(
      'create index idx_photo_fingerprints_tokens on photo_fingerprints using gin (photo_tokens(hash)) with (fastupdate = off)',
    ),
  )
  await pool.query('vacuum analyze photo_fingerprints')
  await pool.query('vacuum analyze photo_hashes')
  const { rows } = await pool.query<{ table: string; index: string; version: string }>(
    `select pg_size_pretty(pg_table_size('photo_fingerprints')) as table,
       pg_size_pretty(pg_relation_size('idx_photo_fingerprints_tokens')) as index, version() as version`,
  )
  console.log(
    `${rows[0]?.version}; load ${loadavg()
      .map((load) => load.toFixed(1))
      .join(' ')} on ${availableParallelism()} cores`,
  )
  console.log(
    `${HASHES} hashes: table ${rows[0]?.table}, index ${rows[0]?.index}; filled in ${(filling / 1000).toFixed(0)} s, indexed in ${(indexing / 1000).toFixed(0)} s`,
  )
  for (let round = 0; round < WARM_UP; round += 1) await done(likeness.reusesOf(await probesNear(VARIANTS[0] ?? 1)))
  for (const count of [1, ...VARIANTS]) {
    const times: number[] = []
    const answers: [ReadonlyArray<AlikeUse>, ReadonlyArray<string>][] = []
    let found = 0
    let processor = 0
    for (let round = 0; round < ROUNDS; round += 1) {
      const probes = await probesNear(count)
      const before = await processorTime()
      const [time, { uses }] = await timed(() => done(likeness.reusesOf(probes)))
      processor += (await processorTime()) - before
      times.push(time)
      answers.push([uses, probes])
    }
    // Only then: a scan takes both cores, and the pages of the index out of memory.
    for (const [uses, probes] of answers.slice(0, SCANNED)) found += await same(uses, probes, 31, HASHES + 1)
    report(`reuse, ${count} probes`, times, count === 1 ? 100 : 500, processor)
    if (found === 0) throw new Error('no search found anything: it proves nothing')
  }
  const keeping: number[] = []
  let kept = 0
  for (let round = 0; round < ROUNDS; round += 1) {
    const { rows: stored } = await pool.query<{ photo_id: string }>(
      `insert into photo_hashes (photo_id, sha256, ticket_id, step_key, project_id, uploaded_at)
       values (gen_random_uuid(), $1, gen_random_uuid(), 'house_front', 'lawley', now()) returning photo_id`,
      [randomHash()],
    )
    const hashes = { quality: 80, stored: Array.from({ length: PER_PHOTO }, randomHash), probes: [randomHash()] }
    const before = await processorTime()
    const [time] = await timed(() => done(likeness.keep(stored[0]?.photo_id ?? '', hashes)))
    kept += (await processorTime()) - before
    keeping.push(time)
  }
  report(`keeping the ${PER_PHOTO} hashes of a photo`, keeping, 100, kept)
  for (const count of VARIANTS) {
    const times: number[] = []
    let found = 0
    let processor = 0
    for (let round = 0; round < SCANNED; round += 1) {
      const probes = await probesNear(count)
      const { rows: added } = await pool.query<{ photo_id: string; photo_no: string }>(
        `with photo as (
           insert into photo_hashes (photo_id, sha256, ticket_id, step_key, project_id, uploaded_at, probes)
           values (gen_random_uuid(), $1, gen_random_uuid(), 'house_front', 'lawley', now(), $2) returning photo_id, photo_no),
         kept as (insert into photo_fingerprints (photo_no, hash) select photo_no, ('x' || $1)::bit(256) from photo)
         select photo_id, photo_no from photo`,
        [randomHash(), probes],
      )
      const before = await processorTime()
      const [time, uses] = await timed(() => done(likeness.lookAlikesOf(added[0]?.photo_id ?? '')))
      processor += (await processorTime()) - before
      times.push(time)
      if (round < 3) found += await same(uses, probes, 64, Number(added[0]?.photo_no))
    }
    report(`look-alikes, ${count} probes`, times, 5_000, processor)
    if (found === 0) throw new Error('no search found anything: it proves nothing')
  }
  console.log('every answer compared was that of the scan')
} finally {
  await pool.end()
  await admin.query(`drop database ${name} with (force)`)
  await admin.end()
  await server.stop()
}
