import { performance } from 'node:perf_hooks'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import pg from 'pg'
import { postgresDashboardQueries } from '../src/adapters/postgres/dashboard-queries.ts'
import { migrate } from '../src/adapters/postgres/migrate.ts'
import { postgresTicketQueries } from '../src/adapters/postgres/ticket-queries.ts'
import type { Position, Wanted } from '../src/application/ports/ticket-queries.ts'
import { searchWords } from '../src/application/ticket/search-words.ts'
import { LOOKED_AT, manyTickets } from '../test/support/many-tickets.ts'
import { findPostgres } from '../test/support/postgres-server.ts'
import { done } from '../test/support/stored-tickets.ts'

const TICKETS = Number(process.argv[2] ?? 50_000)
const ROUNDS = 100
const WARM_UP = 20

const server = await findPostgres()
if (server === null) throw new Error('No PostgreSQL was found; set TEST_DATABASE_URL')
const admin = new pg.Client(server.url)
await admin.connect()
const name = `bench_lists_${process.pid}`
await admin.query(`create database ${name}`)
const url = new URL(server.url)
url.pathname = `/${name}`
const pool = new pg.Pool({ connectionString: url.href })
pool.on('error', () => {}) // connections that the forced drop at the end cuts

const measure = async (what: string, work: (round: number) => TaskEither<unknown, unknown>): Promise<void> => {
  const times: number[] = []
  for (let round = 0; round < ROUNDS + WARM_UP; round += 1) {
    const from = performance.now()
    await done(work(round))
    if (round >= WARM_UP) times.push(performance.now() - from)
  }
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number): string => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(1).padStart(7)
  console.log(`${what.padEnd(58)} p50 ${at(0.5)} ms   p95 ${at(0.95)} ms`)
}

try {
  await migrate(pool)
  const from = performance.now()
  await manyTickets(pool, TICKETS, 'all')
  console.log(`${TICKETS} tickets with 12 steps each made in ${((performance.now() - from) / 1000).toFixed(1)} s`)
  await pool.query('vacuum analyze')

  const tickets = postgresTicketQueries(pool, 'platform_records')
  const dashboard = postgresDashboardQueries(pool)
  const list: Wanted = {
    sight: { type: 'all' },
    filters: {},
    words: [],
    sort: { by: 'created_at', direction: 'desc' },
    now: LOOKED_AT,
    client: true,
  }
  const two = (round: number): Wanted => ({
    ...list,
    filters: { status: ['assigned', 'in_progress'], project: [`project-${round % 6}`] },
  })
  const half: Wanted = { ...list, filters: { status: ['closed'], project: ['project-1', 'project-2', 'project-3'] } }
  const own = (round: number): Wanted => ({
    ...list,
    sight: { type: 'own', userId: `technician-${round % 40}`, contractorId: null, teams: [] },
    filters: { status: ['assigned', 'in_progress'] },
  })
  const scope = { sight: list.sight, projects: [], now: LOOKED_AT }

  await measure('25 of two filters, first page with total', (n) => tickets.page(two(n), { page: 1, pageSize: 25 }))
  await measure('25 of two filters that let 20,000 through, with total', () =>
    tickets.page(half, { page: 1, pageSize: 25 }),
  )
  await measure('25 of all, page 400 with estimated total', () => tickets.page(list, { page: 400, pageSize: 25 }))
  await measure("25 of a technician's own, with total", (n) => tickets.page(own(n), { page: 1, pageSize: 25 }))
  let after: Position | null = null
  await measure('25 of two filters, by cursor', (n) => tickets.slice(two(n), { after: null, limit: 25 }))
  await measure('25 of all, walking by cursor', () => async () => {
    const slice = await tickets.slice(list, { after, limit: 25 })()
    if (slice._tag === 'Right') after = slice.right.next
    return slice
  })
  await measure('25 by a number typed', (n) =>
    tickets.page({ ...list, words: searchWords(`DR ${1_700_000 + n}`) }, { page: 1, pageSize: 25 }),
  )
  await measure('dashboard summary', () => dashboard.summary(scope, true, 14))
  await measure('SLA compliance', () => dashboard.slaCompliance({ ...scope, from: null, before: null }))
  await measure('workload', () => dashboard.workload(scope))
  await measure('fault trends by pole', () =>
    dashboard.faultTrends({
      ...scope,
      from: null,
      before: null,
      causes: [],
      by: ['project_id', 'pole_number'],
      limit: 500,
    }),
  )
} finally {
  await pool.end()
  await admin.query(`drop database if exists ${name} with (force)`)
  await admin.end()
  await server.stop()
}
