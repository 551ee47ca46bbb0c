import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { beforeEach, describe, expect, it } from 'vitest'
import { encryptedEvidenceStore } from '../../../src/adapters/encryption/evidence-store.ts'
import { memoryEvidenceStore } from '../../../src/adapters/memory/evidence-store.ts'
import type { EvidenceStore } from '../../../src/application/ports/evidence-store.ts'
import { done } from '../../support/stored-tickets.ts'

const key = new Uint8Array(32).fill(7)
const place = { ticketId: 't1', stepKey: 'house_front', extension: 'jpg' }
const LIMIT = 1_000_000
const unreachable = { type: 'StorageUnavailable', reason: 'HTTP_503' } as const
const AS = { filename: 'x.jpg', mime: 'image/jpeg' }

async function* sent(text: string) {
  yield Buffer.from(text)
}
async function* failingWith(cause: unknown): AsyncGenerator<Uint8Array> {
  yield* []
  throw cause
}
const read = async (content: AsyncIterable<Uint8Array>): Promise<string> => {
  const chunks: Uint8Array[] = []
  for await (const chunk of content) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

describe('Encrypted evidence over a storage', () => {
  let objects: Map<string, Uint8Array>
  let stagings: Map<string, { readonly bytes: Uint8Array; readonly at: string }>
  let inside: EvidenceStore
  beforeEach(() => {
    objects = new Map()
    stagings = new Map()
    inside = memoryEvidenceStore(() => '2026-03-03T08:00:00.000Z', objects, stagings)
  })
  const over = (broken: Partial<EvidenceStore> = {}, keepsAll = false) =>
    encryptedEvidenceStore({
      store: { ...inside, ...broken },
      keys: { keyOf: () => TE.right({ state: 'held', key }) },
      keepsAll: TE.right(keepsAll),
    })
  const committed = async (text = 'what it shows', where = place) => {
    const staged = await done(over().stage(sent(text), LIMIT))
    return { staged, object: await done(over().commit(staged, where)) }
  }

  it('is one object when a commit is tried again after its upload is gone, and no other is taken for it', async () => {
    const { staged, object } = await committed()
    await committed('what it shoWs')
    expect(await done(over().commit(staged, place))).toEqual(object)
    objects.delete(object.name)
    expect(await over().commit(staged, place)()).toEqual(E.left({ type: 'StagedMissing', id: staged.id }))
  })

  it('that became damaged, or cannot be opened, is not taken for what a commit stored before', async () => {
    const { staged, object } = await committed()
    const missing = E.left({ type: 'StagedMissing', id: staged.id })
    expect(await over({ open: () => TE.left(unreachable) }).commit(staged, place)()).toEqual(missing)
    objects.set(object.name, new Uint8Array(objects.get(object.name)?.byteLength ?? 0))
    expect(await over().commit(staged, place)()).toEqual(missing)
  })

  it('leaves no encrypted half when the storage refuses it, and keeps the upload for the next try', async () => {
    const staged = await done(over().stage(sent('what it shows'), LIMIT))
    const refusing = over({ commit: () => TE.left(unreachable) })
    expect(await refusing.commit(staged, place)()).toEqual(E.left(unreachable))
    expect([...stagings.keys()]).toEqual([staged.id])
    const full = over({ stage: () => TE.left({ type: 'StorageUnavailable', reason: 'ENOSPC' }) })
    expect(await full.commit(staged, place)()).toEqual(E.left({ type: 'StorageUnavailable', reason: 'ENOSPC' }))
    expect(await read(await done(over().open(await done(over().commit(staged, place)))))).toBe('what it shows')
    expect([...stagings.keys()]).toEqual([])
  })

  it('cannot be stored where its place makes no safe name', async () => {
    const staged = await done(over().stage(sent('what it shows'), LIMIT))
    expect(await over().commit(staged, { ...place, ticketId: '../t1' })()).toEqual(
      E.left({ type: 'UnsafeName', part: 'ticketId' }),
    )
    expect(objects.size).toBe(0)
  })

  it('of a name this application does not make is missing', async () => {
    const { object } = await committed()
    expect(await over().open({ ...object, name: 'somewhere/else.jpg' })()).toEqual(
      E.left({ type: 'ObjectMissing', name: 'somewhere/else.jpg' }),
    )
  })

  it.each<[string, unknown, object]>([
    ['by its code', Object.assign(new Error('no'), { code: 'EIO' }), { type: 'StorageUnavailable', reason: 'EIO' }],
    ['as unread', new Error('no'), { type: 'StorageUnavailable', reason: 'READ' }],
    ['as unread', undefined, { type: 'StorageUnavailable', reason: 'READ' }],
  ])('that breaks off before its first bytes is answered %s', async (_, cause, refusal) => {
    const { object } = await committed()
    const broken = over({ open: () => TE.right(failingWith(cause)) })
    expect(await broken.open(object)()).toEqual(E.left(refusal))
  })

  it.each<[string, (whole: Uint8Array) => Uint8Array]>([
    ['is empty', () => new Uint8Array()],
    ['ends within its head', (whole) => whole.subarray(0, 3)],
    ['ends after its head', (whole) => whole.subarray(0, 20)],
    ['begins otherwise', (whole) => Uint8Array.from(whole, (byte, at) => (at === 0 ? byte ^ 1 : byte))],
    ['lost its last byte', (whole) => whole.subarray(0, -1)],
    ['has a byte too many', (whole) => Uint8Array.from([...whole, 0])],
    ['has one bit another', (whole) => Uint8Array.from(whole, (byte, at) => (at === 30 ? byte ^ 1 : byte))],
  ])('that %s is damaged, and not a byte of it is given', async (_, harmed) => {
    const { object } = await committed()
    objects.set(object.name, harmed(objects.get(object.name) ?? new Uint8Array()))
    expect(await over().open(object)()).toEqual(E.left({ type: 'ObjectDamaged', name: object.name }))
  })

  it('that is damaged further on breaks off there, by the name of the file', async () => {
    const { object } = await committed('x'.repeat(200_000))
    const whole = objects.get(object.name) ?? new Uint8Array()
    objects.set(
      object.name,
      Uint8Array.from(whole, (byte, at) => (at === 150_000 ? byte ^ 1 : byte)),
    )
    await expect(read(await done(over().open(object)))).rejects.toThrow(`${object.name} was changed`)
  })

  it('is never linked to; a copy that lies there plain is, by the storage', async () => {
    const linking = over({ link: ({ name }) => TE.right(`https://storage/${name}`) })
    const { object } = await committed()
    const copy = (await committed('a copy', { ...place, stepKey: 'view' })).object
    expect([object.stored === null, copy.stored]).toEqual([false, null])
    expect(await done(linking.link(object, AS))).toBeNull()
    expect(await done(linking.link(copy, AS))).toBe(`https://storage/${copy.name}`)
    expect(await read(await done(over().open(copy)))).toBe('a copy')
  })

  it('has its copies encrypted where the storage keeps all it is given', async () => {
    const staged = await done(over().stage(sent('a copy'), LIMIT))
    const object = await done(over({}, true).commit(staged, { ...place, stepKey: 'view' }))
    expect(object.stored).not.toBeNull()
    expect(Buffer.from(objects.get(object.name) ?? []).includes('a copy')).toBe(false)
  })
})
