import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once as firstOf } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { PgBoss } from 'pg-boss'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { once, onceInTransaction } from '../../src/adapters/contract/once.ts'
import { inTransaction, type Pool, type PoolClient } from '../../src/adapters/contract/pool.ts'
import { openPglite } from '../../src/adapters/pglite/open-pglite.ts'
import { migrate } from '../../src/adapters/postgres/migrate.ts'
import { claimsOf, stayAlive } from '../../src/adapters/queue/claims.ts'
import { postgresDeadLetters } from '../../src/adapters/queue/dead-letters.ts'
import { pgBossJobQueue } from '../../src/adapters/queue/job-queue.ts'
import { publishWith } from '../../src/adapters/queue/outbox.ts'
import { bossDatabase, handOver, retryAsked } from '../../src/adapters/queue/relay.ts'
import type { OutboxEvent } from '../../src/application/ports/outbox.ts'
import { describeOn, testDatabase } from '../support/databases.ts'
import { deadIn } from '../support/dead-in.ts'
import { reaction } from './relay-reaction.ts'

const step = (n: number, ticketId: string = randomUUID()): OutboxEvent => ({
  id: randomUUID(),
  type: 'Step',
  ticketId,
  body: { n },
  at: '2026-11-22T20:15:00.000Z',
})

const publish = (pool: Pool, ...events: ReadonlyArray<OutboxEvent>): Promise<void> =>
  inTransaction(pool, (client) => publishWith(client, events))

const EFFECTS = 'create table if not exists effects (n int not null, at timestamptz not null default clock_timestamp())'
const effects = async (pool: Pool): Promise<ReadonlyArray<number>> =>
  (await pool.query('select n from effects order by at')).rows.map((row) => row.n)

/** A reaction whose effect is one row per event, however often it is called. */
const effectOnce = (pool: Pool, fails: (n: number) => boolean = () => false) =>
  reaction(async ({ id, body }) => {
    await onceInTransaction(pool, 'escalate', id, async (client) => {
      await client.query('insert into effects (n) values ($1)', [body.n])
      if (fails(body.n as number)) throw new Error('failed after its effect')
    })
  })

/** Its transactions break after the statement that begins so. */
const losesConnectionAfter = (beginning: string, pool: Pool): Pool => ({
  query: (statement, values) => pool.query(statement, values),
  connect: async () => {
    const client = await pool.connect()
    return {
      query: async (statement: string, values?: unknown[]) => {
        const answer = await client.query(statement, values)
        if (statement.trim().startsWith(beginning)) throw new Error('connection lost')
        return answer
      },
      release: (destroy) => client.release(destroy),
      on: (...args) => client.on(...args),
      removeListener: (...args) => client.removeListener(...args),
    } as PoolClient
  },
})

