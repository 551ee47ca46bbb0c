import type { QueueFigures } from '../../application/ports/job-queue.ts'
import type { Pool } from '../contract/pool.ts'
import { reactionOf } from './queues.ts'

/** Every part reads an index only; the age is that of the oldest job of each queue, found by one look. */
const FIGURES = `
select q.name,
  (select count(*) from pgboss.job j where j.name = q.name and j.state = 'created')::int
    + (select count(*) from pgboss.job j where j.name = q.name and j.state = 'retry')::int as waiting,
  (select count(*) from pgboss.job j where j.name = q.name and j.state = 'active')::int as active,
  coalesce(extract(epoch from clock_timestamp() - (
    select j.created_on from pgboss.job j where j.name = q.name order by j.created_on limit 1
  )), 0)::float8 as oldest,
  (select count(*) from dead_letters d where d.reaction = substr(q.name, 10) and d.retry_asked_at is null)::int as dead
from pgboss.queue q where q.name like 'reaction.%' order by q.name`

const OUTBOX = `
select (select count(*) from outbox)::int as waiting,
  coalesce(extract(epoch from clock_timestamp() - (select at from outbox order by id limit 1)), 0)::float8 as oldest,
  to_regclass('pgboss.job') is not null as opened`

/** What waits in the outbox and in the queue of each reaction that any build has had here; none before the first worker. */
export const queueFigures = async (pool: Pool): Promise<QueueFigures> => {
  const outbox = (await pool.query(OUTBOX)).rows[0]
  const { rows } = outbox.opened ? await pool.query(FIGURES) : { rows: [] }
  return {
    outbox: { waiting: outbox.waiting, oldestSeconds: Math.max(0, outbox.oldest) },
    reactions: rows.map(({ name, waiting, active, oldest, dead }) => ({
      reaction: reactionOf(name),
      waiting,
      active,
      oldestSeconds: Math.max(0, oldest),
      dead,
    })),
  }
}
