import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { canonicalBytes } from '../../src/adapters/canonical/canonical-bytes.ts'
import type { Queryable } from '../../src/adapters/contract/pool.ts'
import { memoryAnchorStore } from '../../src/adapters/memory/anchor-store.ts'
import { keepKeysSql, keyRow } from '../../src/adapters/postgres/proof-records.ts'
import { anchorHeads } from '../../src/application/handover/anchor-heads.ts'
import { readHandoverHistory } from '../../src/application/handover/handover-history.ts'
import type { Verification } from '../../src/application/handover/verification.ts'
import { verifySnapshots } from '../../src/application/handover/verify-snapshots.ts'
import type { Signer } from '../../src/application/ports/signer.ts'
import type { Principal } from '../../src/application/principal.ts'
import { type ChainHead, chainHash, GENESIS } from '../../src/domain/handover/chain.ts'
import { snapshotStatement } from '../../src/domain/handover/signature.ts'
import type { Json } from '../../src/domain/shared/json.ts'
import { describeOn, type TestDatabase, testDatabase } from '../support/databases.ts'
import { aSigner, tools } from '../support/proof.ts'
import { NOT_SEALED, type Outside, proofOn, sealInto, undone } from '../support/sealed-database.ts'
import { done } from '../support/stored-tickets.ts'

const LENGTH = 12
const ANCHORED_AFTER = [4, 9]
const NEWEST = 9
const ATTEMPTS = 1_000
const principal: Principal = { userId: 'mpho', role: 'manager', contractorId: null, teams: [] }

/** Whoever owns the database runs what they like there, but has neither the signing key nor the anchors. `at` is a number up to the newest anchor. */
type Attack = { readonly kind: string; readonly on: (client: Queryable, at: number, n: number) => Promise<unknown> }

const COLUMN_TYPES: Readonly<Record<string, string>> = {
  id: 'uuid',
  ticket_id: 'uuid',
  handover_type: 'text',
  snapshot_data: 'jsonb',
  evidence_links: 'jsonb',
  decisions: 'jsonb',
  guarantee_status: 'text',
  from_owner_type: 'text',
  from_owner_id: 'text',
  to_owner_type: 'text',
  to_owner_id: 'text',
  handover_at: 'timestamptz',
  handover_by: 'text',
  project_id: 'text',
  format_version: 'integer',
  snapshot_bytes: 'bytea',
  sha256: 'hex',
  prev_hash: 'hex',
  seq: 'integer',
  chain_hash: 'hex',
  key_id: 'text',
  signature: 'text',
  signed_at: 'timestamptz',
}

const flipHex = (hex: string, n: number): string => {
  const digits = [...hex.matchAll(/[0-9a-f]/g)].map(({ index }) => index)
  const i = digits[n % digits.length] ?? 0
  return hex.slice(0, i) + (Number.parseInt(hex.charAt(i), 16) ^ (1 << (n % 4))).toString(16) + hex.slice(i + 1)
}
const flipText = (text: string, n: number): string => {
  const i = n % text.length
  return text.slice(0, i) + String.fromCharCode(text.charCodeAt(i) ^ 1) + text.slice(i + 1)
}
/** The same value with one leaf changed, wherever it stands; an empty one gets something. */
const flipLeaf = (value: Json, n: number): Json => {
  if (Array.isArray(value)) {
    if (value.length === 0) return ['x']
    return value.with(n % value.length, flipLeaf(value[n % value.length] ?? null, Math.floor(n / value.length)))
  }
  if (typeof value === 'object' && value !== null) {
    const keys = Object.keys(value)
    const key = keys[n % keys.length]
    if (key === undefined) return { x: 'x' }
    const inner = (value as Readonly<Record<string, Json>>)[key] ?? null
    return { ...value, [key]: flipLeaf(inner, Math.floor(n / keys.length)) }
  }
  if (typeof value === 'string') return value === '' ? 'x' : flipText(value, n)
  if (typeof value === 'number') return value + 1
  if (typeof value === 'boolean') return !value
  return 'x'
}

