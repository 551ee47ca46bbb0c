import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { canonicalBytes } from '../../../src/adapters/canonical/canonical-bytes.ts'
import { sha256 } from '../../../src/adapters/canonical/sha256.ts'
import {
  type ChainEntry,
  chainHash,
  GENESIS,
  nextLink,
  verifyChain,
  verifyEntry,
} from '../../../src/domain/handover/chain.ts'

const version1: ReadonlyArray<ChainEntry> = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../fixtures/snapshot-chain-v1.json'), 'utf8'),
).map(({ bytesBase64, ...entry }: { readonly bytesBase64: string }) => ({
  ...entry,
  signature: null,
  bytes: new Uint8Array(Buffer.from(bytesBase64, 'base64')),
}))

const findings = verifyChain({ sha256, canonicalBytes })
const changed = (seq: number, change: Partial<ChainEntry>): ReadonlyArray<ChainEntry> =>
  version1.map((entry) => (entry.seq === seq ? { ...entry, ...change } : entry))
const entry = (seq: number): ChainEntry => {
  const found = version1[seq - 1]
  if (found === undefined) throw new Error(`no entry ${seq}`)
  return found
}
const text = (content: string): Uint8Array => new TextEncoder().encode(content)

describe('a chain of handover snapshots', () => {
  it('of format version 1, written by another program, verifies for ever', () => {
    expect(findings('lawley', version1)).toEqual([])
    expect(findings('lawley', [])).toEqual([])
  })

  it('is linked by the very hashes the fixture holds, in its own format only', () => {
    for (const one of version1) {
      expect(chainHash(sha256)(one, 1)).toBe(one.chainHash)
      expect(chainHash(sha256)(one)).not.toBe(one.chainHash)
    }
  })

  it('of version 1 grows by entries of version 2, whose links are bound to their version', () => {
    const bytes = text('{}')
    const link = nextLink(sha256)(entry(3), bytes)
    expect(link).toMatchObject({ seq: 4, prevHash: entry(3).chainHash, formatVersion: 2, sha256: sha256(bytes) })
    const grown = { ...link, projectId: 'lawley', bytes, jsonCopy: {}, signature: null }
    expect(findings('lawley', [...version1, grown])).toEqual([])
    expect(findings('lawley', [...version1, { ...grown, formatVersion: 1 }])).toMatchObject([
      { type: 'HashMismatch', seq: 4 },
    ])
  })

  it('never falls back to version 1 behind version 2, however whole its links are', () => {
    const bytes = text('{}')
    const two = { ...nextLink(sha256)(entry(3), bytes), projectId: 'lawley', bytes, jsonCopy: {}, signature: null }
    const sealed = { seq: 5, prevHash: two.chainHash, sha256: sha256(bytes) }
    const one = { ...two, ...sealed, formatVersion: 1, chainHash: chainHash(sha256)(sealed, 1) ?? '' }
    expect(findings('lawley', [...version1, two, one])).toEqual([
      { type: 'FormatFell', seq: 5, before: 2, formatVersion: 1 },
    ])
  })

  it('refuses to grow behind a head that cannot be one', () => {
    expect(() => nextLink(sha256)({ seq: -1, chainHash: GENESIS.chainHash }, text('{}'))).toThrow()
    expect(() => nextLink(sha256)({ seq: 0, chainHash: 'genesis' }, text('{}'))).toThrow()
  })

  it('says whose bytes were changed', () => {
    expect(findings('lawley', changed(2, { bytes: text('{}') }))).toEqual([{ type: 'BytesChanged', seq: 2 }])
  })

  it('says whose copy for queries was changed, or is no plain JSON any more', () => {
    const differs = [{ type: 'CopyDiffers', seq: 2 }]
    expect(findings('lawley', changed(2, { jsonCopy: { ticket_uid: 'FT1000002' } }))).toEqual(differs)
    expect(findings('lawley', changed(2, { jsonCopy: [Number.NaN] }))).toEqual(differs)
  })

  it('needs no copy when only the bytes were exported', () => {
    expect(findings('lawley', changed(2, { jsonCopy: null }))).toEqual([])
  })

  it('finds a snapshot replaced together with its hash and its copy', () => {
    const bytes = text('{"ticket_uid":"FT9999999"}')
    const forged = { bytes, sha256: sha256(bytes), jsonCopy: { ticket_uid: 'FT9999999' } }
    expect(findings('lawley', changed(2, forged))).toEqual([
      { type: 'HashMismatch', seq: 2, expected: expect.any(String), actual: entry(2).chainHash },
    ])
  })

  it('finds a snapshot forged with its own link, at the entry that follows it', () => {
    const bytes = text('{"ticket_uid":"FT9999999"}')
    const forged = { ...nextLink(sha256)(entry(1), bytes), bytes, jsonCopy: { ticket_uid: 'FT9999999' } }
    expect(findings('lawley', changed(2, forged))).toEqual([
      { type: 'ChainBroken', seq: 3, expected: forged.chainHash, actual: entry(2).chainHash },
      { type: 'FormatFell', seq: 3, before: 2, formatVersion: 1 },
    ])
  })

  it('finds an entry missing at the start and in the middle', () => {
    expect(findings('lawley', version1.slice(1))).toEqual([
      { type: 'SeqGap', after: 0, found: 2 },
      { type: 'ChainBroken', seq: 2, expected: GENESIS.chainHash, actual: entry(1).chainHash },
    ])
    expect(findings('lawley', [entry(1), entry(3)])).toEqual([
      { type: 'SeqGap', after: 1, found: 3 },
      { type: 'ChainBroken', seq: 3, expected: entry(1).chainHash, actual: entry(2).chainHash },
    ])
  })

  it('finds a number or a previous hash that was changed, whatever it was changed to', () => {
    for (const seq of [7, 0, -1, 1.5, Number.NaN, 2 ** 60])
      expect(findings('lawley', changed(3, { seq })).map(({ type }) => type)).toEqual(['SeqGap', 'HashMismatch'])
    for (const prevHash of ['', 'zz', entry(2).chainHash.toUpperCase(), `${entry(2).chainHash}00`])
      expect(findings('lawley', changed(3, { prevHash })).map(({ type }) => type)).toEqual([
        'ChainBroken',
        'HashMismatch',
      ])
  })

  it('finds an entry of another project', () => {
    expect(findings('lawley', changed(2, { projectId: 'mohadin' }))).toEqual([
      { type: 'OtherProject', seq: 2, expected: 'lawley', actual: 'mohadin' },
    ])
  })

  it('names a format it does not know, and still checks the place in the chain', () => {
    for (const formatVersion of [0, 3, Number.NaN])
      expect(findings('lawley', changed(2, { formatVersion })).filter(({ type }) => type !== 'FormatFell')).toEqual([
        { type: 'UnknownFormat', seq: 2, formatVersion },
      ])
    expect(chainHash(sha256)(entry(1), 3)).toBeNull()
  })

  it('can be read as a stream, one entry behind the other', () => {
    const one = verifyEntry({ sha256, canonicalBytes })
    expect(one('lawley', entry(1), entry(2))).toEqual([])
    expect(one('lawley', entry(2), entry(2)).map(({ type }) => type)).toEqual(['SeqGap', 'ChainBroken'])
  })
})
