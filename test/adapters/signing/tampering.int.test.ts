import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { canonicalBytes } from '../../../src/adapters/canonical/canonical-bytes.ts'
import type { KeptSnapshot } from '../../../src/adapters/memory/ticket-state.ts'
import { bundleFile } from '../../../src/adapters/signing/bundle-file.ts'
import { verifyBundle } from '../../../src/adapters/signing/verify-bundle.ts'
import { anchorHeads } from '../../../src/application/handover/anchor-heads.ts'
import { exportSnapshots } from '../../../src/application/handover/export-snapshots.ts'
import { verifySnapshots } from '../../../src/application/handover/verify-snapshots.ts'
import type { Signer } from '../../../src/application/ports/signer.ts'
import type { Principal } from '../../../src/application/principal.ts'
import { type ChainHead, chainHash, GENESIS } from '../../../src/domain/handover/chain.ts'
import { snapshotStatement } from '../../../src/domain/handover/signature.ts'
import type { Json } from '../../../src/domain/shared/json.ts'
import { anyTimestamp, aSigner, tools } from '../../support/proof.ts'
import { proofOf, relinked, type Sealed, sealedChain } from '../../support/sealed-chain.ts'
import { done } from '../../support/stored-tickets.ts'

const LENGTH = 8
const ANCHORED = [3, 6]
const NEWEST = 6
const ATTEMPTS = 1_000
const principal: Principal = { userId: 'mpho', role: 'manager', contractorId: null, teams: [] }

/** Whoever owns the database writes what they like there. `at` is an index up to the newest anchor. */
type Attack = { readonly kind: string; readonly on: (sealed: Sealed, at: number, n: number) => void }

const flipHex = (hex: string, n: number): string => {
  const i = n % hex.length
  return hex.slice(0, i) + (Number.parseInt(hex.charAt(i), 16) ^ (1 << (n % 4))).toString(16) + hex.slice(i + 1)
}
const flipByte = (bytes: Uint8Array, n: number): Uint8Array =>
  bytes.map((byte, i) => (i === n % bytes.length ? byte ^ (1 << (n % 8)) : byte))

const replace = ({ state }: Sealed, at: number, change: (entry: KeptSnapshot) => Partial<KeptSnapshot>): void => {
  const entry = state.snapshots[at]
  if (entry !== undefined) state.snapshots[at] = { ...entry, ...change(entry) }
}

/** Another ONT serial, or two photos whose hashes changed places: a lie that is whole in itself. */
const lie = (
  copy: Json,
  n: number,
): { readonly bytes: Uint8Array; readonly jsonCopy: Json; readonly sha256: string } => {
  const content = structuredClone(copy) as { ticket: { ont_serial: string }; evidence: Array<{ sha256: string }> }
  const [one, two] = [content.evidence[0], content.evidence[1 + (n % (content.evidence.length - 1))]]
  if (n % 2 === 0 || one === undefined || two === undefined) content.ticket.ont_serial = `ALCLB${n}`
  else [one.sha256, two.sha256] = [two.sha256, one.sha256]
  const bytes = canonicalBytes(content as unknown as Json)
  if (E.isLeft(bytes)) throw new Error('no plain JSON')
  return { bytes: bytes.right, jsonCopy: content as unknown as Json, sha256: tools.sha256(bytes.right) }
}

/** Links, and signatures by that key or none, made anew from one entry to the end, so that the chain is whole again. */
const relink = ({ state }: Sealed, from: number, signer: Signer | 'as it was' | 'unsigned'): void => {
  let head: ChainHead = state.snapshots[from - 1] ?? GENESIS
  for (const [i, entry] of state.snapshots.entries()) {
    if (i < from) continue
    const formatVersion = signer === 'unsigned' ? 1 : entry.formatVersion
    const seq = head.seq + 1
    const hash = chainHash(tools.sha256)({ seq, prevHash: head.chainHash, sha256: entry.sha256 }, formatVersion) ?? ''
    const signed = typeof signer === 'string' ? null : signer.sign((at) => snapshotStatement(entry.projectId, hash, at))
    if (signed !== null) state.signingKeys.set(signed.key.keyId, signed.key)
    state.snapshots[i] = {
      ...entry,
      seq,
      prevHash: head.chainHash,
      chainHash: hash,
      formatVersion,
      signature: signer === 'unsigned' ? null : (signed?.signature ?? entry.signature),
    }
    head = { seq, chainHash: hash }
  }
}

const owner = aSigner()
const mallory = aSigner()

