import type { AboutSubject, Subject, SubjectErasure } from '../../application/ports/subject-records.ts'
import { ERASED, withoutWords } from '../../domain/handover/personal-words.ts'
import type { Json } from '../../domain/shared/json.ts'
import type { Queryable } from '../contract/pool.ts'
import { type Clearing, SUBJECT_TABLES, type SubjectTable } from './subject-tables.ts'
import { BEGIN_PROJECTS } from './ticket-save-sql.ts'

/**
 * Whoever is making tickets of a weekly report holds it before the project: it is waited for, so that it makes none of a
 * row that it read before.
 */
const HOLD_REPORTS = `
select from weekly_reports where project_id = $1 and status in ('pending', 'processing') order by id for update`

/** Held by every change of a ticket of the project, so that none comes to the drop or leaves it meanwhile. */
const HOLD_PROJECT = 'select from project_settings where project_id = $1 for update'

/** `for update` also keeps notes and documents waiting, which refer to the ticket. */
const HOLD_TICKETS = `
select id, erased_at from tickets
where project_id = $1 and case when $3::uuid is null then dr_number = $2 else id = $3 and dr_number is null end
order by id for update`

/** In the order in which senders hold them; who learns whether a number is on WhatsApp waits here. */
const HOLD_MESSAGES: ReadonlyArray<string> = [
  'select from notification_ledger where ticket_id = any($1::uuid[]) order by id for update',
  'select from whatsapp_notifications where ticket_id = any($1::uuid[]) order by id for update',
]

/** Nobody can be told any more what was not told yet. */
const GIVE_UP_MESSAGES = `
with untold as (
  update notification_ledger set status = 'failed', error = 'erased'
  where ticket_id = any($1::uuid[]) and send_id is null and status in ('pending', 'unknown') returning id)
update whatsapp_notifications w set status = 'failed' from untold u where w.id = u.id`

export const scopeOf = (subject: Subject): readonly [string, string | null, string | null] => [
  subject.projectId,
  subject.type === 'drop' ? subject.dr : null,
  subject.type === 'ticket' ? subject.ticketId : null,
]

/** The scope `s` of subject-tables.ts, of the values project, drop and tickets. */
export const SCOPE = '(select $1::text as project_id, $2::text as dr, $3::uuid[] as tickets) s'
export type Scope = readonly [string, string | null, ReadonlyArray<string>]

/** An encrypted copy goes with the key; the storage may not let it go at all. */
const LIST_COPIES = `
insert into objects_to_erase (bucket, name, ticket_id)
select c.value ->> 'bucket', c.value ->> 'name', a.ticket_id
from ticket_attachments a cross join lateral jsonb_each(a.copies) c
where a.ticket_id = any($1::uuid[]) and jsonb_typeof(a.copies) = 'object'
  and coalesce(jsonb_typeof(c.value -> 'stored'), 'null') = 'null'
on conflict do nothing`

const MARK_TICKETS = `
update tickets set erased_at = coalesce(erased_at, $2), updated_at = $2, version = version + 1
where id = any($1::uuid[])`

const DESTROY_KEYS = `
insert into subject_keys as k (ticket_id, key, destroyed_at, destroyed_by)
select id, null, $2, $3 from unnest($1::uuid[]) as t (id) order by id
on conflict (ticket_id) do update set key = null, destroyed_at = $2, destroyed_by = $3 where k.key is not null`

const PLAIN_ORIGINALS = `
select count(*)::integer as plain from ticket_attachments
where ticket_id = any($1::uuid[]) and stored_sha256 is null`

const ROWS_BESIDE = `select ${SUBJECT_TABLES.filter(({ ofDrop }) => ofDrop !== null)
  .map(({ table, ofDrop }) => `(select count(*) from ${table} x where ${ofDrop})`)
  .join(' + ')} as rows from ${SCOPE}`

const RECORD = `
insert into subject_erasures (id, project_id, dr_number, at, by, reason, tickets) values ($1, $2, $3, $4, $5, $6, $7)`

const isThere = async (client: Queryable, table: string): Promise<boolean> => {
  if (!table.includes('.')) return true
  const { rows } = await client.query('select to_regclass($1) is not null as there', [table])
  return rows[0]?.there === true
}

/** What a column becomes, and which rows still need it, so that a second run changes none. */
const clearingOf = (
  column: string,
  how: Exclude<Clearing, 'words'>,
): { readonly to: string; readonly open: string } => {
  if (how === 'gone') return { to: 'null', open: `x.${column} is not null` }
  if (how === 'said')
    return { to: `case when x.${column} is not null then '${ERASED}' end`, open: `x.${column} <> '${ERASED}'` }
  return { to: how.sql, open: `x.${column} is distinct from ${how.sql}` }
}

