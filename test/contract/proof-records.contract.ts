import { describe, expect, it } from 'vitest'
import type { ProofRecords } from '../../src/application/ports/proof-records.ts'
import type { Signer } from '../../src/application/ports/signer.ts'
import { type Anchor, anchorStatement } from '../../src/domain/handover/anchor.ts'
import type { SigningKey } from '../../src/domain/handover/signature.ts'
import { aSigner } from '../support/proof.ts'
import { done, only } from '../support/stored-tickets.ts'

export type ProofWorld = {
  readonly records: ProofRecords
  /** Seals one more handover of that project with that key. */
  readonly seal: (projectId: string, signer: Signer) => Promise<void>
}

/** What keys and known anchors promise; `world` is one that all of these tests share, begun empty. */
export const proofRecordsContract = (name: string, world: () => ProofWorld): void => {
  describe(`Proof on record ${name}`, () => {
    const signer = aSigner()
    const anchored = async (seq: number): Promise<Anchor> => {
      const head = only((await done(world().records.headsToAnchor())).filter((one) => one.seq === seq))
      return { ...head, signature: signer.sign((at) => anchorStatement(head, at)).signature }
    }

    it('knows a key from the first snapshot it signed', async () => {
      const { records, seal } = world()
      expect(await done(records.keys())).toEqual([])
      await seal('lawley', signer)
      await seal('lawley', signer)
      expect(await done(records.keys())).toEqual([signer.current()])
    })

    it('keeps each key once, with who vouched for it, the oldest first', async () => {
      const { records } = world()
      const kept: SigningKey[] = []
      const other = aSigner()
      const newer = await done(
        other.rotate((next, older) => {
          kept.push(older, next)
          return records.keepKeys([older, next])
        }),
      )
      await done(records.keepKeys([{ ...newer, validFrom: '2020-01-01T00:00:00.000Z' }]))
      const keys = await done(records.keys())
      expect(keys[0]).toEqual(signer.current())
      expect(keys.slice(1)).toEqual(expect.arrayContaining(kept))
      expect(keys).toHaveLength(3)
    })

    it('names the heads that no anchor is known of, and the newest anchors without a time stamp', async () => {
      const { records, seal } = world()
      await seal('mohadin', signer)
      expect((await done(records.headsToAnchor())).map(({ projectId, seq }) => [projectId, seq])).toEqual([
        ['lawley', 2],
        ['mohadin', 1],
      ])
      const first = await anchored(2)
      await done(records.keepAnchor(first, false))
      await done(records.keepAnchor(first, false))
      expect((await done(records.headsToAnchor())).map(({ projectId }) => projectId)).toEqual(['mohadin'])
      expect(await done(records.anchorsOf('lawley'))).toEqual([{ seq: 2, chainHash: first.chainHash }])
      expect(await done(records.anchorsToStamp())).toEqual([first])
      await done(records.keepAnchor(first, true))
      expect(await done(records.anchorsToStamp())).toEqual([])
      await seal('lawley', signer)
      const second = await anchored(3)
      await done(records.keepAnchor(second, false))
      expect(await done(records.anchorsToStamp())).toEqual([second])
      expect((await done(records.anchorsOf('lawley'))).map(({ seq }) => seq)).toEqual([2, 3])
      expect(await done(records.newestAnchor('lawley'))).toEqual(second)
      expect(await done(records.newestAnchor('nowhere'))).toBeNull()
    })
  })
}
