import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { bundleFile } from '../../../src/adapters/signing/bundle-file.ts'
import { recordIn } from '../../../src/adapters/signing/bundle-lines.ts'
import { verifyBundle } from '../../../src/adapters/signing/verify-bundle.ts'
import { anchorHeads } from '../../../src/application/handover/anchor-heads.ts'
import { exportSnapshots } from '../../../src/application/handover/export-snapshots.ts'
import type { Principal } from '../../../src/application/principal.ts'
import { anyTimestamp, aSigner } from '../../support/proof.ts'
import { proofOf, type Sealed, sealedChain } from '../../support/sealed-chain.ts'
import { done } from '../../support/stored-tickets.ts'

const principal: Principal = { userId: 'mpho', role: 'manager', contractorId: null, teams: [] }

describe('An exported bundle', () => {
  const signer = aSigner()
  let folder: string
  let file: string
  let sealed: Sealed
  let text: string
  const exported = (to = file, who = principal) =>
    bundleFile(to)((write) =>
      exportSnapshots(proofOf(sealed, signer))({ principal: who, projectId: 'lawley', write }),
    )()
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bundle-'))
    file = join(folder, 'lawley.ndjson')
    sealed = await sealedChain(7, [2, 5], signer)
    expect(await exported()).toEqual(E.right({ snapshots: 7, anchors: 2, keys: 1 }))
    text = readFileSync(file, 'utf8')
  })
  beforeEach(() => writeFileSync(file, text))
  afterAll(() => rmSync(folder, { recursive: true }))

  const verify = async (more: object = {}) => {
    const verified = await verifyBundle({
      file,
      trusted: [signer.current()?.keyId ?? ''],
      anchorsOf: async () => [],
      readTimestamp: anyTimestamp,
      ...more,
    })
    if (E.isLeft(verified)) throw new Error(`no bundle, line ${verified.left.line}`)
    return verified.right
  }
  const kinds = async (more: object = {}) => (await verify(more)).findings.map(({ seq, what }) => [seq, what.type])
  const without = (line: RegExp) =>
    text
      .split('\n')
      .filter((one) => !line.test(one))
      .join('\n')

  it('verifies alike on one, two and more threads than it has snapshots', async () => {
    for (const workers of [1, 2, 3, 12])
      expect(await verify({ workers })).toEqual({
        snapshots: 7,
        faults: 0,
        findings: [],
        not_yet_anchored: 2,
        chains: [{ project_id: 'lawley', snapshots: 7, anchored_to: 5, not_yet_anchored: 2 }],
      })
  })

  it('says the same of the same damage, however many threads look', async () => {
    writeFileSync(file, without(/"type":"snapshot".*"seq":4/))
    const expected = [
      [5, 'SeqGap'],
      [5, 'ChainBroken'],
      [null, 'CountDiffers'],
    ]
    for (const workers of [1, 2, 3, 12]) expect(await kinds({ workers })).toEqual(expected)
  })

  it('is known by the key that one trusts, not by the one it brings', async () => {
    expect(await kinds({ trusted: [aSigner().current()?.keyId ?? ''] })).toContainEqual([1, 'KeyNotTrusted'])
    expect(await verify({ trusted: [] })).toMatchObject({ faults: 0 })
  })

  it('that lost its newest entries and anchors is found out by anchors of one’s own', async () => {
    writeFileSync(
      file,
      without(/"type":"snapshot".*"seq":[3-7]|"type":"anchor".*000000000005-/)
        .replace(/"type":"head","seq":7,"chain_hash":"[0-9a-f]+"/, () => {
          const { chainHash } = sealed.state.snapshots[1] ?? { chainHash: '' }
          return `"type":"head","seq":2,"chain_hash":"${chainHash}"`
        })
        .replace('"snapshots":7', '"snapshots":2'),
    )
    expect(await kinds()).toEqual([])
    expect(await kinds({ anchorsOf: async () => [...sealed.anchors.values()] })).toEqual([[5, 'AnchoredEntryMissing']])
  })

  it('that was cut, added to or whose lines are none names the line', async () => {
    appendFileSync(file, '{"type":"snapshot"}\n')
    const line = text.split('\n').length
    expect((await verify()).findings.map(({ what }) => what)).toEqual([{ type: 'LineUnreadable', line }])
    writeFileSync(file, text.slice(0, -30))
    expect(await kinds()).toContainEqual([null, 'BundleCutShort'])
  })

  it.each([
    ['empty', ''],
    ['something else', 'hello\n'],
    ['without its head', '{"type":"end","snapshots":0}\n'],
    ['cut in its head', '{"type":"bundle","version":1,"project_id":"a","exported_at":"2026-03-03T08:00:00.000Z"}\n'],
    ['one long line', 'x'.repeat(3_000_000)],
  ])('is refused when it is %s', async (_, content) => {
    writeFileSync(file, content)
    const verified = await verifyBundle({ file, trusted: [], anchorsOf: async () => [], readTimestamp: anyTimestamp })
    expect(verified).toMatchObject({ left: { type: 'NotABundle', line: 1 } })
  })

  it('is not written over another file, nor for whoever may not see every ticket', async () => {
    expect(await exported()).toEqual(E.left({ type: 'StorageUnavailable', reason: 'EEXIST' }))
    const other = join(folder, 'other.ndjson')
    expect(await exported(other, { ...principal, role: 'technician' })).toMatchObject({ left: { type: 'NotAllowed' } })
    expect(() => readFileSync(other)).toThrow('ENOENT')
  })

  it('leaves out what is sealed while it is written', async () => {
    const other = join(folder, 'meanwhile.ndjson')
    let more: Sealed | null = null
    await done(
      bundleFile(other)((write) =>
        exportSnapshots(proofOf(sealed, signer))({
          principal,
          projectId: 'lawley',
          write: (record) => async () => {
            if (record.type === 'head' && more === null) {
              more = await sealedChain(1, [], signer)
              const [entry] = more.state.snapshots
              if (entry !== undefined) sealed.state.snapshots.push({ ...entry, seq: 8 })
            }
            return write(record)()
          },
        }),
      ),
    )
    sealed.state.snapshots.pop()
    expect(await verify({ file: other })).toMatchObject({ snapshots: 7, faults: 0 })
  })

  it('holds no key but public ones', () => {
    const keys = text.split('\n').flatMap((line) => {
      const record = recordIn(line)
      return record?.type === 'key' ? [record.key] : []
    })
    expect(keys).toEqual([signer.current()])
    expect(text).not.toContain('PRIVATE')
  })

  it('of a project anchored meanwhile has its anchors', async () => {
    const other = join(folder, 'anchored.ndjson')
    await done(anchorHeads(proofOf(sealed, signer)))
    expect(await exported(other)).toMatchObject({ right: { anchors: 3 } })
    expect(await verify({ file: other })).toMatchObject({ faults: 0, not_yet_anchored: 0 })
  })
})
