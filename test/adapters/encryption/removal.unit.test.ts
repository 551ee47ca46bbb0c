import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { expect, it } from 'vitest'
import { encryptedEvidenceStore } from '../../../src/adapters/encryption/evidence-store.ts'
import { memoryEvidenceStore } from '../../../src/adapters/memory/evidence-store.ts'
import type { SubjectKey } from '../../../src/application/ports/subject-keys.ts'
import { done } from '../../support/stored-tickets.ts'

const refused = { type: 'StorageUnavailable', reason: 'HTTP_403' } as const
const held: SubjectKey = { state: 'held', key: new Uint8Array(32).fill(7) }
const destroyed: SubjectKey = { state: 'destroyed', at: '2026-03-03T08:00:00.000Z' }

async function* sent() {
  yield Buffer.from('what it shows')
}

it.each<readonly [string, { encrypted: boolean; after: SubjectKey; lets: boolean; there: boolean }, object]>([
  [
    'kept, encrypted under a key that was destroyed',
    { encrypted: true, after: destroyed, lets: false, there: true },
    E.right('kept'),
  ],
  ['kept, and its key is there', { encrypted: true, after: held, lets: false, there: true }, E.left(refused)],
  ['kept, and anyone can read it', { encrypted: false, after: destroyed, lets: false, there: true }, E.left(refused)],
  ['not to be reached', { encrypted: true, after: destroyed, lets: false, there: false }, E.left(refused)],
  ['let go', { encrypted: true, after: destroyed, lets: true, there: true }, E.right('removed')],
])(
  'A viewing copy that is to be erased, and is %s, is said to be just that',
  async (_, { encrypted, after, lets, there }, said) => {
    const objects = new Map<string, Uint8Array>()
    const inside = memoryEvidenceStore(() => '2026-03-03T08:00:00.000Z', objects, new Map())
    const keys: { now: SubjectKey } = { now: held }
    const store = encryptedEvidenceStore({
      store: lets ? inside : { ...inside, remove: () => TE.left(refused) },
      keys: { keyOf: () => TE.right(keys.now) },
      keepsAll: TE.right(encrypted),
    })
    const staged = await done(store.stage(sent(), 1_000))
    const copy = await done(store.commit(staged, { ticketId: 't1', stepKey: 'view', extension: 'jpg' }))
    expect(copy.stored !== null).toBe(encrypted)
    keys.now = after
    if (!there) objects.clear()
    expect(await store.remove({ bucket: copy.bucket, name: copy.name })()).toEqual(said)
  },
)
