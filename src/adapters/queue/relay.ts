import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Reaction } from '../../application/ports/job-queue.ts'
import type { OutboxEvent } from '../../application/ports/outbox.ts'
import { inTransaction, type Pool, type Queryable } from '../contract/pool.ts'
import type { Delivery } from './claims.ts'
import { claim, waiting } from './outbox.ts'
import { queueOf } from './queues.ts'

const BATCH = 500

/**
 * One relay at a time, or events of one ticket could overtake each other between two. Each hand-over gets a moment after
 * every earlier one, also when the clock of the machine was set back: the queue orders by it.
 */
const TURN = `
update relay_clock set at = greatest(clock_timestamp(), at + interval '1 microsecond')
returning to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at`

/** Every job of a pass at once. Due a day ago, so that a clock that is set back holds up nothing that is new. */
const INSERT = `
insert into pgboss.job (id, name, data, singleton_key, created_on, start_after, keep_until, policy, expire_seconds,
  deletion_seconds, heartbeat_seconds, retry_limit, retry_delay, retry_backoff, retry_delay_max)
select e.id, q.name, e.data, e.key, e.at, clock_timestamp() - interval '1 day',
  clock_timestamp() + q.retention_seconds * interval '1 second', q.policy, q.expire_seconds, q.deletion_seconds,
  q.heartbeat_seconds, q.retry_limit, q.retry_delay, q.retry_backoff, q.retry_delay_max
from jsonb_to_recordset($1::jsonb) as e (id uuid, queue text, data jsonb, key text, at timestamptz)
join pgboss.queue q on q.name = e.queue`

/** The channel on which workers hear in which queues there is something new, by their names. */
export const CHANNEL = 'ticketing_queue'
const TELL = `select pg_notify('${CHANNEL}', $1)`
/** What PostgreSQL takes in one message, with room to spare. */
const LONGEST_MESSAGE = 7_000

/**
 * Sorts by position in the outbox among jobs created together; its random tail keeps a restored outbox apart. In the form of
 * a UUID (version 8): as the id of a dead letter it is asked for over HTTP.
 */
const jobId = (position: string, reaction: number): string => {
  const place = BigInt(position).toString(16).padStart(16, '0')
  const id = `${place.slice(0, 12)}8${place.slice(12, 15)}8${place.slice(15)}${reaction.toString(16).padStart(2, '0')}`
  return `${id.slice(0, 8)}-${id.slice(8, 12)}-${id.slice(12, 16)}-${id.slice(16)}-${randomBytes(6).toString('hex')}`
}

type Job = {
  readonly id: string
  readonly queue: string
  readonly data: Delivery
  readonly key: string
  readonly at: string
}
type Wants = (reaction: Reaction, event: OutboxEvent) => boolean

/** Asks each reaction once about all its events. Where it has no answer it is given them all, so that nothing is lost. */
const wantedBy = async (
  events: ReadonlyArray<OutboxEvent>,
  reactions: ReadonlyArray<Reaction>,
  onError: (error: unknown) => void,
): Promise<Wants> => {
  const wanted = new Map<string, ReadonlySet<string>>()
  for (const { name, eventTypes, concerns } of reactions) {
    const its = events.filter(({ type }) => eventTypes.includes(type))
    if (its.length === 0) continue
    const all = new Set(its.map(({ id }) => id))
    const answer = await concerns?.(its).catch((error) => {
      onError(error)
      return all
    })
    wanted.set(name, answer ?? all)
  }
  return ({ name }, { id }) => wanted.get(name)?.has(id) ?? false
}

export type HandOver = {
  readonly pool: Pool
  readonly reactions: ReadonlyArray<Reaction>
  readonly onError: (error: unknown) => void
  readonly limit?: number
}

const insert = async (client: Queryable, jobs: ReadonlyArray<Job>): Promise<void> => {
  if (jobs.length === 0) return
  const { rowCount } = await client.query(INSERT, [JSON.stringify(jobs)])
  if (rowCount !== jobs.length) throw new Error('a reaction has no queue')
  await tell(client, [...new Set(jobs.map(({ queue }) => queue))])
}

