import { randomUUID } from 'node:crypto'
import { memoryAnchorStore } from '../../src/adapters/memory/anchor-store.ts'
import { memoryProofRecords } from '../../src/adapters/memory/proof-records.ts'
import { memorySnapshotOpenings } from '../../src/adapters/memory/snapshot-openings.ts'
import { memorySnapshotQueries } from '../../src/adapters/memory/snapshot-queries.ts'
import { type MemoryState, memoryState } from '../../src/adapters/memory/ticket-state.ts'
import { memoryTicketStore } from '../../src/adapters/memory/ticket-store.ts'
import { anchorHeads } from '../../src/application/handover/anchor-heads.ts'
import type { Signer } from '../../src/application/ports/signer.ts'
import type { StoredAnchor } from '../../src/domain/handover/anchor.ts'
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
