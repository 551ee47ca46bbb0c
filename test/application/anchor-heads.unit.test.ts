import { describe, expect, it } from 'vitest'
import { anchorAfterHandover, anchorHeads } from '../../src/application/handover/anchor-heads.ts'
import { verifySnapshots } from '../../src/application/handover/verify-snapshots.ts'
import type { Signer } from '../../src/application/ports/signer.ts'
import { anchorName, anchorStatement } from '../../src/domain/handover/anchor.ts'
import type { SnapshotFault } from '../../src/domain/handover/snapshot-fault.ts'
import { aSigner } from '../support/proof.ts'
import { proofOf, relinked, type Sealed, sealedChain } from '../support/sealed-chain.ts'
import { done } from '../support/stored-tickets.ts'

const principal = { userId: 'mpho', role: 'manager', contractorId: null, teams: [] } as const
const DAY_MS = 86_400_000

describe('Before a chain’s head is anchored', () => {
  const refused: Array<readonly [string, ReadonlyArray<string>]> = []
  const proof = (sealed: Sealed, signer: Signer) => ({
    ...proofOf(sealed, signer),
    onRefused: (projectId: string, faults: ReadonlyArray<SnapshotFault>) =>
      refused.push([projectId, faults.map(({ type }) => type)]),
  })
  const anchored = async (sealed: Sealed, signer: Signer) => {
    refused.length = 0
    const answer = await done(anchorHeads(proof(sealed, signer)))
    return [answer, refused.map(([, types]) => types)] as const
  }
  const faults = async (sealed: Sealed, signer: Signer) =>
    (await done(verifySnapshots(proof(sealed, signer))({ principal, scope: { type: 'all' } }))).findings.map(
      ({ seq, what }) => [seq, what.type],
    )
  /** The same record whose project has another name, so that nothing of it is anchored yet. */
  const elsewhere = ({ state }: Sealed, projectId: string): void => {
    for (const [i, entry] of state.snapshots.entries()) state.snapshots[i] = { ...entry, projectId }
  }

  it('a tail that was rewritten without signatures is found and refused, before and behind the newest anchor', async () => {
    const signer = aSigner()
    for (const from of [2, 3]) {
      const sealed = await sealedChain(4, [2], signer)
      relinked(sealed, from, 'unsigned')
      expect(await anchored(sealed, signer)).toMatchObject([
        { anchored: 0, refused: 1 },
        [expect.arrayContaining(['SignatureMissing'])],
      ])
      expect(sealed.anchors.size).toBe(1)
      expect(await faults(sealed, signer)).toContainEqual([from + 1, 'FormatFell'])
      expect(await faults(sealed, signer)).toContainEqual([4, 'SignatureMissing'])
    }
  })

  it('a tail with signatures taken away, by a foreign key, or not linked to what was anchored, is refused', async () => {
    const signer = aSigner()
    const sealed = await sealedChain(4, [2], signer)
    const whole = [...sealed.state.snapshots]
    const tail = (change: () => void) => {
      sealed.state.snapshots.splice(0, 4, ...whole)
      change()
      return anchored(sealed, signer)
    }
    const last = whole[3]
    if (last === undefined) throw new Error('no fourth entry')
    const takeAway = () => sealed.state.snapshots.splice(3, 1, { ...last, signature: null })
    expect(await tail(takeAway)).toMatchObject([{ anchored: 0 }, [['SignatureMissing']]])
    const mallory = aSigner()
    expect(await tail(() => relinked(sealed, 2, mallory))).toMatchObject([
      { anchored: 0 },
      [['KeyNotTrusted', 'KeyNotTrusted']],
    ])
    expect(await tail(() => relinked(sealed, 1, 'as it was'))).toMatchObject([{ anchored: 1 }, []])
  })

  it('an anchor that only the database knows of, or that it forgot, moves no beginning', async () => {
    const signer = aSigner()
    const mallory = aSigner()
    const sealed = await sealedChain(4, [2], signer)
    relinked(sealed, 2, 'unsigned')
    const forged = sealed.state.snapshots[2]
    if (forged === undefined) throw new Error('no third entry')
    const { seq, chainHash, projectId } = forged
    const { key, signature } = mallory.sign((at) => anchorStatement({ seq, chainHash, projectId }, at))
    sealed.state.signingKeys.set(key.keyId, key)
    sealed.state.anchors.set(anchorName(forged), { anchor: { seq, chainHash, projectId, signature }, hasToken: true })
    expect((await anchored(sealed, signer))[0]).toEqual({ anchored: 0, refused: 1 })
    sealed.state.anchors.clear()
    expect((await anchored(sealed, signer))[0]).toEqual({ anchored: 0, refused: 1 })
    expect(sealed.anchors.size).toBe(1)
  })

  it('a chain of an earlier build is anchored as it is, and goes on with signatures', async () => {
    const signer = aSigner()
    const sealed = await sealedChain(5, [], signer)
    relinked(sealed, 0, 'unsigned', 3)
    relinked(sealed, 3, signer)
    expect(await faults(sealed, signer)).toEqual([])
    expect(await anchored(sealed, signer)).toEqual([{ anchored: 1, refused: 0 }, []])
    expect(await faults(sealed, signer)).toEqual([])
  })

  it('a chain that is unsigned throughout is anchored in the first day only, and found where others are anchored', async () => {
    let clock = Date.parse('2026-03-01T08:00:00.000Z')
    const signer = aSigner(() => new Date(clock).toISOString())
    const sealed = await sealedChain(2, [1], signer)
    const other = await sealedChain(2, [], signer)
    elsewhere(other, 'mohadin')
    relinked(other, 0, 'unsigned')
    const both: Sealed = {
      anchors: sealed.anchors,
      state: {
        ...sealed.state,
        snapshots: [...sealed.state.snapshots, ...other.state.snapshots],
        tickets: new Map([...sealed.state.tickets, ...other.state.tickets]),
        subjectKeys: new Map([...sealed.state.subjectKeys, ...other.state.subjectKeys]),
      },
    }
    expect((await faults(both, signer)).filter(([, type]) => type === 'SignatureMissing')).toHaveLength(2)
    clock += DAY_MS + 1
    expect(await anchored(both, signer)).toMatchObject([
      { anchored: 1, refused: 1 },
      [['SignatureMissing', 'SignatureMissing']],
    ])
    clock -= 1
    expect((await anchored(both, signer))[0]).toEqual({ anchored: 1, refused: 0 })
  })

  it('a head that was taken back behind its anchor is refused; the queue goes on', async () => {
    const signer = aSigner()
    const sealed = await sealedChain(3, [2, 3], signer)
    sealed.state.snapshots.splice(1)
    expect(await anchored(sealed, signer)).toMatchObject([{ anchored: 0, refused: 1 }, [['HeadDiffers']]])
    const job = anchorAfterHandover(proof(sealed, signer))
    await expect(job.handle({ body: { projectId: 'lawley' } } as never, {} as never)).resolves.toBeUndefined()
  })

  it('what a lost key had anchored is where the next key goes on', async () => {
    const [lost, next] = [aSigner(), aSigner()]
    const sealed = await sealedChain(2, [2], lost)
    const more = await sealedChain(3, [], next)
    const third = more.state.snapshots[2]
    if (third === undefined) throw new Error('no third entry')
    sealed.state.snapshots.push(third)
    relinked(sealed, 2, next)
    expect(await anchored(sealed, next)).toEqual([{ anchored: 1, refused: 0 }, []])
  })
})
