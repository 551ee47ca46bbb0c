import { createHash } from 'node:crypto'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { encryptedEvidenceStore } from '../../src/adapters/encryption/evidence-store.ts'
import { firebaseAnchorStore } from '../../src/adapters/firebase-storage/anchor-store.ts'
import { bucketKeepsAll } from '../../src/adapters/firebase-storage/bucket-keeps.ts'
import type { RetentionAsked } from '../../src/adapters/firebase-storage/retention.ts'
import { memorySubjectKeys } from '../../src/adapters/memory/subject-keys.ts'
import { memoryState } from '../../src/adapters/memory/ticket-state.ts'
import type { EvidenceStore } from '../../src/application/ports/evidence-store.ts'
import { anchorName } from '../../src/domain/handover/anchor.ts'
import { anchorStoreContract } from '../contract/anchor-store.contract.ts'
import { evidenceStoreContract } from '../contract/evidence-store.contract.ts'
import { type Firebase, type FirebaseStore, startFirebase } from '../support/firebase-store.ts'
import { describeWith } from '../support/outside.ts'

const HOLDS: BucketRulesOf = { objectRetention: false, policy: null, defaultHold: true }
const KEEPS: BucketRulesOf = { objectRetention: true, policy: null }
const LOCKED: BucketRulesOf = { objectRetention: false, policy: { retentionPeriod: 3_600, isLocked: true } }
type BucketRulesOf = NonNullable<Parameters<Firebase['store']>[1]>

const place = { ticketId: '5f0c1a52-8c1e-4a0e-9f43-1c51b0a7a001', stepKey: 'house_front', extension: 'jpg' }