const attacks: ReadonlyArray<Attack> = [
  { kind: 'bit of the bytes', on: (s, at, n) => replace(s, at, ({ bytes }) => ({ bytes: flipByte(bytes, n) })) },
  ...(['sha256', 'prevHash', 'chainHash'] as const).map((field) => ({
    kind: `bit of ${field}`,
    on: (s: Sealed, at: number, n: number) => replace(s, at, (entry) => ({ [field]: flipHex(entry[field], n) })),
  })),
  {
    kind: 'bit of the signature',
    on: (s, at, n) =>
      replace(s, at, ({ signature }) => {
        const bytes = flipByte(Buffer.from(signature?.value ?? '', 'base64'), n)
        return { signature: signature && { ...signature, value: Buffer.from(bytes).toString('base64') } }
      }),
  },
  {
    kind: 'another moment of signing',
    on: (s, at, n) =>
      replace(s, at, ({ signature }) => ({
        signature: signature && { ...signature, signedAt: new Date(2_000_000_000_000 + n).toISOString() },
      })),
  },
  { kind: 'signature taken away', on: (s, at) => replace(s, at, () => ({ signature: null })) },
  { kind: 'row taken out', on: ({ state }, at) => void state.snapshots.splice(at, 1) },
  {
    kind: 'row taken out and the rest renumbered',
    on: (s, at) => {
      s.state.snapshots.splice(at, 1)
      relink(s, at, 'as it was')
    },
  },
  {
    kind: 'rows in another order',
    on: (s, at, n) => {
      const other = (at + 1 + (n % (LENGTH - 1))) % LENGTH
      const [a, b] = [s.state.snapshots[at], s.state.snapshots[other]]
      replace(s, at, () => ({ ...b, seq: a?.seq ?? 0 }))
      replace(s, other, () => ({ ...a, seq: b?.seq ?? 0 }))
    },
  },
  { kind: 'tail cut off', on: ({ state }, at) => void state.snapshots.splice(at) },
  {
    kind: 'content forged, rehashed to the end',
    on: (s, at, n) => {
      replace(s, at, ({ jsonCopy }) => lie(jsonCopy, n))
      relink(s, at, 'as it was')
    },
  },
  {
    kind: 'whole chain rewritten without signatures',
    on: (s, at, n) => {
      replace(s, at, ({ jsonCopy }) => lie(jsonCopy, n))
      relink(s, 0, 'unsigned')
    },
  },
  {
    kind: 'whole chain rewritten with a key of their own',
    on: (s, at, n) => {
      replace(s, at, ({ jsonCopy }) => lie(jsonCopy, n))
      if (n % 2 === 0) s.state.signingKeys.clear()
      relink(s, 0, mallory)
    },
  },
  {
    kind: 'rewritten from there with the stolen key',
    on: (s, at, n) => {
      replace(s, at, ({ jsonCopy }) => lie(jsonCopy, n))
      relink(s, at, owner)
    },
  },
  {
    kind: 'hashes of objects swapped',
    on: (s, at, n) => {
      replace(s, at, ({ jsonCopy }) => lie(jsonCopy, 2 * n + 1))
    },
  },
  {
    kind: 'moved to another project',
    on: ({ state }, at) => {
      for (const [i, entry] of state.snapshots.entries())
        if (i >= at) state.snapshots[i] = { ...entry, projectId: 'mohadin' }
    },
  },
  {
    kind: 'public key exchanged',
    on: ({ state }) => {
      for (const [id, key] of state.signingKeys)
        state.signingKeys.set(id, { ...key, publicKey: mallory.current()?.publicKey ?? '' })
    },
  },
]

