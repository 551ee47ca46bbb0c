import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { prometheusMetrics } from '../../src/adapters/metrics/prometheus.ts'
import { readConfig } from '../../src/infrastructure/config.ts'
import { type Running, serve } from '../../src/infrastructure/serve.ts'
import { describeOn, type TestDatabase, testDatabase } from '../support/databases.ts'

const MANY = 20_000
const QUEUED = `
insert into outbox (event_id, type, ticket_id, body, at)
select gen_random_uuid(), 'HandedToMaintenance', gen_random_uuid(), '{}', now() from generate_series(1, ${MANY})`

describeOn('postgres', 'With a long queue', () => {
  let database: TestDatabase
  let running: Running
  let folder: string
  beforeAll(async () => {
    database = await testDatabase('postgres')
    folder = await mkdtemp(join(tmpdir(), 'metrics-'))
    const env = { DATABASE_URL: database.url ?? '', DATA_DIR: folder, PORT: '0', LOG_LEVEL: 'silent', EXAMPLES: 'off' }
    const config = readConfig(env)
    if (E.isLeft(config)) throw new Error(JSON.stringify(config.left))
    running = await serve({ ...config.right, shutdownGraceMs: 500 }, pino({ level: 'silent' }))
    await database.pool.query(QUEUED)
    running.application.ports.queue.nudge()
  }, 60_000)
  afterAll(async () => {
    await running.stop()
    await database.close()
    await rm(folder, { recursive: true })
  }, 60_000)

  const get = async (
    path: string,
  ): Promise<{ readonly status: number; readonly text: string; readonly ms: number }> => {
    const began = performance.now()
    const answer = await fetch(`${running.url}${path}`)
    return { status: answer.status, text: await answer.text(), ms: performance.now() - began }
  }

  it('the server stays ready, and metrics tell what waits', async () => {
    const health = await get('/health')
    const ready = await get('/ready')
    const metrics = await get('/metrics')
    const left = (
      await database.pool.query(`select (select count(*) from outbox) + (select count(*) from pgboss.job) as n`)
    ).rows[0].n
    expect(Number(left)).toBeGreaterThan(1_000)
    expect([health.status, ready.status, metrics.status]).toEqual([200, 200, 200])
    expect(Math.max(health.ms, ready.ms)).toBeLessThan(2_000)
    expect(metrics.text).toMatch(/^ticketing_outbox_events \d+$/m)
    expect(metrics.text).toMatch(/^ticketing_queue_waiting\{reaction="settle_guarantees_of_drop"\} \d+$/m)
    expect(metrics.text).toMatch(/^ticketing_queue_oldest_seconds\{reaction="settle_guarantees_of_drop"\} [\d.]+$/m)
    expect(metrics.text).toMatch(/^ticketing_dead_letters\{reaction="settle_guarantees_of_drop"\} 0$/m)
    expect(metrics.text).toContain('# TYPE ticketing_http_requests_total counter')
    expect(metrics.text).toContain('# TYPE ticketing_reaction_seconds histogram')
    expect(metrics.text).toMatch(/^ticketing_up 1$/m)
  })

  it('its figures are found in indexes, not by reading the queue', async () => {
    await database.pool.query('analyze pgboss.job_common')
    const { rows } = await database.pool.query(
      `explain select j.created_on from pgboss.job j where j.name = 'reaction.settle_guarantees_of_drop' order by j.created_on limit 1`,
    )
    expect(rows.map((row) => row['QUERY PLAN']).join('\n')).not.toContain('Seq Scan')
  })
})

it('a measurement that cannot be read leaves out its own figures and no others', async () => {
  const heard: unknown[] = []
  const metrics = prometheusMetrics((error) => heard.push(error))
  const measure = (name: string, read: () => Promise<number>) => ({
    measures: [{ name, help: name, labels: [] }],
    read: async () => [{ name, labels: {}, value: await read() }],
  })
  const text = await metrics.text([
    measure('ticketing_one', async () => 1),
    measure('ticketing_broken', async () => Promise.reject(new Error('away'))),
    measure('ticketing_hanging', () => new Promise(() => {})),
  ])
  expect(text).toMatch(/^ticketing_one 1$/m)
  expect(text).not.toContain('ticketing_broken')
  expect(text).not.toContain('ticketing_hanging')
  expect(heard).toHaveLength(2)
})