describeWith('firebase-tools', 'Evidence in Firebase Storage', () => {
  let firebase: Firebase
  beforeAll(async () => {
    firebase = await startFirebase()
  })
  afterAll(() => firebase?.stop())

  const asked: ReadonlyArray<readonly [string, RetentionAsked, BucketRulesOf?]> = [
    ['a bucket', { level: 'none' }],
    ['a bucket with holds', { level: 'hold' }, HOLDS],
    ['a bucket with locked retention', { level: 'locked', days: 30 }, KEEPS],
    ['a bucket whose own policy is locked', { level: 'locked', days: null }, LOCKED],
  ]
  const under = async (retention: RetentionAsked, rules?: BucketRulesOf) => {
    const { store, bucket, stagings } = await firebase.store(retention, rules)
    return {
      store,
      bucket,
      stagings,
      removes: rules !== LOCKED,
      retention: retention.level,
      overwrite: (object: string, content: Uint8Array) => firebase.strict.overwrite(bucket.name, object, content),
      lose: (object: string) => firebase.strict.lose(bucket.name, object),
    }
  }
  const encryptedIn = ({ store, bucket }: Pick<FirebaseStore, 'store' | 'bucket'>): EvidenceStore => {
    const keepsAll = bucketKeepsAll(bucket, () => new Date().toISOString())
    return encryptedEvidenceStore({ store, keys: memorySubjectKeys(memoryState()), keepsAll })
  }
  for (const [name, retention, rules] of asked) {
    evidenceStoreContract(name, () => under(retention, rules))
    evidenceStoreContract(`${name}, encrypted`, async () => {
      const made = await under(retention, rules)
      return { ...made, store: encryptedIn(made), findsDamage: true }
    })
  }

  it('is encrypted with its viewing copies only where the bucket would keep them for some time', async () => {
    const stored = async (rules: BucketRulesOf | undefined, stepKey: string): Promise<string> => {
      const made = await under({ level: 'hold' }, rules)
      const store = encryptedIn(made)
      const staged = await right(store.stage(bytes('what it shows'), 1_000))
      const object = await right(store.commit(staged, { ...place, stepKey }))
      const [content] = await made.bucket.file(object.name).download()
      const [{ eventBasedHold }] = await made.bucket.file(object.name).getMetadata()
      const link = await right(store.link(object, { filename: 'x.jpg', mime: 'image/jpeg' }))
      return `${content.includes('what it shows') ? 'plain' : 'encrypted'}, ${eventBasedHold ? 'held' : 'free'}, ${link === null ? 'no link' : 'link'}`
    }
    const KEPT = { ...LOCKED, policy: { retentionPeriod: 3_600, isLocked: false } }
    const all = ['house_front', 'document', 'view', 'thumbnail']
    const found = (rules?: BucketRulesOf) => Promise.all(all.map((step) => stored(rules, step)))
    const [original, copy] = ['encrypted, held, no link', 'plain, free, link']
    expect(await found()).toEqual([original, original, copy, copy])
    expect(await found(HOLDS)).toEqual([original, original, copy, copy])
    const kept = 'encrypted, free, no link'
    expect(await found(LOCKED)).toEqual([original, original, kept, kept])
    expect(await found(KEPT)).toEqual([original, original, kept, kept])
  })

  let anchors = 0
  anchorStoreContract('in a bucket', () => {
    anchors += 1
    const name = `anchors-${anchors}`
    firebase.strict.makeBucket(name)
    const bucket = firebase.bucketOf(name)
    return firebaseAnchorStore({ bucket, retention: { level: 'hold' }, now: () => new Date().toISOString() })
  })

  it('holds an anchor, so that whoever owns the bucket has to release it before he can remove it', async () => {
    const { bucket } = await firebase.store({ level: 'none' })
    const store = firebaseAnchorStore({ bucket, retention: { level: 'hold' }, now: () => new Date().toISOString() })
    const signature = { keyId: 'k', value: 'v', signedAt: '2026-03-03T08:00:00.000Z' }
    const anchor = { projectId: 'lawley', seq: 1, chainHash: 'a'.repeat(64), signature }
    await right(store.keep(anchor))
    await expect(bucket.file(anchorName(anchor)).delete()).rejects.toMatchObject({ code: 403 })
    await bucket.file('anchors/lawley/notes.txt').save('hello', { resumable: false })
    expect(await right(store.of('lawley'))).toMatchObject([
      { anchor },
      { name: 'anchors/lawley/notes.txt', anchor: null },
    ])
  })

  const keep = async (retention: RetentionAsked, content: Uint8Array | string, rules?: BucketRulesOf) => {
    const made = await firebase.store(retention, rules)
    const staged = await right(made.store.stage(bytes(content), 30_000_000))
    const object = await right(made.store.commit(staged, place))
    return { ...made, object, file: made.bucket.file(object.name) }
  }

  it('says its SHA-256 beside the object, and what generation of it there is', async () => {
    const { object, file } = await keep({ level: 'none' }, 'a photo')
    const [metadata] = await file.getMetadata()
    expect(metadata).toMatchObject({ generation: object.generation, contentType: 'image/jpeg' })
    expect(metadata.metadata).toEqual({ sha256: sha256('a photo') })
  })

  it('goes up in chunks when it is large', async () => {
    const large = new Uint8Array(20_000_003).map((_, i) => i % 251)
    firebase.strict.seen()
    const { store, object } = await keep({ level: 'none' }, large)
    expect(object).toMatchObject({ size: 20_000_003, sha256: sha256(large) })
    expect(firebase.strict.seen().filter((one) => one === 'PUT upload')).toHaveLength(3)
    expect(await right(store.verify([object]))).toMatchObject([{ sha256: sha256(large) }])
  })

  it.each(['small', 'large'] as const)(
    'is stored once when the reply to its %s upload is lost on the way',
    async (size) => {
      const content = size === 'small' ? 'lost reply' : new Uint8Array(9_000_000)
      firebase.strict.trouble('mute', 1)
      const { store, object, stagings } = await keep({ level: 'hold' }, content)
      expect(await right(store.verify([object]))).toMatchObject([{ sha256: sha256(content), retention: 'hold' }])
      expect(await stagings()).toBe(0)
    },
  )

  it.each(['away', 'cut'] as const)('waits on this machine when the storage is %s, and goes up later', async (kind) => {
    const { store, stagings } = await firebase.store({ level: 'none' })
    const staged = await right(store.stage(bytes('x'.repeat(3_000_000)), 30_000_000))
    firebase.strict.trouble(kind)
    const failed = await left(store.commit(staged, place))
    firebase.strict.trouble('none')
    expect(failed).toEqual({ type: 'StorageUnavailable', reason: kind === 'away' ? 'HTTP_503' : 'ECONNRESET' })
    expect(await right(store.list(null))).toEqual([])
    expect(await stagings()).toBe(1)
    const object = await right(store.commit(staged, place))
    expect(await right(store.verify([object]))).toMatchObject([{ sha256: staged.sha256 }])
    expect(await stagings()).toBe(0)
  })

  it('is an outage, not a gap, when the bucket is not there', async () => {
    const { store } = await firebase.store({ level: 'none' }, undefined, 'no-such-bucket')
    const staged = await right(store.stage(bytes('x'), 10))
    expect(await left(store.commit(staged, place))).toEqual({ type: 'StorageUnavailable', reason: 'HTTP_404' })
    expect(await left(store.list(null))).toEqual({ type: 'StorageUnavailable', reason: 'HTTP_404' })
  })

  it('can be deleted or replaced by nobody while a hold is on it, and by an administrator after its release', async () => {
    const { store, object, file } = await keep({ level: 'hold' }, 'held')
    await expect(file.delete()).rejects.toMatchObject({ code: 403 })
    await expect(file.save('forged', { resumable: false })).rejects.toMatchObject({ code: 403 })
    expect(await right(store.verify([object]))).toMatchObject([{ retention: 'hold' }])
    await file.setMetadata({ eventBasedHold: false })
    expect(await right(store.verify([object]))).toMatchObject([{ retention: 'none', sha256: object.sha256 }])
    await file.delete()
    expect(await right(store.verify([object]))).toMatchObject([{ present: false, retention: null }])
  })

  it('can be deleted by nobody while its retention is locked, and the date only moves on', async () => {
    const { store, object, file } = await keep({ level: 'locked', days: 30 }, 'locked', KEEPS)
    await expect(file.delete()).rejects.toMatchObject({ code: 403 })
    await expect(file.setMetadata({ retention: null })).rejects.toMatchObject({ code: 403 })
    const until = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString()
    const shorter = { mode: 'Locked', retainUntilTime: until(10) }
    await expect(file.setMetadata({ retention: shorter })).rejects.toMatchObject({ code: 403 })
    await file.setMetadata({ retention: { mode: 'Locked', retainUntilTime: until(60) } })
    expect(await right(store.verify([object]))).toMatchObject([{ retention: 'locked' }])
  })

  it('is put under the hold that is asked for now, also when it was stored without one', async () => {
    const { bucket, object } = await keep({ level: 'none' }, 'earlier')
    const { store } = await firebase.store({ level: 'hold' }, undefined, bucket.name)
    const again = await right(store.stage(bytes('earlier'), 30))
    expect(await right(store.commit(again, place))).toEqual(object)
    expect(await right(store.verify([object]))).toMatchObject([{ retention: 'hold' }])
  })

  it('is not called stored when the bucket does not keep it as asked', async () => {
    const { store } = await firebase.store({ level: 'locked', days: 30 })
    const staged = await right(store.stage(bytes('x'), 10))
    expect(await left(store.commit(staged, place))).toEqual({ type: 'StorageUnavailable', reason: 'HTTP_400' })
    const { store: loose } = await firebase.store({ level: 'locked', days: null })
    const again = await right(loose.stage(bytes('x'), 10))
    expect(await left(loose.commit(again, place))).toMatchObject({ reason: 'RETENTION_NOT_IN_FORCE' })
  })

  it('keeps no viewing copy from being erased', async () => {
    const { store } = await firebase.store({ level: 'hold' })
    const staged = await right(store.stage(bytes('a copy'), 10))
    const copy = await right(store.commit(staged, { ...place, stepKey: 'view' }))
    expect(await right(store.verify([copy]))).toMatchObject([{ retention: 'none' }])
  })

  it('is a conflict when other bytes came under its name, whatever is said beside them', async () => {
    const { store, object, bucket } = await keep({ level: 'none' }, 'original')
    await firebase.strict.overwrite(bucket.name, object.name, new TextEncoder().encode('forged'))
    expect((await bucket.file(object.name).getMetadata())[0].metadata).toEqual({ sha256: object.sha256 })
    const again = await right(store.stage(bytes('original'), 30))
    expect(await left(store.commit(again, place))).toEqual({ type: 'ObjectConflict', name: object.name })
  })

  it('is refused by the storage when its bytes are not those announced, or what is known of it is out of date', async () => {
    const { bucket, file } = await keep({ level: 'none' }, 'a photo')
    const other = bucket.file('evidence/t/house_front/other.jpg')
    const wrong = { md5Hash: createHash('md5').update('other bytes').digest('base64') }
    const unchecked = { resumable: false, validation: false } as const
    await expect(other.save('bytes', { ...unchecked, metadata: wrong })).rejects.toMatchObject({ code: 400 })
    await file.setMetadata({ metadata: { note: 'first' } }, { ifMetagenerationMatch: 1 })
    const stale = file.setMetadata({ metadata: { note: 'second' } }, { ifMetagenerationMatch: 1 })
    await expect(stale).rejects.toMatchObject({ code: 412 })
    const rewrite = file.save('again', { resumable: true, preconditionOpts: { ifGenerationMatch: 0 } })
    await expect(rewrite).rejects.toMatchObject({ code: 412 })
  })

  it('is read by a link of a quarter of an hour, under its own name and as nothing else', async () => {
    const { store, object } = await keep({ level: 'none' }, 'a photo')
    const link = String(await right(store.link(object, { filename: 'deur "1" Ü.jpg', mime: 'image/jpeg' })))
    const answer = await fetch(link)
    expect([answer.status, await answer.text(), answer.headers.get('content-type')]).toEqual([
      200,
      'a photo',
      'image/jpeg',
    ])
    expect(answer.headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''deur%20%221%22%20%C3%9C.jpg")
    expect(new URL(link).searchParams.get('X-Goog-Expires')).toBe('900')
    for (const [change, status] of [
      [(url: URL) => url.searchParams.set('X-Goog-Expires', '604800'), 403],
      [(url: URL) => url.searchParams.set('response-content-type', 'text/html'), 403],
      [(url: URL) => url.searchParams.delete('X-Goog-Signature'), 401],
    ] as const) {
      const other = new URL(link)
      change(other)
      expect((await fetch(other)).status).toBe(status)
    }
  })
})

async function* bytes(content: Uint8Array | string): AsyncGenerator<Uint8Array> {
  yield typeof content === 'string' ? new TextEncoder().encode(content) : content
}

const sha256 = (content: Uint8Array | string): string => createHash('sha256').update(content).digest('hex')

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
