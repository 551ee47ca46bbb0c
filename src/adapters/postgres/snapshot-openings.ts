import type { SnapshotOpenings } from '../../application/ports/snapshot-openings.ts'
import type { Opened } from '../../domain/handover/openings.ts'
import type { Openings } from '../../domain/handover/personal.ts'
import type { Queryable } from '../contract/pool.ts'
import { orUnavailable } from '../contract/sql-errors.ts'
import { type KeyRow, subjectKeyOf } from './subject-keys.ts'

const OPENED = `
select s.id, o.openings, k.ticket_id is not null as has_key, k.key, k.destroyed_at,
  exists (select from subject_erasures e where e.tickets @> array[s.ticket_id]) as erasure_recorded
from handover_snapshots s
left join snapshot_openings o on o.snapshot_id = s.id
left join subject_keys k on k.ticket_id = s.ticket_id
where s.id = any($1::uuid[])`

type Row = KeyRow & {
  readonly id: string
  readonly openings: Openings | null
  readonly has_key: boolean
  readonly erasure_recorded: boolean
}

/** What opens snapshots, with the key, in one statement: an erasure takes both or neither. */
export const postgresSnapshotOpenings = (pool: Queryable): SnapshotOpenings => ({
  of: (snapshotIds) =>
    orUnavailable(async () => {
      const { rows } = await pool.query<Row>(OPENED, [snapshotIds])
      return new Map(
        rows.map((row): readonly [string, Opened] => [
          row.id,
          {
            openings: row.openings,
            key: row.has_key ? subjectKeyOf(row) : null,
            erasureRecorded: row.erasure_recorded,
          },
        ]),
      )
    }),
})