for (const kind of ['postgres', 'pglite'] as const) {
  describeOn(kind, 'The relay', () => {
    let pool: Pool
    let close: () => Promise<void>
    const trouble: unknown[] = []
    const engine = () =>
      pgBossJobQueue({ pool, kind, onError: (error) => trouble.push(error), retry: { limit: 3, delaySeconds: 0 } })

    beforeEach(async () => {
      const database = await testDatabase(kind)
      pool = database.pool
      close = database.close
      trouble.length = 0
      await pool.query(EFFECTS)
    }, 30_000)
    afterEach(async () => {
      await close()
      expect(trouble).toEqual([])
    })

    it('hands over nothing of a business transaction that was rolled back', async () => {
      const queue = engine()
      await queue.start([effectOnce(pool)])
      await expect(
        inTransaction(pool, async (client) => {
          await publishWith(client, [step(1)])
          throw new Error('refused')
        }),
      ).rejects.toThrow('refused')
      await publish(pool, step(2))
      await queue.drain(10_000)
      expect(await effects(pool)).toEqual([2])
      await queue.stop()
    })

    it.runIf(kind === 'postgres')(
      'goes on after the database has cut every connection',
      async () => {
        const queue = engine()
        await queue.start([effectOnce(pool)])
        await publish(pool, step(1))
        await queue.drain(10_000)
        const cut =
          'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()'
        await pool.query(cut)
        await publish(pool, step(2))
        await queue.drain(15_000)
        expect(await effects(pool)).toEqual([1, 2])
        const listeners = `select count(*)::int as n from pg_stat_activity where datname = current_database() and query ilike 'listen %'`
        while ((await pool.query(listeners)).rows[0].n === 0) await sleep(100)
        await queue.stop()
        trouble.length = 0
      },
      30_000,
    )

    it('makes no job when the hand-over itself is rolled back', async () => {
      const boss = new PgBoss({ backend: kind, db: bossDatabase(pool), schedule: false, supervise: false })
      await boss.start()
      await boss.createQueue('reaction.escalate', { policy: 'key_strict_fifo' })
      await publish(pool, step(1), step(2))
      const given = { reactions: [effectOnce(pool)], onError: (error: unknown) => trouble.push(error) }
      await expect(handOver({ ...given, pool: losesConnectionAfter('insert into pgboss.job', pool) })).rejects.toThrow(
        'connection lost',
      )
      expect((await pool.query('select count(*)::int as n from outbox')).rows).toEqual([{ n: 2 }])
      expect(await boss.findJobs('reaction.escalate')).toEqual([])
      expect(await handOver({ ...given, pool })).toBe(2)
      expect(await boss.findJobs('reaction.escalate')).toHaveLength(2)
      await boss.stop({ close: false })
    })

    it('runs an effect once although its reaction fails twice first', async () => {
      const queue = engine()
      let tries = 0
      await queue.start([effectOnce(pool, () => ++tries <= 2)])
      await publish(pool, step(7))
      await queue.drain(10_000)
      expect(tries).toBe(3)
      expect(await effects(pool)).toEqual([7])
      await queue.stop()
    })

    it('does nothing a second time for an event that was handled', async () => {
      const id = randomUUID()
      const insert = () =>
        inTransaction(pool, (client) =>
          once(client, 'escalate', id, async () => void (await client.query('insert into effects (n) values (1)'))),
        )
      expect([await insert(), await insert()]).toEqual([true, false])
      expect(await effects(pool)).toEqual([1])
      expect(await onceInTransaction(pool, 'another', id, async () => {})).toBe(true)
    })

    it('keeps the order of a ticket when the clock of the machine was set back by an hour in between', async () => {
      const ticket = randomUUID()
      await publish(pool, step(1, ticket), step(2, ticket))
      const boss = new PgBoss({ backend: kind, db: bossDatabase(pool), schedule: false, supervise: false })
      await boss.start()
      await boss.createQueue('reaction.escalate', { policy: 'key_strict_fifo' })
      const given = { pool, reactions: [effectOnce(pool)], onError: (error: unknown) => trouble.push(error) }
      await handOver(given)
      await pool.query(`update pgboss.job set created_on = created_on + interval '1 hour'`)
      await pool.query(`update relay_clock set at = at + interval '1 hour'`)
      await publish(pool, step(3, ticket), step(4, ticket))
      await handOver(given)
      await boss.stop({ close: false })
      const queue = engine()
      await queue.start([effectOnce(pool)])
      await queue.drain(10_000)
      expect(await effects(pool)).toEqual([1, 2, 3, 4])
      await queue.stop()
    })

    it('puts a retried dead letter before every event of its ticket that still waits', async () => {
      const ticket = randomUUID()
      const boss = new PgBoss({ backend: kind, db: bossDatabase(pool), schedule: false, supervise: false })
      await boss.start()
      await boss.createQueue('reaction.escalate', { policy: 'key_strict_fifo' })
      const given = { pool, reactions: [effectOnce(pool)], onError: (error: unknown) => trouble.push(error) }
      await publish(pool, step(1, ticket))
      await handOver(given)
      const [first] = await claimsOf(pool, 'escalate').fetch(1)
      if (first === undefined) throw new Error('nothing was fetched')
      await claimsOf(pool, 'escalate').bury(first, { failures: 10, why: 'away' })
      await publish(pool, step(2, ticket), step(3, ticket))
      await handOver(given)
      const retried = await postgresDeadLetters(pool, () => {}).retry(first.id, {
        reason: 'back',
        by: 'admin',
        at: step(1).at,
      })()
      expect(retried).toMatchObject({ right: 'decided' })
      expect(await retryAsked(given)).toBe(1)
      await boss.stop({ close: false })
      const queue = engine()
      await queue.start([effectOnce(pool)])
      await queue.drain(10_000)
      expect(await effects(pool)).toEqual([1, 2, 3])
      await queue.stop()
    })

    it('takes over what an earlier build left in its one queue, and its dead letters', async () => {
      const ticket = randomUUID()
      const boss = new PgBoss({ backend: kind, db: bossDatabase(pool), schedule: false, supervise: false })
      await boss.start()
      await boss.createQueue('dead_letters')
      await boss.createQueue('reactions', { policy: 'key_strict_fifo', deadLetter: 'dead_letters' })
      const dead = step(9)
      await boss.insert('dead_letters', [{ data: { reaction: 'escalate', event: dead } }])
      for (const n of [1, 2])
        await boss.insert('reactions', [
          { data: { reaction: 'escalate', event: step(n, ticket) }, singletonKey: `escalate/${ticket}` },
        ])
      await boss.stop({ close: false })
      const queue = engine()
      await queue.start([effectOnce(pool)])
      await queue.drain(10_000)
      expect(await effects(pool)).toEqual([1, 2])
      expect(await deadIn(pool)).toMatchObject([{ reaction: 'escalate', eventId: dead.id, ticketId: dead.ticketId }])
      await queue.stop()
    })

    it('gives up an event over which too many workers died, and its ticket goes on', async () => {
      const ticket = randomUUID()
      const queue = engine()
      await queue.start([effectOnce(pool)])
      await queue.stop()
      const given = { pool, reactions: [effectOnce(pool)], onError: (error: unknown) => trouble.push(error) }
      await publish(pool, step(1, ticket), step(2, ticket))
      await handOver(given)
      const [killer] = await claimsOf(pool, 'escalate').fetch(1)
      await pool.query(
        `update pgboss.job set retry_count = retry_limit, state = 'failed', output = '{"value":{"message":"job heartbeat timeout"}}' where id = $1`,
        [killer?.id],
      )
      const again = engine()
      await again.start([effectOnce(pool)])
      await again.drain(10_000)
      expect(await effects(pool)).toEqual([2])
      expect(await deadIn(pool)).toMatchObject([{ id: killer?.id, reason: 'job heartbeat timeout' }])
      await again.stop()
    })

    it('leaves alone what was given to another meanwhile', async () => {
      const boss = new PgBoss({ backend: kind, db: bossDatabase(pool), schedule: false, supervise: false })
      await boss.start()
      await boss.createQueue('reaction.escalate', { policy: 'key_strict_fifo', retryLimit: 5, retryDelay: 0 })
      const given = { pool, reactions: [effectOnce(pool)], onError: (error: unknown) => trouble.push(error) }
      await publish(pool, step(1))
      await handOver(given)
      const claims = claimsOf(pool, 'escalate')
      const [stale] = await claims.fetch(1)
      if (stale === undefined) throw new Error('nothing was fetched')
      await boss.fail('reaction.escalate', stale.id)
      const [current] = await claims.fetch(1)
      expect(current).toMatchObject({ id: stale.id, attempt: stale.attempt + 1 })
      await claims.done([stale])
      await claims.giveBack([stale])
      await claims.putBack(stale, 0, { failures: 1, why: 'late' })
      expect(await claims.bury(stale, { failures: 1, why: 'late' })).toEqual([])
      const held = { queue: 'reaction.escalate', id: stale.id }
      expect(await stayAlive(pool, [{ ...held, attempt: stale.attempt }])).toHaveLength(1)
      expect(await stayAlive(pool, [{ ...held, attempt: stale.attempt + 1 }])).toEqual([])
      expect((await boss.findJobs('reaction.escalate')).map(({ state }) => state)).toEqual(['active'])
      await boss.stop({ close: false })
    })

    it('hands each event over once when two relays and workers run, in the order of each ticket', async () => {
      const [one, two] = [engine(), engine()]
      await Promise.all([one.start([effectOnce(pool)]), two.start([effectOnce(pool)])])
      const tickets = [randomUUID(), randomUUID(), randomUUID(), randomUUID()]
      for (let n = 0; n < 60; n += 1) {
        await publish(pool, step(n, tickets[n % 4]))
        one.nudge()
        two.nudge()
      }
      await one.drain(15_000)
      const seen = await effects(pool)
      expect([...seen].sort((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, n) => n))
      for (const rest of [0, 1, 2, 3]) {
        const ofTicket = seen.filter((n) => n % 4 === rest)
        expect(ofTicket).toEqual([...ofTicket].sort((a, b) => a - b))
      }
      await Promise.all([one.stop(), two.stop()])
    }, 30_000)
  })
}

