import type { HeldTicket, SubjectRecords } from '../../application/ports/subject-records.ts'
import { inTransaction, type Pool } from '../contract/pool.ts'
import { orUnavailable } from '../contract/sql-errors.ts'
import { isUuid } from './queries-sight.ts'
import { eraseOn, isContactOf, scopeOf } from './subject-erasure.ts'
import { type KeyRow, subjectKeyOf } from './subject-keys.ts'

const rowsOf = (table: string, whose = 'ticket_id = t.id'): string =>
  `'${table}', (select coalesce(jsonb_agg(to_jsonb(x)), '[]') from ${table} x where x.${whose})`

/** Everything under the ticket's own id; what is of its drop alone comes with the first ticket of it. */
const HELD = `
select t.id, jsonb_build_object(
  'tickets', jsonb_build_array(to_jsonb(t) - 'search'),
  ${[
    ...[
      'ticket_clients',
      'verification_steps',
      'ticket_attachments',
      'ticket_notes',
      'qa_readiness_checks',
      'qa_decisions',
      'qa_risk_acceptances',
      'platform_waivers',
      'ticket_links',
      'qcontact_sync_log',
      'whatsapp_notifications',
      'sync_conflicts',
      'sync_personal',
      'sync_cases',
      'sync_notes',
      'notification_ledger',
      'dead_letters',
      'dead_letter_decisions',
    ].map((table) => rowsOf(table)),
    `'whatsapp_contacts', (select coalesce(jsonb_agg(to_jsonb(x)), '[]') from whatsapp_contacts x
      where ${isContactOf('t.id')})`,
    rowsOf('platform_records', 'project_id = t.project_id and x.dr_number = t.dr_number'),
    `'weekly_report_rows', (select coalesce(jsonb_agg(to_jsonb(x)), '[]') from weekly_report_rows x
      join weekly_reports w on w.id = x.report_id
      where x.ticket_id = t.id or w.project_id = t.project_id and x.line ->> 'dr' = t.dr_number)`,
    rowsOf(
      'repeat_fault_escalations',
      `project_id = t.project_id and x.scope_type = 'dr' and x.scope_value = t.dr_number`,
    ),
    rowsOf('drop_installations', 'project_id = t.project_id and x.dr_number = t.dr_number'),
  ].join(',\n  ')}) as rows,
  (select coalesce(json_agg(a.id order by a.seq), '[]') from ticket_attachments a where a.ticket_id = t.id) as attachments,
  (select coalesce(json_agg(json_build_object('id', s.id, 'seq', s.seq, 'sha256', s.sha256, 'openings', o.openings)
    order by s.seq), '[]')
    from handover_snapshots s left join snapshot_openings o on o.snapshot_id = s.id where s.ticket_id = t.id) as snapshots,
  k.ticket_id is not null as has_key, k.key, k.destroyed_at
from tickets t left join subject_keys k on k.ticket_id = t.id
where t.project_id = $1 and case when $3::uuid is null then t.dr_number = $2 else t.id = $3 and t.dr_number is null end
order by t.id`

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

  erase: (about, reason) => orUnavailable(() => inTransaction(pool, (client) => eraseOn(client, about, reason))),

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
        const { rows } = await client.query<HeldRow>(HELD, [...scopeOf(subject)])
        if (rows.length > 0)
          await client.query(RECORD_EXPORT, [
            id,
            subject.projectId,
            subject.type === 'drop' ? subject.dr : null,
            at,
            by,
            rows.map((row) => row.id),
          ])
        return rows.map(
          ({ has_key, key, destroyed_at, ...row }): HeldTicket => ({
            ...row,
            key: has_key ? subjectKeyOf({ key, destroyed_at }) : null,
          }),
        )
      }),
    ),
})
