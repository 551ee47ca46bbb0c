import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** From `npm start` to the first answer of `ready`, on the embedded database: the first time, and when it is there already. */
const LIMITS_S = { 'the first time': 10, 'the second time': 3, 'the third time': 3 } as const

const dataDir = await mkdtemp(join(tmpdir(), 'start-up-'))

const listening = (child: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)))
    if (child.stdout === null) return reject(new Error('the server has no output'))
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = /listens on (http\S+)/.exec(line)?.[1]
      if (found !== undefined) resolve(found)
    })
  })

try {
  for (const [when, limit] of Object.entries(LIMITS_S)) {
    const started = performance.now()
    const npm = spawn('npm', ['start'], {
      env: { ...process.env, DATABASE_URL: '', DATA_DIR: dataDir, PORT: '0', LOG_LEVEL: 'warn' },
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    })
    const ready = await fetch(`${await listening(npm)}/ready`)
    const seconds = (performance.now() - started) / 1000
    if (npm.pid !== undefined) process.kill(-npm.pid, 'SIGTERM')
    await once(npm, 'exit')
    console.log(`${when.padEnd(16)} ready (${ready.status}) after ${seconds.toFixed(1)} s (at most ${limit} s)`)
    if (!ready.ok || seconds > limit) process.exitCode = 1
  }
} finally {
  await rm(dataDir, { recursive: true, force: true })
}
