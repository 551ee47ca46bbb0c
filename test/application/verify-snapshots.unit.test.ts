import { randomUUID } from 'node:crypto'
import * as E from 'fp-ts/lib/Either.js'
import { beforeEach, describe, expect, it } from 'vitest'
import { sha256 } from '../../src/adapters/canonical/sha256.ts'
import { memoryAnchorStore } from '../../src/adapters/memory/anchor-store.ts'
import { memoryProofRecords } from '../../src/adapters/memory/proof-records.ts'
import { memorySnapshotOpenings } from '../../src/adapters/memory/snapshot-openings.ts'
import { memorySnapshotQueries } from '../../src/adapters/memory/snapshot-queries.ts'
import { type MemoryState, memoryState } from '../../src/adapters/memory/ticket-state.ts'
import { memoryTicketStore } from '../../src/adapters/memory/ticket-store.ts'
import { type AnchorDeps, anchorHeads } from '../../src/application/handover/anchor-heads.ts'
import { readHandoverHistory } from '../../src/application/handover/handover-history.ts'
import { rotateKey } from '../../src/application/handover/rotate-key.ts'
import { MAX_TOLD } from '../../src/application/handover/verification.ts'
import { BATCH } from '../../src/application/handover/verify-chain.ts'
import { type VerifyScope, verifySnapshots } from '../../src/application/handover/verify-snapshots.ts'
import type { Signer } from '../../src/application/ports/signer.ts'
import type { SnapshotQueries } from '../../src/application/ports/snapshot-queries.ts'
import type { Principal } from '../../src/application/principal.ts'
import type { StoredAnchor } from '../../src/domain/handover/anchor.ts'
import { startQa } from '../../src/domain/ticket/start-qa.ts'
import { anyTimestamp, aSigner, tools } from '../support/proof.ts'
import { aTicket, changeOf, creationOf, done, only, TICKET_KEY } from '../support/stored-tickets.ts'
import { facts, later, REVIEWER, stamp, TECHNICIAN } from '../support/tickets.ts'

const who = (role: Principal['role'], userId = 'someone'): Principal => ({
  userId,
  role,
  contractorId: null,
  teams: [],
})
const MANAGER = who('manager')
const MANAGER_OF_SETTINGS = who('admin')