/** Takes people's words out of one JSON column, whose other words are the program's own; gives the changed rows. */
const rewrite = async (
  client: Queryable,
  { table, column, whose }: { readonly table: string; readonly column: string; readonly whose: string },
  scope: Scope,
): Promise<ReadonlyArray<string>> => {
  const { rows } = await client.query<{ id: string; value: Json }>(
    `select x.id::text as id, x.${column} as value from ${table} x, ${SCOPE} where ${whose} and x.${column} is not null`,
    [...scope],
  )
  const changed = rows
    .map(({ id, value }) => ({ id, [column]: withoutWords(value), was: value }))
    .filter((row) => JSON.stringify(row[column]) !== JSON.stringify(row.was))
  if (changed.length === 0) return []
  await client.query(
    `update ${table} o set ${column} = n.${column}
    from jsonb_populate_recordset(null::${table}, $1::jsonb) n where o.id = n.id`,
    [JSON.stringify(changed.map(({ was: _, ...row }) => row))],
  )
  return changed.map(({ id }) => String(id))
}

/** Clears rows of one table; gives how many of them still held something. */
const clear = async (
  client: Queryable,
  { table, erased }: SubjectTable,
  whose: string,
  scope: Scope,
): Promise<number> => {
  if (erased === 'rows')
    return (await client.query(`delete from ${table} x using ${SCOPE} where ${whose}`, [...scope])).rowCount ?? 0
  if ('apart' in erased) return 0
  const columns = Object.entries(erased.columns)
  const worded = columns.filter(([, how]) => how === 'words').map(([column]) => column)
  const set = columns.flatMap(([column, how]) => (how === 'words' ? [] : [{ column, ...clearingOf(column, how) }]))
  const changed = new Set<string>()
  for (const column of worded) for (const id of await rewrite(client, { table, column, whose }, scope)) changed.add(id)
  if (set.length === 0) return changed.size
  const { rows } = await client.query<{ id: string }>(
    `update ${table} x set ${set.map(({ column, to }) => `${column} = ${to}`).join(', ')} from ${SCOPE}
    where ${whose} and (${set.map(({ open }) => open).join(' or ')})
    returning ${worded.length === 0 ? 'x.ctid' : 'x.id'}::text as id`,
    [...scope],
  )
  for (const { id } of rows) changed.add(id)
  return changed.size
}

/** Erases a subject inside the caller's transaction; see the port. */
export const eraseOn = async (
  client: Queryable,
  { id, subject, by, at }: AboutSubject,
  reason: string,
): Promise<SubjectErasure> => {
  const [projectId, dr, ticketId] = scopeOf(subject)
  await client.query(HOLD_REPORTS, [projectId])
  await client.query(BEGIN_PROJECTS, [[projectId]])
  await client.query(HOLD_PROJECT, [projectId])
  const { rows } = await client.query<{ id: string; erased_at: unknown }>(HOLD_TICKETS, [projectId, dr, ticketId])
  const tickets = rows.map((row) => row.id)
  const newlyErased = rows.filter(({ erased_at }) => erased_at === null).length
  const scope: Scope = [projectId, dr, tickets]
  const beside = await client.query<{ rows: string }>(ROWS_BESIDE, [...scope])
  const rowsBeside = Number(beside.rows[0]?.rows)
  if (tickets.length + rowsBeside === 0) return { tickets, newlyErased, rowsBeside, rowsCleared: 0, plainOriginals: 0 }

  for (const statement of [...HOLD_MESSAGES, GIVE_UP_MESSAGES, LIST_COPIES]) await client.query(statement, [tickets])
  let rowsCleared = 0
  // A dead letter may have been on its way back into the queue.
  const again = SUBJECT_TABLES.filter(({ table }) => table === 'pgboss.job')
  for (const table of [...SUBJECT_TABLES, ...again]) {
    if (!(await isThere(client, table.table))) continue
    for (const whose of [table.ofTickets, table.ofDrop])
      if (whose !== null) rowsCleared += await clear(client, table, whose, scope)
  }
  await client.query(MARK_TICKETS, [tickets, at])
  await client.query(DESTROY_KEYS, [tickets, at, by])
  const plain = await client.query<{ plain: number }>(PLAIN_ORIGINALS, [tickets])
  if (newlyErased + rowsCleared > 0) await client.query(RECORD, [id, projectId, dr, at, by, reason, tickets])
  return { tickets, newlyErased, rowsBeside, rowsCleared, plainOriginals: plain.rows[0]?.plain ?? 0 }
}
