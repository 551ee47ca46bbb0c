import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { describeOn, type TestDatabase, testDatabase } from '../support/databases.ts'

const CLI = join(import.meta.dirname, '../../src/infrastructure/cli.ts')

describeOn('postgres', 'A worker', () => {
  let database: TestDatabase
  let folder: string
  const children: Array<ReturnType<typeof spawn>> = []
  beforeAll(async () => {
    database = await testDatabase('postgres')
    folder = await mkdtemp(join(tmpdir(), 'worker-metrics-'))
  })
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
  })
  afterAll(async () => {
    await database.close()
    await rm(folder, { recursive: true, force: true })
  })

  const worker = (more: Readonly<Record<string, string>>) => {
    const child = spawn(process.execPath, [CLI, 'worker'], {
      env: { ...process.env, DATABASE_URL: database.url ?? '', DATA_DIR: folder, LOG_LEVEL: 'fatal', ...more },
    })
    children.push(child)
    let said = ''
    child.stdout.on('data', (chunk) => (said += chunk))
    child.stderr.on('data', (chunk) => (said += chunk))
    const ended = once(child, 'close').then(([code]) => code as number)
    const until = async (pattern: RegExp): Promise<string> => {
      for (;;) {
        const found = pattern.exec(said)
        if (found !== null) return found[1] ?? ''
        if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${said}`)
        await sleep(20)
      }
    }
    return { child, ended, until, said: () => said }
  }

  it('shows its own figures and those of all on this machine only, and nothing else; a port that is taken is named', async () => {
    const first = worker({ METRICS_PORT: '0' })
    const url = await first.until(/Figures: (http:\/\/127\.0\.0\.1:\d+\/metrics)/)
    let text = ''
    while (!text.includes('ticketing_schedule_last_success_timestamp_seconds{schedule="sla_timers"}')) {
      text = await (await fetch(url)).text()
      await sleep(50)
    }
    expect(text).toContain('ticketing_dead_letters{reaction="tell_people"} 0')
    expect((await fetch(url.replace('/metrics', '/api/ticketing/tickets'))).status).toBe(404)
    expect((await fetch(url, { method: 'POST' })).status).toBe(404)
    const second = worker({ METRICS_PORT: new URL(url).port })
    expect(await second.ended).toBe(78)
    expect(second.said()).toContain(
      'METRICS_PORT must be a port of METRICS_HOST 127.0.0.1 that no other process listens on',
    )
    first.child.kill('SIGTERM')
    expect(await first.ended).toBe(0)
    const silent = worker({})
    await silent.until(/Working\. Ctrl-C or SIGTERM ends it\.(\n)/)
  }, 120_000)
})
