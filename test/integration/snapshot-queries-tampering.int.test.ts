import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { sha256 } from '../../src/adapters/canonical/sha256.ts'
import { memoryAnchorStore } from '../../src/adapters/memory/anchor-store.ts'
import { postgresProofRecords } from '../../src/adapters/postgres/proof-records.ts'
import { postgresSnapshotQueries } from '../../src/adapters/postgres/snapshot-queries.ts'
import { postgresTicketStore } from '../../src/adapters/postgres/ticket-store.ts'
import { anchorHeads } from '../../src/application/handover/anchor-heads.ts'
import { verifySnapshots } from '../../src/application/handover/verify-snapshots.ts'
import type { Principal } from '../../src/application/principal.ts'
import { startQa } from '../../src/domain/ticket/start-qa.ts'
import { describeOn, type TestDatabase, testDatabase } from '../support/databases.ts'
import { anyTimestamp, aSigner, tools } from '../support/proof.ts'
import { aTicket, changeOf, creationOf, done, only } from '../support/stored-tickets.ts'
import { facts, later, REVIEWER, stamp } from '../support/tickets.ts'

const principal: Principal = { userId: 'mpho', role: 'manager', contractorId: null, teams: [] }

describeOn('postgres', 'Whoever owns the database and turns its triggers off', () => {
  const signer = aSigner()
  const anchorStore = memoryAnchorStore()
  let database: TestDatabase
  beforeAll(async () => {
    database = await testDatabase('postgres')
    const store = postgresTicketStore(database.pool, { sow: 'platform_records', sha256, signer, nudge: () => {} })
    for (let n = 0; n < 4; n += 1) {
      const ticket = aTicket('pending_qa')
      await done(store.commit([creationOf(ticket)], []))
      const before = only(await done(store.load([ticket.id])))
      const decided = startQa(stamp(REVIEWER, later(3), randomUUID()), facts())(before.ticket)
      await done(store.commit([], [changeOf(before, decided)]))
    }
    const proofRecords = postgresProofRecords(database.pool)
    await done(anchorHeads({ proofRecords, anchorStore, signer, timestampAuthority: null, onNoTimestamp: () => {} }))
  })
  afterAll(() => database.close())

  const found = async (tampering: string | null): Promise<ReadonlyArray<readonly [number | null, string]>> => {
    const client = await database.pool.connect()
    try {
      await client.query('begin')
      await client.query('alter table handover_snapshots disable trigger all')
      if (tampering !== null) await client.query(tampering)
      const snapshotQueries = postgresSnapshotQueries(client)
      const { findings } = await done(
        verifySnapshots({
          snapshotQueries,
          tools,
          proofRecords: postgresProofRecords(client),
          anchorStore,
          signer,
          readTimestamp: anyTimestamp,
        })({ principal, scope: { type: 'all' } }),
      )
      return findings.map(({ seq, what }) => [seq, what.type] as const)
    } finally {
      await client.query('rollback')
      client.release()
    }
  }

  it.each<readonly [string, string | null, ReadonlyArray<readonly [number | null, string]>]>([
    ['changes nothing', null, []],
    [
      'changes a word of a copy',
      `update handover_snapshots set snapshot_data = jsonb_set(snapshot_data, '{ticket,ont_serial}', '"ALCLB0000000"') where seq = 2`,
      [[2, 'CopyDiffers']],
    ],
    [
      'changes the bytes',
      `update handover_snapshots set snapshot_bytes = snapshot_bytes || '\\x20'::bytea where seq = 3`,
      [[3, 'BytesChanged']],
    ],
    [
      'changes a column beside it',
      `update handover_snapshots set handover_by = 'mallory' where seq = 1`,
      [[1, 'ColumnDiffers']],
    ],
    [
      'takes the last one away',
      'delete from handover_snapshots where seq = 4',
      [
        [null, 'HeadDiffers'],
        [4, 'AnchoredEntryMissing'],
      ],
    ],
    [
      'takes the last one away and mends the head',
      `delete from handover_snapshots where seq = 4;
      update snapshot_chains c set seq = s.seq, chain_hash = s.chain_hash from handover_snapshots s where s.seq = 3`,
      [[4, 'AnchoredEntryMissing']],
    ],
    [
      'forgets the whole project',
      'delete from handover_snapshots; delete from snapshot_chains',
      [[4, 'AnchoredEntryMissing']],
    ],
    [
      'takes a signature away',
      'update handover_snapshots set key_id = null, signature = null, signed_at = null where seq = 2',
      [[2, 'SignatureMissing']],
    ],
    [
      'puts another signature there',
      `update handover_snapshots set signature = (select signature from handover_snapshots where seq = 1) where seq = 2`,
      [[2, 'SignatureWrong']],
    ],
    [
      'forgets that it is anchored',
      'alter table snapshot_anchors disable trigger all; delete from snapshot_anchors',
      [],
    ],
    [
      'makes up an anchor',
      `insert into snapshot_anchors select project_id, 3, repeat('a', 64), key_id, signature, anchored_at from snapshot_anchors`,
      [[3, 'AnchorGone']],
    ],
    [
      'takes one out of the middle',
      'delete from handover_snapshots where seq = 2',
      [
        [3, 'SeqGap'],
        [3, 'ChainBroken'],
      ],
    ],
    [
      'marks its ticket deleted',
      `alter table tickets disable trigger all;
      update tickets set deleted_at = now() where id = (select ticket_id from handover_snapshots where seq = 4)`,
      [[4, 'TicketMissing']],
    ],
    ['forgets the head', 'delete from snapshot_chains', [[null, 'HeadDiffers']]],
  ])('and %s is found out', async (_, tampering, expected) => {
    expect(await found(tampering)).toEqual(expected)
  })
})