/** Workers elsewhere hear of it when the transaction commits; one that hears no names looks into all its queues. */
const tell = async (client: Queryable, queues: ReadonlyArray<string>): Promise<void> => {
  const names = queues.join(',')
  await client.query(TELL, [names.length > LONGEST_MESSAGE ? '' : names])
}

/**
 * Moves the oldest events from the outbox to the queue, one job per event and concerned reaction, in one transaction:
 * each event is handed over exactly once. Gives how many events it took.
 */
export const handOver = async ({ pool, reactions, onError, limit = BATCH }: HandOver): Promise<number> => {
  const seen = await waiting(pool, limit)
  if (seen.length === 0) return 0
  const wants = await wantedBy(
    seen.map(({ event }) => event),
    reactions,
    onError,
  )
  return inTransaction(pool, async (client) => {
    const at: string = (await client.query(TURN)).rows[0].at
    const claimed = await claim(client, seen)
    await insert(
      client,
      claimed.flatMap(({ position, event }) =>
        reactions.flatMap((reaction, index) =>
          wants(reaction, event)
            ? [
                {
                  id: jobId(position, index),
                  queue: queueOf(reaction.name),
                  data: { reaction: reaction.name, event },
                  key: reaction.key(event),
                  at,
                },
              ]
            : [],
        ),
      ),
    )
    return claimed.length
  })
}

const IS_ASKED = 'select 1 from dead_letters where retry_asked_at is not null and reaction = any ($1::text[]) limit 1'
const ASKED = `
delete from dead_letters where retry_asked_at is not null and reaction = any ($1::text[])
returning id, reaction, key, event, to_char(queued_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as queued_at`

/**
 * Moves dead letters that a person wants retried back to the queue of their reaction, where each takes its old place: before
 * every event of its key that still waits. Gives how many.
 */
export const retryAsked = async ({ pool, reactions }: Pick<HandOver, 'pool' | 'reactions'>): Promise<number> => {
  const names = reactions.map(({ name }) => name)
  if ((await pool.query(IS_ASKED, [names])).rows.length === 0) return 0
  return inTransaction(pool, async (client) => {
    await client.query(TURN)
    const asked = (await client.query(ASKED, [names])).rows
    await insert(
      client,
      asked.map(({ id, reaction, key, event, queued_at }) => ({
        id,
        queue: queueOf(reaction),
        data: { reaction, event },
        key,
        at: queued_at,
      })),
    )
    return asked.length
  })
}

/** Our statements' way out, as pg-boss wants it. */
export const bossDatabase = (client: Queryable) => ({
  executeSql: (text: string, values?: unknown[]) => client.query(text, values),
})

const LOOK_EVERY_MS = 1_000

/** After a pass others are let gather for so long, so that a busy time makes few large passes of them. */
const GATHER_MS = 50

/** Hands over whenever nudged and every second, until stopped. `afterPass` runs after each look, failed or not. */
export const startRelay = (options: {
  readonly handOver: () => Promise<number>
  readonly afterPass: (handedOver: number) => Promise<void>
  readonly onError: (error: unknown) => void
}): { readonly nudge: () => void; readonly stop: () => Promise<void> } => {
  let stopping = false
  let nudged = false
  let wake = (): void => {}
  const nudge = (): void => {
    nudged = true
    wake()
  }
  const pass = async (): Promise<void> => {
    let total = 0
    try {
      for (let taken = 1; taken > 0 && !stopping; total += taken) taken = await options.handOver()
      await options.afterPass(total)
    } catch (error) {
      options.onError(error)
      nudged = false
    }
  }
  const rest = (): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, LOOK_EVERY_MS)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  const run = async (): Promise<void> => {
    while (!stopping) {
      nudged = false
      await pass()
      if (!stopping) await sleep(GATHER_MS)
      if (!nudged && !stopping) await rest()
    }
  }
  const running = run()
  return {
    nudge,
    stop: () => {
      stopping = true
      wake()
      return running
    },
  }
}