const flipColumn =
  (column: string, type: string): Attack['on'] =>
  async (client, at, n) => {
    if (type === 'bytea')
      return client.query(
        `update handover_snapshots set ${column} = set_bit(${column}, b, 1 - get_bit(${column}, b))
        from (select ($2::integer % (8 * length(${column}))) as b from handover_snapshots where seq = $1) bit where seq = $1`,
        [at, n],
      )
    if (type === 'timestamptz')
      return client.query(
        `update handover_snapshots set ${column} = ${column} + (1 + $2::integer % 86400000) * interval '1 millisecond'
        where seq = $1`,
        [at, n],
      )
    if (type === 'integer')
      return client.query(
        `update handover_snapshots set ${column} = ${column} # (1 << ($2::integer % 6)) where seq = $1`,
        [at, n],
      )
    const { rows } = await client.query<{ value: Json }>(
      `select ${type === 'jsonb' ? column : `${column}::text`} as value from handover_snapshots where seq = $1`,
      [at],
    )
    const value = rows[0]?.value ?? null
    const flipped =
      type === 'jsonb'
        ? JSON.stringify(flipLeaf(value, n))
        : value === null
          ? 'x'
          : type === 'text'
            ? flipText(String(value), n)
            : flipHex(String(value), n)
    return client.query(
      `update handover_snapshots set ${column} = $2::${type === 'hex' ? 'text' : type} where seq = $1`,
      [at, flipped],
    )
  }

// biome-ignore lint/suspicious/noExplicitAny: the driver's own row
type Row = Record<string, any>

/** Another ONT serial, or two photos whose hashes changed places: a lie that is whole in itself. */
const lie = async (client: Queryable, at: number, n: number, what: 'serial' | 'objects'): Promise<unknown> => {
  const { rows } = await client.query<Row>('select snapshot_data from handover_snapshots where seq = $1', [at])
  const content = rows[0]?.snapshot_data as { ticket: Row; evidence: Array<Row> }
  const [one, two] = [content.evidence[0], content.evidence[1 + (n % (content.evidence.length - 1))]]
  if (what === 'serial' || one === undefined || two === undefined) content.ticket.ont_serial = `ALCLB${n}`
  else [one.sha256, two.sha256] = [two.sha256, one.sha256]
  const bytes = canonicalBytes(content as unknown as Json)
  if (E.isLeft(bytes)) throw new Error('no plain JSON')
  return client.query(
    `update handover_snapshots set snapshot_data = $2, snapshot_bytes = $3, sha256 = $4, evidence_links = $5 where seq = $1`,
    [at, JSON.stringify(content), bytes.right, tools.sha256(bytes.right), JSON.stringify(content.evidence)],
  )
}

/** Numbers, links, the head, and signatures by that key or none, made anew from one entry to the end, so that the chain is whole again. */
const relink = async (client: Queryable, from: number, signer: Signer | 'as it was' | 'unsigned'): Promise<void> => {
  const { rows } = await client.query<Row>(
    `select id, project_id, seq, sha256, chain_hash, format_version, key_id, signature, signed_at
    from handover_snapshots order by seq, id`,
  )
  let head: ChainHead = GENESIS
  const written: Row[] = []
  for (const row of rows) {
    const seq = head.seq + 1
    if (seq < from) {
      head = { seq, chainHash: row.chain_hash }
      continue
    }
    const formatVersion = signer === 'unsigned' ? 1 : row.format_version
    const hash = chainHash(tools.sha256)({ seq, prevHash: head.chainHash, sha256: row.sha256 }, formatVersion) ?? ''
    const signed = typeof signer === 'string' ? null : signer.sign((at) => snapshotStatement(row.project_id, hash, at))
    if (signed !== null) await client.query(keepKeysSql('$1'), [JSON.stringify([keyRow(signed.key)])])
    const kept = signer === 'as it was'
    written.push({
      id: row.id,
      seq,
      prev_hash: head.chainHash,
      chain_hash: hash,
      format_version: formatVersion,
      key_id: kept ? row.key_id : (signed?.signature.keyId ?? null),
      signature: kept ? row.signature : (signed?.signature.value ?? null),
      signed_at: kept ? row.signed_at : (signed?.signature.signedAt ?? null),
    })
    head = { seq, chainHash: hash }
  }
  await client.query(
    `update handover_snapshots s set seq = w.seq, prev_hash = w.prev_hash, chain_hash = w.chain_hash,
      format_version = w.format_version, key_id = w.key_id, signature = w.signature, signed_at = w.signed_at
    from jsonb_to_recordset($1::jsonb) as w (id uuid, seq bigint, prev_hash text, chain_hash text, format_version integer,
      key_id text, signature text, signed_at timestamptz)
    where s.id = w.id`,
    [JSON.stringify(written)],
  )
  await client.query('update snapshot_chains set seq = $1, chain_hash = $2', [head.seq, head.chainHash])
}

