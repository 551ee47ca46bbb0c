import { z } from 'zod'
import type { ProjectContext, Stored } from '../../application/ports/ticket-store.ts'
import type { TicketId } from '../../domain/ticket/ticket.ts'
import { prepared, type Queryable } from '../contract/pool.ts'
import { BORN_WITH, CHANGING } from './ticket-columns.ts'
import { type ContextSources, contextMembers, contextRow, type SowSource, toContext } from './ticket-context.ts'
import { ticketOfRow } from './ticket-states.ts'

const COLUMNS = [...BORN_WITH, ...CHANGING].map((column) => `t.${column}`).join(', ')

const LOAD = (sources: ContextSources): string => `
select json_build_object(
  'ticket', (select row_to_json(c) from (select ${COLUMNS}) c),
  'version', t.version,
  'steps', (select json_agg(s) from (select * from verification_steps where ticket_id = t.id order by step_number) s),
  'photos', (select json_agg(a) from (select * from ticket_attachments
    where ticket_id = t.id and file_type = 'photo' and step_key is not null order by seq) a),
  'risks', (select json_agg(r) from (select * from qa_risk_acceptances where ticket_id = t.id order by seq) r),
  'waivers', (select json_agg(w) from (select * from platform_waivers
    where ticket_id = t.id order by waived_at, platform) w),
  'decisions', (select json_agg(d) from (select * from qa_decisions where ticket_id = t.id order by seq) d),
  'client', (select row_to_json(c) from (select name, phone, email from ticket_clients where ticket_id = t.id) c),
  'duplicates', (select json_agg(o.ticket_uid order by o.ticket_uid) from tickets o
    where o.duplicate_of = t.id and o.deleted_at is null),
  'snapshots', (select count(*) from handover_snapshots where ticket_id = t.id),
  'used_bytes', (select coalesce(sum(file_size), 0) from ticket_attachments where ticket_id = t.id),
  ${contextMembers(sources, 't.project_id', 't.dr_number', '(array_append($2::text[], t.dr_number::text))')}
) as found
from tickets t where t.id = any($1::uuid[]) and ($3::boolean or t.deleted_at is null)`

const CONTEXT = (sources: ContextSources): string => `
select json_build_object(${contextMembers(sources, '$1::text', '$2::text', 'array[$2::text]')}) as found`

const storedRow = contextRow.extend({
  ticket: z.object({ assigned_ever: z.array(z.string()) }).loose(),
  version: z.number(),
  client: z
    .object({ name: z.string().nullable(), phone: z.string().nullable(), email: z.string().nullable() })
    .nullable(),
  duplicates: z.array(z.string()).nullable(),
  snapshots: z.number(),
  used_bytes: z.number(),
  steps: z.unknown(),
  photos: z.unknown(),
  risks: z.unknown(),
  waivers: z.unknown(),
  decisions: z.unknown(),
})

const toStored = (sow: SowSource, found: unknown): Stored => {
  const row = storedRow.parse(found)
  const { steps, photos, risks, waivers, decisions } = row
  return {
    ticket: ticketOfRow({ ...row.ticket, steps, photos, risks, waivers, decisions }),
    version: row.version,
    client: row.client,
    duplicates: row.duplicates ?? [],
    snapshots: row.snapshots,
    usedBytes: row.used_bytes,
    assignedEver: row.ticket.assigned_ever,
    ...toContext(sow, row),
  }
}

/**
 * Tickets by id with everything that decisions about them need, as of one moment: one statement. Whoever wants them
 * locked locks the project's row and then `tickets`, and reads afterwards: a lock that waited would leave parts old.
 */
export const loadByIds = async (
  client: Queryable,
  sources: ContextSources,
  ids: ReadonlyArray<TicketId>,
  { drs = [], deleted = false }: { readonly drs?: ReadonlyArray<string>; readonly deleted?: boolean } = {},
): Promise<ReadonlyArray<Stored>> => {
  const { rows } = await client.query<{ found: unknown }>(prepared(LOAD(sources)), [ids, drs, deleted])
  return rows.map(({ found }) => toStored(sources.sow, found))
}

/** What a ticket of this project and drop would be decided by. */
export const loadContext = async (
  client: Queryable,
  sources: ContextSources,
  projectId: string,
  dr: string | null,
): Promise<ProjectContext> => {
  const { rows } = await client.query<{ found: unknown }>(prepared(CONTEXT(sources)), [projectId, dr])
  return toContext(sources.sow, contextRow.parse(rows[0]?.found))
}