describe('Whoever tampers up to the newest anchor is found out', () => {
  let whole: Sealed
  let folder: string
  const file = () => join(folder, 'bundle.ndjson')
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bundle-'))
    whole = await sealedChain(LENGTH, ANCHORED, owner)
  }, 60_000)
  afterAll(() => rmSync(folder, { recursive: true }))

  const copy = (): Sealed => ({
    anchors: new Map(whole.anchors),
    state: {
      ...whole.state,
      snapshots: [...whole.state.snapshots],
      signingKeys: new Map(whole.state.signingKeys),
      anchors: new Map(whole.state.anchors),
    },
  })
  const onRecord = (sealed: Sealed) =>
    done(verifySnapshots(proofOf(sealed, owner))({ principal, scope: { type: 'all' } }))
  const exported = async (sealed: Sealed): Promise<void> => {
    rmSync(file(), { force: true })
    await done(
      bundleFile(file())((write) => exportSnapshots(proofOf(sealed, owner))({ principal, projectId: 'lawley', write })),
    )
  }
  const trusted = () => [owner.current()?.keyId ?? '']
  const inBundle = (workers = 1) =>
    verifyBundle({
      file: file(),
      trusted: trusted(),
      anchorsOf: async () => [],
      readTimestamp: anyTimestamp,
      workers,
    })

  it('and a record that nobody touched has no finding, on record and in the bundle', async () => {
    const chains = [{ project_id: 'lawley', snapshots: LENGTH, anchored_to: NEWEST, not_yet_anchored: LENGTH - NEWEST }]
    expect(await onRecord(whole)).toMatchObject({ snapshots: LENGTH, faults: 0, findings: [], chains })
    await exported(whole)
    expect(await inBundle()).toMatchObject({ right: { snapshots: LENGTH, faults: 0, findings: [], chains } })
  })

  it(`in each of ${ATTEMPTS} attempts on the record, which are then found in its export as well`, async () => {
    const tried = new Map<string, number>()
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...attacks),
        fc.nat({ max: NEWEST - 1 }),
        fc.nat({ max: 1_000_000 }),
        async ({ kind, on }, at, n) => {
          const sealed = copy()
          on(sealed, at, n)
          tried.set(kind, (tried.get(kind) ?? 0) + 1)
          const { faults } = await onRecord(sealed)
          await exported(sealed)
          const bundle = await inBundle()
          return faults > 0 && E.isRight(bundle) && bundle.right.faults > 0
        },
      ),
      { numRuns: ATTEMPTS, seed: 20_261_123 },
    )
    expect([...tried.keys()].toSorted()).toEqual(attacks.map(({ kind }) => kind).toSorted())
  }, 120_000)

  it('also behind the newest anchor, unsigned: the program does not anchor it, and its bundle is found out on any number of threads', async () => {
    for (const from of [NEWEST - 1, NEWEST, LENGTH - 1]) {
      const sealed = copy()
      replace(sealed, from, ({ jsonCopy }) => lie(jsonCopy, 0))
      relinked(sealed, from, 'unsigned')
      const anchorsBefore = sealed.anchors.size
      expect(await done(anchorHeads(proofOf(sealed, owner)))).toEqual({ anchored: 0, refused: 1 })
      expect(sealed.anchors.size).toBe(anchorsBefore)
      const types = (await onRecord(sealed)).findings.map(({ seq, what }) => [seq, what.type])
      expect(types).toContainEqual([from + 1, 'FormatFell'])
      expect(types).toContainEqual([LENGTH, 'SignatureMissing'])
      await exported(sealed)
      const alike = await Promise.all([1, 3].map((workers) => inBundle(workers)))
      for (const one of alike) expect(one).toEqual(alike[0])
      expect(alike[0]).toMatchObject({
        right: {
          findings: expect.arrayContaining([
            expect.objectContaining({ what: expect.objectContaining({ type: 'FormatFell', seq: from + 1 }) }),
          ]),
        },
      })
    }
  })

  it('and a bundle of nothing but unsigned entries without an anchor is not taken at its word', async () => {
    const sealed = copy()
    relinked(sealed, 0, 'unsigned')
    sealed.anchors.clear()
    sealed.state.anchors.clear()
    await exported(sealed)
    expect(await inBundle()).toMatchObject({ right: { faults: LENGTH } })
  })

  it('while a chain of an earlier build, anchored and then signed, verifies in a bundle on any number of threads', async () => {
    const sealed = copy()
    sealed.anchors.clear()
    sealed.state.anchors.clear()
    relinked(sealed, 0, 'unsigned', 4)
    relinked(sealed, 4, owner)
    expect(await done(anchorHeads(proofOf(sealed, owner)))).toEqual({ anchored: 1, refused: 0 })
    await exported(sealed)
    for (const workers of [1, 2]) expect(await inBundle(workers)).toMatchObject({ right: { faults: 0, findings: [] } })
  })

  it(`in each of ${ATTEMPTS} attempts on the file of a bundle`, async () => {
    await exported(whole)
    const text = readFileSync(file())
    const lines = text.toString().split('\n').filter(Boolean)
    const from = text.indexOf('{"type":"snapshot"')
    const first = lines.findIndex((line) => line.startsWith('{"type":"snapshot"'))
    const tried = new Set<string>()
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('bit', 'line out', 'line twice', 'lines swapped', 'cut'),
        fc.nat({ max: 10_000_000 }),
        async (kind, n) => {
          tried.add(kind)
          const at = first + (n % LENGTH)
          const damaged =
            kind === 'bit'
              ? text.map((byte, i) => (i === from + (n % (text.length - from - 1)) ? byte ^ (1 << (n % 7)) : byte))
              : kind === 'cut'
                ? text.subarray(0, from + (n % (text.length - from - 1)))
                : Buffer.from(
                    (kind === 'line out'
                      ? lines.toSpliced(at, 1)
                      : kind === 'line twice'
                        ? lines.toSpliced(at, 0, lines[at] ?? '')
                        : lines
                            .with(at, lines[first + ((n + 1) % LENGTH)] ?? '')
                            .with(first + ((n + 1) % LENGTH), lines[at] ?? '')
                    ).join('\n'),
                  )
          writeFileSync(file(), damaged)
          const bundle = await inBundle()
          return E.isLeft(bundle) || bundle.right.faults > 0
        },
      ),
      { numRuns: ATTEMPTS, seed: 20_261_123 },
    )
    expect(tried.size).toBe(5)
  }, 120_000)
})