describe('Sealed handovers', () => {
  let state: MemoryState
  let queries: SnapshotQueries
  let signer: Signer
  let anchors: Map<string, StoredAnchor>
  const uids: string[] = []
  const ids: string[] = []

  const sealed = async (projectId: string): Promise<void> => {
    const store = memoryTicketStore({ state, sha256, signer, publish: () => {} })
    const ticket = aTicket('pending_qa', { projectId })
    state.subjectKeys.set(ticket.id, { state: 'held', key: TICKET_KEY })
    await done(store.commit([creationOf(ticket)], []))
    const before = only(await done(store.load([ticket.id])))
    await done(
      store.commit([], [changeOf(before, startQa(stamp(REVIEWER, later(3), randomUUID()), facts())(before.ticket))]),
    )
    ids.push(ticket.id)
    uids.push(before.ticket.uid ?? '')
  }

  beforeEach(async () => {
    state = memoryState()
    signer = aSigner()
    anchors = new Map()
    queries = memorySnapshotQueries(state)
    ids.length = 0
    uids.length = 0
    for (const projectId of ['lawley', 'lawley', 'lawley', 'mohadin']) await sealed(projectId)
  })

  const deps = () => ({
    snapshotQueries: queries,
    snapshotOpenings: memorySnapshotOpenings(state),
    tools,
    proofRecords: memoryProofRecords(state),
    anchorStore: memoryAnchorStore(anchors),
    signer,
    readTimestamp: anyTimestamp,
  })
  const anchoring = (): AnchorDeps => ({
    ...deps(),
    timestampAuthority: null,
    onNoTimestamp: () => {},
    onRefused: () => {},
  })
  const verify = (scope: VerifyScope, principal = MANAGER, more: { readonly trusted?: ReadonlyArray<string> } = {}) =>
    verifySnapshots(deps())({ principal, scope, ...more })()
  const found = async (scope: VerifyScope = { type: 'all' }) => {
    const verified = await verify(scope)
    if (E.isLeft(verified)) throw new Error('refused')
    return verified.right
  }
  const kinds = async () => (await found()).findings.map(({ project_id, seq, what }) => [project_id, seq, what.type])
  const tamper = (index: number, change: object): void => {
    const entry = state.snapshots[index]
    if (entry !== undefined) state.snapshots[index] = { ...entry, ...change }
  }

  it('that nobody touched verify, all of them or those of a project or a ticket', async () => {
    expect(await found()).toEqual({
      snapshots: 4,
      faults: 0,
      findings: [],
      not_yet_anchored: 4,
      chains: [
        { project_id: 'lawley', snapshots: 3, anchored_to: null, not_yet_anchored: 3 },
        { project_id: 'mohadin', snapshots: 1, anchored_to: null, not_yet_anchored: 1 },
      ],
    })
    expect(await found({ type: 'project', projectId: 'lawley' })).toMatchObject({ snapshots: 3, faults: 0 })
    expect(await found({ type: 'project', projectId: 'nowhere' })).toMatchObject({ snapshots: 0, faults: 0 })
    expect(await found({ type: 'ticket', ticketId: ids[1] ?? '' })).toMatchObject({ snapshots: 1, faults: 0 })
  })

  it('whose bytes were changed are named with project, number and ticket', async () => {
    tamper(1, { bytes: new TextEncoder().encode('{}') })
    expect((await found()).findings).toEqual([
      { project_id: 'lawley', seq: 2, ticket_uid: uids[1], what: { type: 'BytesChanged', seq: 2 } },
    ])
    expect((await found({ type: 'ticket', ticketId: ids[1] ?? '' })).faults).toBe(1)
    expect((await found({ type: 'ticket', ticketId: ids[0] ?? '' })).faults).toBe(0)
  })

  it('whose copy for queries or columns say something else are named', async () => {
    const entry = state.snapshots[0]
    tamper(0, { jsonCopy: { ...(entry?.jsonCopy as object), format_version: 7 }, ticketId: ids[1] })
    expect(await kinds()).toEqual([
      ['lawley', 1, 'CopyDiffers'],
      ['lawley', 1, 'ColumnDiffers'],
    ])
  })

  it('are anchored once, and then the tail, a rewritten chain and a whole project are missed', async () => {
    expect(await done(anchorHeads(anchoring()))).toEqual({ anchored: 2, refused: 0 })
    expect(await done(anchorHeads(anchoring()))).toEqual({ anchored: 0, refused: 0 })
    expect((await found()).chains).toEqual([
      { project_id: 'lawley', snapshots: 3, anchored_to: 3, not_yet_anchored: 0 },
      { project_id: 'mohadin', snapshots: 1, anchored_to: 1, not_yet_anchored: 0 },
    ])
    await sealed('lawley')
    expect(await found()).toMatchObject({ faults: 0, not_yet_anchored: 1 })
    state.snapshots.splice(2)
    expect(await kinds()).toEqual([
      ['lawley', 3, 'AnchoredEntryMissing'],
      ['mohadin', 1, 'AnchoredEntryMissing'],
    ])
    await sealed('lawley')
    expect(await kinds()).toEqual([
      ['lawley', 3, 'AnchorContradicts'],
      ['mohadin', 1, 'AnchoredEntryMissing'],
    ])
  })

  it('signed by a key that nobody trusts, or not at all, are named', async () => {
    signer = aSigner()
    expect(await kinds()).toEqual(
      [1, 2, 3].map((seq) => ['lawley', seq, 'KeyNotTrusted']).concat([['mohadin', 1, 'KeyNotTrusted']]),
    )
    const [old] = [...state.signingKeys.keys()]
    expect(await verify({ type: 'all' }, MANAGER, { trusted: [old ?? ''] })).toMatchObject({ right: { faults: 0 } })
    tamper(0, { signature: null })
    state.signingKeys.clear()
    expect((await kinds()).map(([, , type]) => type)).toEqual([
      'SignatureMissing',
      'KeyUnknown',
      'KeyUnknown',
      'KeyUnknown',
    ])
  })

  it('signed by a key before its time are named', async () => {
    const [key] = [...state.signingKeys.values()]
    if (key !== undefined) state.signingKeys.set(key.keyId, { ...key, validFrom: '2999-01-01T00:00:00.000Z' })
    expect((await kinds()).map(([, , type]) => type)).toEqual(Array(4).fill('KeyNotYetValid'))
  })

  it('verify over a change of keys, whichever of them is trusted', async () => {
    const first = signer.current()?.keyId ?? ''
    const newer = await done(rotateKey(deps())(MANAGER_OF_SETTINGS))
    await sealed('lawley')
    await done(anchorHeads(anchoring()))
    expect(newer.endorsement?.by).toBe(first)
    for (const trusted of [[], [first], [newer.keyId]])
      expect(await verify({ type: 'all' }, MANAGER, { trusted })).toMatchObject({ right: { snapshots: 5, faults: 0 } })
    const kept = state.signingKeys.get(newer.keyId)
    if (kept !== undefined) state.signingKeys.set(newer.keyId, { ...kept, validFrom: '2020-01-01T00:00:00.000Z' })
    expect(await verify({ type: 'all' }, MANAGER, { trusted: [first] })).toMatchObject({ right: { faults: 3 } })
  })

  it('whose anchors are damaged, made up or gone are named', async () => {
    await done(anchorHeads(anchoring()))
    const whole = new Map(anchors)
    const [stored] = whole
    if (stored === undefined) throw new Error('nothing is anchored')
    const [name, anchor] = stored
    if (anchor.anchor === null) throw new Error('the anchor cannot be read')
    anchors.set(name, { ...anchor, anchor: null })
    expect(await kinds()).toEqual([
      ['lawley', null, 'AnchorUnreadable'],
      ['lawley', 3, 'AnchorGone'],
    ])
    anchors.set(name, { ...anchor, anchor: { ...anchor.anchor, chainHash: 'f'.repeat(64) } })
    expect((await kinds())[0]).toEqual(['lawley', null, 'AnchorNotGenuine'])
    anchors.set(name, { ...anchor, token: new Uint8Array([1, 2, 3]) })
    expect(await kinds()).toEqual([['lawley', null, 'TimestampWrong']])
    anchors.delete(name)
    expect(await kinds()).toEqual([['lawley', 3, 'AnchorGone']])
  })

  it('whose personal words were changed, or are gone without an erasure, are named; after an erasure nothing is', async () => {
    const [first, second, third] = state.snapshots
    tamper(0, { openings: { ...first?.openings, '/ticket/title': 'Another' } })
    tamper(1, { openings: null })
    tamper(2, { openings: null })
    state.subjectKeys.set(third?.ticketId ?? '', { state: 'destroyed', at: later(9) })
    expect((await found()).findings.map(({ what }) => what)).toEqual([
      { type: 'OpeningDiffers', seq: 1, path: '/ticket/title' },
      { type: 'OpeningMissing', seq: 2 },
    ])
    tamper(2, { openings: second?.openings })
    expect((await kinds()).at(-1)).toEqual(['lawley', 3, 'OpeningRemains'])
    state.subjectKeys.delete(third?.ticketId ?? '')
    expect((await kinds()).at(-1)).toEqual(['lawley', 3, 'SubjectKeyMissing'])
  })

  it('that are missing in the middle or at the end are missed', async () => {
    const last = state.snapshots[2]
    const head = last === undefined ? null : { seq: last.seq, chainHash: last.chainHash }
    const part = queries.part
    queries = {
      ...queries,
      part:
        (project, ...rest) =>
        async () => {
          const read = await part(project, ...rest)()
          return E.isRight(read) && project === 'lawley' ? E.right({ ...read.right, head }) : read
        },
    }
    state.snapshots.splice(2, 1)
    expect(await kinds()).toEqual([['lawley', null, 'HeadDiffers']])
    state.snapshots.splice(0, 1)
    expect(await kinds()).toEqual([
      ['lawley', 2, 'SeqGap'],
      ['lawley', 2, 'ChainBroken'],
      ['lawley', null, 'HeadDiffers'],
    ])
  })

  it('whose ticket is gone are named', async () => {
    state.tickets.delete(ids[3] ?? '')
    expect((await found()).findings).toMatchObject([
      { project_id: 'mohadin', seq: 1, ticket_uid: null, what: { type: 'TicketMissing', ticketId: ids[3] } },
    ])
  })

  it('are read in batches however long the chain, and a broken chain is told in a thousand findings', async () => {
    const one = only((await done(queries.part('mohadin', 0, 1))).entries)
    const asked: number[] = []
    const LENGTH = 2 * BATCH + 7
    queries = {
      ...queries,
      part: (_, after, limit) => async () => {
        asked.push(limit)
        const entries = Array.from({ length: Math.min(limit, LENGTH - after) }, (_, i) => ({
          ...one,
          seq: after + i + 1,
        }))
        return E.right({ head: null, entries })
      },
    }
    const verified = await found({ type: 'project', projectId: 'mohadin' })
    expect(asked).toEqual([BATCH, BATCH, BATCH])
    expect(verified.snapshots).toBe(LENGTH)
    expect(verified.findings).toHaveLength(MAX_TOLD)
    expect(verified.faults).toBeGreaterThan(MAX_TOLD)
  })

  it('are verified by whoever may read the ticket, a viewer excepted, and whole chains by those who see every ticket', async () => {
    const ticket: VerifyScope = { type: 'ticket', ticketId: ids[0] ?? '' }
    const technician = who('technician', TECHNICIAN)
    expect(await verify(ticket, technician)).toMatchObject({ right: { snapshots: 1 } })
    expect(await verify({ type: 'all' }, technician)).toMatchObject({ left: { type: 'NotAllowed' } })
    expect(await verify(ticket, who('technician', 'stranger'))).toMatchObject({ left: { type: 'NotFound' } })
    expect(await verify(ticket, who('viewer'))).toMatchObject({ left: { type: 'NotAllowed' } })
  })

  it('are shown with their ticket: verified, found wrong, or not judged for a viewer', async () => {
    const history = (principal: Principal) => readHandoverHistory(deps())({ principal, ticketId: ids[0] ?? '' })()
    expect(await history(MANAGER)).toMatchObject({
      right: [{ seq: 1, handover_type: 'build_to_qa', verified: true, faults: [] }],
    })
    tamper(0, { sha256: 'f'.repeat(64) })
    expect(await history(MANAGER)).toMatchObject({ right: [{ verified: false }] })
    expect(await history(who('viewer'))).toMatchObject({ right: [{ verified: null, faults: [] }] })
    expect(await history(who('technician', 'stranger'))).toMatchObject({
      left: { type: 'NotFound', resource: 'Ticket' },
    })
  })
})
