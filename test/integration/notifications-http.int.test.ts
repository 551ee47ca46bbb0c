import { createHmac, randomUUID } from 'node:crypto'
import request from 'supertest'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startWahaStandIn, type WahaStandIn } from '../../src/adapters/waha/stand-in/server.ts'
import { sendDue } from '../../src/application/notification/send-schedule.ts'
import { describeOn } from '../support/databases.ts'
import { type Api, apiOn, ROOT, WEBHOOK_KEY } from '../support/http-api.ts'
import { aNotification } from '../support/notifications.ts'
import { clockAhead, sendDeps } from '../support/sending.ts'
import { done } from '../support/stored-tickets.ts'

const NEVER = new AbortController().signal

describeOn('pglite', 'Notifications over HTTP', () => {
  let api: Api
  let waha: WahaStandIn
  let ticket: string
  const clock = clockAhead()
  const send = (ms: number) => {
    clock.ahead += ms
    return sendDue(sendDeps(api.pool, waha, clock))(NEVER)
  }
  const hook = (said: object | string, headers: Record<string, string> = {}) => {
    const raw = typeof said === 'string' ? said : JSON.stringify(said)
    return request(api.server)
      .post(`${ROOT}/webhooks/waha`)
      .set('Content-Type', 'application/json')
      .set({ 'X-Webhook-Hmac': createHmac('sha512', WEBHOOK_KEY).update(raw).digest('hex'), ...headers })
      .send(raw)
  }
  const ack = (messageId: string, level: number, at = Date.now()) => ({
    id: `evt_${randomUUID()}`,
    timestamp: at,
    event: 'message.ack',
    session: 'default',
    payload: { id: `true_27821234567@c.us_${messageId}`, from: '27821234567@c.us', fromMe: true, ack: level },
  })
  const message = (over: object = {}) => ({
    id: randomUUID(),
    recipient_type: 'technician',
    recipient_id: 'thabo',
    text: 'Call me',
    ...over,
  })
  const statusOf = async (id: string) => {
    const listed = await api.as('naledi').get('/notifications/status?pageSize=100')
    return listed.body.data.find((row: { id: string }) => row.id === id)?.status
  }

  beforeAll(async () => {
    api = await apiOn('pglite')
    api.clock.now = new Date().toISOString()
    waha = await startWahaStandIn()
    const { people } = await done(api.ports.directory.find({ people: ['thabo'] }))
    await done(api.ports.directory.save({ people: people.map((one) => ({ ...one, phone: '082 123 4567' })) }))
    const made = await api.as('naledi').post('/tickets', {
      project_id: 'lawley',
      ticket_type: 'incident',
      title: 'A cable lies in the road',
      fault_cause: 'vandalism',
      pole_number: 'LAW.P.A002',
      client_name: 'Nomsa Client',
      client_phone: '082 111 2222',
    })
    ticket = made.body.data.id
  })
  afterAll(async () => {
    await waha.close()
    await api.close()
  })

  it('a manager’s own message is taken once, however often it is posted, and goes out by the queue', async () => {
    const said = message({ ticket_id: ticket })
    const first = await api.as('naledi').post('/notifications/whatsapp', said)
    expect(first.status).toBe(202)
    expect(first.body.data).toMatchObject({
      kind: 'message',
      status: 'pending',
      ticket_id: ticket,
      recipient_id: 'thabo',
      message_content: 'Call me',
      waiting_for: 'not_configured',
    })
    const again = await api.as('naledi').post('/notifications/whatsapp', said)
    expect(again.body.data.id).toBe(first.body.data.id)
    expect((await api.as('naledi').post('/notifications/whatsapp', { ...said, text: 'Other' })).status).toBe(409)
    expect((await api.as('naledi').post('/notifications/whatsapp', { ...said, recipient_id: 'lerato' })).status).toBe(
      409,
    )
    await send(1_000)
    expect(waha.sent.map(({ text }) => text)).toEqual(['Call me'])
  })

  it('a client is told by the ticket; who is unknown or without a ticket is refused by field', async () => {
    const told = await api
      .as('naledi')
      .post('/notifications/whatsapp', message({ ticket_id: ticket, recipient_type: 'client', recipient_id: null }))
    expect(told.body.data).toMatchObject({ recipient_phone: '+27821112222', recipient_name: 'Nomsa Client' })
    for (const wrong of [{ recipient_id: 'nobody' }, { recipient_id: null }, { recipient_type: 'client' }]) {
      const refused = await api.as('naledi').post('/notifications/whatsapp', message(wrong))
      expect([refused.status, Object.keys(refused.body.error.details)]).toEqual([422, ['recipient_id']])
    }
    expect((await api.as('naledi').post('/notifications/whatsapp', message({ ticket_id: randomUUID() }))).status).toBe(
      404,
    )
    expect((await api.as('thabo').post('/notifications/whatsapp', message())).status).toBe(403)
  })

  it('a client is told by the template of his project, once, in the words of the first asking', async () => {
    const said = {
      id: randomUUID(),
      ticket_id: ticket,
      recipient_type: 'client',
      template: 'client_update',
    }
    const told = await api.as('naledi').post('/notifications/whatsapp', said)
    expect([told.status, told.body.data?.message_template]).toEqual([202, 'client_update'])
    expect(told.body.data.message_content).toMatch(/^Dear Nomsa Client\n/)
    const again = await api.as('naledi').post('/notifications/whatsapp', said)
    expect([again.status, again.body.data.id]).toEqual([202, told.body.data.id])
    const { template, ...own } = said
    expect((await api.as('naledi').post('/notifications/whatsapp', { ...own, text: 'Other' })).status).toBe(409)
    for (const [wrong, field] of [
      [{ template, text: 'and words' }, 'text'],
      [{}, 'text'],
      [{ template, recipient_type: 'technician', recipient_id: 'thabo' }, 'recipient_type'],
      [{ template, ticket_id: null }, 'recipient_id'],
      [{ template: 'assignment' }, 'template'],
    ] as const) {
      const refused = await api.as('naledi').post('/notifications/whatsapp', { ...own, id: randomUUID(), ...wrong })
      expect([refused.status, Object.keys(refused.body.error.details)]).toEqual([422, [field]])
    }
  })

  it('an event of WAHA changes nothing unsigned, applies signed, and counts once', async () => {
    const posted = await api.as('naledi').post('/notifications/whatsapp', message({ text: 'Once' }))
    const { id } = posted.body.data
    await send(10_000)
    const sent = waha.sent.find(({ text }) => text === 'Once')
    const read = ack(sent?.id ?? '', 3)
    expect((await hook(read, { 'X-Webhook-Hmac': 'ab'.repeat(64) })).status).toBe(401)
    expect((await request(api.server).post(`${ROOT}/webhooks/waha`).send(read)).status).toBe(401)
    expect(await statusOf(id)).toBe('pending')
    const begun = performance.now()
    const kept = await hook(read)
    expect(performance.now() - begun).toBeLessThan(1_000)
    expect([kept.status, kept.body.data]).toEqual([200, { received: 'kept' }])
    await expect.poll(() => statusOf(id), { timeout: 10_000 }).toBe('read')
    expect((await hook(read)).body.data).toEqual({ received: 'seen' })
    // A late one, with a time long past: no window holds it off, and it moves nothing back.
    expect((await hook(ack(sent?.id ?? '', 1, Date.now() - 86_400_000))).body.data).toEqual({ received: 'kept' })
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(await statusOf(id)).toBe('read')
    expect((await hook({ ...read, id: 'evt_x', event: 'message' })).body.data).toEqual({ received: 'ignored' })
    expect((await hook('{"id":')).status).toBe(400)
  })

  it('what nobody knows is settled by a manager, once', async () => {
    waha.failNext('throwsBeforeSending')
    const { id } = (await api.as('naledi').post('/notifications/whatsapp', message({ text: 'Lost' }))).body.data
    await send(60_000)
    expect(await statusOf(id)).toBe('unknown')
    expect((await api.as('lerato').post(`/notifications/${id}/settle`, { outcome: 'sent' })).status).toBe(403)
    const settled = await api.as('naledi').post(`/notifications/${id}/settle`, { outcome: 'failed' })
    expect(settled.body.data).toMatchObject({
      status: 'failed',
      settled_by: 'naledi',
      error_message: 'settled_by_a_person',
    })
    const again = await api.as('naledi').post(`/notifications/${id}/settle`, { outcome: 'sent' })
    expect([again.status, again.body.error.details]).toEqual([
      422,
      { rule: 'NotificationNotUnknown', status: 'failed' },
    ])
    expect((await api.as('naledi').post(`/notifications/${randomUUID()}/settle`, { outcome: 'sent' })).status).toBe(404)
  })

  it('the list is found by ticket, status and time, walked by cursor, and shows a viewer nobody’s number', async () => {
    await done(
      api.ports.notifications.add(
        Array.from({ length: 5 }, () => aNotification({ ticketId: ticket, phoneOrGroup: null })),
      ),
    )
    const failed = await api.as('naledi').get(`/notifications/status?ticket_id=${ticket}&status=failed&pageSize=3`)
    expect(failed.body.data).toHaveLength(3)
    const cursor = failed.body.pagination.nextCursor
    const rest = await api
      .as('naledi')
      .get(`/notifications/status?ticket_id=${ticket}&status=failed&pageSize=3&cursor=${cursor}`)
    expect(rest.body.data).toHaveLength(2)
    expect(rest.body.pagination.nextCursor).toBeNull()
    const none = await api.as('naledi').get('/notifications/status?from=2031-01-01T00:00:00Z')
    expect(none.body.data).toEqual([])
    expect((await api.as('naledi').get(`/notifications/status?status=sent&cursor=${cursor}`)).status).toBe(422)
    const seen = await api.as('vusi').get(`/notifications/status?ticket_id=${ticket}`)
    expect(seen.status).toBe(200)
    expect(JSON.stringify(seen.body)).not.toMatch(/Nomsa|\+2782|Call me/)
    expect((await api.as('thabo').get('/notifications/status')).status).toBe(403)
  })

  it('the switch and the figures are there for the office', async () => {
    const read = await api.as('naledi').get('/notifications/sending')
    expect(read.body.data).toMatchObject({ on: true, channel: 'not_configured' })
    const version = Number(/\d+/.exec(read.headers.etag ?? '')?.[0])
    expect((await api.as('lerato').put('/notifications/sending', version, { on: false, reason: 'x' })).status).toBe(403)
    const off = await api
      .as('naledi')
      .put('/notifications/sending', version, { on: false, reason: 'the number is blocked' })
    expect(off.body.data).toMatchObject({ on: false, switched_by: 'naledi', switch_reason: 'the number is blocked' })
    const stale = await api.as('naledi').put('/notifications/sending', version, { on: true, reason: 'x' })
    expect([stale.status, stale.body.error.details.current.on]).toEqual([409, false])
    const figures = await api
      .as('naledi')
      .get('/notifications/compliance?from=2026-11-01T00:00:00Z&to=2026-11-30T00:00:00Z')
    expect(figures.body.data).toMatchObject({ events: 5, prompt: 0, share: 0, by_status: { failed: 5 } })
  })

  it('no line of the log holds a name, a number or a text', () => {
    const logged = JSON.stringify(api.logged)
    expect(logged).toContain('/webhooks/waha')
    expect(logged).not.toMatch(/Nomsa|2782|Call me|Once|Lost|082 111/)
  })
})
