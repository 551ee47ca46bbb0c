import { isoInstant, type Queryable } from '../../src/adapters/contract/pool.ts'
import type { OutboxEvent } from '../../src/application/ports/outbox.ts'
import type { ChainEntry } from '../../src/domain/handover/chain.ts'

/** The outbox's events of one ticket, in order. */
export const eventsIn = async (client: Queryable, ticketId: string): Promise<ReadonlyArray<OutboxEvent>> => {
  const { rows } = await client.query('select * from outbox where ticket_id = $1 order by id', [ticketId])
  return rows.map((row) => ({
    id: row.event_id,
    type: row.type,
    ticketId: row.ticket_id,
    body: row.body,
    at: isoInstant(row.at),
  }))
}

/** The sealed snapshots of a project, from the first. */
export const chainIn = async (client: Queryable, projectId: string): Promise<ReadonlyArray<ChainEntry>> => {
  const { rows } = await client.query('select * from handover_snapshots where project_id = $1 order by seq', [
    projectId,
  ])
  return rows.map((row) => ({
    projectId: row.project_id,
    seq: Number(row.seq),
    chainHash: row.chain_hash,
    formatVersion: row.format_version,
    prevHash: row.prev_hash,
    sha256: row.sha256,
    bytes: new Uint8Array(row.snapshot_bytes),
    jsonCopy: row.snapshot_data,
    signature:
      row.key_id === null ? null : { keyId: row.key_id, value: row.signature, signedAt: isoInstant(row.signed_at) },
  }))
}

/** What a platform import or a change of settings does first. */
export const movedFacts = async (client: Queryable, projectId: string): Promise<void> => {
  await client.query(
    `insert into project_settings (project_id, facts_version) values ($1, 2)
     on conflict (project_id) do update set facts_version = project_settings.facts_version + 1`,
    [projectId],
  )
}
