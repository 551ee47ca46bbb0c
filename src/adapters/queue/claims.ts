import type { OutboxEvent } from '../../application/ports/outbox.ts'
import type { Pool } from '../contract/pool.ts'
import { queueOf } from './queues.ts'

/** What waits in the queue: one event for one reaction. */
export type Delivery = { readonly reaction: string; readonly event: OutboxEvent }

/** One attempt that this process was given; it is only ours while the job has not been given to another. */
export type Claim = {
  readonly id: string
  readonly attempt: number
  /** Attempts that failed before this one. */
  readonly failures: number
  readonly event: OutboxEvent
}

/** What is kept of a job between two attempts. */
type Note = { readonly failures: number; readonly why: string }

/**
 * Claims the oldest jobs that are next of their key: nothing of the key is being handled or waits for another attempt, and
 * nothing of it is older. Looks at the `$3` oldest only, so that a long queue costs no more than a short one (pg-boss's own
 * fetch looks at every job that waits); older ones of a key are always among them.
 */
const FETCH = `
with oldest as materialized (
  select j.id, j.singleton_key, j.state, j.created_on from pgboss.job j
  where j.name = $1 and j.state < 'active' and not j.blocked and j.start_after <= pgboss.job_now()
  order by j.priority desc, j.created_on, j.id
  limit $3
), heads as materialized (
  select distinct on (singleton_key) id, singleton_key, created_on from oldest
  order by singleton_key, state desc, created_on, id
), free as materialized (
  select h.id from heads h
  where (
    select b.id from pgboss.job b
    where b.name = $1 and b.singleton_key = h.singleton_key and b.id <> h.id
      and b.state in ('active', 'retry', 'failed') and b.policy = 'key_strict_fifo'
    limit 1
  ) is null
  order by h.created_on, h.id
  limit $2
), mine as materialized (
  select j.id from pgboss.job j
  where j.name = $1 and j.id = any (array(select id from free)) and j.state < 'active'
  for update of j skip locked
), claimed as (
  update pgboss.job j set state = 'active', started_on = pgboss.job_now(), heartbeat_on = pgboss.job_now(),
    retry_count = case when started_on is null then retry_count else retry_count + 1 end
  from mine where j.name = $1 and j.id = mine.id
  returning j.id, j.retry_count as attempt, j.data -> 'event' as event, j.output ->> 'failures' as failures
)
select (select count(*) from oldest)::int as seen, claimed.* from (select 1) as always left join claimed on true`

/** Looked at first; ten times as many each time that all of them turn out to be of keys that wait. */
const OLDEST_PER_CLAIM = 5

const UNIQUE_VIOLATION = '23505'

const OURS = `name = $1 and id = $2 and state = 'active' and retry_count = $3`
const ALL_OURS = `name = $1 and id = any ($2::uuid[]) and state = 'active'
  and (id::text || ':' || retry_count::text) = any ($3::text[])`

const DONE = `delete from pgboss.job where ${ALL_OURS}`

/** Its later attempts count anew towards the limit of crashes: this one did not end in one. */
const PUT_BACK = `
update pgboss.job set state = 'retry', retry_limit = retry_limit + 1, heartbeat_on = null,
  start_after = clock_timestamp() + $4::float8 * interval '1 millisecond', output = $5::jsonb
where ${OURS}`

const GIVE_BACK = `
update pgboss.job set state = 'retry', retry_limit = retry_limit + 1, heartbeat_on = null, start_after = clock_timestamp()
where ${ALL_OURS}`

const DIED = `
insert into dead_letters (id, reaction, key, event_id, event_type, ticket_id, event, reason, attempts, queued_at, died_at)
select id, data ->> 'reaction', singleton_key, (data -> 'event' ->> 'id')::uuid, data -> 'event' ->> 'type',
  (data -> 'event' ->> 'ticketId')::uuid, data -> 'event', coalesce($REASON, 'unknown'), $ATTEMPTS, created_on,
  clock_timestamp()
from gone
on conflict (reaction, event_id) do update set reason = excluded.reason, died_at = excluded.died_at
returning reaction, event_id, event_type, ticket_id, attempts`

const BURY = `
with gone as (delete from pgboss.job where ${OURS} returning *)
${DIED.replace('$REASON', '$4::text').replace('$ATTEMPTS', '$5::int')}`

/** pg-boss's own reasons (timed out, heartbeat lost) come as `{value: {message}}`. */
const BURY_FAILED = `
with gone as (delete from pgboss.job where name = any ($1::text[]) and state = 'failed' returning *)
${DIED.replace('$REASON', `output ->> 'why', output -> 'value' ->> 'message'`).replace('$ATTEMPTS', 'retry_count + 1')}`