const mallory = aSigner()
const OF_SEQ = 'from handover_snapshots s where s.seq = $1'

const copyRow = (client: Queryable, at: number): Promise<unknown> =>
  client.query(
    `insert into handover_snapshots
    select (jsonb_populate_record(s, jsonb_build_object('id', gen_random_uuid()))).* ${OF_SEQ}`,
    [at],
  )

const flipOpening = async (client: Queryable, at: number, n: number): Promise<unknown> => {
  const { rows } = await client.query<Row>(
    `select o.snapshot_id, o.openings from snapshot_openings o join handover_snapshots s on s.id = o.snapshot_id
    where s.seq = $1`,
    [at],
  )
  return client.query('update snapshot_openings set openings = $2 where snapshot_id = $1', [
    rows[0]?.snapshot_id,
    JSON.stringify(flipLeaf(rows[0]?.openings, n)),
  ])
}

const attacks: ReadonlyArray<Attack> = [
  ...Object.entries(COLUMN_TYPES).map(([column, type]) => ({
    kind: `bit of ${column}`,
    on: flipColumn(column, type),
  })),
  { kind: 'row taken out', on: (client, at) => client.query('delete from handover_snapshots where seq = $1', [at]) },
  {
    kind: 'row taken out and the rest renumbered',
    on: async (client, at) => {
      await client.query('delete from handover_snapshots where seq = $1', [at])
      await relink(client, at, 'as it was')
    },
  },
  { kind: 'row put in', on: copyRow },
  {
    kind: 'row put in and the rest renumbered',
    on: async (client, at) => {
      await copyRow(client, at)
      await relink(client, at, 'as it was')
    },
  },
  {
    kind: 'rows in another order',
    on: (client, at, n) =>
      client.query(
        'update handover_snapshots set seq = case seq when $1 then $2::bigint else $1::bigint end where seq in ($1, $2)',
        [at, 1 + ((at + (n % (LENGTH - 1))) % LENGTH)],
      ),
  },
  {
    kind: 'rows in another order, relinked',
    on: async (client, at, n) => {
      const other = 1 + ((at + (n % (LENGTH - 1))) % LENGTH)
      await client.query(
        'update handover_snapshots set seq = case seq when $1 then $2::bigint else $1::bigint end where seq in ($1, $2)',
        [at, other],
      )
      await relink(client, Math.min(at, other), 'as it was')
    },
  },
  { kind: 'tail cut off', on: (client, at) => client.query('delete from handover_snapshots where seq >= $1', [at]) },
  {
    kind: 'tail cut off and the head mended',
    on: async (client, at) => {
      await client.query('delete from handover_snapshots where seq >= $1', [at])
      await relink(client, at, 'as it was')
      await client.query('delete from snapshot_anchors')
    },
  },
  {
    kind: 'head changed',
    on: (client, _, n) => client.query('update snapshot_chains set seq = seq + $1', [1 + (n % 9)]),
  },
  {
    kind: 'content forged, rehashed to the end',
    on: async (client, at, n) => {
      await lie(client, at, n, 'serial')
      await relink(client, at, 'as it was')
    },
  },
  {
    kind: 'hashes of objects swapped',
    on: (client, at, n) => lie(client, at, n, 'objects'),
  },
  {
    kind: 'whole chain rewritten without signatures',
    on: async (client, at, n) => {
      await lie(client, at, n, 'serial')
      await relink(client, 1, 'unsigned')
      await client.query('delete from snapshot_anchors')
    },
  },
  {
    kind: 'whole chain rewritten with a key of their own',
    on: async (client, at, n) => {
      await lie(client, at, n, n % 2 === 0 ? 'serial' : 'objects')
      if (n % 3 === 0) await client.query('delete from signing_keys')
      await client.query('delete from snapshot_anchors')
      await relink(client, 1, mallory)
    },
  },
  {
    kind: 'public key exchanged',
    on: (client) => client.query('update signing_keys set public_key = $1', [mallory.current()?.publicKey]),
  },
  {
    kind: 'moved to another project',
    on: async (client, at) => {
      await client.query(`update handover_snapshots set project_id = 'mohadin' where seq >= $1`, [at])
    },
  },
  {
    kind: 'ticket marked deleted',
    on: (client, at) => client.query(`update tickets t set deleted_at = now() ${OF_SEQ} and s.ticket_id = t.id`, [at]),
  },
  { kind: 'opening changed', on: flipOpening },
  {
    kind: 'opening taken out',
    on: (client, at, n) =>
      client.query(
        `update snapshot_openings o set openings = openings - (select path from jsonb_object_keys(openings) path
          order by path offset $2 % (select count(*) from jsonb_object_keys(openings)) limit 1)
        ${OF_SEQ} and s.id = o.snapshot_id`,
        [at, n],
      ),
  },
  {
    kind: 'opening made up',
    on: (client, at, n) =>
      client.query(
        `update snapshot_openings o set openings = openings || jsonb_build_object('/notes/' || $2::text, 'So it was agreed')
        ${OF_SEQ} and s.id = o.snapshot_id`,
        [at, String(n)],
      ),
  },
  {
    kind: 'openings of two changed for each other',
    on: (client, at, n) =>
      client.query(
        `update snapshot_openings o set openings = other.openings
        from handover_snapshots s, handover_snapshots t, snapshot_openings other
        where s.id = o.snapshot_id and t.id = other.snapshot_id and s.seq in ($1, $2) and t.seq in ($1, $2) and s.seq <> t.seq`,
        [at, 1 + ((at + (n % (LENGTH - 1))) % LENGTH)],
      ),
  },
  {
    kind: 'openings taken away',
    on: (client, at) =>
      client.query(`delete from snapshot_openings o using ${OF_SEQ.slice(5)} and s.id = o.snapshot_id`, [at]),
  },
  {
    kind: 'bit of a subject’s key',
    on: (client, at, n) =>
      client.query(
        `update subject_keys k set key = set_bit(key, $2::integer % 256, 1 - get_bit(key, $2::integer % 256))
        ${OF_SEQ} and s.ticket_id = k.ticket_id`,
        [at, n],
      ),
  },
  {
    kind: 'subject’s key taken away',
    on: (client, at) =>
      client.query(`delete from subject_keys k using ${OF_SEQ.slice(5)} and s.ticket_id = k.ticket_id`, [at]),
  },
  {
    kind: 'erased without a record',
    on: async (client, at) => {
      await client.query(`delete from snapshot_openings o using ${OF_SEQ.slice(5)} and s.id = o.snapshot_id`, [at])
      await client.query(
        `update subject_keys k set key = null, destroyed_at = now(), destroyed_by = 'admin'
        ${OF_SEQ} and s.ticket_id = k.ticket_id`,
        [at],
      )
    },
  },
]

