import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { inTransaction } from '../../src/adapters/contract/pool.ts'
import { pgBossJobQueue } from '../../src/adapters/queue/job-queue.ts'
import { publishWith } from '../../src/adapters/queue/outbox.ts'
import { giveUp, perTicket, type Reaction, retryAfter } from '../../src/application/ports/job-queue.ts'
import { describeOn, testDatabase } from '../support/databases.ts'
import { deadIn } from '../support/dead-in.ts'

const hopeless: Reaction = {
  name: 'hopeless',
  eventTypes: ['Step'],
  queue: 'reactions',
  key: perTicket,
  handle: async () => giveUp('it never can'),
}

describeOn('postgres', 'The engine', () => {
  it('starts in several processes at once on a database that has never seen it', async () => {
    const database = await testDatabase('postgres')
    const pools = Array.from({ length: 5 }, () => new pg.Pool({ connectionString: database.url ?? '', max: 4 }))
    for (const pool of pools) pool.on('error', () => {})
    const ends: string[] = []
    // Only connections that have looked for it before make the mistake: not those of the first round.
    for (let round = 0; round < 5; round += 1) {
      await database.pool.query('drop schema if exists pgboss cascade')
      const queues = pools.map((pool) => pgBossJobQueue({ pool, kind: 'postgres', onError: () => {} }))
      const started = await Promise.allSettled(queues.map((queue) => queue.start([hopeless])))
      ends.push(...started.map(({ status }) => status))
      await Promise.all(queues.map((queue) => queue.stop()))
    }
    await Promise.all(pools.map((pool) => pool.end()))
    await database.close()
    expect(new Set(ends)).toEqual(new Set(['fulfilled']))
  })

  it('gives dead letters ids by which they can be asked for', async () => {
    const database = await testDatabase('postgres')
    const queue = pgBossJobQueue({ pool: database.pool, kind: 'postgres', onError: () => {} })
    await queue.start([hopeless])
    const event = { id: randomUUID(), type: 'Step', ticketId: randomUUID(), body: {}, at: '2026-11-22T20:15:00.000Z' }
    await inTransaction(database.pool, (client) => publishWith(client, [event]))
    queue.nudge()
    await queue.drain(20_000)
    const [dead] = await deadIn(database.pool)
    await queue.stop()
    await database.close()
    expect(z.uuid().safeParse(dead?.id).success).toBe(true)
  })

  it('soon takes up what a dead process held, however often it had been put off before', async () => {
    const database = await testDatabase('postgres')
    const queue = pgBossJobQueue({ pool: database.pool, kind: 'postgres', onError: () => {} })
    let attempts = 0
    const patient: Reaction = {
      ...hopeless,
      name: 'patient',
      handle: async () => {
        attempts += 1
        return attempts === 1 ? retryAfter(600_000, 'not yet') : undefined
      },
    }
    await queue.start([patient])
    const event = { id: randomUUID(), type: 'Step', ticketId: randomUUID(), body: {}, at: '2026-11-22T20:15:00.000Z' }
    await inTransaction(database.pool, (client) => publishWith(client, [event]))
    queue.nudge()
    const held = `
      update pgboss.job set state = 'active', retry_count = 12, retry_limit = 32, heartbeat_on = now() - interval '1 minute'
      where name = 'reaction.patient' and state = 'retry'`
    for (let done = 0; done === 0; await sleep(50)) done = (await database.pool.query(held)).rowCount ?? 0
    await queue.drain(20_000)
    await queue.stop()
    await database.close()
    expect(attempts).toBe(2)
  }, 60_000)
})
