import type { Outbox, OutboxEvent } from '../../application/ports/outbox.ts'
import { isoInstant, type Pool, type Queryable } from '../contract/pool.ts'
import { orUnavailable } from '../contract/sql-errors.ts'

const PUBLISH = `
insert into outbox (event_id, type, ticket_id, body, at)
select (e ->> 'id')::uuid, e ->> 'type', (e ->> 'ticketId')::uuid, e -> 'body', (e ->> 'at')::timestamptz
from jsonb_array_elements($1::jsonb) with ordinality as each (e, n)
order by n`

const CLAIM = `
delete from outbox
where id in (select id from outbox order by id limit $1 for update skip locked)
returning id::text, event_id, type, ticket_id, body, at`

/** Writes events inside the caller's transaction. */
export const publishWith = async (client: Queryable, events: ReadonlyArray<OutboxEvent>): Promise<void> => {
  if (events.length > 0) await client.query(PUBLISH, [JSON.stringify(events)])
}

/** The outbox table. `nudge` runs after each commit. */
export const postgresOutbox = (pool: Pool, nudge: () => void): Outbox => ({
  publish: (events) =>
    orUnavailable(async () => {
      await publishWith(pool, events)
      nudge()
    }),
})

export type ClaimedEvent = { readonly position: bigint; readonly event: OutboxEvent }

/** Takes the oldest events out of the outbox, oldest first; they come back when the transaction does not commit. */
export const claim = async (client: Queryable, limit: number): Promise<ReadonlyArray<ClaimedEvent>> => {
  const { rows } = await client.query(CLAIM, [limit])
  return rows
    .map((row) => ({
      position: BigInt(row.id),
      event: { id: row.event_id, type: row.type, ticketId: row.ticket_id, body: row.body, at: isoInstant(row.at) },
    }))
    .sort((a, b) => (a.position < b.position ? -1 : 1))
}