describeOn('pglite', 'Whoever owns the database, but neither the signing key nor the anchors', () => {
  const outside: Outside = { signer: aSigner(), anchorStore: memoryAnchorStore() }
  let database: TestDatabase
  beforeAll(async () => {
    database = await testDatabase('pglite')
    const { pool } = database
    await sealInto(database, outside, LENGTH, ANCHORED_AFTER)
    // nothing in the database stands in the owner's way
    const { rows } = await pool.query<{ table: string; name: string }>(
      `select conrelid::regclass::text as table, conname as name from pg_constraint
      where contype in ('f', 'c', 'u', 'p') and conrelid = any(array['handover_snapshots', 'snapshot_anchors',
        'snapshot_anchor_stamps', 'signing_keys', 'subject_keys']::regclass[]) order by contype = 'f' desc`,
    )
    for (const { table, name } of rows)
      if (name !== 'signing_keys_pkey')
        await pool.query(`alter table ${table} drop constraint if exists "${name}" cascade`)
    for (const table of ['tickets', 'signing_keys', 'snapshot_anchors', 'snapshot_openings', 'subject_keys'])
      await pool.query(`alter table ${table} disable trigger all`)
    await pool.query('alter table handover_snapshots disable trigger all')
  }, 120_000)
  afterAll(() => database?.close())

  const verified = (client: Queryable): Promise<Verification> =>
    done(verifySnapshots(proofOn(client, outside))({ principal, scope: { type: 'all' } }))
  const after = (tamper: (client: Queryable) => Promise<unknown>): Promise<Verification> =>
    undone(database, async (client) => {
      await tamper(client)
      return verified(client)
    })

  it('may change each column that there is, but those that say nothing', async () => {
    const { rows } = await database.pool.query<{ name: string }>(
      `select column_name as name from information_schema.columns where table_name = 'handover_snapshots'`,
    )
    expect(rows.map(({ name }) => name).toSorted()).toEqual([...Object.keys(COLUMN_TYPES), ...NOT_SEALED].toSorted())
  })

  it('and touched nothing is not accused, and told what is not yet anchored', async () => {
    expect(await after(async () => null)).toMatchObject({
      snapshots: LENGTH,
      faults: 0,
      findings: [],
      not_yet_anchored: LENGTH - NEWEST,
      chains: [{ project_id: 'lawley', anchored_to: NEWEST, not_yet_anchored: LENGTH - NEWEST }],
    })
  })

  it(`is found out in each of ${ATTEMPTS} attempts up to the newest anchor`, async () => {
    const tried = new Map<string, number>()
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...attacks),
        fc.integer({ min: 1, max: NEWEST }),
        fc.nat({ max: 1_000_000 }),
        async ({ kind, on }, at, n) => {
          tried.set(kind, (tried.get(kind) ?? 0) + 1)
          const { faults } = await after((client) => on(client, at, n))
          return faults > 0
        },
      ),
      { numRuns: ATTEMPTS, seed: 20_261_123 },
    )
    expect([...tried.keys()].toSorted()).toEqual(attacks.map(({ kind }) => kind).toSorted())
    expect((await verified(database.pool)).faults).toBe(0)
  }, 300_000)

  it('who cuts off what is newer than the newest anchor leaves less that is not yet anchored; a forged end is still found', async () => {
    const cut = await after(async (client) => {
      await client.query('delete from handover_snapshots where seq > $1', [NEWEST + 1])
      await relink(client, NEWEST + 2, 'as it was')
    })
    expect(cut).toMatchObject({ snapshots: NEWEST + 1, faults: 0, not_yet_anchored: 1 })
    const forged = await after(async (client) => {
      await lie(client, LENGTH, 1, 'serial')
      await relink(client, LENGTH, mallory)
    })
    expect(forged.findings.map(({ seq, what }) => [seq, what.type])).toEqual([[LENGTH, 'KeyNotTrusted']])
  })

  it('who rewrites what is newer than the newest anchor without signatures is found, and not anchored by the program', async () => {
    for (const from of [NEWEST, NEWEST + 1, LENGTH])
      await undone(database, async (client) => {
        const refused: string[] = []
        const kept = await done(outside.anchorStore.of('lawley'))
        await lie(client, from, 1, 'serial')
        await relink(client, from, 'unsigned')
        await client.query(
          'update handover_snapshots set signature = null, key_id = null, signed_at = null where seq >= $1',
          [from],
        )
        if (from === LENGTH) await client.query('delete from snapshot_anchors')
        const forged = (await verified(client)).findings.map(({ seq, what }) => [seq, what.type])
        expect(forged).toContainEqual([from, 'FormatFell'])
        expect(forged).toContainEqual([LENGTH, 'SignatureMissing'])
        const proof = {
          ...proofOn(client, outside),
          onRefused: (_: string, faults: ReadonlyArray<{ readonly type: string }>) =>
            refused.push(...faults.map(({ type }) => type)),
        }
        expect(await done(anchorHeads(proof))).toEqual({ anchored: 0, refused: 1 })
        expect(refused).toContain(from === NEWEST ? 'ChainBroken' : 'SignatureMissing')
        expect(await done(outside.anchorStore.of('lawley'))).toEqual(kept)
      })
  })

  it('who rewrites the ticket’s own snapshot without a signature is found by verifying that ticket, and in its history', async () => {
    await undone(database, async (client) => {
      await lie(client, LENGTH, 1, 'serial')
      await relink(client, 1, 'unsigned')
      const { rows } = await client.query<Row>('select ticket_id from handover_snapshots where seq = $1', [LENGTH])
      const ticketId = String(rows[0]?.ticket_id)
      const proof = proofOn(client, outside)
      const one = await done(verifySnapshots(proof)({ principal, scope: { type: 'ticket', ticketId } }))
      expect(one.findings.map(({ what }) => what.type)).toContain('SignatureMissing')
      const history = await done(readHandoverHistory(proof)({ principal, ticketId }))
      expect(history).toMatchObject([{ verified: false }])
    })
  })
})
