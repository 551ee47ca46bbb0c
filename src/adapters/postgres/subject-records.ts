import * as E from 'fp-ts/lib/Either.js'
import {
  type HeldSubject,
  type HeldTicket,
  rowsBeside,
  type SubjectErasure,
  type SubjectRecords,
} from '../../application/ports/subject-records.ts'
import { inTransaction, type Pool } from '../contract/pool.ts'
import { orUnavailable } from '../contract/sql-errors.ts'
import { inOneTransaction } from './platform-transaction.ts'
import { isUuid } from './queries-sight.ts'
import { eraseOn, SCOPE, scopeOf } from './subject-erasure.ts'
import { type KeyRow, subjectKeyOf } from './subject-keys.ts'
import { SUBJECT_TABLES, type SubjectTable } from './subject-tables.ts'

const rowsOf = ({ table, given }: SubjectTable, whose: string): string => {
  const without = typeof given === 'object' && 'without' in given ? ` - array['${given.without.join("', '")}']` : ''
  return `'${table}', (select coalesce(jsonb_agg(to_jsonb(x)${without}), '[]') from ${table} x where ${whose})`
}
const GIVEN = SUBJECT_TABLES.filter(({ given }) => given === 'rows' || 'without' in given)
const given = (whose: 'ofTickets' | 'ofDrop'): string =>
  `jsonb_build_object(${GIVEN.flatMap((table) => {
    const condition = table[whose]
    return condition === null ? [] : [rowsOf(table, condition)]
  }).join(',\n  ')})`

const HELD_TICKETS = `
select t.id, ${given('ofTickets')} as rows,
  (select coalesce(json_agg(a.id order by a.seq), '[]') from ticket_attachments a where a.ticket_id = t.id) as attachments,
  (select coalesce(json_agg(json_build_object('id', s.id, 'seq', s.seq, 'sha256', s.sha256, 'openings', o.openings)
    order by s.seq), '[]')
    from handover_snapshots s left join snapshot_openings o on o.snapshot_id = s.id where s.ticket_id = t.id) as snapshots,
  k.ticket_id is not null as has_key, k.key, k.destroyed_at
from tickets t
  cross join lateral (select t.project_id, t.dr_number as dr, array[t.id] as tickets) s
  left join subject_keys k on k.ticket_id = t.id
where t.project_id = $1 and case when $3::uuid is null then t.dr_number = $2 else t.id = $3 and t.dr_number is null end
order by t.id`

const HELD_BESIDE = `select ${given('ofDrop')} as rows from ${SCOPE}`

/** Both see the same moment, so that no row is missed or given twice on its way from the drop to a ticket. */
const ONE_MOMENT = 'set transaction isolation level repeatable read'

const RECORD_EXPORT = `
insert into subject_exports (id, project_id, dr_number, at, by, tickets) values ($1, $2, $3, $4, $5, $6)`

type HeldRow = KeyRow & Omit<HeldTicket, 'key'> & { readonly has_key: boolean }

/** What is held about clients, on PostgreSQL. */
export const postgresSubjectRecords = (pool: Pool): SubjectRecords => ({
  ticketNamed: (ticket) =>
    orUnavailable(async () => {
      const { rows } = await pool.query<{ id: string; project_id: string; dr_number: string | null }>(
        `select id, project_id, dr_number from tickets where ${isUuid(ticket) ? 'id = $1::uuid' : 'ticket_uid = upper($1)'}`,
        [ticket],
      )
      const [found] = rows
      return found === undefined ? null : { ticketId: found.id, projectId: found.project_id, dr: found.dr_number }
    }),

  erase: (about, reason) =>
    inOneTransaction<never, SubjectErasure>(
      pool,
      () => {},
      async (client) => E.right(await eraseOn(client, about, reason)),
    ),

  copiesToErase: (since) =>
    orUnavailable(async () => {
      const copies = await pool.query<{ bucket: string; name: string }>(
        'select bucket, name from objects_to_erase order by bucket, name',
      )
      const tickets = await pool.query<{ id: string }>('select id from tickets where erased_at >= $1 order by id', [
        since,
      ])
      return { copies: copies.rows, ticketIds: tickets.rows.map(({ id }) => id) }
    }),

  copyErased: ({ bucket, name }) =>
    orUnavailable(async () => {
      await pool.query('delete from objects_to_erase where bucket = $1 and name = $2', [bucket, name])
    }),

  held: ({ id, subject, by, at }) =>
    orUnavailable(() =>
      inTransaction(pool, async (client) => {
        await client.query(ONE_MOMENT)
        const [projectId, dr, ticketId] = scopeOf(subject)
        const { rows } = await client.query<HeldRow>(HELD_TICKETS, [projectId, dr, ticketId])
        const ids = rows.map((row) => row.id)
        const beside = await client.query<{ rows: HeldSubject['besideTickets'] }>(HELD_BESIDE, [projectId, dr, ids])
        const held: HeldSubject = {
          tickets: rows.map(({ has_key, key, destroyed_at, ...row }) => ({
            ...row,
            key: has_key ? subjectKeyOf({ key, destroyed_at }) : null,
          })),
          besideTickets: beside.rows[0]?.rows ?? {},
        }
        if (ids.length + rowsBeside(held) > 0) await client.query(RECORD_EXPORT, [id, projectId, dr, at, by, ids])
        return held
      }),
    ),
})
