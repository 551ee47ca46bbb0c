import pg from 'pg'
import { sha256 } from '../src/adapters/canonical/sha256.ts'
import { migrate } from '../src/adapters/postgres/migrate.ts'
import { postgresTicketStore } from '../src/adapters/postgres/ticket-store.ts'
import type { Creation } from '../src/application/ports/ticket-store.ts'
import { assign } from '../src/domain/ticket/assign.ts'
import { findPostgres } from '../test/support/postgres-server.ts'
import { aTicket, changeOf, creationOf, done } from '../test/support/stored-tickets.ts'
import { later, MANAGER, stamp } from '../test/support/tickets.ts'
import { bareInsert } from './bare-insert.ts'

/** Creates and changes tickets through the store, and inserts the very same rows by hand: what the guards and events cost. */
const TICKETS = Number(process.argv[2] ?? 600)
const ROUNDS = 5
const AT_ONCE = 8
const BATCH = 200

let numbered = 0
const creations = (count: number): ReadonlyArray<Creation> =>
  Array.from({ length: count }, () =>
    creationOf({ ...aTicket('open', { projectId: 'lawley' }), uid: `B${numbered++}` }),
  )

const perSecond = async (count: number, work: () => Promise<void>): Promise<number> => {
  const start = performance.now()
  await work()
  return (count / (performance.now() - start)) * 1000
}

const each = async <A>(items: ReadonlyArray<A>, atOnce: number, work: (item: A) => Promise<unknown>): Promise<void> => {
  const waiting = [...items]
  const worker = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

const batches = (items: ReadonlyArray<Creation>): ReadonlyArray<ReadonlyArray<Creation>> =>
  Array.from({ length: Math.ceil(items.length / BATCH) }, (_, i) => items.slice(i * BATCH, (i + 1) * BATCH))

const server = await findPostgres()
if (server === null) throw new Error('This bench needs PostgreSQL.')
const pool = new pg.Pool({ connectionString: server.url, max: AT_ONCE })
pool.on('error', () => {}) // the server stops last
try {
  await migrate(pool)
  const store = postgresTicketStore(pool, { sow: 'platform_records', sha256, nudge: () => {} })
  const create = (some: ReadonlyArray<Creation>) => done(store.commit(some, []))
  const bare = async (some: ReadonlyArray<Creation>): Promise<void> => {
    const { text, values } = bareInsert(some)
    await pool.query(text, values)
  }
  const measured: Record<string, number[]> = {}
  const measure = async (name: string, count: number, work: () => Promise<void>): Promise<void> => {
    const rate = await perSecond(count, work)
    measured[name] = [...(measured[name] ?? []), rate]
  }
  for (let round = 0; round <= ROUNDS; round += 1) {
    if (round === 1) for (const name of Object.keys(measured)) delete measured[name]
    const sets = Array.from({ length: 6 }, () => creations(TICKETS))
    const next = (): ReadonlyArray<Creation> => sets.pop() ?? []
    for (const atOnce of [1, AT_ONCE]) {
      const [mine, theirs] = [next(), next()]
      await measure(`one by one, ${atOnce} at once: store`, TICKETS, () => each(mine, atOnce, (one) => create([one])))
      await measure(`one by one, ${atOnce} at once: bare`, TICKETS, () => each(theirs, atOnce, (one) => bare([one])))
    }
    const [mine, theirs] = [next(), next()]
    await measure(`${BATCH} in a statement: store`, TICKETS, () => each(batches(mine), 1, create))
    await measure(`${BATCH} in a statement: bare`, TICKETS, () => each(batches(theirs), 1, bare))
    const ids = mine.map(({ ticket }) => ticket.id)
    await measure('loaded one by one', TICKETS, () => each(ids, 1, (id) => done(store.load([id]))))
    const loaded = await done(store.load(ids))
    await measure(`loaded ${TICKETS} at once`, TICKETS, async () => {
      await done(store.load(ids))
    })
    await measure('changed one by one', TICKETS, () =>
      each(loaded, 1, (before) =>
        done(
          store.commit(
            [],
            [changeOf(before, assign({ ...stamp(MANAGER, later(1)), assignment: { technician: 'a' } })(before.ticket))],
          ),
        ),
      ),
    )
  }
  for (const [name, rates] of Object.entries(measured)) {
    const sorted = rates.toSorted((a, b) => a - b)
    console.log(`${name.padEnd(40)} ${Math.round(sorted[sorted.length >> 1] ?? 0)} tickets/s`)
  }
} finally {
  await pool.end()
  await server.stop()
}