for (const kind of ['postgres', 'pglite'] as const) {
  describeOn(kind, 'After kill -9', () => {
    let where: string
    let open: () => Promise<{ pool: Pool; close: () => Promise<void> }>
    let tidy: () => Promise<void>
    const children: ChildProcess[] = []

    beforeEach(async () => {
      if (kind === 'postgres') {
        const database = await testDatabase(kind)
        where = database.url ?? ''
        open = async () => ({ pool: database.pool, close: async () => {} })
        tidy = database.close
      } else {
        where = await mkdtemp(join(tmpdir(), 'relay-'))
        open = () => openPglite({ dataDir: where })
        tidy = () => rm(where, { recursive: true })
      }
      const { pool, close } = await open()
      await migrate(pool)
      await pool.query(EFFECTS)
      await publish(pool, step(1), step(2), step(3))
      await close()
    }, 30_000)
    afterEach(async () => {
      for (const child of children.splice(0)) child.kill('SIGKILL')
      await tidy()
    })

    const killedWhenItSays = async (script: string, line: string): Promise<void> => {
      const child = spawn(process.execPath, [join(import.meta.dirname, script), kind, where], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      children.push(child)
      for await (const chunk of child.stdout) if (String(chunk).includes(line)) break
      child.kill('SIGKILL')
      await firstOf(child, 'exit')
    }

    it('between claim and commit nothing is lost and nothing doubled', async () => {
      await killedWhenItSays('relay-process.ts', 'about to commit')
      const { pool, close } = await open()
      const queue = pgBossJobQueue({ pool, kind, onError: () => {} })
      await queue.start([effectOnce(pool)])
      await queue.drain(20_000)
      expect([...(await effects(pool))].sort()).toEqual([1, 2, 3])
      await queue.stop()
      await close()
    }, 40_000)

    it('in the middle of an import the import is soon taken up again', async () => {
      await killedWhenItSays('relay-worker-process.ts', 'taken up')
      const { pool, close } = await open()
      const queue = pgBossJobQueue({ pool, kind, onError: () => {} })
      const done: unknown[] = []
      const began = Date.now()
      await queue.start([reaction(async ({ body }) => void done.push(body.n), 'imports')])
      while (done.length < 3) await sleep(50)
      expect([...done].sort()).toEqual([1, 2, 3])
      expect(Date.now() - began).toBeLessThan(kind === 'postgres' ? 35_000 : 10_000)
      await queue.stop()
      await close()
    }, 60_000)
  })
}
