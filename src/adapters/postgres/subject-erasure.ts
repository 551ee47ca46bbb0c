import type { AboutSubject, Subject, SubjectErasure } from '../../application/ports/subject-records.ts'
import { ERASED, withoutWords } from '../../domain/handover/personal-words.ts'
import type { Json } from '../../domain/shared/json.ts'
import type { Queryable } from '../contract/pool.ts'
import { BEGIN_PROJECTS } from './ticket-save-sql.ts'

/** Held by every change of a ticket of the project, so that none comes to the drop or leaves it meanwhile. */
const HOLD_PROJECT = 'select from project_settings where project_id = $1 for update'

/** `for update` also keeps notes and documents waiting, which refer to the ticket. */
const HOLD_TICKETS = `
select id, erased_at from tickets
where project_id = $1 and case when $3::uuid is null then dr_number = $2 else id = $3 and dr_number is null end
order by id for update`

export const scopeOf = (subject: Subject): readonly [string, string | null, string | null] => [
  subject.projectId,
  subject.type === 'drop' ? subject.dr : null,
  subject.type === 'ticket' ? subject.ticketId : null,
]

const said = (column: string): string => `${column} = case when ${column} is not null then '${ERASED}' end`

const ends = (phone: string): string => `right(regexp_replace(${phone}, '\\D', '', 'g'), 9)`

/** Whether a row x of whatsapp_contacts is of a client of the tickets: by a message's number, or as the client gave it. */
export const isContactOf = (tickets: string): string => `(x.phone in (
    select n.recipient_phone from whatsapp_notifications n
    where n.ticket_id = ${tickets} and n.recipient_type = 'client')
  or ${ends('x.phone')} in (
    select ${ends('c.phone')} from ticket_clients c where c.ticket_id = ${tickets} and length(${ends('c.phone')}) = 9))`

/** Columns that hold a person's text or a client's data, in the tables of one ticket. $1: the tickets. */
const CLEARED: ReadonlyArray<string> = [
  // In the order in which senders hold them; who learns whether a number is on WhatsApp waits here.
  `select from notification_ledger where ticket_id = any($1::uuid[]) order by id for update`,
  `select from whatsapp_notifications where ticket_id = any($1::uuid[]) order by id for update`,
  `delete from whatsapp_contacts x where ${isContactOf('any($1::uuid[])')}`,
  `with untold as (
    update notification_ledger set status = 'failed', error = 'erased'
    where ticket_id = any($1::uuid[]) and send_id is null and status in ('pending', 'unknown') returning id)
  update whatsapp_notifications w set status = 'failed' from untold u where w.id = u.id`,
  `update ticket_clients set name = null, phone = null, email = null where ticket_id = any($1::uuid[])`,
  `update verification_steps set notes = null, verdict_comment = null,
    scanned_value = case when step_key = 'customer_signature' and scanned_value is not null then '${ERASED}'
      else scanned_value end
  where ticket_id = any($1::uuid[])`,
  `update ticket_notes set content = '${ERASED}' where ticket_id = any($1::uuid[]) and note_type <> 'system'`,
  `update qa_decisions set ${said('reason')} where ticket_id = any($1::uuid[])`,
  `update qa_risk_acceptances set ${['risk_description', 'conditions', 'resolution_notes'].map(said).join(', ')}
  where ticket_id = any($1::uuid[])`,
  `update platform_waivers set reason = '${ERASED}' where ticket_id = any($1::uuid[])`,
  `update whatsapp_notifications set recipient_name = null, recipient_phone = null, message_content = null,
    digest_line = null, error_message = null
  where ticket_id = any($1::uuid[])`,
  `update sync_conflicts set ${['ours', 'theirs', 'resolution_notes'].map(said).join(', ')}
  where ticket_id = any($1::uuid[])`,
  // Without what was last agreed on, nothing of the client is taken from over there again.
  `delete from sync_personal where ticket_id = any($1::uuid[])`,
  `update dead_letter_decisions set reason = '${ERASED}' where ticket_id = any($1::uuid[])`,
  `update qcontact_sync_log set request_payload = null, response_payload = null, error_message = null
  where ticket_id = any($1::uuid[])`,
  `delete from snapshot_openings where ticket_id = any($1::uuid[])`,
]

