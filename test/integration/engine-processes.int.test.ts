import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { inTransaction } from '../../src/adapters/contract/pool.ts'
import { publishWith } from '../../src/adapters/queue/outbox.ts'
import { describeOn, type TestDatabase, testDatabase } from '../support/databases.ts'

const EFFECTS = `create table effects (
  seq bigint generated always as identity, n int not null, ticket uuid not null, pid int not null, at timestamptz default now()
)`

type Effect = { readonly n: number; readonly ticket: string; readonly pid: number }

describeOn('postgres', 'Several worker processes', () => {
  let database: TestDatabase
  const children: ChildProcess[] = []
  beforeEach(async () => {
    database = await testDatabase('postgres')
    await database.pool.query(EFFECTS)
  })
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
    await database.close()
  })

  const says = async (child: ChildProcess, word: string): Promise<void> => {
    let heard = ''
    for await (const chunk of child.stdout ?? []) {
      heard += String(chunk)
      if (heard.includes(word)) return
    }
    throw new Error(`The worker ended without saying ${word}`)
  }
  const worker = async (options: ReadonlyArray<string> = []): Promise<ChildProcess> => {
    const script = join(import.meta.dirname, 'engine-process.ts')
    const child = spawn(process.execPath, [script, database.url ?? '', ...options], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    children.push(child)
    return child
  }
  const publish = async (tickets: ReadonlyArray<string>, from: number, to: number): Promise<void> => {
    for (let n = from; n < to; n += 10)
      await inTransaction(database.pool, (client) =>
        publishWith(
          client,
          Array.from({ length: 10 }, (_, i) => ({
            id: randomUUID(),
            type: 'Step',
            ticketId: tickets[(n + i) % tickets.length] ?? '',
            body: { n: n + i },
            at: '2026-11-22T20:15:00.000Z',
          })),
        ),
      )
  }
  const effects = async (): Promise<ReadonlyArray<Effect>> =>
    (await database.pool.query('select n, ticket, pid from effects order by seq')).rows
  const allDone = async (count: number): Promise<ReadonlyArray<Effect>> => {
    for (;;) {
      const seen = await effects()
      if (seen.length >= count) return seen
      await sleep(50)
    }
  }
  const inOrder = (seen: ReadonlyArray<Effect>, count: number): void => {
    expect(seen.map(({ n }) => n).toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, n) => n))
    for (const [, ofTicket] of Map.groupBy(seen, ({ ticket }) => ticket)) {
      const order = ofTicket.map(({ n }) => n)
      expect(order).toEqual(order.toSorted((a, b) => a - b))
    }
  }
  const tickets = (count: number): ReadonlyArray<string> => Array.from({ length: count }, () => randomUUID())

  for (const processes of [2, 4])
    it(`do each event once and keep the order of each ticket, ${processes} at once`, async () => {
      const started = await Promise.all(Array.from({ length: processes }, () => worker()))
      await Promise.all(started.map((child) => says(child, 'ready')))
      await publish(tickets(20), 0, 600)
      const seen = await allDone(600)
      inOrder(seen, 600)
      expect(new Set(seen.map(({ pid }) => pid)).size).toBe(processes)
    }, 120_000)

  it('lose nothing when one is killed in the middle of its work, and what it held is soon taken up', async () => {
    const victim = await worker(['0', '600000'])
    const names = tickets(10)
    await publish(names, 0, 10)
    await says(victim, 'holding')
    const [held] = (await database.pool.query(`select count(*)::int as n from pgboss.job where state = 'active'`)).rows
    expect(held.n).toBeGreaterThan(0)
    expect((await effects()).some(({ n }) => n === 0)).toBe(false)
    victim.kill('SIGKILL')
    const [code, signal] = await once(victim, 'exit')
    expect([code, signal]).toEqual([null, 'SIGKILL'])
    const killedAt = Date.now()
    const others = await Promise.all([worker(), worker()])
    await publish(names, 10, 200)
    inOrder(await allDone(200), 200)
    expect(Date.now() - killedAt).toBeLessThan(60_000)
    for (const child of others) child.kill('SIGTERM')
    expect((await Promise.all(others.map((child) => once(child, 'exit')))).map(([end]) => end)).toEqual([0, 0])
  }, 120_000)

  it('end what they have begun when they are told to stop, and others do the rest', async () => {
    const leaving = await worker(['0', '1500'])
    const names = tickets(10)
    await publish(names, 0, 10)
    await says(leaving, 'holding')
    leaving.kill('SIGTERM')
    const exit = once(leaving, 'exit')
    await publish(names, 10, 50)
    expect(await exit).toEqual([0, null])
    const begun = (await effects()).find(({ n }) => n === 0)
    expect(begun?.pid).toBe(leaving.pid)
    expect(await effects()).not.toHaveLength(50)
    await worker()
    inOrder(await allDone(50), 50)
  }, 120_000)

  it('hand over at once what does not end within the grace', async () => {
    const leaving = await worker(['0', '600000', '300'])
    await publish(tickets(1), 0, 10)
    await says(leaving, 'holding')
    const other = await worker()
    await says(other, 'ready')
    const told = performance.now()
    leaving.kill('SIGTERM')
    expect(await once(leaving, 'exit')).toEqual([0, null])
    const seen = await allDone(10)
    inOrder(seen, 10)
    expect(new Set(seen.map(({ pid }) => pid))).toEqual(new Set([other.pid]))
    expect(performance.now() - told).toBeLessThan(9_000)
  }, 120_000)

  it('are started by the command line, and stop by SIGTERM', async () => {
    await publish(tickets(1), 0, 10)
    const folder = await mkdtemp(join(tmpdir(), 'worker-'))
    const child = spawn(process.execPath, [join(import.meta.dirname, '../../src/infrastructure/cli.ts'), 'worker'], {
      env: { ...process.env, DATABASE_URL: database.url ?? '', DATA_DIR: folder, EXAMPLES: 'off', LOG_LEVEL: 'warn' },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    children.push(child)
    await says(child, 'Working.')
    while ((await database.pool.query('select 1 from outbox')).rows.length > 0) await sleep(50)
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([0, null])
    await rm(folder, { recursive: true })
  }, 120_000)
})
