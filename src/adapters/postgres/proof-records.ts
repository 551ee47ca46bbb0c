import type { ProofRecords } from '../../application/ports/proof-records.ts'
import type { Anchor } from '../../domain/handover/anchor.ts'
import type { SigningKey } from '../../domain/handover/signature.ts'
import { isoInstant, type Queryable } from '../contract/pool.ts'
import { orUnavailable } from '../contract/sql-errors.ts'

/** Keeps keys that are not kept yet, from rows of {@link keyRow}; a part of whatever statement first needs them. */
export const keepKeysSql = (rows: string): string => `
  insert into signing_keys (key_id, public_key, valid_from, endorsed_by, signed_by_older, signed_by_newer)
  select distinct on (key_id) key_id, public_key, valid_from, endorsed_by, signed_by_older, signed_by_newer
  from jsonb_to_recordset(${rows}::jsonb) as k (
    key_id text, public_key text, valid_from timestamptz, endorsed_by text, signed_by_older text, signed_by_newer text)
  order by key_id
  on conflict (key_id) do nothing`

/** A key as {@link keepKeysSql} takes it. */
export const keyRow = ({ keyId, publicKey, validFrom, endorsement }: SigningKey) => ({
  key_id: keyId,
  public_key: publicKey,
  valid_from: validFrom,
  endorsed_by: endorsement?.by ?? null,
  signed_by_older: endorsement?.byOlder ?? null,
  signed_by_newer: endorsement?.byNewer ?? null,
})

const KEYS = `
select key_id, public_key, valid_from, endorsed_by, signed_by_older, signed_by_newer
from signing_keys order by introduced_at, key_id`

const HEADS = `
select c.project_id, c.seq, c.chain_hash
from snapshot_chains c
where c.seq > 0 and not exists (select from snapshot_anchors a
  where a.project_id = c.project_id and a.seq = c.seq and a.chain_hash = c.chain_hash)
order by c.project_id`

const KEEP_ANCHOR = `
with kept as (
  insert into snapshot_anchors (project_id, seq, chain_hash, key_id, signature, anchored_at)
  values ($1, $2, $3, $4, $5, $6) on conflict do nothing)
insert into snapshot_anchor_stamps (project_id, seq, chain_hash) select $1, $2, $3 where $7 on conflict do nothing`

const TO_STAMP = `
select n.* from (
  select distinct on (project_id) project_id, seq, chain_hash, key_id, signature, anchored_at
  from snapshot_anchors order by project_id, seq desc, chain_hash) n
where not exists (select from snapshot_anchor_stamps s
  where s.project_id = n.project_id and s.seq = n.seq and s.chain_hash = n.chain_hash)`

const NEWEST = `
select project_id, seq, chain_hash, key_id, signature, anchored_at
from snapshot_anchors where project_id = $1 order by seq desc, chain_hash desc limit 1`

const ANCHORS = 'select seq, chain_hash from snapshot_anchors where project_id = $1 order by seq, chain_hash'

// biome-ignore lint/suspicious/noExplicitAny: the driver's own row, read here
type Row = Record<string, any>

const keyOf = (row: Row): SigningKey => ({
  keyId: row.key_id,
  publicKey: row.public_key,
  validFrom: isoInstant(row.valid_from),
  endorsement:
    row.endorsed_by === null
      ? null
      : { by: row.endorsed_by, byOlder: row.signed_by_older, byNewer: row.signed_by_newer },
})

const headOf = (row: Row) => ({ seq: Number(row.seq), chainHash: String(row.chain_hash) })

const anchorOf = (row: Row): Anchor => ({
  ...headOf(row),
  projectId: row.project_id,
  signature: { keyId: row.key_id, value: row.signature, signedAt: isoInstant(row.anchored_at) },
})

/** Public keys and known anchors on PostgreSQL. */
export const postgresProofRecords = (pool: Queryable): ProofRecords => ({
  keys: () => orUnavailable(async () => (await pool.query<Row>(KEYS)).rows.map(keyOf)),
  keepKeys: (keys) =>
    orUnavailable(async () => {
      await pool.query(keepKeysSql('$1'), [JSON.stringify(keys.map(keyRow))])
    }),
  headsToAnchor: () =>
    orUnavailable(async () =>
      (await pool.query<Row>(HEADS)).rows.map((row) => ({ ...headOf(row), projectId: String(row.project_id) })),
    ),
  keepAnchor: ({ projectId, seq, chainHash, signature }, hasToken) =>
    orUnavailable(async () => {
      const { keyId, value, signedAt } = signature
      await pool.query(KEEP_ANCHOR, [projectId, seq, chainHash, keyId, value, signedAt, hasToken])
    }),
  anchorsToStamp: () => orUnavailable(async () => (await pool.query<Row>(TO_STAMP)).rows.map(anchorOf)),
  newestAnchor: (projectId) =>
    orUnavailable(async () => {
      const { rows } = await pool.query<Row>(NEWEST, [projectId])
      return rows[0] === undefined ? null : anchorOf(rows[0])
    }),
  anchorsOf: (projectId) => orUnavailable(async () => (await pool.query<Row>(ANCHORS, [projectId])).rows.map(headOf)),
})