/** What lies beside the tickets under the name of the drop. $1: the project, $2: the drop. */
const CLEARED_OF_DROP: ReadonlyArray<string> = [
  `update platform_records set address = null, latitude = null, longitude = null
  where project_id = $1 and dr_number = $2`,
  `update drop_installations set said_source = '${ERASED}', earlier = (
    select coalesce(jsonb_agg(e || '{"source": "${ERASED}"}' order by n), '[]')
    from jsonb_array_elements(earlier) with ordinality as each (e, n))
  where project_id = $1 and dr_number = $2`,
  `update repeat_fault_escalations set ${said('resolution_notes')}
  where project_id = $1 and scope_type = 'dr' and scope_value = $2`,
]

/** Rows of workbooks: those that became one of the tickets, and those of the drop that became none. */
const CLEAR_REPORT_ROWS = `
update weekly_report_rows r set personal = null,
  line = r.line || '{"reason": null, "description": null, "values": {}, "problems": []}'
where r.ticket_id = any($1::uuid[]) or r.line ->> 'dr' = $3
  and exists (select from weekly_reports w where w.id = r.report_id and w.project_id = $2)`

const CLEAR_TICKETS = `
update tickets set title = '${ERASED}', description = null, address = null, gps_coordinates = null,
  ${['place_confirmed_reason', 'fault_cause_details', 'as_built_document'].map(said).join(', ')},
  erased_at = coalesce(erased_at, $2), updated_at = $2, version = version + 1
where id = any($1::uuid[])`

/** An encrypted copy goes with the key; the storage may not let it go at all. */
const LIST_COPIES = `
insert into objects_to_erase (bucket, name, ticket_id)
select c.value ->> 'bucket', c.value ->> 'name', a.ticket_id
from ticket_attachments a cross join lateral jsonb_each(a.copies) c
where a.ticket_id = any($1::uuid[]) and jsonb_typeof(a.copies) = 'object'
  and coalesce(jsonb_typeof(c.value -> 'stored'), 'null') = 'null'
on conflict do nothing`
const CLEAR_ATTACHMENTS = `
update ticket_attachments set filename = '${ERASED}', copies = null where ticket_id = any($1::uuid[])`

const DESTROY_KEYS = `
insert into subject_keys as k (ticket_id, key, destroyed_at, destroyed_by)
select id, null, $2, $3 from unnest($1::uuid[]) as t (id) order by id
on conflict (ticket_id) do update set key = null, destroyed_at = $2, destroyed_by = $3 where k.key is not null`

const PLAIN_ORIGINALS = `
select count(*)::integer as plain from ticket_attachments
where ticket_id = any($1::uuid[]) and stored_sha256 is null`

const RECORD = `
insert into subject_erasures (id, project_id, dr_number, at, by, reason, tickets) values ($1, $2, $3, $4, $5, $6, $7)`

/** JSON in which people's words stand among the program's own: the words go, the rest stays. */
const WORDED: ReadonlyArray<{ table: string; column: string; id: string; type: string; whose: string }> = [
  { table: 'tickets', column: 'status_facts', id: 'id', type: 'uuid', whose: 'id = any($1::uuid[])' },
  { table: 'tickets', column: 'billing_by_hand', id: 'id', type: 'uuid', whose: 'id = any($1::uuid[])' },
  ...(
    [
      ['ticket_attachments', 'verdicts'],
      ['ticket_attachments', 'overrides'],
      ['ticket_attachments', 'reuse_cleared'],
      ['ticket_notes', 'event_data'],
      ['qa_decisions', 'verdicts'],
      ['qa_risk_acceptances', 'reviews'],
    ] as const
  ).map(([table, column]) => ({ table, column, id: 'id', type: 'uuid', whose: 'ticket_id = any($1::uuid[])' })),
]

