import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import * as E from 'fp-ts/lib/Either.js'
import { afterEach, describe, expect, it } from 'vitest'
import { photoAnalyser } from '../../src/adapters/imaging/photo-analyser.ts'
import { type PhotoPool, photoPool } from '../../src/adapters/imaging/photo-pool.ts'
import { blockingVerdicts } from '../../src/domain/evidence/blocking.ts'
import { jpeg } from '../support/pictures.ts'

const CRASHING = fileURLToPath(new URL('../support/photo-worker-crashing.ts', import.meta.url))
const LIMITS = { startMs: 30_000, timeMs: 20_000, memoryMiB: 300 }
const at = '2026-11-22T08:00:00.000Z'

let pool: PhotoPool = photoPool({ processes: 1 })
afterEach(() => pool.close())

const picture = async (pixels = 50_000_000) =>
  ({
    content: { type: 'bytes', bytes: await jpeg({ seed: 1 }) },
    mime: 'image/jpeg',
    pixels,
    barcode: null,
    compared: true,
  }) as const

describe('photos are opened in a process of their own', () => {
  it('that is started by the first, serves the next, and ends with the program', async () => {
    pool = photoPool({ processes: 1 })
    expect(pool.running()).toEqual([])
    const [first, second] = await Promise.all([pool.look(await picture()), pool.look(await picture())])
    expect([first.type, second.type]).toEqual(['seen', 'seen'])
    const [pid] = pool.running()
    expect((await pool.look(await picture())).type).toBe('seen')
    expect(pool.running()).toEqual([pid])
    await pool.close()
    expect(pool.running()).toEqual([])
    const deadline = Date.now() + 5_000
    while (isAlive(pid ?? 0) && Date.now() < deadline) await sleep(20)
    expect(isAlive(pid ?? 0)).toBe(false)
  })

  it.each([
    ['dies', 1, 'crash'],
    ['hangs', 2, 'time'],
    ['takes all memory', 3, 'memory'],
  ] as const)('that %s: nothing is known of that picture, and the next one is opened', async (what, pixels, why) => {
    pool = photoPool({
      processes: 1,
      limits: { ...LIMITS, timeMs: what === 'hangs' ? 500 : 20_000 },
      worker: CRASHING,
    })
    if (what === 'takes all memory' && !existsSync('/proc/self/statm')) return
    const [bad, next] = await Promise.all([pool.look(await picture(pixels)), pool.look(await picture())])
    expect(bad).toMatchObject({ type: 'unfinished', why })
    expect(next).toMatchObject({ type: 'undecodable', detail: 'as asked' })
  })

  it.each([
    ['died', 4],
    ['hung', 5],
  ] as const)('a process that %s once is followed by a fresh one, which opens the same picture', async (_, pixels) => {
    const folder = await mkdtemp(join(tmpdir(), 'photo-pool-'))
    try {
      pool = photoPool({ processes: 1, limits: { ...LIMITS, timeMs: 500 }, worker: CRASHING })
      const path = join(folder, 'photo.jpg')
      const asked = { ...(await picture(pixels)), content: { type: 'file', path } } as const
      expect(await pool.look(asked)).toMatchObject({ type: 'undecodable', detail: 'as asked' })
      expect(existsSync(`${path}.asked`)).toBe(true)
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('the time of a picture counts from when its process is ready; one that is never ready is given up', async () => {
    const slow = fileURLToPath(new URL('../support/photo-worker-slow.ts', import.meta.url))
    pool = photoPool({ processes: 1, limits: { ...LIMITS, timeMs: 300 }, worker: slow })
    expect(await pool.look(await picture())).toMatchObject({ type: 'undecodable' })
    await pool.close()
    pool = photoPool({ processes: 1, limits: { ...LIMITS, startMs: 300 }, worker: slow })
    expect(await pool.look(await picture())).toMatchObject({ type: 'unfinished', why: 'time' })
  })

  it('and a photo whose analysis did not finish counts for nothing until it has', async () => {
    pool = photoPool({ processes: 1, limits: LIMITS, worker: CRASHING })
    const analyser = photoAnalyser({ look: pool.look, classifier: null })
    const { content } = await picture()
    const judged = await analyser.analyse(content, { step: 'house_front', minimumSize: null, pixels: 1, at })()
    if (E.isLeft(judged)) throw new Error(judged.left.type)
    expect(judged.right.verdicts).toMatchObject([{ check: 'decodable', outcome: 'unverifiable', checker: 'full' }])
    const photo = { verdicts: judged.right.verdicts, overrides: [], reuseCleared: null }
    expect(blockingVerdicts(photo)).toMatchObject([{ check: 'analysis' }])
  })
})

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
