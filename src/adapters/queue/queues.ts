import type { PgBoss } from 'pg-boss'
import type { Reaction } from '../../application/ports/job-queue.ts'
import type { Pool } from '../contract/pool.ts'

/** Each reaction has a queue of its own, so that none waits behind another. */
const PREFIX = 'reaction.'
export const queueOf = (reaction: string): string => `${PREFIX}${reaction}`
export const reactionOf = (queue: string): string => queue.slice(PREFIX.length)

/**
 * How much one process does at once. `turns` are shared by the reactions of a kind, `lanes` are the most one of them may
 * have: a reaction whose every attempt hangs leaves turns to the others. What exceeds its time is tried again.
 */
export const KINDS = {
  reactions: { turns: 6, lanes: 4, limitSeconds: 120 },
  outside: { turns: 8, lanes: 6, limitSeconds: 300 },
  imports: { turns: 2, lanes: 2, limitSeconds: 3_600 },
} as const satisfies { readonly [K in Reaction['queue']]: unknown }

/** A worker that stops giving signs of life loses its jobs after this and one supervision, to whoever is there. */
const HEARTBEAT_S = 10
export const SUPERVISE_S = 5

/** So many workers may die over one event before it is taken for the cause. */
const CRASHES = 20

const DAY_S = 86_400

/** Makes the queues of these reactions, and moves what earlier builds left in theirs. */
export const openQueues = async (boss: PgBoss, pool: Pool, reactions: ReadonlyArray<Reaction>): Promise<void> => {
  const options = ({ queue }: Reaction) => ({
    retryLimit: CRASHES,
    // Always the same: pg-boss would lengthen it by attempts that were only put off as well.
    retryDelay: 1,
    retryBackoff: false,
    // Our own limit comes first; this one counts from the claim.
    expireInSeconds: KINDS[queue].limitSeconds + 60,
    heartbeatSeconds: HEARTBEAT_S,
    retentionSeconds: 3_650 * DAY_S,
  })
  const known = new Set((await boss.getQueues(reactions.map(({ name }) => queueOf(name)))).map(({ name }) => name))
  for (const reaction of reactions) {
    const name = queueOf(reaction.name)
    if (!known.has(name)) await boss.createQueue(name, { ...options(reaction), policy: 'key_strict_fifo' })
    else await boss.updateQueue(name, options(reaction))
  }
  await adoptEarlier(pool)
}

const EARLIER_JOBS = `
update pgboss.job j
set name = '${PREFIX}' || (j.data ->> 'reaction'), dead_letter = null,
  singleton_key = substr(j.singleton_key, length(j.data ->> 'reaction') + 2)
where j.name in ('reactions', 'imports') and j.state in ('created', 'retry', 'active', 'failed')
  and exists (select 1 from pgboss.queue q where q.name = '${PREFIX}' || (j.data ->> 'reaction'))`

const EARLIER_DEAD = `
with gone as (delete from pgboss.job where name = 'dead_letters' returning id, data, created_on, source_output)
insert into dead_letters (id, reaction, key, event_id, event_type, ticket_id, event, reason, attempts, queued_at, died_at)
select id, data ->> 'reaction', coalesce(data -> 'event' ->> 'ticketId', data -> 'event' ->> 'id'),
  (data -> 'event' ->> 'id')::uuid, data -> 'event' ->> 'type', (data -> 'event' ->> 'ticketId')::uuid, data -> 'event',
  coalesce(source_output ->> 'message', source_output -> 'value' ->> 'message', 'unknown'), 0, created_on, created_on
from gone
on conflict do nothing`

/** Builds before 0010 had one queue for all reactions, and a queue of dead letters. */
const adoptEarlier = async (pool: Pool): Promise<void> => {
  const { rows } = await pool.query(
    `select 1 from pgboss.queue where name = 'dead_letters' and exists (select 1 from pgboss.job where name in ('reactions', 'imports', 'dead_letters'))`,
  )
  if (rows.length === 0) return
  await pool.query(EARLIER_JOBS)
  await pool.query(EARLIER_DEAD)
}