/** Where events are, in the order in which they go: what moves on meanwhile is met again at its next place. */
const OUTBOX = { table: 'outbox', column: 'body', id: 'id', type: 'bigint', whose: 'ticket_id = any($1::uuid[])' }
/** Events that wait in the queue, or lie there as done. */
const QUEUED = {
  table: 'pgboss.job',
  column: 'data',
  id: 'id',
  type: 'uuid',
  whose: `data -> 'event' ->> 'ticketId' = any($1::text[])`,
}
const CLEAR_REASONS = `
update pgboss.job set output = jsonb_set(output, '{why}', '"${ERASED}"') where ${QUEUED.whose} and output ->> 'why' is not null`
const DEAD = { table: 'dead_letters', column: 'event', id: 'id', type: 'uuid', whose: 'ticket_id = any($1::uuid[])' }
const CLEAR_DEAD = `update dead_letters set reason = '${ERASED}' where ${DEAD.whose}`

const rewrite = async (
  client: Queryable,
  { table, column, id, type, whose }: (typeof WORDED)[number],
  tickets: ReadonlyArray<string>,
): Promise<void> => {
  const { rows } = await client.query<{ id: string; value: Json }>(
    `select ${id}::text as id, ${column} as value from ${table} where ${whose} and ${column} is not null`,
    [tickets],
  )
  const changed = rows
    .map((row) => ({ id: row.id, value: withoutWords(row.value), was: row.value }))
    .filter(({ value, was }) => JSON.stringify(value) !== JSON.stringify(was))
    .map(({ id: of, value }) => ({ id: of, value }))
  if (changed.length === 0) return
  await client.query(
    `update ${table} o set ${column} = n.value
    from jsonb_to_recordset($1::jsonb) as n (id ${type}, value jsonb) where o.${id} = n.id`,
    [JSON.stringify(changed)],
  )
}

const eraseEvents = async (client: Queryable, tickets: ReadonlyArray<string>): Promise<void> => {
  const { rows } = await client.query(`select to_regclass('pgboss.job') is not null as there`)
  const isThere = rows[0]?.there === true
  await rewrite(client, OUTBOX, tickets)
  if (isThere) await rewrite(client, QUEUED, tickets)
  await client.query(CLEAR_DEAD, [tickets])
  await rewrite(client, DEAD, tickets)
  if (!isThere) return
  // A dead letter may have been on its way back.
  await rewrite(client, QUEUED, tickets)
  await client.query(CLEAR_REASONS, [tickets])
}

/** Erases a subject inside the caller's transaction; see the port. */
export const eraseOn = async (
  client: Queryable,
  { id, subject, by, at }: AboutSubject,
  reason: string,
): Promise<SubjectErasure> => {
  const [projectId, dr, ticketId] = scopeOf(subject)
  await client.query(BEGIN_PROJECTS, [[projectId]])
  await client.query(HOLD_PROJECT, [projectId])
  const { rows } = await client.query<{ id: string; erased_at: unknown }>(HOLD_TICKETS, [projectId, dr, ticketId])
  const tickets = rows.map((row) => row.id)
  const newlyErased = rows.filter(({ erased_at }) => erased_at === null).length
  if (tickets.length === 0) return { tickets, newlyErased, plainOriginals: 0 }

  for (const statement of CLEARED) await client.query(statement, [tickets])
  if (dr !== null) for (const statement of CLEARED_OF_DROP) await client.query(statement, [projectId, dr])
  await client.query(CLEAR_REPORT_ROWS, [tickets, projectId, dr])
  for (const worded of WORDED) await rewrite(client, worded, tickets)
  await eraseEvents(client, tickets)
  await client.query(LIST_COPIES, [tickets])
  await client.query(CLEAR_ATTACHMENTS, [tickets])
  await client.query(CLEAR_TICKETS, [tickets, at])
  await client.query(DESTROY_KEYS, [tickets, at, by])
  const plain = await client.query<{ plain: number }>(PLAIN_ORIGINALS, [tickets])
  if (newlyErased > 0) await client.query(RECORD, [id, projectId, dr, at, by, reason, tickets])
  return { tickets, newlyErased, plainOriginals: plain.rows[0]?.plain ?? 0 }
}
