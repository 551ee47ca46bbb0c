import type { PhotoBacklog, PhotoToCompare, PhotoToJudge } from '../../application/ports/photo-backlog.ts'
import { isExempt } from '../../domain/evidence/limits.ts'
import { REVIEWED } from '../../domain/ticket/note-likeness.ts'
import { FACTS_OPEN_IN } from '../../domain/ticket/ticket.ts'
import { STEP_KEYS } from '../../domain/verification/steps.ts'
import type { Pool } from '../contract/pool.ts'
import { orUnavailable } from '../contract/sql-errors.ts'

/** The current photos, after $2, of tickets in one of the states $1 whose client is not erased. */
const CURRENT_PHOTOS = `
select a.id, a.ticket_id
from ticket_attachments a join tickets t on t.id = a.ticket_id
where a.file_type = 'photo' and a.step_key is not null and a.is_current
  and t.deleted_at is null and t.erased_at is null and t.status = any($1::text[])
  and ($2::uuid is null or a.id > $2::uuid)`

const NOT_JUDGED = `${CURRENT_PHOTOS}
  and not exists (select from jsonb_array_elements(a.verdicts) v where v ->> 'check' = 'decodable'
    and v ->> 'checker' = $3 and v ->> 'version' = $4 and v ->> 'outcome' <> 'unverifiable')
order by a.id
limit $5`

const UNFINISHED = `${CURRENT_PHOTOS}
  and exists (select from jsonb_array_elements(a.verdicts) v
    where v ->> 'check' in ('decodable', 'reuse') and v ->> 'outcome' = 'unverifiable' and v ->> 'at' >= $3
      and not exists (select from jsonb_array_elements(a.verdicts) w
        where w ->> 'check' = v ->> 'check' and w ->> 'outcome' <> 'unverifiable' and w ->> 'at' >= v ->> 'at'))
order by a.id
limit $4`

const NOT_COMPARED = `
select a.id, a.ticket_id, h.quality is not null as hashed
from ticket_attachments a join photo_hashes h on h.photo_id = a.id join tickets t on t.id = a.ticket_id
where a.file_type = 'photo' and t.erased_at is null and a.step_key <> all ($1::text[]) and ($2::uuid is null or a.id > $2::uuid)
  and (h.quality is null or a.is_current and t.deleted_at is null and t.status <> all ($3::text[]) and (
    cardinality(h.probes) > 0 and not exists (select from jsonb_array_elements(a.verdicts) v
      where v ->> 'check' = 'likeness' and v ->> 'outcome' in ('pass', 'warn'))
    or (select v ->> 'outcome' from jsonb_array_elements(a.verdicts) with ordinality as e (v, n)
      where v ->> 'check' = 'reuse' order by v ->> 'at' desc, n desc limit 1) = 'unverifiable'))
order by a.id
limit $4`
const BY_BYTES_ALONE = STEP_KEYS.filter((step) => isExempt('likeness', step))

/** Photos that were not judged by this version's checker, on PostgreSQL. */
export const postgresPhotoBacklog = (pool: Pool): PhotoBacklog => ({
  notJudgedBy: ({ checker, version }, after, limit) =>
    orUnavailable(async () => {
      const { rows } = await pool.query<{ id: string; ticket_id: string }>(NOT_JUDGED, [
        FACTS_OPEN_IN,
        after,
        checker,
        version,
        limit,
      ])
      return rows.map((row): PhotoToJudge => ({ photoId: row.id, ticketId: row.ticket_id }))
    }),

  unfinishedSince: (since, after, limit) =>
    orUnavailable(async () => {
      const { rows } = await pool.query<{ id: string; ticket_id: string }>(UNFINISHED, [
        FACTS_OPEN_IN,
        after,
        since,
        limit,
      ])
      return rows.map((row): PhotoToJudge => ({ photoId: row.id, ticketId: row.ticket_id }))
    }),

  notCompared: (after, limit) =>
    orUnavailable(async () => {
      const { rows } = await pool.query<{ id: string; ticket_id: string; hashed: boolean }>(NOT_COMPARED, [
        BY_BYTES_ALONE,
        after,
        REVIEWED,
        limit,
      ])
      return rows.map((row): PhotoToCompare => ({ photoId: row.id, ticketId: row.ticket_id, hashed: row.hashed }))
    }),
})
