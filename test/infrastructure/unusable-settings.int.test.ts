import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isConfigError } from '../../src/infrastructure/config.ts'
import { makeDataDir } from '../../src/infrastructure/data-dir.ts'
import { ticketing } from '../support/command-line.ts'

const main = join(import.meta.dirname, '../../src/infrastructure/main.ts')

/** Starts the server as an operator does; one that goes on is stopped, and has no exit code then. */
const started = async (env: Readonly<Record<string, string>>) => {
  const child = spawn(process.execPath, [main], {
    env: { PATH: process.env.PATH, LOG_LEVEL: 'silent', PORT: '0', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 40_000,
    killSignal: 'SIGKILL',
  })
  let complained = ''
  child.stderr.on('data', (chunk) => (complained += chunk))
  const [code] = await once(child, 'close')
  return { code, complained }
}

describe('A setting that cannot be used', () => {
  let folder: string
  let file: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'unusable-'))
    file = join(folder, 'a-file')
    await writeFile(file, '')
    await symlink(join(folder, 'nowhere', 'at-all'), join(folder, 'dangling'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  const refusal = async (dataDir: string): Promise<string> => {
    const error = await makeDataDir(dataDir).then(
      () => null,
      (why: unknown) => why,
    )
    expect(isConfigError(error)).toBe(true)
    return (error as Error).message
  }

  it('a DATA_DIR is made with its parents, as often as asked, and the probe is gone', async () => {
    const deep = join(folder, 'one', 'two', 'three')
    await Promise.all([makeDataDir(deep), makeDataDir(deep), makeDataDir(deep)])
    await makeDataDir(deep)
    expect(await readdir(deep)).toEqual([])
  })

  it('a DATA_DIR that is a file, lies under one, or leads nowhere is refused by name and reason', async () => {
    expect(await refusal(file)).toContain(`${file} is not a directory`)
    expect(await refusal(join(file, 'below'))).toMatch(/DATA_DIR must be a directory.*ENOTDIR/)
    expect(await refusal(join(folder, 'dangling'))).toMatch(/DATA_DIR must be a directory.*EEXIST/)
    expect(await refusal(join(folder, 'x'.repeat(300)))).toMatch(/DATA_DIR must be a directory.*ENAMETOOLONG/)
  })

  it.runIf(process.platform === 'linux')('a DATA_DIR that the system never makes is refused at once', async () => {
    expect(await refusal('/proc/x/y')).toMatch(/DATA_DIR must be a directory.*\/proc\/x cannot be made: ENOENT/)
    expect(await refusal('/proc')).toMatch(/DATA_DIR must be a directory.*\/proc cannot be written: ENOENT/)
  })

  it.runIf(process.platform === 'linux' && process.getuid?.() !== 0)(
    'a DATA_DIR that may not be written in is refused',
    async () => {
      const closed = join(folder, 'closed')
      await mkdir(closed, { mode: 0o500 })
      expect(await refusal(closed)).toContain('EACCES')
    },
  )

  it('a RELEVANCE_MODEL that cannot be loaded ends the server with 78 and the reason', async () => {
    const { code, complained } = await started({
      DATA_DIR: join(folder, 'model'),
      RELEVANCE_MODEL: join(folder, 'none.onnx'),
    })
    expect([code, complained]).toEqual([
      78,
      expect.stringMatching(
        /RELEVANCE_MODEL must be a model that can be loaded: the model or its description cannot be read/,
      ),
    ])
  })

  it('ends the server with 78 and one line that names it', async () => {
    for (const DATA_DIR of [file, ...(process.platform === 'linux' ? ['/proc/x'] : [])]) {
      const { code, complained } = await started({ DATA_DIR })
      expect(code).toBe(78)
      expect(complained.trim().split('\n')).toEqual([
        'The configuration cannot be used:',
        expect.stringContaining(`DATA_DIR must be a directory that this process can make and write in (${DATA_DIR}`),
      ])
    }
  })

  it.each([[['migrate']], [['verify']], [['directory', 'list', 'people']]])(
    'ends the command %s with 78 and its name',
    async (words) => {
      const { code, said, complained } = await ticketing(words, { DATA_DIR: file })
      expect([code, said]).toEqual([78, ''])
      expect(complained).toContain('DATA_DIR must be a directory')
      expect(complained).toContain(file)
    },
  )

  it('a PORT that is taken ends the server with 78, names PORT and HOST, and frees the database', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const DATA_DIR = join(folder, 'data')
    try {
      const { code, complained } = await started({ DATA_DIR, PORT: String(port) })
      expect(code).toBe(78)
      expect(complained.trim().split('\n')).toEqual([
        'The configuration cannot be used:',
        `  PORT must be a port of HOST 127.0.0.1 that no other process listens on; it is "${port}"`,
      ])
      expect(existsSync(join(DATA_DIR, 'database.lock'))).toBe(false)
    } finally {
      other.close()
    }
  })
})
