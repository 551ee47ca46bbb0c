import type { EvidenceRecord, EvidenceRecords } from '../../application/ports/evidence-records.ts'
import type { Queryable } from '../contract/pool.ts'
import { orUnavailable } from '../contract/sql-errors.ts'
import { isUuid } from './queries-sight.ts'

/** The host's retention job may have pruned the attachments of a sealed ticket; its snapshots name the objects still. */
const RECORDS_OF = (tickets: string): string => `
with t as (${tickets}), found as (
  select a.ticket_id, 'attachment' as place, a.id, a.storage_bucket as bucket, a.storage_path as name,
    coalesce(a.stored_size, a.file_size)::float8 as size, coalesce(a.stored_sha256, a.sha256)::text as hash
  from ticket_attachments a where a.ticket_id in (select ticket_id from t)
  union all
  select a.ticket_id, 'viewing copy', a.id, c.value ->> 'bucket', c.value ->> 'name',
    coalesce(c.value #>> '{stored,size}', c.value ->> 'size')::float8,
    coalesce(c.value #>> '{stored,sha256}', c.value ->> 'sha256')
  from ticket_attachments a cross join lateral jsonb_each(a.copies) c
  where a.ticket_id in (select ticket_id from t) and jsonb_typeof(a.copies) = 'object'
  union all
  select s.ticket_id, 'handover snapshot', s.id, e ->> 'bucket', e ->> 'name',
    coalesce(e ->> 'stored_size', e ->> 'size')::float8, coalesce(e ->> 'stored_sha256', e ->> 'sha256')
  from handover_snapshots s
  cross join lateral jsonb_array_elements(coalesce(s.snapshot_data -> 'evidence', '[]')) e
  where s.ticket_id in (select ticket_id from t)
)
select ticket_id, bucket, name, min(place) as place, (array_agg(id order by place))[1] as id,
  (array_agg(size order by place))[1] as size,
  coalesce(array_agg(distinct hash) filter (where hash is not null), '{}') as hashes
from found group by ticket_id, bucket, name order by ticket_id, bucket, name`

/** Each branch stops at its index after so many tickets. */
const NEXT = (table: string): string => `
(select distinct ticket_id from ${table} where $1::uuid is null or ticket_id > $1 order by ticket_id limit $2)`

const AFTER = RECORDS_OF(
  `select ticket_id from (${NEXT('ticket_attachments')} union ${NEXT('handover_snapshots')}) both_kinds
   order by ticket_id limit $2`,
)
const OF_ONE = RECORDS_OF('select $1::uuid as ticket_id')

type Row = {
  readonly ticket_id: string
  readonly place: EvidenceRecord['where']
  readonly id: string
  readonly bucket: string
  readonly name: string
  readonly size: number | null
  readonly hashes: ReadonlyArray<string>
}

const recordOf = ({ ticket_id, place, id, bucket, name, size, hashes }: Row): EvidenceRecord => ({
  ticketId: ticket_id,
  where: place,
  id,
  bucket,
  name,
  size,
  hashes,
})

/** What the rows say lies in storage. */
export const postgresEvidenceRecords = (pool: Queryable): EvidenceRecords => ({
  after: (ticketId, tickets) =>
    orUnavailable(async () => (await pool.query<Row>(AFTER, [ticketId, tickets])).rows.map(recordOf)),
  of: (ticketId) =>
    orUnavailable(async () => (isUuid(ticketId) ? (await pool.query<Row>(OF_ONE, [ticketId])).rows.map(recordOf) : [])),
})
