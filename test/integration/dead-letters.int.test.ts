import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Pool } from '../../src/adapters/contract/pool.ts'
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
})