const ALIVE = `
update pgboss.job j set heartbeat_on = clock_timestamp()
from unnest($1::text[], $2::uuid[], $3::int[]) as mine (name, id, attempt)
where j.name = mine.name and j.id = mine.id and j.retry_count = mine.attempt and j.state = 'active'
returning j.id, j.retry_count as attempt`

/** Asked of each queue whether there is anything to fetch, by one look into an index each. */
const READY = `
select q.name from unnest($1::text[]) as q (name)
where exists (
  select 1 from pgboss.job j
  where j.name = q.name and j.state < 'active' and not j.blocked and j.start_after <= pgboss.job_now()
)`

export type Died = {
  readonly reaction: string
  readonly eventId: string
  readonly eventType: string
  readonly ticketId: string | null
  readonly attempts: number
}

// biome-ignore lint/suspicious/noExplicitAny: a row as the driver gives it
const diedIn = (rows: ReadonlyArray<any>): ReadonlyArray<Died> =>
  rows.map(({ reaction, event_id, event_type, ticket_id, attempts }) => ({
    reaction,
    eventId: event_id,
    eventType: event_type,
    ticketId: ticket_id,
    attempts,
  }))

const fenced = (claims: ReadonlyArray<Claim>) => [
  claims.map(({ id }) => id),
  claims.map(({ id, attempt }) => `${id}:${attempt}`),
]

/** The jobs of one reaction, as a worker takes and settles them. What is no longer ours is left alone. */
export type Claims = {
  readonly fetch: (most: number) => Promise<ReadonlyArray<Claim>>
  readonly done: (claims: ReadonlyArray<Claim>) => Promise<void>
  readonly putBack: (claim: Claim, ms: number, note: Note) => Promise<void>
  /** Claims that were not begun, or not ended: somebody else's from now on. */
  readonly giveBack: (claims: ReadonlyArray<Claim>) => Promise<void>
  /** Among the dead letters, in one statement with leaving the queue. */
  readonly bury: (claim: Claim, note: Note) => Promise<ReadonlyArray<Died>>
}

export const claimsOf = (pool: Pool, reaction: string): Claims => {
  const queue = queueOf(reaction)
  return {
    fetch: async (most) => {
      for (let oldest = most * OLDEST_PER_CLAIM; ; oldest *= 10) {
        // The database's own rule of one at a time per key is the last word: whoever meets it comes too late.
        const { rows } = await pool.query(FETCH, [queue, most, oldest]).catch((error) => {
          if (error.code === UNIQUE_VIOLATION) return { rows: [] }
          throw error
        })
        const found = rows.filter(({ id }) => id !== null)
        if (found.length > 0 || (rows[0]?.seen ?? 0) < oldest)
          return found.map(({ id, attempt, event, failures }) => ({
            id,
            attempt,
            event,
            failures: Number(failures ?? 0),
          }))
      }
    },
    done: async (claims) => void (await pool.query(DONE, [queue, ...fenced(claims)])),
    putBack: async ({ id, attempt }, ms, note) =>
      void (await pool.query(PUT_BACK, [queue, id, attempt, ms, JSON.stringify(note)])),
    giveBack: async (claims) => void (await pool.query(GIVE_BACK, [queue, ...fenced(claims)])),
    bury: async ({ id, attempt }, { why, failures }) =>
      diedIn((await pool.query(BURY, [queue, id, attempt, why, failures])).rows),
  }
}

/** Jobs that the supervision gave up: their workers died too often. Their keys go on. */
export const buryFailed = async (pool: Pool, queues: ReadonlyArray<string>): Promise<ReadonlyArray<Died>> =>
  diedIn((await pool.query(BURY_FAILED, [queues])).rows)

/** Those of the queues in which something can be fetched now. */
export const readyQueues = async (pool: Pool, queues: ReadonlyArray<string>): Promise<ReadonlyArray<string>> =>
  (await pool.query(READY, [queues])).rows.map(({ name }) => name as string)

type Held = { readonly queue: string; readonly id: string; readonly attempt: number }

/** A sign of life for everything claimed; gives what was lost to another meanwhile. */
export const stayAlive = async (pool: Pool, held: ReadonlyArray<Held>): Promise<ReadonlyArray<Held>> => {
  const { rows } = await pool.query(ALIVE, [
    held.map(({ queue }) => queue),
    held.map(({ id }) => id),
    held.map(({ attempt }) => attempt),
  ])
  const kept = new Set(rows.map(({ id, attempt }) => `${id}:${attempt}`))
  return held.filter(({ id, attempt }) => !kept.has(`${id}:${attempt}`))
}
