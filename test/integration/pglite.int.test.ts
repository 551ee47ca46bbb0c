import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { inTransaction } from '../../src/adapters/contract/pool.ts'
import { openPglite } from '../../src/adapters/pglite/open-pglite.ts'

let dataDir: string
const children: ChildProcess[] = []

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'embedded-'))
})
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await rm(dataDir, { recursive: true, force: true })
})

const start = (mode: 'hold' | 'write' | 'once') => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'pglite-process.ts'), dataDir, mode], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  children.push(child)
  let out = ''
  let errors = ''
  child.stdout.on('data', (chunk) => (out += chunk))
  child.stderr.on('data', (chunk) => (errors += chunk))
  const ended = once(child, 'close').then(([code]) => ({ code, errors }))
  const said = async (pattern: RegExp): Promise<string> => {
    while (!pattern.test(out)) {
      if (child.exitCode !== null) throw new Error(`ended too early: ${errors}`)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    return out
  }
  return { child, ended, said, output: () => out }
}

const lockFile = () => join(dataDir, 'database.lock')

describe('The embedded database', () => {
  it('refuses a second process on its directory, by name, and serves it after the first has gone', async () => {
    const first = start('hold')
    await first.said(/open/)
    const { code, errors } = await start('once').ended
    expect(code).toBe(1)
    expect(errors).toContain(`Process ${first.child.pid} on ${hostname()} already uses this directory`)
    expect(errors.length).toBeLessThan(500)
    first.child.stdin?.end()
    await first.ended
    expect((await start('once').ended).code).toBe(0)
    expect(await readdir(dataDir)).toEqual(['database'])
  }, 30_000)

  it('refuses a second opening within one process too', async () => {
    const { close } = await openPglite({ dataDir })
    await expect(openPglite({ dataDir })).rejects.toThrow('already uses this directory')
    await close()
  }, 30_000)

  it('keeps every acknowledged row when its process is killed', async () => {
    const writer = start('write')
    await writer.said(/^200$/m)
    writer.child.kill('SIGKILL')
    await writer.ended
    const lines = writer.output().split('\n')
    const acknowledged = Number(lines.at(-2))
    const { pool, close } = await openPglite({ dataDir })
    const { rows } = await pool.query('select count(*)::int as count, max(id) as last from written')
    expect(rows[0].last).toBeGreaterThanOrEqual(acknowledged)
    expect(rows[0].count).toBe(rows[0].last)
    await close()
  }, 30_000)

  it('takes over the lock of a process number that another process has now', async () => {
    await writeFile(lockFile(), JSON.stringify({ pid: process.ppid, startedAt: 'another-boot/1', host: hostname() }))
    const { close } = await openPglite({ dataDir })
    expect(JSON.parse(await readFile(lockFile(), 'utf8')).pid).toBe(process.pid)
    await close()
  }, 30_000)

  it('respects the fresh lock of another host', async () => {
    await writeFile(lockFile(), JSON.stringify({ pid: 1, startedAt: null, host: 'another-container' }))
    await expect(openPglite({ dataDir })).rejects.toThrow('Process 1 on another-container already uses')
  })

  it('gives a dead lock to one of several processes that come for it together', async () => {
    await writeFile(lockFile(), JSON.stringify({ pid: 4_190_000, startedAt: 'x', host: hostname() }))
    const holders = [start('hold'), start('hold'), start('hold')]
    const refused = await Promise.race(holders.map((holder) => holder.ended)).then(() =>
      Promise.all(holders.map((holder) => Promise.race([holder.ended, holder.said(/open/)]))),
    )
    expect(refused.filter((outcome) => typeof outcome === 'string')).toHaveLength(1)
  }, 30_000)

  it('says in one line that a directory cannot be opened, and lets it go', async () => {
    await writeFile(join(dataDir, 'database'), 'not a directory')
    const failure = await openPglite({ dataDir }).catch((error: Error) => error)
    expect(failure).toBeInstanceOf(Error)
    expect((failure as Error).message).toContain(`The embedded database in ${dataDir} cannot be opened`)
    expect((failure as Error).message.length).toBeLessThan(500)
    expect(await readdir(dataDir)).toEqual(['database'])
  }, 30_000)

  it('answers the next statement after one that failed, alone and among many', async () => {
    const { pool, close } = await openPglite({ memory: true })
    const outcomes: string[] = []
    const say = (work: Promise<{ rows: ReadonlyArray<{ n: number }> }>) =>
      work.then(
        ({ rows }) => outcomes.push(String(rows[0]?.n)),
        (error: { code?: string; message: string }) => outcomes.push(error.code ?? error.message),
      )
    for (let n = 0; n < 50; n += 1) {
      await say(pool.query('select $1::int / 0 as n', [n]))
      await say(pool.query('select $1::int as n', [n]))
    }
    expect(outcomes).toEqual(Array.from({ length: 50 }, (_, n) => ['22012', String(n)]).flat())
    outcomes.length = 0
    await Promise.all(
      Array.from({ length: 60 }, (_, n) => {
        if (n % 3 === 0) return say(pool.query('select $1::int / 0 as n', [n]))
        if (n % 3 === 1) return say(pool.query('select $1::int as n', [n]))
        return say(inTransaction(pool, (client) => client.query('select 1 / ($1::int % 2) as n', [n])))
      }),
    )
    expect(outcomes.filter((outcome) => outcome === '22012')).toHaveLength(30)
    expect(outcomes).toHaveLength(60)
    expect(outcomes.filter((outcome) => !/^\d+$/.test(outcome))).toEqual([])
    await close()
  }, 30_000)

  it('leaves no transaction open that failed as one text or was abandoned', async () => {
    const { pool, close } = await openPglite({ memory: true })
    await expect(pool.query('begin; select 1/0; commit')).rejects.toMatchObject({ code: '22012' })
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
    const client = await pool.connect()
    await client.query('begin; create table abandoned (id int)')
    client.release(true)
    const { rows } = await pool.query(`select to_regclass('abandoned') as found`)
    expect(rows).toEqual([{ found: null }])
    await close()
  }, 30_000)
})
