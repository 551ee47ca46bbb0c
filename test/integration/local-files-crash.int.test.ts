import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import * as E from 'fp-ts/lib/Either.js'
import { expect, it } from 'vitest'
import { localEvidenceStore } from '../../src/adapters/local-files/evidence-store.ts'
import { type StoredObject, storedContent } from '../../src/domain/evidence/photo.ts'

const WRITER = fileURLToPath(new URL('./local-files.writer.ts', import.meta.url))
const ROUNDS = 6

it.each([
  ['plain', null],
  ['encrypted', randomBytes(32).toString('hex')],
])(
  'every acknowledged photo survives kill -9, and no half photo is ever among the evidence: %s',
  async (_, key) => {
    const root = await mkdtemp(join(tmpdir(), 'evidence-crash-'))
    let acknowledged = 0
    let leftBehind = 0
    try {
      const all: Array<StoredObject> = []
      for (let round = 0; round < ROUNDS; round += 1) {
        all.push(...(await writeUntilKilled(root, key)))
        const store = localEvidenceStore(root)
        const verified = await store.verify(all)()
        if (E.isLeft(verified)) throw new Error(JSON.stringify(verified.left))
        expect(verified.right.map(({ sha256 }) => sha256)).toEqual(all.map((one) => storedContent(one).sha256))
        for (const path of await filesUnder(join(root, 'evidence'))) {
          const content = await readFile(path)
          expect(basename(path)).toBe(`${sha256(content)}.jpg`)
          if (key !== null) expect(content.includes('PLAIN PLAIN PLAIN')).toBe(false)
        }
        leftBehind += (await filesUnder(join(root, 'staged'))).length
        await store.sweepStaged(new Date(Date.now() + 60_000).toISOString())()
        expect(await filesUnder(join(root, 'staged'))).toEqual([])
      }
      acknowledged = all.length
    } finally {
      await rm(root, { recursive: true, force: true })
    }
    expect(acknowledged).toBeGreaterThan(ROUNDS)
    expect(leftBehind).toBeGreaterThan(0)
  },
  120_000,
)

/** Lets the writer acknowledge at least one photo, then kills it at a random moment; answers what it acknowledged. */
const writeUntilKilled = async (root: string, key: string | null): Promise<ReadonlyArray<StoredObject>> => {
  const writer = spawn(process.execPath, [WRITER, root, ...(key === null ? [] : [key])], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(writer, 'exit')
  let printed = ''
  writer.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    printed += chunk
  })
  while (!printed.includes('\n') && writer.exitCode === null) await pause(5)
  await pause(Math.random() * 300)
  writer.kill('SIGKILL')
  const [, signal] = await exited
  expect(signal).toBe('SIGKILL')
  return printed
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))
}

const filesUnder = async (folder: string): Promise<ReadonlyArray<string>> =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
