import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { localAnchorStore } from '../../src/adapters/local-files/anchor-store.ts'
import { memoryAnchorStore } from '../../src/adapters/memory/anchor-store.ts'
import { anchorHeads } from '../../src/application/handover/anchor-heads.ts'
import { verifySnapshots } from '../../src/application/handover/verify-snapshots.ts'
import { anchorStoreContract } from '../contract/anchor-store.contract.ts'
import { aSigner } from '../support/proof.ts'
import { proofOf, sealedChain } from '../support/sealed-chain.ts'
import { done } from '../support/stored-tickets.ts'

let folder: string
let made = 0
const fresh = (): string => {
  made += 1
  return join(folder, String(made))
}
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'anchors-'))
})
afterAll(() => rm(folder, { recursive: true }))

anchorStoreContract('in memory', () => memoryAnchorStore())
anchorStoreContract('in a folder', () => localAnchorStore(fresh()))

describe('A folder of anchors', () => {
  it('leaves nothing but anchors, and names whatever else lies there', async () => {
    const signer = aSigner()
    const root = fresh()
    const sealed = await sealedChain(2, [], signer)
    const proof = { ...proofOf(sealed, signer), anchorStore: localAnchorStore(root) }
    expect(await done(anchorHeads(proof))).toEqual({ anchored: 1, refused: 0 })
    const under = join(root, 'anchors', 'lawley')
    const [name = ''] = await readdir(under)
    expect(name).toMatch(/^000000000002-[0-9a-f]{64}\.json$/)
    const found = async () =>
      (
        await done(
          verifySnapshots(proof)({
            principal: { userId: 'mpho', role: 'manager', contractorId: null, teams: [] },
            scope: { type: 'all' },
          }),
        )
      ).findings.map(({ seq, what }) => [seq, what.type])
    expect(await found()).toEqual([])
    await writeFile(join(under, 'notes.txt'), 'hello')
    await writeFile(join(under, `000000000001-${'a'.repeat(64)}.json`), '{"format_version":1}')
    expect(await found()).toEqual([
      [null, 'AnchorUnreadable'],
      [null, 'AnchorUnreadable'],
    ])
    for (const other of ['notes.txt', `000000000001-${'a'.repeat(64)}.json`]) await rm(join(under, other))
    await chmod(join(under, name), 0o600)
    await writeFile(join(under, name), 'x'.repeat(20_000))
    expect(await found()).toEqual([
      [null, 'AnchorUnreadable'],
      [2, 'AnchorGone'],
    ])
  })

  it('is away when it cannot be written, and says so', async () => {
    const signer = aSigner()
    const file = fresh()
    await writeFile(file, '')
    const proof = { ...proofOf(await sealedChain(1, [], signer), signer), anchorStore: localAnchorStore(file) }
    expect(await anchorHeads(proof)()).toMatchObject({ left: { type: 'StorageUnavailable' } })
  })
})
