import type { Outbox, OutboxEvent } from '../../application/ports/outbox.ts'
import { isoInstant, type Pool, type Queryable } from '../contract/pool.ts'
import { orUnavailable } from '../contract/sql-errors.ts'

const PUBLISH = `
insert into outbox (event_id, type, ticket_id, body, at)
select (e ->> 'id')::uuid, e ->> 'type', (e ->> 'ticketId')::uuid, e -> 'body', (e ->> 'at')::timestamptz
from jsonb_array_elements($1::jsonb) with ordinality as each (e, n)
order by n`

const WAITING = `
select o.id::text, o.event_id, o.type, o.ticket_id, o.body, o.at from outbox o order by o.id limit $1`

const CLAIM = `
delete from outbox
where id in (select id from outbox where id = any($1::bigint[]) order by id for update skip locked)
returning id::text, body`

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

export type WaitingEvent = { readonly position: string; readonly event: OutboxEvent }

/** The oldest events in the outbox, oldest first. */
export const waiting = async (client: Queryable, limit: number): Promise<ReadonlyArray<WaitingEvent>> => {
  const { rows } = await client.query(WAITING, [limit])
  return rows.map((row) => ({
    position: row.id,
    event: { id: row.event_id, type: row.type, ticketId: row.ticket_id, body: row.body, at: isoInstant(row.at) },
  }))
}

/**
 * Takes those of the events out of the outbox that nobody else has taken, in the order given and as they are by now: a
 * client's words may have been erased since. They come back when the transaction does not commit.
 */
export const claim = async (
  client: Queryable,
  events: ReadonlyArray<WaitingEvent>,
): Promise<ReadonlyArray<WaitingEvent>> => {
  const { rows } = await client.query(CLAIM, [events.map(({ position }) => position)])
  const bodies = new Map(rows.map(({ id, body }) => [id, body]))
  return events
    .filter(({ position }) => bodies.has(position))
    .map(({ position, event }) => ({ position, event: { ...event, body: bodies.get(position) } }))
}
