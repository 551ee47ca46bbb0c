import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ChainEntry } from '../../../src/domain/handover/chain.ts'
import { verifyChain } from '../../../src/domain/handover/chain.ts'
import {
  commitmentKey,
  commitmentsIn,
  type Openings,
  openingsThatDiffer,
} from '../../../src/domain/handover/personal.ts'
import { knownKeys, type SigningKey, signatureFindings } from '../../../src/domain/handover/signature.ts'
import { tools } from '../../support/proof.ts'

type Fixed = Omit<ChainEntry, 'bytes' | 'jsonCopy'> & {
  readonly id: string
  readonly bytesBase64: string
  readonly openings: Openings | null
}

/** Written once, by the first build that wrote format 2. Never made again: whoever cannot read it has broken the proof of every handover. */
const fixture: {
  readonly ticketKeyHex: string
  readonly keys: ReadonlyArray<SigningKey>
  readonly snapshots: ReadonlyArray<Fixed>
} = JSON.parse(readFileSync(join(import.meta.dirname, '../../fixtures/snapshot-chain-v2.json'), 'utf8'))

const entries = fixture.snapshots.map(({ bytesBase64, ...entry }) => {
  const bytes = new Uint8Array(Buffer.from(bytesBase64, 'base64'))
  return { ...entry, bytes, jsonCopy: JSON.parse(new TextDecoder().decode(bytes)) }
})

describe('Handovers of format 2, as they were sealed by the build that began it', () => {
  it('verify for ever: bytes, links, copies and signatures', () => {
    expect(entries).toHaveLength(2)
    expect(verifyChain(tools)('lawley', entries)).toEqual([])
    const keys = knownKeys(tools)(fixture.keys, [fixture.keys[0]?.keyId ?? ''])
    expect(entries.flatMap((entry) => signatureFindings(tools, keys, 0)(entry))).toEqual([])
    const other = entries.map((entry) => ({ ...entry, chainHash: entry.chainHash.replace(/^./, 'f') }))
    expect(other.flatMap((entry) => signatureFindings(tools, keys, 0)(entry))).toHaveLength(2)
  })

  it('open by the key of their ticket: names, places and words, letter for letter', () => {
    const [entry] = entries
    const commitments = commitmentsIn(entry?.jsonCopy)
    if (entry === undefined || commitments === null || entry.openings === null)
      throw new Error('nothing is committed to')
    const key = commitmentKey(tools, Buffer.from(fixture.ticketKeyHex, 'hex'), entry.id)
    expect(Object.keys(commitments).length).toBeGreaterThan(6)
    expect(openingsThatDiffer(tools, key, commitments, entry.openings)).toEqual([])
    expect(openingsThatDiffer(tools, key, commitments, { ...entry.openings, '/client/name': 'Thandi' })).toEqual([
      '/client/name',
    ])
  })

  it('hold no personal word, and after an erasure say when', () => {
    const text = entries.map(({ bytes }) => new TextDecoder().decode(bytes)).join()
    for (const word of ['Thandi', '5550100', 'Main Road', '27.654321', 'Dog in the yard'])
      expect(text).not.toContain(word)
    expect(entries[1]?.jsonCopy.personal).toEqual({ erased_at: '2026-03-01T10:00:00.000Z' })
  })
})
