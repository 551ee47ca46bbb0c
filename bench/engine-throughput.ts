import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { migrate } from '../src/adapters/postgres/migrate.ts'
import { pgBossJobQueue } from '../src/adapters/queue/job-queue.ts'
import { publishWith } from '../src/adapters/queue/outbox.ts'
import { perTicket, type Reaction } from '../src/application/ports/job-queue.ts'
import type { OutboxEvent } from '../src/application/ports/outbox.ts'
import { findPostgres } from '../test/support/postgres-server.ts'

/**
 * Events through the engine to effects that do nothing, beside a bare loop that takes rows of one table by
 * `for update skip locked` and deletes them: no order, no attempts, no dead letters.
 */
const EVENTS = Number(process.argv[2] ?? 10_000)
const TICKETS = 500
const ROUNDS = 3
const LEAST_PER_SECOND = 1_000
const BATCH = 100
const LOOPS = 4

const events = (): ReadonlyArray<OutboxEvent> => {
  const tickets = Array.from({ length: TICKETS }, () => randomUUID())
  return Array.from({ length: EVENTS }, (_, n) => ({
    id: randomUUID(),
    type: 'Step',
    ticketId: tickets[n % TICKETS] ?? null,
    body: { n, note: 'x'.repeat(200) },
    at: '2026-11-22T20:15:00.000Z',
  }))
}

const perSecond = async (work: () => Promise<void>): Promise<number> => {
  const start = performance.now()
  await work()
  return EVENTS / ((performance.now() - start) / 1_000)
}

const server = await findPostgres()
if (server === null) throw new Error('This bench needs PostgreSQL.')
const pool = new pg.Pool({ connectionString: server.url, max: 10 })
pool.on('error', () => {}) // the server stops last

const throughEngine = async (reactions: number): Promise<number> => {
  const queue = pgBossJobQueue({ pool, kind: 'postgres', onError: console.error })
  let handled = 0
  const noOp = (nth: number): Reaction => ({
    name: `no_op_${nth}`,
    eventTypes: ['Step'],
    queue: 'reactions',
    key: perTicket,
    handle: async () => {
      handled += 1
    },
  })
  const all = events()
  for (let at = 0; at < all.length; at += 1_000) await publishWith(pool, all.slice(at, at + 1_000))
  const rate = await perSecond(async () => {
    await queue.start(Array.from({ length: reactions }, (_, nth) => noOp(nth)))
    queue.nudge()
    await queue.drain(300_000)
  })
  await queue.stop()
  if (handled !== EVENTS * reactions) throw new Error(`${handled} effects instead of ${EVENTS * reactions}`)
  return rate * reactions
}

const bareLoop = async (): Promise<number> => {
  await pool.query('create table bare (id bigint generated always as identity primary key, body jsonb not null)')
  const all = events()
  for (let at = 0; at < all.length; at += 1_000)
    await pool.query('insert into bare (body) select e from jsonb_array_elements($1::jsonb) e', [
      JSON.stringify(all.slice(at, at + 1_000)),
    ])
  const loop = async (): Promise<void> => {
    const client = await pool.connect()
    try {
      for (let taken = 1; taken > 0; ) {
        await client.query('begin')
        const { rows } = await client.query('select id, body from bare order by id limit $1 for update skip locked', [
          BATCH,
        ])
        await client.query('delete from bare where id = any ($1::bigint[])', [rows.map(({ id }) => id)])
        await client.query('commit')
        taken = rows.length
      }
    } finally {
      client.release()
    }
  }
  const rate = await perSecond(async () => void (await Promise.all(Array.from({ length: LOOPS }, loop))))
  await pool.query('drop table bare')
  return rate
}

const middle = (rates: ReadonlyArray<number>): number => rates.toSorted((a, b) => a - b)[rates.length >> 1] ?? 0

try {
  await migrate(pool)
  const measured: { readonly [what: string]: number[] } = { one: [], three: [], bare: [] }
  for (let round = 0; round < ROUNDS; round += 1) {
    measured.one?.push(await throughEngine(1))
    measured.three?.push(await throughEngine(3))
    measured.bare?.push(await bareLoop())
    await sleep(500)
  }
  const [one, three, bare] = [middle(measured.one ?? []), middle(measured.three ?? []), middle(measured.bare ?? [])]
  console.log(`${EVENTS} events of ${TICKETS} tickets, from the outbox to an effect that does nothing`)
  console.log(`one reaction       ${Math.round(one)} effects/s`)
  console.log(`three reactions    ${Math.round(three)} effects/s`)
  console.log(`bare skip locked   ${Math.round(bare)} rows/s; ratio ${(one / bare).toFixed(2)}`)
  if (one < LEAST_PER_SECOND) {
    console.error(`Less than ${LEAST_PER_SECOND} effects a second.`)
    process.exitCode = 1
  }
} finally {
  await pool.end()
  await server.stop()
}
