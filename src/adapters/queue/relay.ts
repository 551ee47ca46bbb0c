import { randomBytes } from 'node:crypto'
import type { JobInsert, PgBoss } from 'pg-boss'
import type { Reaction } from '../../application/ports/job-queue.ts'
import type { OutboxEvent } from '../../application/ports/outbox.ts'
import { inTransaction, type Pool, type Queryable } from '../contract/pool.ts'
import { type ClaimedEvent, claim } from './outbox.ts'

/** What waits in the queue: one event for one reaction. */
export type Delivery = { readonly reaction: string; readonly event: OutboxEvent }

const LOCK = 4_051_873_207
const HAND_OVER_BATCH = 500

/** One relay at a time, or events of one ticket could overtake each other between two. */
const WAIT_FOR_TURN = `select pg_advisory_xact_lock(${LOCK})`

/** The queue orders by creation time, which it takes from the start of the transaction: before our turn came. */
const STAMP = 'update pgboss.job set created_on = clock_timestamp() where name = $1 and id = any($2::uuid[])'

/** Sorts by position in the outbox among jobs created together; its random tail keeps a restored outbox apart. */
const jobId = (position: bigint, reaction: number): string => {
  const hex = position.toString(16).padStart(16, '0') + reaction.toString(16).padStart(4, '0')
  const id = hex + randomBytes(6).toString('hex')
  return [id.slice(0, 8), id.slice(8, 12), id.slice(12, 16), id.slice(16, 20), id.slice(20)].join('-')
}

type Job = JobInsert<Delivery> & { readonly id: string }

const jobsFor = (
  claimed: ReadonlyArray<ClaimedEvent>,
  reactions: ReadonlyArray<Reaction>,
  queue: string,
): ReadonlyArray<Job> =>
  claimed.flatMap(({ position, event }) =>
    reactions.flatMap((reaction, index) =>
      reaction.queue === queue && reaction.eventTypes.includes(event.type)
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

/**
 * Moves the oldest events from the outbox to the queue, one job per event and reaction, in one transaction: each event
 * is handed over exactly once. Gives how many events it took.
 */
export const handOver = (
  pool: Pool,
  boss: Pick<PgBoss, 'insert'>,
  reactions: ReadonlyArray<Reaction>,
  limit: number = HAND_OVER_BATCH,
): Promise<number> =>
  inTransaction(pool, async (client) => {
    await client.query(WAIT_FOR_TURN)
    const claimed = await claim(client, limit)
    for (const queue of ['reactions', 'imports'] as const) {
      const jobs = jobsFor(claimed, reactions, queue)
      if (jobs.length === 0) continue
      await boss.insert(queue, [...jobs], { db: bossDatabase(client) })
      await client.query(STAMP, [queue, jobs.map(({ id }) => id)])
    }
    return claimed.length
  })

/** Our statements' way out, as pg-boss wants it. */
export const bossDatabase = (client: Queryable) => ({
  executeSql: (text: string, values?: unknown[]) => client.query(text, values),
})

const LOOK_EVERY_MS = 1_000

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
