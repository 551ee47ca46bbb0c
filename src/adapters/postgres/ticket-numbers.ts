import type { TicketId } from '../../domain/ticket/ticket.ts'
import type { Queryable } from '../contract/pool.ts'

/** In one order, so that two transactions never wait for each other. */
const TURNS = `
select count(pg_advisory_xact_lock(hashtextextended(n.number, 13)))
from (select distinct number from unnest($1::text[]) as x (number) order by number) n`

/**
 * Until the transaction ends nobody else makes tickets of these numbers: a fault that comes in a report and as a case at
 * the same moment is one ticket.
 */
export const waitForNumbers = async (client: Queryable, numbers: ReadonlyArray<string>): Promise<void> => {
  if (numbers.length > 0) await client.query(TURNS, [numbers])
}

/** Of several: one of the case's own project first, then one that is still open, then the newest. */
const JOINABLE = `
select f.id from (
  select coalesce(s.id, t.id) as id from tickets t
  left join tickets s on s.id = t.duplicate_of and t.status = 'cancelled'
  where t.external_id = any($1::text[]) and t.deleted_at is null
) n join tickets f on f.id = n.id
where f.deleted_at is null and f.status <> 'cancelled' and f.source <> 'qcontact'
  and not exists (select from sync_cases c where c.ticket_id = f.id)
order by f.project_id = $2 desc, f.status in ('handed_to_maintenance', 'closed'), f.created_at desc, f.id
limit 1`

/** The ticket, of no case yet, that a case of these numbers is. */
export const joinableBy = async (
  client: Queryable,
  numbers: ReadonlyArray<string>,
  projectId: string,
): Promise<TicketId | null> => {
  const { rows } = await client.query<{ id: TicketId }>(JOINABLE, [numbers, projectId])
  return rows[0]?.id ?? null
}
