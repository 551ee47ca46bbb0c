import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { JobInsert, PgBoss } from 'pg-boss'
import type { Reaction } from '../../application/ports/job-queue.ts'
import type { OutboxEvent } from '../../application/ports/outbox.ts'
import { inTransaction, type Pool, type Queryable } from '../contract/pool.ts'
import { claim, type WaitingEvent, waiting } from './outbox.ts'

/** What waits in the queue: one event for one reaction. */
export type Delivery = { readonly reaction: string; readonly event: OutboxEvent }

const LOCK = 4_051_873_207
const BATCH = 500

/** One relay at a time, or events of one ticket could overtake each other between two. */
const WAIT_FOR_TURN = `select pg_advisory_xact_lock(${LOCK})`

/** The queue orders by creation time, which it takes from the start of the transaction: before our turn came. */
const STAMP = `
with stamp as materialized (select clock_timestamp() as at)
update pgboss.job set created_on = stamp.at from stamp where name = $1 and id = any($2::uuid[])`

/** Sorts by position in the outbox among jobs created together; its random tail keeps a restored outbox apart. */
const jobId = (position: string, reaction: number): string => {
  const hex = BigInt(position).toString(16).padStart(16, '0') + reaction.toString(16).padStart(4, '0')
  const id = hex + randomBytes(6).toString('hex')
  return [id.slice(0, 8), id.slice(8, 12), id.slice(12, 16), id.slice(16, 20), id.slice(20)].join('-')
}

type Job = JobInsert<Delivery> & { readonly id: string }
type Wants = (reaction: Reaction, event: OutboxEvent) => boolean

const jobsFor = (
  events: ReadonlyArray<WaitingEvent>,
  reactions: ReadonlyArray<Reaction>,
  wants: Wants,
  queue: string,
): ReadonlyArray<Job> =>
  events.flatMap(({ position, event }) =>
    reactions.flatMap((reaction, index) =>
      reaction.queue === queue && wants(reaction, event)
        ? [
            {
              id: jobId(position, index),
              data: { reaction: reaction.name, event },
              singletonKey: `${reaction.name}/${reaction.key(event)}`,
            },
          ]
        : [],
    ),
  )

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
  readonly boss: Pick<PgBoss, 'insert'>
  readonly reactions: ReadonlyArray<Reaction>
  readonly onError: (error: unknown) => void
  readonly limit?: number
}

/**
 * Moves the oldest events from the outbox to the queue, one job per event and concerned reaction, in one transaction:
 * each event is handed over exactly once. Gives how many events it took.
 */
export const handOver = async ({ pool, boss, reactions, onError, limit = BATCH }: HandOver): Promise<number> => {
  const seen = await waiting(pool, limit)
  if (seen.length === 0) return 0
  const wants = await wantedBy(
    seen.map(({ event }) => event),
    reactions,
    onError,
  )
  return inTransaction(pool, async (client) => {
    await client.query(WAIT_FOR_TURN)
    const claimed = await claim(client, seen)
    for (const queue of ['reactions', 'outside', 'imports'] as const) {
      const jobs = jobsFor(claimed, reactions, wants, queue)
      if (jobs.length === 0) continue
      await boss.insert(queue, [...jobs], { db: bossDatabase(client) })
      await client.query(STAMP, [queue, jobs.map(({ id }) => id)])
    }
    return claimed.length
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
