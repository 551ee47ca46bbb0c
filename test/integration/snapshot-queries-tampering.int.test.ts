import { afterAll, beforeAll, expect, it } from 'vitest'
import { memoryAnchorStore } from '../../src/adapters/memory/anchor-store.ts'
import { verifySnapshots } from '../../src/application/handover/verify-snapshots.ts'
import type { Principal } from '../../src/application/principal.ts'
import { describeOn, type TestDatabase, testDatabase } from '../support/databases.ts'
import { aSigner } from '../support/proof.ts'
import { NOT_SEALED, type Outside, proofOn, sealInto, undone } from '../support/sealed-database.ts'
import { done } from '../support/stored-tickets.ts'

const principal: Principal = { userId: 'mpho', role: 'manager', contractorId: null, teams: [] }

describeOn('postgres', 'Whoever owns the database and turns its triggers off', () => {
  const outside: Outside = { signer: aSigner(), anchorStore: memoryAnchorStore() }
  let database: TestDatabase
  beforeAll(async () => {
    database = await testDatabase('postgres')
    await sealInto(database, outside, 4, [4])
  })
  afterAll(() => database.close())

  const found = (tampering: string | null): Promise<ReadonlyArray<readonly [number | null, string]>> =>
    undone(database, async (client) => {
      await client.query(
        'alter table handover_snapshots disable trigger all; alter table subject_keys disable trigger all',
      )
      if (tampering !== null) await client.query(tampering)
      const { findings } = await done(verifySnapshots(proofOn(client, outside))({ principal, scope: { type: 'all' } }))
      return findings.map(({ seq, what }) => [seq, what.type] as const)
    })

  const CHANGED: Readonly<Record<string, string>> = {
    uuid: 'gen_random_uuid()',
    text: `coalesce({}, '') || 'x'`,
    'character varying': `case {} when 'build' then 'qa' when 'build_to_qa' then 'maintenance_complete' else 'build' end`,
    jsonb: `jsonb_build_array({})`,
    'timestamp with time zone': `{} + interval '1 second'`,
    bytea: `{} || '\\x20'::bytea`,
    bigint: '{} + 100',
    integer: '{} + 100',
    character: `reverse({})`,
  }

  it('and changes any one column of it is found out, whichever it is', async () => {
    const { rows } = await database.pool.query<{ name: string; type: string }>(
      `select column_name as name, data_type as type from information_schema.columns
      where table_name = 'handover_snapshots' and table_schema = 'public'`,
    )
    const columns = rows.filter(({ name }) => !NOT_SEALED.includes(name))
    expect(columns.length).toBe(rows.length - NOT_SEALED.length)
    for (const { name, type } of columns) {
      const other = CHANGED[type]?.replaceAll('{}', name)
      expect([name, other]).not.toEqual([name, undefined])
      const findings = await found(
        `alter table handover_snapshots drop constraint handover_snapshots_ticket_id_fkey;
        update handover_snapshots set ${name} = ${other} where seq = 2`,
      )
      expect([name, findings.length > 0]).toEqual([name, true])
    }
  })

  it.each<readonly [string, string | null, ReadonlyArray<readonly [number | null, string]>]>([
    ['changes nothing', null, []],
    [
      'changes a word of a copy',
      `update handover_snapshots set snapshot_data = jsonb_set(snapshot_data, '{ticket,ont_serial}', '"ALCLB0000000"') where seq = 2`,
      [[2, 'CopyDiffers']],
    ],
    [
      'puts other words into a mouth',
      `update snapshot_openings o set openings = jsonb_set(openings, '{/ticket/title}', '"Another title"')
      from handover_snapshots s where s.id = o.snapshot_id and s.seq = 2`,
      [[2, 'OpeningDiffers']],
    ],
    [
      'forgets one thing that was said and makes up another',
      `update snapshot_openings o set openings = openings - '/ticket/title' || '{"/notes/n": "So it was agreed"}'
      from handover_snapshots s where s.id = o.snapshot_id and s.seq = 2`,
      [
        [2, 'OpeningDiffers'],
        [2, 'OpeningDiffers'],
      ],
    ],
    [
      'takes away what opens a snapshot, and leaves its key',
      `delete from snapshot_openings o using handover_snapshots s where s.id = o.snapshot_id and s.seq = 3`,
      [[3, 'OpeningMissing']],
    ],
    [
      'says a key was destroyed, and keeps the text',
      `update subject_keys k set key = null, destroyed_at = now(), destroyed_by = 'x'
      from handover_snapshots s where s.ticket_id = k.ticket_id and s.seq = 4`,
      [
        [4, 'OpeningRemains'],
        [4, 'ErasureUnrecorded'],
      ],
    ],
    [
      'erases past the record of erasures',
      `update subject_keys k set key = null, destroyed_at = now(), destroyed_by = 'x'
      from handover_snapshots s where s.ticket_id = k.ticket_id and s.seq in (2, 4);
      delete from snapshot_openings o using handover_snapshots s where s.id = o.snapshot_id and s.seq in (2, 4);
      insert into subject_erasures (id, project_id, at, by, reason, tickets)
      select gen_random_uuid(), project_id, now(), 'admin', 'asked', array[ticket_id] from handover_snapshots where seq = 2`,
      [[4, 'ErasureUnrecorded']],
    ],
    [
      'takes away a key',
      `delete from subject_keys k using handover_snapshots s where s.ticket_id = k.ticket_id and s.seq = 1`,
      [[1, 'SubjectKeyMissing']],
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
      'forgets the photos that proved it, for whoever reads the tables',
      `update handover_snapshots set evidence_links = '[]' where seq = 2`,
      [[2, 'ColumnDiffers']],
    ],
    [
      'leads a link elsewhere',
      `update handover_snapshots set evidence_links = jsonb_set(evidence_links, '{0,url}', '"/elsewhere"') where seq = 2`,
      [[2, 'ColumnDiffers']],
    ],
    [
      'has someone else decide',
      `update handover_snapshots set decisions = '[{"kind": "approved", "by": "someone-else"}]' where seq = 4`,
      [[4, 'ColumnDiffers']],
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
