import { randomUUID } from 'node:crypto'
import * as E from 'fp-ts/lib/Either.js'
import { canonicalBytes } from '../../src/adapters/canonical/canonical-bytes.ts'
import { memoryAnchorStore } from '../../src/adapters/memory/anchor-store.ts'
import { memoryProofRecords } from '../../src/adapters/memory/proof-records.ts'
import { memorySnapshotOpenings } from '../../src/adapters/memory/snapshot-openings.ts'
import { memorySnapshotQueries } from '../../src/adapters/memory/snapshot-queries.ts'
import { type KeptSnapshot, type MemoryState, memoryState } from '../../src/adapters/memory/ticket-state.ts'
import { memoryTicketStore } from '../../src/adapters/memory/ticket-store.ts'
import { anchorHeads } from '../../src/application/handover/anchor-heads.ts'
import type { Signer } from '../../src/application/ports/signer.ts'
import type { StoredAnchor } from '../../src/domain/handover/anchor.ts'
import { type ChainHead, chainHash, GENESIS } from '../../src/domain/handover/chain.ts'
import { snapshotStatement } from '../../src/domain/handover/signature.ts'
import type { Json } from '../../src/domain/shared/json.ts'
import { startQa } from '../../src/domain/ticket/start-qa.ts'
import { anyTimestamp, tools } from './proof.ts'
import { aTicket, changeOf, creationOf, done, only, TICKET_KEY } from './stored-tickets.ts'
import { facts, later, REVIEWER, stamp } from './tickets.ts'

/** A record with its anchor storage, of which a test may make copies to damage. */
export type Sealed = { readonly state: MemoryState; readonly anchors: Map<string, StoredAnchor> }

/** Everything that verification, export and anchoring need, on that record. */
export const proofOf = ({ state, anchors }: Sealed, signer: Signer) => ({
  snapshotQueries: memorySnapshotQueries(state),
  snapshotOpenings: memorySnapshotOpenings(state),
  proofRecords: memoryProofRecords(state),
  anchorStore: memoryAnchorStore(anchors),
  readTimestamp: anyTimestamp,
  timestampAuthority: null,
  onNoTimestamp: () => {},
  onRefused: () => {},
  now: () => '2026-03-03T08:00:00.000Z',
  signer,
  tools,
})

/** So many real handovers of `lawley`, the head anchored after each of those numbers. */
export const sealedChain = async (
  length: number,
  anchoredAfter: ReadonlyArray<number>,
  signer: Signer,
): Promise<Sealed> => {
  const sealed: Sealed = { state: memoryState(), anchors: new Map() }
  const store = memoryTicketStore({ state: sealed.state, sha256: tools.sha256, signer, publish: () => {} })
  for (let n = 1; n <= length; n += 1) {
    const ticket = aTicket('pending_qa', { projectId: 'lawley' })
    sealed.state.subjectKeys.set(ticket.id, { state: 'held', key: TICKET_KEY })
    await done(store.commit([creationOf(ticket)], []))
    const before = only(await done(store.load([ticket.id])))
    const decided = startQa(stamp(REVIEWER, later(3), randomUUID()), facts())(before.ticket)
    await done(store.commit([], [changeOf(before, decided)]))
    if (anchoredAfter.includes(n)) await done(anchorHeads(proofOf(sealed, signer)))
  }
  return sealed
}

/** Links, and signatures by that key or none, made anew from one index to the end (or to `until`), so that the chain is whole again. */
export const relinked = (
  { state }: Sealed,
  from: number,
  signer: Signer | 'as it was' | 'unsigned',
  until = state.snapshots.length,
): void => {
  let head: ChainHead = state.snapshots[from - 1] ?? GENESIS
  for (const [i, entry] of state.snapshots.entries()) {
    if (i < from || i >= until) continue
    const sealed = signer === 'unsigned' ? asFormat1(entry) : entry
    const { formatVersion, sha256 } = sealed
    const seq = head.seq + 1
    const hash = chainHash(tools.sha256)({ seq, prevHash: head.chainHash, sha256 }, formatVersion) ?? ''
    const signed = typeof signer === 'string' ? null : signer.sign((at) => snapshotStatement(entry.projectId, hash, at))
    if (signed !== null) state.signingKeys.set(signed.key.keyId, signed.key)
    state.snapshots[i] = {
      ...sealed,
      seq,
      prevHash: head.chainHash,
      chainHash: hash,
      signature: signer === 'unsigned' ? null : (signed?.signature ?? entry.signature),
    }
    head = state.snapshots[i] ?? head
  }
}

/** What an earlier build would have sealed: neither its own id, nor commitments, nor a signature. */
const asFormat1 = (entry: KeptSnapshot): KeptSnapshot => {
  const { id: _, personal: __, ...content } = entry.jsonCopy as { readonly [key: string]: Json }
  const jsonCopy = { ...content, format_version: 1 }
  const bytes = canonicalBytes(jsonCopy)
  if (E.isLeft(bytes)) throw new Error('no plain JSON')
  const sha256 = tools.sha256(bytes.right)
  return { ...entry, jsonCopy, bytes: bytes.right, sha256, formatVersion: 1, signature: null, openings: null }
}
