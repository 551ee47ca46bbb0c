import { readlinkSync } from 'node:fs'
import { mkdtemp, open, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { afterAll, describe, expect, it } from 'vitest'
import { encryptedEvidenceStore } from '../../src/adapters/encryption/evidence-store.ts'
import { localEvidenceStore } from '../../src/adapters/local-files/evidence-store.ts'
import { memoryEvidenceStore } from '../../src/adapters/memory/evidence-store.ts'
import { memorySubjectKeys } from '../../src/adapters/memory/subject-keys.ts'
import { memoryState } from '../../src/adapters/memory/ticket-state.ts'
import { evidenceStoreContract } from '../contract/evidence-store.contract.ts'

const folders: Array<string> = []
const newFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'evidence-'))
  folders.push(folder)
  return folder
}
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))))

const place = { ticketId: 't1', stepKey: 'house_front', extension: 'jpg' }
async function* upload(content: string) {
  yield new TextEncoder().encode(content)
}

evidenceStoreContract('local files', async () => {
  const root = await newFolder()
  return {
    store: localEvidenceStore(root),
    overwrite: async (name, bytes) => {
      await rm(join(root, name))
      await writeFile(join(root, name), bytes)
    },
    lose: (name) => rm(join(root, name)),
    stagings: async () => (await readdir(join(root, 'staged'))).length,
  }
})

const heldKeys = () => memorySubjectKeys(memoryState())

evidenceStoreContract('local files, encrypted', async () => {
  const root = await newFolder()
  return {
    store: encryptedEvidenceStore({ store: localEvidenceStore(root), keys: heldKeys(), keepsAll: TE.right(false) }),
    overwrite: async (name, bytes) => {
      await rm(join(root, name))
      await writeFile(join(root, name), bytes)
    },
    lose: (name) => rm(join(root, name)),
    stagings: async () => (await readdir(join(root, 'staged'))).length,
    findsDamage: true,
  }
})

for (const keepsAll of [false, true])
  evidenceStoreContract(`memory, encrypted${keepsAll ? ' with its copies' : ''}`, async () => {
    const objects = new Map<string, Uint8Array>()
    const stagings = new Map<string, { readonly bytes: Uint8Array; readonly at: string }>()
    const store = memoryEvidenceStore(() => '2026-11-22T08:00:00.000Z', objects, stagings)
    return {
      store: encryptedEvidenceStore({ store, keys: heldKeys(), keepsAll: TE.right(keepsAll) }),
      overwrite: async (name, bytes) => void objects.set(name, bytes),
      lose: async (name) => void objects.delete(name),
      stagings: async () => stagings.size,
      findsDamage: true,
    }
  })

evidenceStoreContract('memory', async () => {
  const objects = new Map<string, Uint8Array>()
  const stagings = new Map<string, { readonly bytes: Uint8Array; readonly at: string }>()
  return {
    store: memoryEvidenceStore(() => '2026-11-22T08:00:00.000Z', objects, stagings),
    overwrite: async (name, bytes) => void objects.set(name, bytes),
    lose: async (name) => void objects.delete(name),
    stagings: async () => stagings.size,
  }
})

describe('photos on this machine', () => {
  it('are flushed, and every folder that names them, before the upload is acknowledged', async () => {
    const root = await newFolder()
    const store = localEvidenceStore(root)
    const flushed = await recordFlushes()
    const staged = await store.stage(upload('durable'), 100)()
    if (E.isLeft(staged) || staged.right.content.type !== 'file') throw new Error('not staged')
    expect(flushed.paths).toEqual([staged.right.content.path])
    await store.commit(staged.right, place)()
    flushed.stop()
    expect(flushed.paths.slice(1)).toEqual([
      join(root, 'evidence/t1/house_front'),
      join(root, 'evidence/t1'),
      join(root, 'evidence'),
      root,
    ])
  })

  it('cannot be received while the disk is away, which is an answer and not a crash', async () => {
    const root = await newFolder()
    const store = localEvidenceStore(root)
    const staged = await store.stage(upload('before'), 100)()
    if (E.isLeft(staged)) throw new Error('not staged')
    await rm(root, { recursive: true })
    await writeFile(root, 'no folder any more')
    const away = E.left({ type: 'StorageUnavailable', reason: 'ENOTDIR' })
    expect(await store.stage(upload('after'), 100)()).toEqual(away)
    expect(await store.commit(staged.right, place)()).toMatchObject({ left: { type: 'StorageUnavailable' } })
    expect(await store.sweepStaged('2999-01-01T00:00:00.000Z')()).toEqual(away)
    const { sha256 } = staged.right
    const object = { bucket: 'local', name: `evidence/t1/house_front/${sha256}.jpg`, sha256, stored: null }
    expect(await store.verify([object])()).toEqual(away)
    expect(await store.open(object)()).toEqual(away)
  })

  it('refuse to start in a folder that cannot be made', async () => {
    const file = join(await newFolder(), 'a-file')
    await writeFile(file, '')
    expect(() => localEvidenceStore(file)).toThrow(/ENOTDIR|EEXIST/)
  })
})

/** Notes what is flushed, in order, by the name behind each file descriptor. */
const recordFlushes = async () => {
  const probe = await open(tmpdir(), 'r')
  const handles = Object.getPrototypeOf(probe) as { sync: (this: typeof probe) => Promise<void> }
  await probe.close()
  const original = handles.sync
  const paths: Array<string> = []
  handles.sync = function (this: typeof probe) {
    paths.push(readlinkSync(`/proc/self/fd/${this.fd}`))
    return original.call(this)
  }
  return {
    paths,
    stop: () => {
      handles.sync = original
    },
  }
}
