import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { openAsBlob } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { findPostgres } from '../test/support/postgres-server.ts'

/** How long `health` takes while the server is sent a workbook of 100,000 rows, parses it, decides each row and stores it. */
const ROWS = Number(process.argv[2] ?? 100_000)
const MAX_MS = 100
const LOOK_EVERY_MS = 20

const directory = await mkdtemp(join(tmpdir(), 'upload-health-'))
const workbook = join(directory, 'Lawley Week 1 2026.xlsx')
const writer = fileURLToPath(new URL('workbook-memory.ts', import.meta.url))
await once(spawn(process.execPath, [writer, String(ROWS), workbook], { stdio: 'inherit' }), 'close')

const measure = async (kind: string, env: Record<string, string>): Promise<void> => {
  const server = spawn(process.execPath, ['src/infrastructure/main.ts'], {
    env: { ...process.env, NODE_ENV: 'production', PORT: '0', EXAMPLES: 'on', LOG_LEVEL: 'warn', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const at = await new Promise<string>((resolve, reject) => {
      server.once('exit', (code) => reject(new Error(`the server ended with ${code}`)))
      createInterface({ input: server.stdout }).on('line', (line) => {
        const found = /listens on (http\S+)/.exec(line)?.[1]
        if (found !== undefined) resolve(found)
      })
    })
    const form = new FormData()
    form.set('project_id', 'lawley')
    form.set('week', '2025-W46')
    form.set('report_date', '2025-11-14')
    form.set('file', await openAsBlob(workbook), 'Lawley Week 1 2026.xlsx')
    let ended = false
    const took: number[] = []
    const looking = (async () => {
      for (; !ended; await sleep(LOOK_EVERY_MS)) {
        const asked = performance.now()
        const answer = await fetch(`${at}/health`)
        await answer.arrayBuffer()
        if (!answer.ok) throw new Error(`health answered ${answer.status}`)
        took.push(performance.now() - asked)
      }
    })()
    const started = performance.now()
    const answer = await fetch(`${at}/import/weekly`, {
      method: 'POST',
      body: form,
      headers: { 'x-local-user': 'naledi' },
    })
    const text = await answer.text()
    ended = true
    await looking
    if (!answer.ok) throw new Error(`the upload was answered ${answer.status}: ${text.slice(0, 300)}`)
    const sorted = took.toSorted((a, b) => a - b)
    const longest = sorted.at(-1) ?? 0
    console.log(
      `${kind.padEnd(8)} ${ROWS} rows previewed in ${((performance.now() - started) / 1000).toFixed(1)} s; ${took.length} looks at health: ` +
        `p50 ${sorted[sorted.length >> 1]?.toFixed(0)} ms, p99 ${sorted[Math.floor(sorted.length * 0.99)]?.toFixed(0)} ms, ` +
        `longest ${longest.toFixed(0)} ms (limit ${MAX_MS})`,
    )
    if (longest > MAX_MS) process.exitCode = 1
  } finally {
    server.kill('SIGTERM')
    await once(server, 'exit')
  }
}

const postgres = await findPostgres()
try {
  if (postgres !== null) await measure('postgres', { DATABASE_URL: postgres.url, DATA_DIR: join(directory, 'a') })
  await measure('pglite', { DATABASE_URL: '', DATA_DIR: join(directory, 'b') })
} finally {
  await postgres?.stop()
  await rm(directory, { recursive: true, force: true })
}
