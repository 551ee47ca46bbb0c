import { createHash } from 'node:crypto'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it } from 'vitest'
import type { EvidenceStore } from '../../src/application/ports/evidence-store.ts'
import { storedContent } from '../../src/domain/evidence/photo.ts'
import type { Retention } from '../../src/domain/evidence/retention.ts'

/** A fresh, empty store, and the means to damage what it holds behind its back. */
export type EvidenceStoreUnderTest = {
  readonly store: EvidenceStore
  readonly overwrite: (name: string, bytes: Uint8Array) => Promise<void>
  readonly lose: (name: string) => Promise<void>
  /** What it was told to put on originals; left out: nothing. */
  readonly retention?: Retention
  /** How many uploads are received and neither committed nor discarded. */
  readonly stagings: () => Promise<number>
  /** false: it keeps all that it is given, viewing copies too. */
  readonly removes?: boolean
  /** Bytes changed behind its back are found when they are read; left out: they are given as they are. */
  readonly findsDamage?: true
}

const LIMIT = 1000
const place = { ticketId: '5f0c1a52-8c1e-4a0e-9f43-1c51b0a7a001', stepKey: 'house_front', extension: 'jpg' }

export const evidenceStoreContract = (name: string, make: () => Promise<EvidenceStoreUnderTest>) =>
  describe(`evidence kept in ${name}`, () => {
    it('comes back byte for byte, under a name made of ticket, step and content', async () => {
      const { store, stagings } = await make()
      const staged = await right(store.stage(chunks('house ', 'front'), LIMIT))
      expect(staged).toMatchObject({ size: 11, sha256: sha256('house front') })
      const object = await right(store.commit(staged, place))
      expect(object).toMatchObject({ size: 11, sha256: sha256('house front') })
      expect(object.name).toBe(`evidence/${place.ticketId}/house_front/${storedContent(object).sha256}.jpg`)
      expect(await text(await right(store.open(object)))).toBe('house front')
      expect(await stagings()).toBe(0)
    })

    it('is the same object when the same photo arrives again, or the same commit is tried again', async () => {
      const { store, stagings } = await make()
      const staged = await right(store.stage(chunks('once'), LIMIT))
      const first = await right(store.commit(staged, place))
      expect(await right(store.commit(staged, place))).toEqual(first)
      expect(await right(store.commit(await right(store.stage(chunks('once'), LIMIT)), place))).toEqual(first)
      expect(await stagings()).toBe(0)
    })

    it('is one object when fifty uploads of it race', async () => {
      const { store, stagings } = await make()
      const objects = await Promise.all(
        Array.from({ length: 50 }, async () => {
          const staged = await right(store.stage(chunks('race'), LIMIT))
          return right(store.commit(staged, place))
        }),
      )
      expect(new Set(objects.map(({ name, generation }) => `${name} ${generation}`)).size).toBe(1)
      expect(await stagings()).toBe(0)
    })

    it('is listed in the order of names, from any name on, with its size', async () => {
      const { store } = await make()
      expect(await right(store.list(null))).toEqual([])
      // Names whose order differs between whole names and single folders.
      const tickets = ['ab', 'a-b', 'a', 'a_b', 'b', 'a0']
      const objects = await Promise.all(
        tickets.flatMap((ticketId) =>
          ['one', 'another'].map(async (content) =>
            right(store.commit(await right(store.stage(chunks(content), LIMIT)), { ...place, ticketId })),
          ),
        ),
      )
      const sorted = objects
        .map((one) => ({ bucket: one.bucket, name: one.name, size: storedContent(one).size }))
        .sort(byName)
      const listed: Array<{ name: string }> = []
      for (
        let page = await right(store.list(null));
        page.length > 0;
        page = await right(store.list(listed.at(-1)?.name ?? null))
      )
        listed.push(...page)
      expect(listed).toEqual(sorted.map((one) => ({ ...one, storedAt: expect.stringMatching(/^2\d{3}-.*Z$/) })))
      for (const from of [0, 4, 11])
        expect((await right(store.list(sorted[from]?.name ?? null))).map(({ name }) => name)).toEqual(
          sorted.slice(from + 1).map(({ name }) => name),
        )
    })

    it('is kept apart for another step and another ticket', async () => {
      const { store } = await make()
      const commit = async (where: typeof place) =>
        (await right(store.commit(await right(store.stage(chunks('same'), LIMIT)), where))).name
      const names = [
        await commit(place),
        await commit({ ...place, stepKey: 'green_lights' }),
        await commit({ ...place, ticketId: 'another' }),
      ]
      expect(new Set(names).size).toBe(3)
    })

    it('is never written over: a name whose content differs is a conflict', async () => {
      const { store, overwrite, findsDamage } = await make()
      const object = await right(store.commit(await right(store.stage(chunks('original'), LIMIT)), place))
      await overwrite(object.name, new TextEncoder().encode('forged'))
      const again = await right(store.stage(chunks('original'), LIMIT))
      expect(await left(store.commit(again, place))).toEqual({ type: 'ObjectConflict', name: object.name })
      if (findsDamage) expect(await left(store.open(object))).toEqual({ type: 'ObjectDamaged', name: object.name })
      else expect(await text(await right(store.open(object)))).toBe('forged')
    })

    it('may be exactly as large as the limit, and not one byte larger', async () => {
      const { store, stagings } = await make()
      const atLimit = await right(store.stage(chunks('x'.repeat(LIMIT - 1), 'x'), LIMIT))
      expect(atLimit.size).toBe(LIMIT)
      await right(store.discard(atLimit))
      expect(await left(store.stage(chunks('x'.repeat(LIMIT), 'x'), LIMIT))).toEqual({
        type: 'PayloadTooLarge',
        limitBytes: LIMIT,
      })
      expect(await stagings()).toBe(0)
    })

    it('stops reading an endless upload at the limit', async () => {
      const { store } = await make()
      let sent = 0
      const endless = async function* () {
        while (true) {
          sent += 100
          yield new Uint8Array(100)
        }
      }
      expect(await left(store.stage(endless(), LIMIT))).toMatchObject({ type: 'PayloadTooLarge' })
      expect(sent).toBe(LIMIT + 100)
    })

    it('leaves nothing behind when the phone loses its connection', async () => {
      const { store, stagings } = await make()
      const broken = async function* () {
        yield new Uint8Array(10)
        throw Object.assign(new Error('aborted'), { code: 'ECONNRESET', syscall: 'read' })
      }
      expect(await left(store.stage(broken(), LIMIT))).toEqual({ type: 'UploadInterrupted' })
      expect(await stagings()).toBe(0)
    })

    it('is found damaged or missing by verification, each object by itself and in the order asked', async () => {
      const { store, overwrite, lose, retention = 'none' } = await make()
      const object = async (content: string) =>
        right(store.commit(await right(store.stage(chunks(content), LIMIT)), place))
      const [sound, forged, lost] = [await object('sound'), await object('to be forged'), await object('to be lost')]
      await overwrite(forged.name, new TextEncoder().encode('forged'))
      await lose(lost.name)
      const elsewhere = { bucket: 'another-bucket', name: sound.name }
      const pathLike = { bucket: sound.bucket, name: '../../etc/passwd' }
      expect(await right(store.verify([sound, forged, lost, elsewhere, pathLike]))).toEqual([
        { bucket: sound.bucket, name: sound.name, present: true, sha256: storedContent(sound).sha256, retention },
        { bucket: forged.bucket, name: forged.name, present: true, sha256: sha256('forged'), retention },
        { bucket: lost.bucket, name: lost.name, present: false, sha256: null, retention: null },
        { ...elsewhere, present: false, sha256: null, retention: null },
        { ...pathLike, present: false, sha256: null, retention: null },
      ])
      expect(await right(store.verify([]))).toEqual([])
    })

    it('verifies a whole ticket of a hundred photos', async () => {
      const { store } = await make()
      const objects = await Promise.all(
        Array.from({ length: 100 }, async (_, i) =>
          right(store.commit(await right(store.stage(chunks(`photo ${i}`), LIMIT)), place)),
        ),
      )
      const verified = await right(store.verify(objects))
      expect(verified.map(({ sha256 }) => sha256)).toEqual(objects.map((object) => storedContent(object).sha256))
    })

    it('is missing when it was never stored, is asked of another bucket, or has a name like a path', async () => {
      const { store } = await make()
      const object = await right(store.commit(await right(store.stage(chunks('here'), LIMIT)), place))
      const absent = { ...object, name: object.name.replace(storedContent(object).sha256, sha256('never')) }
      for (const asked of [absent, { ...object, name: 'evidence/../../secret' }])
        expect(await left(store.open(asked))).toEqual({ type: 'ObjectMissing', name: asked.name })
      expect(await left(store.open({ ...object, bucket: 'another-bucket' }))).toMatchObject({ type: 'ObjectMissing' })
    })

    it.each([
      ['ticketId', '../../../etc'],
      ['ticketId', '..'],
      ['ticketId', 'a/b'],
      ['ticketId', ''],
      ['ticketId', 'x'.repeat(1000)],
      ['stepKey', '..'],
      ['stepKey', 'house front'],
      ['stepKey', 'house_front\n'],
      ['stepKey', 'house\0front'],
      ['extension', 'jpg/../..'],
      ['extension', ''],
    ] as const)('is refused a place whose %s is %j', async (part, value) => {
      const { store } = await make()
      const staged = await right(store.stage(chunks('safe'), LIMIT))
      expect(await left(store.commit(staged, { ...place, [part]: value }))).toEqual({ type: 'UnsafeName', part })
    })

    it('loses a viewing copy that is removed, however often, and never an original', async () => {
      const { store, removes = true } = await make()
      const commit = async (content: string, stepKey: string) =>
        right(store.commit(await right(store.stage(chunks(content), LIMIT)), { ...place, stepKey }))
      const [original, copy, other] = [
        await commit('original', 'house_front'),
        await commit('small', 'thumbnail'),
        await commit('medium', 'view'),
      ]
      if (!removes) return expect(await left(store.remove(copy))).toMatchObject({ type: 'StorageUnavailable' })
      await right(store.remove(copy))
      await right(store.remove(copy))
      await right(store.remove({ ...other, bucket: 'another-bucket' }))
      expect((await right(store.list(null))).map(({ name }) => name)).toEqual([original.name, other.name].sort())
      expect(await left(store.open(copy))).toEqual({ type: 'ObjectMissing', name: copy.name })
      for (const name of [original.name, 'evidence/t/view/../../x', '../../etc/passwd'])
        await expect(store.remove({ ...original, name })()).rejects.toThrow('no viewing copy')
      expect(await text(await right(store.open(original)))).toBe('original')
      expect(
        await right(store.commit(await right(store.stage(chunks('small'), LIMIT)), { ...place, stepKey: 'thumbnail' })),
      ).toMatchObject({ name: copy.name })
    })

    it('cannot be committed after it was discarded, nor under a made-up staging', async () => {
      const { store } = await make()
      const staged = await right(store.stage(chunks('gone'), LIMIT))
      await right(store.discard(staged))
      await right(store.discard(staged))
      expect(await left(store.commit(staged, place))).toEqual({ type: 'StagedMissing', id: staged.id })
      const madeUp = { ...staged, id: '../evidence' }
      expect(await left(store.commit(madeUp, place))).toEqual({ type: 'StagedMissing', id: madeUp.id })
      await right(store.discard(madeUp))
    })

    it('outlives the sweep, which removes only old uploads that nobody committed', async () => {
      const { store, stagings } = await make()
      const object = await right(store.commit(await right(store.stage(chunks('kept'), LIMIT)), place))
      await right(store.stage(chunks('left behind'), LIMIT))
      expect(await right(store.sweepStaged('2000-01-01T00:00:00.000Z'))).toBe(0)
      expect(await stagings()).toBe(1)
      expect(await right(store.sweepStaged('2999-01-01T00:00:00.000Z'))).toBe(1)
      expect(await stagings()).toBe(0)
      expect(await text(await right(store.open(object)))).toBe('kept')
    })
  })

const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1)

const encoder = new TextEncoder()

async function* chunks(...parts: ReadonlyArray<string>): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield encoder.encode(part)
}

const text = async (content: AsyncIterable<Uint8Array>): Promise<string> => {
  const read: Array<Uint8Array> = []
  for await (const chunk of content) read.push(chunk)
  return Buffer.concat(read).toString()
}

const sha256 = (content: string): string => createHash('sha256').update(content).digest('hex')

const right = async <L, A>(task: TaskEither<L, A>): Promise<A> => {
  const result = await task()
  if (E.isLeft(result)) throw new Error(`expected success, got ${JSON.stringify(result.left)}`)
  return result.right
}

const left = async <L, A>(task: TaskEither<L, A>): Promise<L> => {
  const result = await task()
  if (E.isRight(result)) throw new Error(`expected a refusal, got ${JSON.stringify(result.right)}`)
  return result.left
}
