import { createHmac, randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import request from 'supertest'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { STAND_IN_USER, type StandIn, startStandIn } from '../../src/adapters/qcontact/stand-in/server.ts'
import type { OutboxEvent } from '../../src/application/ports/outbox.ts'
import { readConfig } from '../../src/infrastructure/config.ts'
import { routesOf } from '../../src/infrastructure/routes.ts'
import { syncPorts } from '../../src/infrastructure/sync-ports.ts'
import { useCases } from '../../src/infrastructure/use-cases.ts'
import { type Api, apiOn, fromExamples, ROOT } from '../support/http-api.ts'
import { testApp } from '../support/http-app.ts'

const SECRETS = ['an-older-secret-of-the-test', 'a-newer-secret-of-the-test']

describe('QContact over HTTP', () => {
  let api: Api
  let standIn: StandIn
  let folder: string
  let app: ReturnType<typeof testApp>
  let work: () => Promise<void>
  const NOW = '2026-03-03T08:00:00.000Z'
  const as = (user: string) => ({
    get: (path: string) => request(app).get(`${ROOT}${path}`).set('X-Local-User', user),
    post: (path: string, body: object = {}) => request(app).post(`${ROOT}${path}`).set('X-Local-User', user).send(body),
  })

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ticketing-qcontact-'))
    standIn = await startStandIn()
    const file = join(folder, 'qcontact.json')
    await writeFile(file, JSON.stringify({ tenant: 'stand-in', baseUrl: standIn.url, budgetPerMinute: 100_000 }))
    const config = readConfig({
      QCONTACT_CONFIG: file,
      QCONTACT_EMAIL: STAND_IN_USER.email,
      QCONTACT_PASSWORD: STAND_IN_USER.password,
      QCONTACT_WEBHOOK_SECRETS: SECRETS.join(','),
    })
    if (E.isLeft(config) || config.right.qcontact === null) throw new Error('not configured')
    api = await apiOn('pglite')
    const nobody = { away: () => {}, back: () => {} }
    const ports = { ...api.ports, sync: syncPorts(config.right.qcontact, api.ports.database, () => {}, nobody) }
    const uses = useCases(ports)
    app = testApp({
      routes: routesOf(ports, uses),
      lookUp: fromExamples,
      logged: api.logged,
      now: () => NOW,
    })
    const ours = uses.reactions.filter(({ name }) => name.includes('qcontact'))
    work = async () => {
      for (;;) {
        const { rows } = await api.pool.query(
          'delete from outbox where id = (select min(id) from outbox) returning event_id as id, type, ticket_id, body, at',
        )
        const [row] = rows
        if (row === undefined) return
        const event: OutboxEvent = {
          id: row.id,
          type: row.type,
          ticketId: row.ticket_id,
          body: row.body,
          at: new Date(row.at).toISOString(),
        }
        for (const reaction of ours)
          if (reaction.eventTypes.includes(event.type) && ((await reaction.concerns?.([event]))?.has(event.id) ?? true))
            expect(await reaction.handle(event, AbortSignal.timeout(60_000))).toBe(undefined)
      }
    }
  })
  afterAll(async () => {
    await api.close()
    await standIn.close()
    await rm(folder, { recursive: true })
  })

  it('where none is configured nothing runs, and the endpoints say so by name', async () => {
    const status = await api.as('naledi').get('/sync/qcontact/status')
    expect([status.status, status.body.data.configured, status.body.data.linked]).toEqual([200, false, 0])
    const asked = await api.as('naledi').post('/sync/qcontact')
    expect([asked.status, asked.body.error.code, asked.body.error.details.rule]).toEqual([
      424,
      'DEPENDENCY_ERROR',
      'QContactNotConfigured',
    ])
    expect((await api.as('naledi').get('/sync/qcontact/log')).body.data).toEqual([])
    const hint = await request(api.app).post(`${ROOT}/webhooks/qcontact`).send({ case_id: '1' })
    expect(hint.status).toBe(401)
    expect(api.uses.reactions.some(({ name }) => name.includes('qcontact'))).toBe(false)
    expect(api.uses.schedules.some(({ name }) => name.includes('qcontact'))).toBe(false)
  })

  it('a full run is asked for, answered at once with its id, and done in the background', async () => {
    standIn.cases.add({ label: 'Connection Issue FT657323', contact: 'Canary Client' })
    const before = standIn.requests.length
    const asked = await as('naledi').post('/sync/qcontact')
    expect(asked.status).toBe(202)
    expect(standIn.requests.length).toBe(before)
    const { run_id: run } = asked.body.data
    expect(asked.headers.location).toBe(`${ROOT}/sync/qcontact/runs/${run}`)
    expect((await as('naledi').get(`/sync/qcontact/runs/${run}`)).body.data).toMatchObject({
      state: 'waiting',
      cases: 0,
    })
    await work()
    expect((await as('naledi').get(`/sync/qcontact/runs/${run}`)).body.data).toMatchObject({
      state: 'finished',
      cases: 1,
      created: 1,
      failed: 0,
    })
    const { data } = (await as('naledi').get('/tickets?source=qcontact')).body
    expect(data).toMatchObject([{ ticket_uid: 'FT657323', status: 'open' }])
    const one = await as('naledi').post('/sync/qcontact', { ticket_id: data[0].id })
    expect(one.status).toBe(202)
    expect((await as('naledi').get('/sync/qcontact/status')).body.data).toMatchObject({
      configured: true,
      tenant: 'stand-in',
      linked: 1,
      in_step: 1,
      problems: [],
    })
    const log = (await as('naledi').get('/sync/qcontact/log?pageSize=100')).body
    expect(log.data.length).toBe(log.pagination.total)
    expect(JSON.stringify(log)).not.toMatch(/Canary|a-password|access/)
    await work()
  })

  it('a conflict is listed, read and decided by a manager, against the version that was read', async () => {
    const id = standIn.cases.all()[0]?.id ?? 0
    standIn.cases.change(String(id), { status: 'Solved' })
    await as('naledi').post('/sync/qcontact', { scope: 'changes' })
    await work()
    expect(standIn.cases.known(id).fields.status).toBe('Open')
    const [found] = (await as('naledi').get('/sync/qcontact/conflicts?open=true')).body.data
    expect(found).toMatchObject({ kind: 'status_refused', ours: 'Open', theirs: 'Solved', ticket_uid: 'FT657323' })
    const path = `/sync/qcontact/conflicts/${found.id}`
    expect((await as('naledi').post(`${path}/resolve`, { resolution: 'noted' })).status).toBe(428)
    const decide = (version: number, body: object) =>
      as('naledi').post(`${path}/resolve`, body).set('If-Match', `"${version}"`)
    const unfit = await decide(found.version, { resolution: 'take_theirs' })
    expect([unfit.status, unfit.body.error.details.rule]).toEqual([422, 'ResolutionDoesNotFit'])
    expect((await decide(found.version + 1, { resolution: 'noted' })).status).toBe(409)
    const done = await decide(found.version, { resolution: 'noted', notes: 'told them' })
    expect([done.status, done.body.data.resolution]).toEqual([200, 'noted'])
    expect((await as('naledi').get('/sync/qcontact/conflicts?open=true')).body.data).toEqual([])
  })

  describe('a hint', () => {
    const body = JSON.stringify({ case_id: '40000000007', customer: 'Canary Client' })
    const seconds = Math.floor(Date.parse(NOW) / 1_000)
    const hint = (said: { id?: string; at?: number; secret?: string; body?: string; signature?: string } = {}) => {
      const { id = randomUUID(), at = seconds, secret = SECRETS[0] ?? '', body: raw = body } = said
      const signed = createHmac('sha256', secret).update(`${id}.${at}.${raw}`).digest('base64')
      return request(app)
        .post(`${ROOT}/webhooks/qcontact`)
        .set('content-type', 'application/json')
        .set('webhook-id', id)
        .set('webhook-timestamp', String(at))
        .set('webhook-signature', said.signature ?? `v1,${signed}`)
        .send(raw)
    }

    it('with a right signature of any secret in use is kept, answered within 100 ms, and only has the case looked at', async () => {
      await hint()
      const before = standIn.requests.length
      const started = performance.now()
      const answer = await hint({ secret: SECRETS[1] ?? '' })
      expect(performance.now() - started).toBeLessThan(100)
      expect([answer.status, answer.body.data]).toEqual([200, { received: 'kept' }])
      expect(standIn.requests.length).toBe(before)
      await work()
      expect(standIn.requests.length).toBeGreaterThan(before)
    })

    it('that came before has no effect', async () => {
      const id = randomUUID()
      expect((await hint({ id })).body.data).toEqual({ received: 'kept' })
      await work()
      expect((await hint({ id })).body.data).toEqual({ received: 'seen' })
      const { rows } = await api.pool.query('select count(*)::int as n from outbox')
      expect(rows[0].n).toBe(0)
    })

    it('is refused with a wrong signature, without one, and more than five minutes off', async () => {
      expect((await hint({ signature: 'v1,AAAA' })).status).toBe(401)
      expect((await hint({ secret: 'somebody-elses-secret' })).status).toBe(401)
      expect((await hint({ signature: '' })).status).toBe(401)
      expect((await hint({ at: seconds - 300 })).status).toBe(200)
      expect((await hint({ at: seconds - 301 })).status).toBe(401)
      expect((await hint({ at: seconds + 300 })).status).toBe(200)
      expect((await hint({ at: seconds + 301 })).status).toBe(401)
    })

    it('that names no case is said to be unreadable', async () => {
      expect((await hint({ body: '{"case_id":"../x"}' })).status).toBe(400)
      expect((await hint({ body: 'nothing' })).status).toBe(400)
    })
  })

  it('no log line holds anything of a client or a secret', () => {
    expect(JSON.stringify(api.logged)).not.toMatch(/Canary|a-password|secret-of-the-test/)
  })

  it('a configuration that QContact would not understand is named at the start, without its secrets', async () => {
    const file = join(folder, 'wrong.json')
    const wrong = {
      tenant: 'stand-in',
      baseUrl: 'http://qcontact.example/api/v2',
      statusOut: { open: 'open' },
      filters: [{ operator: 'all', conditions: [{ name: 'status', value: 'Open', operator: 'not_equals' }] }],
      fields: [{ local: 'address', read: 'fields.address', write: null, direction: 'both', owner: 'local' }],
    }
    await writeFile(file, JSON.stringify(wrong))
    const env = { QCONTACT_CONFIG: file, QCONTACT_EMAIL: 'a@b.example', QCONTACT_PASSWORD: 'canary-password' }
    const read = readConfig(env)
    if (E.isRight(read)) throw new Error('it was taken')
    const rules = read.left.map(({ rule }) => rule).join('\n')
    for (const part of ['baseUrl', 'statusOut.open', 'filters.0.conditions.0.operator', 'fields.0'])
      expect(rules).toContain(part)
    expect(JSON.stringify(read.left)).not.toContain('canary')
    expect(readConfig({ ...env, QCONTACT_PASSWORD: '' })).toMatchObject({ left: [{ variable: 'QCONTACT_PASSWORD' }] })
    expect(readConfig({ ...env, QCONTACT_CONFIG: join(folder, 'none.json') })).toMatchObject({
      left: [{ variable: 'QCONTACT_CONFIG' }],
    })
  })
})
