import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { pgBossJobQueue } from '../../src/adapters/queue/job-queue.ts'
import type { JobQueue, Schedule } from '../../src/application/ports/job-queue.ts'
import { describeOn, type TestDatabase, testDatabase } from '../support/databases.ts'

describeOn('postgres', 'A daily schedule', () => {
  let database: TestDatabase
  const queues: JobQueue[] = []
  beforeEach(async () => {
    database = await testDatabase('postgres')
    await database.pool.query('create table runs (pid int, at timestamptz default clock_timestamp())')
  })
  afterEach(async () => {
    await Promise.all(queues.splice(0).map((queue) => queue.stop()))
    await database.close()
  })

  const daily = (): Schedule => ({
    name: 'daily',
    everySeconds: 86_400,
    run: async () => {
      await database.pool.query('insert into runs (pid) values ($1)', [process.pid])
    },
  })
  const start = async (): Promise<void> => {
    const queue = pgBossJobQueue({ pool: database.pool, kind: 'postgres', onError: () => {}, graceMs: 500 })
    queues.push(queue)
    await queue.start([], [daily()])
  }
  const runs = async (): Promise<number> => (await database.pool.query('select count(*)::int as n from runs')).rows[0].n
  const until = async (count: number): Promise<void> => {
    while ((await runs()) < count) await sleep(50)
  }

  it('runs once in its day, however many processes ask, and again for a start later in the day', async () => {
    await Promise.all([start(), start(), start()])
    await until(1)
    await Promise.all(queues.splice(0).map((queue) => queue.stop()))
    await start()
    await sleep(1_500)
    expect(await runs()).toBe(1)
  })

  it('that was missed while nobody was there is caught up once at the next start', async () => {
    await start()
    await until(1)
    await Promise.all(queues.splice(0).map((queue) => queue.stop()))
    // Three days go by.
    await database.pool.query(
      `update pgboss.job set singleton_on = singleton_on - interval '3 days', completed_on = completed_on - interval '3 days' where name = 'schedules'`,
    )
    await Promise.all([start(), start()])
    await until(2)
    await sleep(1_500)
    expect(await runs()).toBe(2)
  })

  it('that was cut off by a kill is run again by another process, within the same day', async () => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'schedules-process.ts'), database.url ?? ''], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    for await (const chunk of child.stdout) if (String(chunk).includes('began')) break
    child.kill('SIGKILL')
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL'])
    await start()
    await until(2)
    const { rows } = await database.pool.query('select pid from runs order by at')
    expect(rows.map(({ pid }) => pid)).toEqual([child.pid, process.pid])
  })
})
