import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import autocannon from 'autocannon'
import pg from 'pg'
import { migrate } from '../src/adapters/postgres/migrate.ts'
import { manyTickets } from '../test/support/many-tickets.ts'
import { findPostgres } from '../test/support/postgres-server.ts'

/** Requests per second of creating a ticket and of listing 25, beside bare Express handlers on the same PostgreSQL. */
const ROUNDS = Number(process.argv[2] ?? 5)
const SECONDS = 4
const CONNECTIONS = 20

const firstMatch = (child: ChildProcess, pattern: RegExp): Promise<string> =>
  new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`a server ended with ${code}`)))
    if (child.stdout === null) return reject(new Error('a server has no output'))
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = pattern.exec(line)?.[1]
      if (found !== undefined) resolve(found)
    })
  })

const start = async (file: string, env: Record<string, string>, pattern: RegExp) => {
  const child = spawn(process.execPath, [file], {
    env: { ...process.env, NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return { child, at: await firstMatch(child, pattern) }
}

const stop = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill('SIGTERM')
  })

const rate = async (options: autocannon.Options): Promise<number> => {
  const { requests, non2xx, errors } = await autocannon({ connections: CONNECTIONS, duration: SECONDS, ...options })
  if (non2xx + errors > 0) throw new Error(`${options.url}: ${non2xx} answers were no success, ${errors} failed`)
  return requests.average
}

/** A database of its own with 20,000 tickets, so that neither side works on what the other wrote. */
const filled = async (server: string, name: string): Promise<string> => {
  const url = new URL(server)
  url.pathname = `/${name}`
  const admin = new pg.Pool({ connectionString: server, max: 1 })
  await admin.query(`drop database if exists ${name} with (force)`)
  await admin.query(`create database ${name}`)
  await admin.end()
  const pool = new pg.Pool({ connectionString: url.href, max: 2 })
  await migrate(pool)
  await manyTickets(pool, 20_000)
  await pool.end()
  return url.href
}

/** Waits until nothing of what was asked is still done in the background, so that no measure pays for another. */
const settled = async (url: string): Promise<void> => {
  const pool = new pg.Pool({ connectionString: url, max: 1 })
  const left = async (): Promise<number> => (await pool.query('select count(*)::int as n from outbox')).rows[0].n
  while ((await left()) > 0) await sleep(20)
  await pool.end()
}

type Measures = ReadonlyArray<readonly [string, autocannon.Options]>

const server = await findPostgres()
if (server === null) throw new Error('This bench needs PostgreSQL.')
const dataDir = await mkdtemp(join(tmpdir(), 'http-rates-'))
const children: ChildProcess[] = []
try {
  const [oursIn, bareIn] = [await filled(server.url, 'rates_ours'), await filled(server.url, 'rates_bare')]
  const ours = await start(
    'src/infrastructure/main.ts',
    { DATABASE_URL: oursIn, PORT: '0', DATA_DIR: dataDir, EXAMPLES: 'on', LOG_LEVEL: 'warn' },
    /listens on (http\S+)/,
  )
  children.push(ours.child)
  const bare = await start('bench/bare-server.ts', { DATABASE_URL: bareIn }, /^(\d+)$/)
  children.push(bare.child)
  const headers = { 'content-type': 'application/json', 'x-local-user': 'naledi' }
  const ticket = {
    project_id: 'lawley',
    ticket_type: 'maintenance',
    title: 'No light on the ONT',
    dr_number: 'DR1729500',
    fault_cause: 'unknown',
  }
  let drop = 1_000_000
  const post: Partial<autocannon.Options> = {
    requests: [
      {
        method: 'POST',
        headers,
        setupRequest: (request) => {
          drop += 1
          return { ...request, body: JSON.stringify({ ...ticket, dr_number: `DR${drop}` }) }
        },
      },
    ],
  }
  // The lists come first: while tickets are created the three tables grow apart.
  const lists: Measures = [
    ['list: ours', { url: `${ours.at}/tickets?status=open,assigned&project_id=project-2&pageSize=25`, headers }],
    ['list: the same select', { url: `http://127.0.0.1:${bare.at}/list`, headers }],
  ]
  const creates: Measures = [
    ['create: ours', { url: `${ours.at}/tickets`, ...post }],
    ['create: the same rows', { url: `http://127.0.0.1:${bare.at}/same-rows`, ...post }],
    ['create: a single insert', { url: `http://127.0.0.1:${bare.at}/single-insert`, ...post }],
  ]
  const rates = new Map<string, number[]>()
  for (const measures of [lists, creates])
    for (let round = 0; round <= ROUNDS; round += 1)
      for (const [name, options] of measures) {
        const measured = await rate(options)
        await settled(oursIn)
        if (round > 0) rates.set(name, [...(rates.get(name) ?? []), measured])
      }
  const all = (name: string): ReadonlyArray<number> => rates.get(name) ?? []
  const median = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
  for (const [name] of [...lists, ...creates])
    console.log(`${name.padEnd(26)} ${Math.round(median(all(name)))} requests/s`)
  const ratio = (one: string, other: string, least: number): void => {
    const found = median(all(one).map((value, round) => value / (all(other)[round] ?? 1)))
    console.log(`${one} / ${other}: ${found.toFixed(2)} (at least ${least})`)
    if (found < least) process.exitCode = 1
  }
  ratio('create: ours', 'create: the same rows', 0.6)
  ratio('create: ours', 'create: a single insert', 0.25)
  ratio('list: ours', 'list: the same select', 0.6)
} finally {
  await Promise.all(children.map(stop))
  await server.stop()
  await rm(dataDir, { recursive: true, force: true })
}
