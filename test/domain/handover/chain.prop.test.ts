import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { expect, it } from 'vitest'
import { canonicalBytes } from '../../../src/adapters/canonical/canonical-bytes.ts'
import { sha256 } from '../../../src/adapters/canonical/sha256.ts'
import { type ChainEntry, type ChainHead, GENESIS, nextLink, verifyChain } from '../../../src/domain/handover/chain.ts'
import type { Json } from '../../../src/domain/shared/json.ts'

const verify = verifyChain({ sha256, canonicalBytes })

const chainOf = (snapshots: ReadonlyArray<Json>): ReadonlyArray<ChainEntry> => {
  let head: ChainHead = GENESIS
  return snapshots.map((jsonCopy) => {
    const bytes = canonicalBytes(jsonCopy)
    if (E.isLeft(bytes)) throw new Error(JSON.stringify(bytes.left))
    const link = nextLink(sha256)(head, bytes.right)
    head = link
    return { ...link, projectId: 'lawley', bytes: bytes.right, jsonCopy, signature: null }
  })
}

const snapshotArb: fc.Arbitrary<Json> = fc
  .record({
    ticket: fc.uuid(),
    facts: fc.jsonValue({ noUnicodeString: false }).filter((value) => E.isRight(canonicalBytes(value as Json))),
  })
  .map((snapshot) => snapshot as Json)

const chainArb = fc.array(snapshotArb, { minLength: 3, maxLength: 8 }).map(chainOf)

type Tampering = {
  readonly kind: string
  readonly apply: (chain: ReadonlyArray<ChainEntry>, at: number, entropy: number) => ReadonlyArray<ChainEntry>
}

const replace = (
  chain: ReadonlyArray<ChainEntry>,
  at: number,
  change: (entry: ChainEntry) => Partial<ChainEntry>,
): ReadonlyArray<ChainEntry> => chain.map((entry, i) => (i === at ? { ...entry, ...change(entry) } : entry))

const flipHex = (hash: string, entropy: number): string => {
  const i = entropy % hash.length
  const digit = (Number.parseInt(hash.charAt(i), 16) ^ (1 << (entropy % 4))).toString(16)
  return `${hash.slice(0, i)}${digit}${hash.slice(i + 1)}`
}

const tamperings: ReadonlyArray<Tampering> = [
  {
    kind: 'bit of the bytes',
    apply: (chain, at, entropy) =>
      replace(chain, at, ({ bytes }) => ({
        bytes: bytes.map((byte, i) => (i === entropy % bytes.length ? byte ^ (1 << (entropy % 8)) : byte)),
      })),
  },
  ...(['sha256', 'prevHash', 'chainHash'] as const).map((field) => ({
    kind: `bit of ${field}`,
    apply: (chain: ReadonlyArray<ChainEntry>, at: number, entropy: number) =>
      replace(chain, at, (entry) => ({ [field]: flipHex(entry[field], entropy) })),
  })),
  { kind: 'row removed', apply: (chain, at) => chain.filter((_, i) => i !== Math.min(at, chain.length - 2)) },
  {
    kind: 'row removed and the rest renumbered',
    apply: (chain, at) =>
      chain.filter((_, i) => i !== Math.min(at, chain.length - 2)).map((entry, i) => ({ ...entry, seq: i + 1 })),
  },
  {
    kind: 'rows swapped',
    apply: (chain, at) => {
      const other = (at + 1) % chain.length
      return chain.map((entry, i) => (i === at ? chain[other] : i === other ? chain[at] : entry) ?? entry)
    },
  },
  {
    kind: 'contents swapped between rows',
    apply: (chain, at) => {
      const other = (at + 1) % chain.length
      const contentOf = (i: number) => ({
        bytes: chain[i]?.bytes,
        jsonCopy: chain[i]?.jsonCopy,
        sha256: chain[i]?.sha256,
      })
      const swap = (i: number, from: number) => (list: ReadonlyArray<ChainEntry>) =>
        replace(list, i, () => contentOf(from) as Partial<ChainEntry>)
      return swap(other, at)(swap(at, other)(chain))
    },
  },
  {
    kind: 'row inserted',
    apply: (chain, at) => [...chain.slice(0, at + 1), ...chain.slice(at)],
  },
  {
    kind: 'seq changed',
    apply: (chain, at, entropy) => replace(chain, at, ({ seq }) => ({ seq: seq + 1 + (entropy % 9) })),
  },
  {
    kind: 'copy changed',
    apply: (chain, at, entropy) => replace(chain, at, ({ jsonCopy }) => ({ jsonCopy: [jsonCopy, entropy] })),
  },
  {
    kind: 'format changed',
    apply: (chain, at, entropy) => replace(chain, at, () => ({ formatVersion: 3 + (entropy % 9) })),
  },
  { kind: 'project changed', apply: (chain, at) => replace(chain, at, () => ({ projectId: 'mohadin' })) },
  {
    kind: 'everything of one row forged but its followers',
    apply: (chain, at) => {
      const i = Math.min(at, chain.length - 2)
      const [forged] = chainOf(['forged'])
      return replace(chain, i, ({ seq, prevHash }) => {
        const bytes = forged?.bytes ?? new Uint8Array()
        return { ...nextLink(sha256)({ seq: seq - 1, chainHash: prevHash }, bytes), bytes, jsonCopy: 'forged' }
      })
    },
  },
]

it('a chain that nobody touched gives no finding', () => {
  fc.assert(
    fc.property(chainArb, (chain) => {
      expect(verify('lawley', chain)).toEqual([])
    }),
    { numRuns: 200 },
  )
})

it('each of a thousand tamperings is found', () => {
  const tried = new Map<string, number>()
  const found = new Set<string>()
  fc.assert(
    fc.property(
      chainArb,
      fc.constantFrom(...tamperings),
      fc.nat(),
      fc.nat(),
      (chain, { kind, apply }, where, entropy) => {
        const findings = verify('lawley', apply(chain, where % chain.length, entropy))
        tried.set(kind, (tried.get(kind) ?? 0) + 1)
        for (const { type } of findings) found.add(type)
        return findings.length > 0
      },
    ),
    { numRuns: 1000 },
  )
  expect([...tried.keys()].sort()).toEqual(tamperings.map(({ kind }) => kind).sort())
  expect([...found].sort()).toEqual([
    'BytesChanged',
    'ChainBroken',
    'CopyDiffers',
    'FormatFell',
    'HashMismatch',
    'OtherProject',
    'SeqGap',
    'UnknownFormat',
  ])
})

it('no garbage in any column makes verification throw', () => {
  const garbage = fc.record({
    seq: fc.oneof(fc.double(), fc.integer()),
    prevHash: fc.string(),
    sha256: fc.string(),
    chainHash: fc.string(),
    formatVersion: fc.oneof(fc.constant(1), fc.double()),
    projectId: fc.string(),
    bytes: fc.uint8Array(),
    jsonCopy: fc.anything().map((value) => value as Json),
    signature: fc.constant(null),
  })
  fc.assert(
    fc.property(fc.array(garbage, { minLength: 1 }), (entries) => verify('lawley', entries).length > 0),
    { numRuns: 1000 },
  )
})
