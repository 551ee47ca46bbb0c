import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it } from 'vitest'
import { memoryEvidenceStore } from '../../src/adapters/memory/evidence-store.ts'
import { keepCopies } from '../../src/application/evidence/keep-copies.ts'
import type { EvidenceStore } from '../../src/application/ports/evidence-store.ts'

const TICKET = '0b6f7a3e-1f0c-4f4e-9f57-0a3c1d2e4f5a'
const copies = { view: new Uint8Array([1, 2, 3]), thumbnail: new Uint8Array([4]) }
const objects = new Map<string, Uint8Array>()
const stagings: NonNullable<Parameters<typeof memoryEvidenceStore>[2]> = new Map()
const store = memoryEvidenceStore(() => '2026-11-22T08:00:00.000Z', objects, stagings)

describe('the viewing copies of a photo', () => {
  it('lie beside its original under names made of their own bytes, however often they are made', async () => {
    const kept = await keepCopies(store, TICKET, copies)()
    if (E.isLeft(kept) || kept.right === null) throw new Error('not kept')
    expect(kept.right.view.name).toBe(`evidence/${TICKET}/view/${kept.right.view.sha256}.jpg`)
    expect(kept.right.thumbnail.size).toBe(1)
    expect(await keepCopies(store, TICKET, copies)()).toEqual(kept)
    expect(objects.size).toBe(2)
    expect(await keepCopies(store, TICKET, null)()).toEqual(E.right(null))
  })

  it('are not kept by half as far as the ticket knows: storage that goes away is the answer, and nothing stays staged', async () => {
    const failing: EvidenceStore = {
      ...store,
      commit: (staged, place) =>
        place.stepKey === 'thumbnail'
          ? TE.left({ type: 'StorageUnavailable', reason: 'EIO' })
          : store.commit(staged, place),
    }
    expect(await keepCopies(failing, TICKET, copies)()).toEqual(E.left({ type: 'StorageUnavailable', reason: 'EIO' }))
    expect(stagings.size).toBe(0)
  })
})
