import { describe, expect, it } from 'vitest'
import type { AnchorStore } from '../../src/application/ports/anchor-store.ts'
import { type Anchor, anchorName, anchorStatement } from '../../src/domain/handover/anchor.ts'
import { aSigner } from '../support/proof.ts'
import { done } from '../support/stored-tickets.ts'

const signer = aSigner()
const anchorOf = (seq: number, digit: string, projectId = 'lawley'): Anchor => {
  const head = { projectId, seq, chainHash: digit.repeat(64) }
  return { ...head, signature: signer.sign((at) => anchorStatement(head, at)).signature }
}

/** What every storage of anchors promises; each call of `make` is an empty one. */
export const anchorStoreContract = (name: string, make: () => AnchorStore): void => {
  describe(`Anchor storage ${name}`, () => {
    it('gives each anchor back as it was kept, by number', async () => {
      const store = make()
      const kept = [anchorOf(12, 'b'), anchorOf(3, 'a')]
      for (const anchor of kept) expect(await done(store.keep(anchor))).toEqual(anchor)
      expect(await done(store.of('lawley'))).toEqual(
        kept.toReversed().map((anchor) => ({ name: anchorName(anchor), anchor, token: null })),
      )
      expect(await done(store.of('nowhere'))).toEqual([])
    })

    it('never writes over an anchor: the first stays, and a second head of one number lies beside it', async () => {
      const store = make()
      const first = anchorOf(3, 'a')
      await done(store.keep(first))
      const again = { ...first, signature: { ...first.signature, signedAt: '2030-01-01T00:00:00.000Z' } }
      expect(await done(store.keep(again))).toEqual(first)
      const other = await done(store.keep(anchorOf(3, 'b')))
      expect((await done(store.of('lawley'))).map(({ anchor }) => anchor)).toEqual([first, other])
    })

    it('keeps the first token beside its anchor', async () => {
      const store = make()
      const anchor = anchorOf(1, 'a')
      await done(store.keep(anchor))
      await done(store.keepToken(anchor, new Uint8Array([1, 2])))
      await done(store.keepToken(anchor, new Uint8Array([9])))
      const [stored] = await done(store.of('lawley'))
      expect([...(stored?.token ?? [])]).toEqual([1, 2])
    })

    it('holds one of several that come at once', async () => {
      const store = make()
      const anchors = Array.from({ length: 8 }, () => anchorOf(5, 'a'))
      const kept = await Promise.all(anchors.map((anchor) => done(store.keep(anchor))))
      expect(new Set(kept.map(({ signature }) => signature.value)).size).toBe(1)
      expect(await done(store.of('lawley'))).toHaveLength(1)
    })

    it('tells projects apart, whatever they are called', async () => {
      const store = make()
      const names = ['..', '../../etc', 'a/b', 'a', 'A b%2F', 'Lawley 2*', 'ünï', 'con.']
      for (const name of names) await done(store.keep(anchorOf(1, 'a', name)))
      expect([...(await done(store.projects()))].toSorted()).toEqual(names.toSorted())
      for (const name of names) expect(await done(store.of(name))).toMatchObject([{ anchor: { projectId: name } }])
    })
  })
}
