import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import * as E from 'fp-ts/lib/Either.js'
import { pino } from 'pino'
import request from 'supertest'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { startWahaStandIn, type WahaStandIn } from '../../src/adapters/waha/stand-in/server.ts'
import { readConfig } from '../../src/infrastructure/config.ts'
import { type Running, serve } from '../../src/infrastructure/serve.ts'
import { ticketing } from '../support/command-line.ts'
import { freePort } from '../support/free-port.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const KEY = 'a-webhook-key-of-ours'

describe('The running program', () => {
  let directory: string
  let waha: WahaStandIn
  let running: Running
  const logged: string[] = []
  const env = () => ({
    DATA_DIR: directory,
    EXAMPLES: 'on',
    WAHA_URL: waha.url,
    WAHA_API_KEY: waha.apiKey,
    WAHA_WEBHOOK_KEY: KEY,
    LOG_LEVEL: 'trace',
  })
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ticketing-whatsapp-'))
    const port = await freePort()
    waha = await startWahaStandIn({
      acks: [1, 2, 3],
      webhook: { url: `http://127.0.0.1:${port}/api/ticketing/webhooks/waha`, key: KEY },
    })
    const config = readConfig({ ...env(), PORT: String(port) })
    if (E.isLeft(config)) throw new Error('the settings are refused')
    const sink = new Writable({
      write: (line: Buffer, _, done) => {
        logged.push(line.toString('utf8'))
        done()
      },
    })
    running = await serve(config.right, pino({ level: 'trace' }, sink))
  })
  afterAll(async () => {
    await running.stop()
    await waha.close()
    await rm(directory, { recursive: true, force: true })
  })

  it('tells a client, hears that it was read, and logs neither name, number, words nor key', async () => {
    const api = request(running.url)
    const made = await api.post('/tickets').set('X-Local-User', 'naledi').send({
      project_id: 'lawley',
      ticket_type: 'incident',
      title: 'A cable lies in the road',
      fault_cause: 'vandalism',
      pole_number: 'LAW.P.A002',
      client_name: 'Canary Nomsa',
      client_phone: '082 765 4321',
    })
    const posted = await api.post('/notifications/whatsapp').set('X-Local-User', 'naledi').send({
      id: randomUUID(),
      ticket_id: made.body.data.id,
      recipient_type: 'client',
      text: 'Canary words',
    })
    expect(posted.body.data.status).toBe('pending')
    const read = async () => {
      const { body } = await api
        .get(`/notifications/status?ticket_id=${made.body.data.id}`)
        .set('X-Local-User', 'naledi')
      return body.data.find(({ id }: { id: string }) => id === posted.body.data.id)?.status
    }
    await expect.poll(read, { timeout: 90_000, interval: 200 }).toBe('read')
    expect(waha.sent.filter(({ chatId }) => chatId === '27827654321@c.us')).toMatchObject([{ text: 'Canary words' }])
    const lines = logged.join('')
    expect(lines).toContain('/webhooks/waha')
    for (const canary of ['Canary', '27827654321', '827654321', '082 765 4321', KEY, waha.apiKey])
      expect(lines).not.toContain(canary)
    const metrics = await api.get('/metrics')
    expect(metrics.text).toMatch(/ticketing_notifications_waiting \d/)
  })

  it('is stopped and let go from the command line, which shows no number', async () => {
    await running.stop()
    const off = await ticketing(['notifications', 'off', '--reason', 'the number is blocked'], env())
    expect([off.code, off.complained]).toEqual([0, ''])
    expect(off.said).toContain('off: the number is blocked')
    expect((await ticketing(['notifications', 'on', '--reason', 'it is back'], env())).said).toContain('Session')
    const listed = await ticketing(['notifications', 'list', '--status', 'read'], env())
    expect(listed.said).toMatch(/message .*client/)
    expect(listed.said).not.toMatch(/Canary|27827654321/)
    const refused = await ticketing(['notifications', 'settle', randomUUID(), '--as', 'sent'], env())
    expect(refused.code).toBe(1)
  })
})
