import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { inTransaction, type Pool } from '../../src/adapters/contract/pool.ts'
import { pgBossJobQueue } from '../../src/adapters/queue/job-queue.ts'
import { publishWith } from '../../src/adapters/queue/outbox.ts'
import { giveUp, perTicket, type Reaction } from '../../src/application/ports/job-queue.ts'
import { describeOn } from '../support/databases.ts'
import { type Api, apiOn } from '../support/http-api.ts'

const put = async (pool: Pool, id: string, ticketId: string | null = null): Promise<void> => {
  const event = { id: randomUUID(), type: 'TicketCreated', ticketId, body: { n: 1 }, at: '2026-11-22T20:15:00.000Z' }
  await pool.query(
    `insert into dead_letters (id, reaction, key, event_id, event_type, ticket_id, event, reason, attempts, queued_at, died_at)
     values ($1, 'note_look_alikes', 'k', $2, 'TicketCreated', $3, $4, 'ObjectMissing', 10, now(), now())`,
    [id, event.id, ticketId, JSON.stringify(event)],
  )
}

describeOn('pglite', 'Dead letters over HTTP', () => {
  let api: Api
  const [one, other] = [randomUUID(), randomUUID()]
  const ticket = randomUUID()
  beforeAll(async () => {
    api = await apiOn('pglite')
    await put(api.pool, one, ticket)
    await put(api.pool, other)
  })
  afterAll(() => api.close())

  it('are listed without what happened, by reaction, type and ticket', async () => {
    const all = await api.as('admin').get('/dead-letters')
    expect(all.status).toBe(200)
    expect(all.body.pagination).toMatchObject({ total: 2, page: 1 })
    expect(all.body.data[0]).not.toHaveProperty('event')
    const mine = await api.as('admin').get(`/dead-letters?ticket_id=${ticket}&reaction=note_look_alikes,other`)
    expect(mine.body.data).toMatchObject([{ id: one, reason: 'ObjectMissing', attempts: 10, retry_asked_at: null }])
    expect((await api.as('admin').get('/dead-letters?event_type=Other')).body.data).toEqual([])
  })

  it('are nobody else’s business', async () => {
    for (const user of ['naledi', 'zanele', 'thabo', 'vusi', 'weekly-robot']) {
      expect((await api.as(user).get('/dead-letters')).status).toBe(403)
      expect((await api.as(user).get(`/dead-letters/${one}`)).status).toBe(403)
      expect((await api.as(user).post(`/dead-letters/${one}/retry`, { reason: 'x' })).status).toBe(403)
      expect((await api.as(user).delete(`/dead-letters/${one}`, 1, { reason: 'x' })).status).toBe(403)
    }
  })

  it('go back once, with the reason kept, and are not dropped on the way', async () => {
    expect((await api.as('admin').post(`/dead-letters/${one}/retry`, {})).status).toBe(422)
    const asked = await api.as('admin').post(`/dead-letters/${one}/retry`, { reason: 'the bucket is back' })
    expect(asked.status).toBe(202)
    expect(asked.body.data).toMatchObject({ id: one, event: { type: 'TicketCreated', ticketId: ticket } })
    expect((await api.as('admin').post(`/dead-letters/${one}/retry`, { reason: 'again' })).status).toBe(202)
    const seen = (await api.as('admin').get(`/dead-letters/${one}`)).body.data
    expect(seen.retry_asked_at).not.toBeNull()
    expect(seen.decisions).toMatchObject([{ decision: 'retried', reason: 'the bucket is back', by: 'admin' }])
    expect((await api.as('admin').delete(`/dead-letters/${one}`, 1, { reason: 'no use' })).status).toBe(409)
  })

  it('are dropped with a reason that outlives them', async () => {
    expect((await api.as('admin').delete(`/dead-letters/${other}`, 1, { reason: 'told by phone' })).status).toBe(204)
    expect((await api.as('admin').get(`/dead-letters/${other}`)).status).toBe(404)
    expect((await api.as('admin').delete(`/dead-letters/${other}`, 1, { reason: 'told by phone' })).status).toBe(404)
    expect((await api.as('admin').post(`/dead-letters/${other}/retry`, { reason: 'x' })).status).toBe(404)
    const { rows } = await api.pool.query(
      'select decision, reason, decided_by from dead_letter_decisions where dead_letter_id = $1',
      [other],
    )
    expect(rows).toEqual([{ decision: 'dropped', reason: 'told by phone', decided_by: 'admin' }])
  })

  it('of the ids that earlier versions made are reached as well', async () => {
    const earlier = '00000000-0000-002a-0001-abcdefabcdef'
    await put(api.pool, earlier)
    expect((await api.as('admin').get(`/dead-letters/${earlier}`)).body.data).toMatchObject({ id: earlier })
    expect((await api.as('admin').delete(`/dead-letters/${earlier}`, 1, { reason: 'seen' })).status).toBe(204)
    expect((await api.as('admin').get('/dead-letters/no-id')).status).toBe(422)
  })

  it('of the engine go back to their reaction and succeed, or are dropped, by their own ids', async () => {
    const able = new Set<unknown>()
    const handled: unknown[] = []
    const fickle: Reaction = {
      name: 'fickle',
      eventTypes: ['Step'],
      queue: 'reactions',
      key: perTicket,
      handle: async ({ body }) => {
        if (!able.has(body.n)) return giveUp('the bucket is away')
        handled.push(body.n)
      },
    }
    const queue = pgBossJobQueue({ pool: api.pool, kind: 'pglite', onError: () => {} })
    await queue.start([fickle])
    const events = [1, 2].map((n) => ({
      id: randomUUID(),
      type: 'Step',
      ticketId: randomUUID(),
      body: { n },
      at: '2026-11-22T20:15:00.000Z',
    }))
    await inTransaction(api.pool, (client) => publishWith(client, events))
    queue.nudge()
    await queue.drain(20_000)
    const letters: ReadonlyArray<{ id: string; event_id: string }> = (
      await api.as('admin').get('/dead-letters?reaction=fickle')
    ).body.data
    expect(letters).toHaveLength(2)
    const [first, second] = events.map(({ id }) => letters.find(({ event_id }) => event_id === id)?.id)
    able.add(1)
    const asked = await api.as('admin').post(`/dead-letters/${first}/retry`, { reason: 'the bucket is back' })
    expect(asked.status).toBe(202)
    expect((await api.as('admin').delete(`/dead-letters/${second}`, 1, { reason: 'no use' })).status).toBe(204)
    queue.nudge()
    await queue.drain(20_000)
    await queue.stop()
    expect(handled).toEqual([1])
    expect((await api.as('admin').get('/dead-letters?reaction=fickle')).body.data).toEqual([])
    expect((await api.as('admin').get(`/dead-letters/${first}`)).status).toBe(404)
  })
})
