import type { SnapshotQueries } from '../../application/ports/snapshot-queries.ts'
import type { StoredSnapshot } from '../../domain/handover/stored-snapshot.ts'
import type { Json } from '../../domain/shared/json.ts'
import { contentPath } from '../contract/content-path.ts'
import { isoInstant, type Queryable } from '../contract/pool.ts'
import { orUnavailable } from '../contract/sql-errors.ts'
import { binder, inSight, isUuid } from './queries-sight.ts'

const COLUMNS = `s.id, s.ticket_id, s.handover_type, s.snapshot_data, s.snapshot_bytes, s.evidence_links, s.decisions,
  s.guarantee_status,
  s.from_owner_type, s.from_owner_id, s.to_owner_type, s.to_owner_id, s.handover_at, s.handover_by, s.project_id,
  s.format_version, s.sha256, s.prev_hash, s.seq, s.chain_hash, s.key_id, s.signature, s.signed_at`

/** Whether it, or an entry after it, is known to be anchored outside. */
const ANCHORED =
  'exists (select from snapshot_anchors a where a.project_id = s.project_id and a.seq >= s.seq) as anchored'

/** The entries with the head in one statement, so that both are of one moment. */
const PART = `
select c.seq as head_seq, c.chain_hash as head_hash, e.*
from (select 1) always
left join snapshot_chains c on c.project_id = $1
left join lateral (
  select ${COLUMNS}, t.ticket_uid
  from handover_snapshots s left join tickets t on t.id = s.ticket_id and t.deleted_at is null
  where s.project_id = $1 and s.seq > $2 order by s.seq limit $3) e on true
order by e.seq`

const PROJECTS = `
select project_id from (select project_id from snapshot_chains union select project_id from handover_snapshots) p
order by project_id collate "C"`

// biome-ignore lint/suspicious/noExplicitAny: the driver's own row, read here
type Row = Record<string, any>

const snapshotOfRow = (row: Row): StoredSnapshot => ({
  id: row.id,
  ticketId: row.ticket_id,
  ticketUid: row.ticket_uid,
  handoverType: row.handover_type,
  fromOwner: row.from_owner_type,
  fromOwnerId: row.from_owner_id,
  toOwner: row.to_owner_type,
  toOwnerId: row.to_owner_id,
  handoverAt: isoInstant(row.handover_at),
  handoverBy: row.handover_by,
  guaranteeStatus: row.guarantee_status,
  evidenceLinks: withoutOwnPaths(row.evidence_links),
  decisions: row.decisions,
  projectId: row.project_id,
  formatVersion: row.format_version,
  bytes: row.snapshot_bytes,
  jsonCopy: row.snapshot_data,
  sha256: row.sha256,
  prevHash: row.prev_hash,
  seq: Number(row.seq),
  chainHash: row.chain_hash,
  signature:
    row.key_id === null ? null : { keyId: row.key_id, value: row.signature, signedAt: isoInstant(row.signed_at) },
})

const withoutOwnPaths = (links: Json): Json =>
  Array.isArray(links)
    ? links.map((link: Row) => {
        const { url, ...photo } = link
        return url === contentPath(String(link.id)) ? photo : link
      })
    : links

const headOf = (seq: unknown, chainHash: unknown) =>
  seq === null || seq === undefined ? null : { seq: Number(seq), chainHash: String(chainHash) }

const beforeOf = (row: Row) => {
  const head = headOf(row.before_seq, row.before_hash)
  return head === null ? null : { ...head, formatVersion: Number(row.before_format) }
}

/** Sealed handovers as they lie in the database. */
export const postgresSnapshotQueries = (pool: Queryable): SnapshotQueries => ({
  projects: () =>
    orUnavailable(async () => (await pool.query<Row>(PROJECTS)).rows.map((row) => String(row.project_id))),
  part: (projectId, afterSeq, limit) =>
    orUnavailable(async () => {
      const { rows } = await pool.query<Row>(PART, [projectId, afterSeq, limit])
      return {
        head: headOf(rows[0]?.head_seq, rows[0]?.head_hash),
        entries: rows.filter((row) => row.id !== null).map(snapshotOfRow),
      }
    }),
  ofTicket: ({ sight, ticketId }) =>
    orUnavailable(async () => {
      if (!isUuid(ticketId)) return null
      const { bind, values } = binder()
      const { rows } = await pool.query<Row>(
        `select ${COLUMNS}, ${ANCHORED}, t.ticket_uid, p.seq as before_seq, p.chain_hash as before_hash,
          p.format_version as before_format
        from tickets t left join handover_snapshots s on s.ticket_id = t.id
        left join handover_snapshots p on p.project_id = s.project_id and p.seq = s.seq - 1
        where t.id = ${bind(ticketId)}::uuid and ${inSight(sight, bind)} order by s.handover_at, s.seq`,
        values,
      )
      return rows.length === 0
        ? null
        : rows
            .filter((row) => row.id !== null)
            .map((row) => ({
              entry: snapshotOfRow(row),
              previous: beforeOf(row),
              anchored: row.anchored,
            }))
    }),
})
