import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { afterAll, describe, expect, it } from 'vitest'
import { encryptedEvidenceStore } from '../../../src/adapters/encryption/evidence-store.ts'
import { localEvidenceStore } from '../../../src/adapters/local-files/evidence-store.ts'
import type { SubjectKey } from '../../../src/application/ports/subject-keys.ts'
import { done } from '../../support/stored-tickets.ts'

const MB = 1_000_000
const place = { ticketId: 't1', stepKey: 'house_front', extension: 'jpg' }
const folders: string[] = []
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))))

const storeIn = async (keyOf: (ticketId: string) => E.Either<{ type: 'Unavailable'; what: string }, SubjectKey>) => {
  const root = await mkdtemp(join(tmpdir(), 'encrypted-'))
  folders.push(root)
  const keys = { keyOf: (ticketId: string) => TE.fromEither(keyOf(ticketId)) }
  const inside = localEvidenceStore(root)
  return { root, inside, store: encryptedEvidenceStore({ store: inside, keys, keepsAll: TE.right(false) }) }
}
const key = randomBytes(32)
const held = () => E.right({ state: 'held', key } as const)
const stagings = async (root: string) => (await readdir(join(root, 'staged'))).length

describe('Encrypted evidence', () => {
  it('of 25 MB passes through in a few frames, never as a whole', async () => {
    const { store, root } = await storeIn(held)
    const size = 25 * MB
    const before = inUse()
    let most = 0
    const measured = async function* (content: AsyncIterable<Uint8Array>) {
      let passed = 0
      for await (const chunk of content) {
        passed += chunk.byteLength
        if (passed % (1 << 20) < chunk.byteLength) most = Math.max(most, inUse() - before)
        yield chunk
      }
    }
    const watched = encryptedEvidenceStore({
      store: { ...localEvidenceStore(root), stage: (content, limit) => store.stage(measured(content), limit) },
      keys: { keyOf: () => TE.fromEither(held()) },
      keepsAll: TE.right(false),
    })
    const staged = await done(store.stage(ofSize(size), size))
    const object = await done(watched.commit(staged, place))
    let read = 0
    for await (const chunk of measured(await done(watched.open(object)))) read += chunk.byteLength
    expect(read).toBe(size)
    expect(most).toBeGreaterThan(0)
    expect(most).toBeLessThan(5 * MB)
  })

  it('closes what it opened, whether it is read to its end, half, or not at all', async () => {
    const { store } = await storeIn(held)
    const staged = await done(store.stage(ofSize(MB), MB))
    const object = await done(store.commit(staged, place))
    const before = await openFiles()
    for (let times = 0; times < 20; times += 1) {
      const whole = await done(store.open(object))
      for await (const _ of whole);
      for await (const _ of await done(store.open(object))) break
      await (await done(store.open(object)))[Symbol.asyncIterator]().return?.()
    }
    await expect.poll(openFiles).toBeLessThanOrEqual(before)
  })

  it('is not stored, and leaves no encrypted half, when the upload changed or vanished before it was encrypted', async () => {
    const { store, root } = await storeIn(held)
    const commitAfter = async (harm: (path: string) => Promise<void>) => {
      const staged = await done(store.stage(ofSize(1_000), MB))
      if (staged.content.type !== 'file') throw new Error('no file')
      await harm(staged.content.path)
      const outcome = await store.commit(staged, place)()
      await done(store.discard(staged))
      expect(await stagings(root)).toBe(0)
      return outcome
    }
    const rewrite = (size: number) => async (path: string) => {
      await rm(path)
      await writeFile(path, Buffer.alloc(size, 1))
    }
    const changed = E.left({ type: 'StorageUnavailable', reason: 'STAGED_CHANGED' })
    expect(await commitAfter(rewrite(1_000))).toEqual(changed)
    expect(await commitAfter(rewrite(100_000))).toEqual(changed)
    expect(await commitAfter((path) => rm(path))).toMatchObject({ left: { type: 'StagedMissing' } })
    expect(await done(store.list(null))).toEqual([])
  })

  it('is not stored while the keys are away, and keeps its upload for the next try', async () => {
    let away = true
    const { store, root } = await storeIn(() =>
      away ? E.left({ type: 'Unavailable', what: 'database' } as const) : held(),
    )
    const staged = await done(store.stage(ofSize(1_000), MB))
    expect(await store.commit(staged, place)()).toMatchObject({ left: { type: 'Unavailable' } })
    expect([await done(store.list(null)), await stagings(root)]).toEqual([[], 1])
    away = false
    const object = await done(store.commit(staged, place))
    away = true
    expect(await store.open(object)()).toMatchObject({ left: { type: 'Unavailable' } })
    expect(await stagings(root)).toBe(0)
  })

  it('of a destroyed key is refused for reading and for adding, each by its name, and is still verified', async () => {
    let now: SubjectKey = { state: 'held', key }
    const { store } = await storeIn(() => E.right(now))
    const object = await done(store.commit(await done(store.stage(ofSize(1_000), MB)), place))
    now = { state: 'destroyed', at: '2026-03-03T08:00:00.000Z' }
    expect(await store.open(object)()).toEqual(E.left({ type: 'SubjectErased', at: now.at, refused: 'read' }))
    const more = await done(store.stage(ofSize(2_000), MB))
    expect(await store.commit(more, place)()).toEqual(E.left({ type: 'SubjectErased', at: now.at, refused: 'add' }))
    expect(await done(store.verify([object]))).toMatchObject([{ present: true, sha256: object.stored?.sha256 }])
  })

  it('of another ticket has another key, though it is the same photo', async () => {
    const keys = new Map<string, Uint8Array>()
    const { store, root } = await storeIn((ticketId) => {
      const own = keys.get(ticketId) ?? randomBytes(32)
      keys.set(ticketId, own)
      return E.right({ state: 'held', key: own })
    })
    const [one, two] = await Promise.all(
      ['t1', 't2'].map(async (ticketId) =>
        done(store.commit(await done(store.stage(ofSize(1_000), MB)), { ...place, ticketId })),
      ),
    )
    if (one === undefined || two === undefined) throw new Error('not stored')
    expect([one.sha256, one.stored?.sha256 === two.stored?.sha256]).toEqual([two.sha256, false])
    await rm(join(root, one.name))
    await writeFile(join(root, one.name), await readFile(join(root, two.name)))
    expect(await store.open(one)()).toEqual(E.left({ type: 'ObjectDamaged', name: one.name }))
  })
})

async function* ofSize(size: number): AsyncGenerator<Uint8Array> {
  for (let sent = 0; sent < size; sent += 65_536)
    yield new Uint8Array(Math.min(65_536, size - sent)).fill(sent / 65_536)
}

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Bytes that are reachable in this process now; buffers are let go one collection after they are found unused. */
const inUse = (): number => {
  collectGarbage()
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

const openFiles = async (): Promise<number> => (await readdir('/proc/self/fd')).length
