import { z } from 'zod'
import { UNASSIGNED_PROJECT } from '../../application/directory/knows-project.ts'
import type { Found, KeyedLine } from '../../application/ports/report-store.ts'
import { QCONTACT_NUMBER } from '../../domain/ticket/qcontact-number.ts'
import { STATUSES } from '../../domain/ticket/ticket.ts'
import type { Queryable } from '../contract/pool.ts'
import { contextMembers, contextRow, type SowSource, toContext } from './ticket-context.ts'

/**
 * The tickets of each key, newest first: made by an earlier line, or having the ticket number the line names. Our own
 * numbers and QContact's are the same in every project; others count in this one, and where no project is known yet.
 */
const EARLIER = `
with asked as (
  select * from jsonb_to_recordset($2::jsonb) as a (key text, external_id text)
), of_key as (
  select a.key, t.id from asked a join tickets t on t.project_id = $1 and t.import_key = a.key
  union
  select a.key, t.id from asked a join tickets t on t.external_id = a.external_id
  where t.project_id in ($1, '${UNASSIGNED_PROJECT}') or t.source = 'qcontact' or a.external_id ~ '${QCONTACT_NUMBER.source}'
  union
  select a.key, t.id from asked a join tickets t on t.ticket_uid = a.external_id
)
select k.key, coalesce(s.id, t.id) as ticket_id, coalesce(s.ticket_uid, t.ticket_uid) as ticket_uid,
  case when coalesce(s.id, t.id) = t.id and t.deleted_at is not null or s.deleted_at is not null then 'cancelled'
    else coalesce(s.status, t.status) end as status
from of_key k join tickets t on t.id = k.id
  left join tickets s on s.id = t.duplicate_of and t.status = 'cancelled'
order by k.key, t.created_at desc, t.id desc`

const earlierRow = z.object({
  key: z.string(),
  ticket_id: z.string(),
  ticket_uid: z.string(),
  status: z.enum(STATUSES),
})

const OVER: ReadonlyArray<string> = ['handed_to_maintenance', 'closed', 'cancelled']

/** What is known of the lines' keys and drops, in two statements however many they are. */
export const lookUp = async (
  client: Queryable,
  sow: SowSource,
  projectId: string,
  lines: ReadonlyArray<KeyedLine>,
): Promise<Found> => {
  const drs = [...new Set(lines.flatMap(({ line }) => (line.dr === null ? [] : [line.dr])))]
  const { rows: contexts } = await client.query(
    `select json_build_object(${contextMembers({ sow }, '$1', 'null', '$2::text[]')}) as context`,
    [projectId, drs],
  )
  const asked = lines.flatMap(({ importKey, line }) =>
    importKey === null ? [] : [{ key: importKey, external_id: line.externalId }],
  )
  const { rows } = await client.query(EARLIER, [projectId, JSON.stringify(asked)])
  const byKey = new Map<string, Found['byKey'] extends ReadonlyMap<string, infer V> ? V : never>()
  for (const row of rows) {
    const { key, ticket_id: ticketId, ticket_uid: ticketUid, status } = earlierRow.parse(row)
    const ticket = { ticketId, ticketUid, status }
    const known = byKey.get(key)
    const open = known?.open ?? (OVER.includes(status) ? null : ticket)
    byKey.set(key, { open, last: known?.last ?? ticket })
  }
  return { context: toContext(sow, contextRow.parse(contexts[0]?.context)), byKey }
}
