import type { Signed, Signer } from '../../application/ports/signer.ts'
import type { Change } from '../../application/ports/ticket-store.ts'
import { type ChainHead, GENESIS, nextLink, type Sha256 } from '../../domain/handover/chain.ts'
import { type SigningKey, snapshotStatement } from '../../domain/handover/signature.ts'
import { decisionsOf, evidenceOf } from '../../domain/handover/snapshot.ts'
import { contentPath } from '../contract/content-path.ts'
import type { Queryable } from '../contract/pool.ts'
import { keepKeysSql, keyRow } from './proof-records.ts'

/** Takes the head of a project's chain, begun when there is none; nobody else appends until the transaction ends. */
const TAKE_HEAD = `
insert into snapshot_chains as c (project_id, seq, chain_hash) values ($1, $2, $3)
on conflict (project_id) do update set seq = c.seq
returning seq::integer as seq, chain_hash`

const SEAL = `
with sealed as (
  select * from jsonb_to_recordset($1::jsonb) as x (
    id uuid, ticket_id uuid, handover_type text, snapshot_data jsonb, evidence_links jsonb, decisions jsonb,
    guarantee_status text, from_owner_type text, from_owner_id text, to_owner_type text, to_owner_id text,
    handover_at timestamptz, handover_by text, project_id text, format_version integer, bytes text, sha256 text,
    prev_hash text, seq bigint, chain_hash text, key_id text, signature text, signed_at timestamptz, openings jsonb)
), keys as (${keepKeysSql('$2')}
), stored as (
  insert into handover_snapshots (id, ticket_id, handover_type, snapshot_data, evidence_links, decisions,
    guarantee_status, from_owner_type, from_owner_id, to_owner_type, to_owner_id, handover_at, handover_by, project_id,
    format_version, snapshot_bytes, sha256, prev_hash, seq, chain_hash, key_id, signature, signed_at)
  select id, ticket_id, handover_type, snapshot_data, evidence_links, decisions, guarantee_status, from_owner_type,
    from_owner_id, to_owner_type, to_owner_id, handover_at, handover_by, project_id, format_version,
    decode(bytes, 'base64'), sha256, prev_hash, seq, chain_hash, key_id, signature, signed_at
  from sealed order by seq
), opened as (
  insert into snapshot_openings (snapshot_id, ticket_id, openings)
  select id, ticket_id, openings from sealed where jsonb_typeof(openings) = 'object'
)
update snapshot_chains c set seq = s.seq, chain_hash = s.chain_hash
from (select distinct on (project_id) project_id, seq, chain_hash from sealed order by project_id, seq desc) s
where c.project_id = s.project_id`

export type Sealing = {
  readonly sha256: Sha256
  /** Without one nothing is signed, and verification says so of every snapshot. */
  readonly signer?: Signer
}

/** Appends the snapshots of these changes to their projects' chains, signed, inside the transaction that changes the tickets. */
export const sealOn = async (client: Queryable, how: Sealing, changes: ReadonlyArray<Change>): Promise<void> => {
  const sealing = changes.filter(({ seal }) => seal !== null)
  if (sealing.length === 0) return
  const rows: object[] = []
  const keys: SigningKey[] = []
  for (const projectId of [...new Set(sealing.map(({ next }) => next.projectId))].toSorted()) {
    let head = await takeHead(client, projectId)
    for (const change of sealing.filter(({ next }) => next.projectId === projectId)) {
      const { row, link, signed } = sealed(how, head, change)
      rows.push(row)
      if (signed !== null) keys.push(signed.key)
      head = link
    }
  }
  await client.query(SEAL, [JSON.stringify(rows), JSON.stringify(keys.map(keyRow))])
}

const takeHead = async (client: Queryable, projectId: string): Promise<ChainHead> => {
  const { rows } = await client.query<{ seq: number; chain_hash: string }>(TAKE_HEAD, [
    projectId,
    GENESIS.seq,
    GENESIS.chainHash,
  ])
  const [head] = rows
  if (head === undefined) throw new Error(`project ${projectId} has no chain`)
  return { seq: head.seq, chainHash: head.chain_hash }
}

const sealed = ({ sha256, signer }: Sealing, head: ChainHead, { next, seal }: Change) => {
  if (seal === null) throw new Error(`ticket ${next.id} is not to be sealed`)
  const { id, event, content, bytes, openings } = seal
  const link = nextLink(sha256)(head, bytes)
  const signed: Signed | null =
    signer?.sign((signedAt) => snapshotStatement(next.projectId, link.chainHash, signedAt)) ?? null
  const row = {
    id,
    ticket_id: next.id,
    handover_type: event.handover,
    snapshot_data: content,
    evidence_links: evidenceOf(next).map((photo, i) => ({ ...photo, url: contentPath(next.photos[i]?.id ?? '') })),
    decisions: decisionsOf(next),
    guarantee_status: next.guarantee.status,
    from_owner_type: event.fromOwner,
    from_owner_id: event.fromOwnerId,
    to_owner_type: event.toOwner,
    to_owner_id: event.toOwnerId,
    handover_at: event.at,
    handover_by: event.by,
    project_id: next.projectId,
    format_version: link.formatVersion,
    bytes: Buffer.from(bytes).toString('base64'),
    sha256: link.sha256,
    prev_hash: link.prevHash,
    seq: link.seq,
    chain_hash: link.chainHash,
    key_id: signed?.signature.keyId ?? null,
    signature: signed?.signature.value ?? null,
    signed_at: signed?.signature.signedAt ?? null,
    openings,
  }
  return { row, link, signed }
}
