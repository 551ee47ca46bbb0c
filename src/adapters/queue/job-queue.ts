import { setTimeout as sleep } from 'node:timers/promises'
import { type Job, type JobResult, PgBoss } from 'pg-boss'
import type { DeadLetter, JobQueue, Reaction } from '../../application/ports/job-queue.ts'
import { isoInstant, type Pool } from '../contract/pool.ts'
import { listenThrough } from './listen.ts'
import { bossDatabase, type Delivery, handOver, startRelay } from './relay.ts'
import { keepSchedules, SCHEDULES } from './schedules.ts'

const DEAD_LETTERS = 'dead_letters'
const DAY_S = 86_400

/** A batch ends with its slowest job; the other loop goes on meanwhile. `lanes` leaves connections for requests. */
const QUEUES = {
  reactions: { expireInSeconds: 600, batchSize: 100, lanes: 4, loops: 2 },
  outside: { expireInSeconds: 600, batchSize: 20, lanes: 4, loops: 1 },
  imports: { expireInSeconds: 3_600, batchSize: 1, lanes: 1, loops: 2 },
} as const
type QueueName = keyof typeof QUEUES
const NAMES = Object.keys(QUEUES) as ReadonlyArray<QueueName>

/** A worker that stops giving signs of life loses its jobs after this and one supervision, to whoever is there. */
const HEARTBEAT_S = 10
const SUPERVISE_S = 5

export type QueueOptions = {
  readonly pool: Pool
  readonly kind: 'postgres' | 'pglite'
  /** Hears of trouble that the queue gets over by itself; never of an event's content. */
  readonly onError: (error: unknown) => void
  /** Attempts after the first, and the wait before the first of them, which then doubles with jitter. */
  readonly retry?: { readonly limit: number; readonly delaySeconds: number }
  readonly graceMs?: number
}

const LEFT_TO_DO = `
select (select count(*) from outbox)
  + (select count(*) from pgboss.job where name = any($1) and state < 'completed')
  + (select count(*) from pgboss.job where name = any($1) and state = 'failed') as left`

const IN_STATE = 'select id, name from pgboss.job where name = any($1) and state = $2'

/** The queue on pg-boss, in its own schema `pgboss` of the same database, so that hand-over shares our transaction. */
export const pgBossJobQueue = ({ pool, kind, onError, retry, graceMs = 10_000 }: QueueOptions): JobQueue => {
  const { limit, delaySeconds } = retry ?? { limit: 5, delaySeconds: 1 }
  const boss = new PgBoss({
    backend: kind,
    db: { ...bossDatabase(pool), ...(kind === 'postgres' ? { listen: listenThrough(pool) } : {}) },
    useListenNotify: kind === 'postgres',
    schedule: false,
    registerInstance: false,
    superviseIntervalSeconds: SUPERVISE_S,
    monitorIntervalSeconds: SUPERVISE_S,
    ...(kind === 'pglite' ? { reindex: false, monitorVacuum: false } : {}),
  })
  boss.on('error', onError)
  let relay: ReturnType<typeof startRelay> | null = null
  let stopSchedules = async (): Promise<void> => {}
  const workers: string[] = []
  const wakeWorkers = (): void => {
    for (const id of workers) boss.notifyWorker(id)
  }

  const createQueues = async (): Promise<void> => {
    await boss.createQueue(DEAD_LETTERS, { retentionSeconds: 365 * DAY_S })
    for (const name of NAMES) {
      const options = {
        retryLimit: limit,
        retryDelay: delaySeconds,
        ...(delaySeconds > 0 ? { retryBackoff: true, retryDelayMax: 300 } : { retryBackoff: false }),
        expireInSeconds: QUEUES[name].expireInSeconds,
        heartbeatSeconds: HEARTBEAT_S,
        deleteAfterSeconds: DAY_S,
        retentionSeconds: 365 * DAY_S,
        deadLetter: DEAD_LETTERS,
        notify: kind === 'postgres',
      }
      await boss.createQueue(name, { ...options, policy: 'key_strict_fifo' })
      await boss.updateQueue(name, options)
    }
  }

  const idsIn = async (state: 'active' | 'failed'): Promise<ReadonlyArray<readonly [string, string[]]>> => {
    const names = [...NAMES, ...(state === 'active' ? [SCHEDULES] : [])]
    const { rows } = await pool.query(IN_STATE, [names, state])
    return names.map((name) => [name, rows.filter((row) => row.name === name).map((row) => row.id as string)] as const)
  }

  /** On one's own database a job that runs while nobody works belonged to a process that is dead. */
  const takeBackOrphans = async (): Promise<void> => {
    for (const [name, ids] of await idsIn('active')) if (ids.length > 0) await boss.fail(name, ids)
  }

  /** A failed job would block its key for ever. Its copy is among the dead letters, so the ticket's later events go on. */
  const unblock = async (): Promise<void> => {
    for (const [name, ids] of await idsIn('failed'))
      if (ids.length > 0) {
        await boss.deleteJob(name, ids)
        wakeWorkers()
      }
  }

  const work = async (name: QueueName, reactions: ReadonlyMap<string, Reaction>): Promise<void> => {
    const attempt = async ({ id, data, signal }: Job<Delivery>): Promise<JobResult> => {
      try {
        const reaction = reactions.get(data.reaction)
        if (reaction === undefined) throw new Error(`This build has no reaction ${data.reaction}`)
        const setback = await reaction.handle(data.event, signal)
        if (setback?.type === 'GiveUp') return { id, status: 'deadletter', output: { message: setback.why } }
        if (setback !== undefined) throw new Error(setback.why)
        return { id, status: 'completed' }
      } catch (error) {
        return { id, status: 'failed', output: { message: error instanceof Error ? error.message : String(error) } }
      }
    }
    const worker: string = await boss.work(
      name,
      {
        batchSize: QUEUES[name].batchSize,
        burstWhenBatchFull: true,
        pollingIntervalSeconds: 1,
        notifyPollingIntervalSeconds: 1,
        perJobResults: true,
      },
      async (jobs: Job<Delivery>[]) => {
        const results = await inLanes(jobs, QUEUES[name].lanes, attempt)
        // One job per key is fetched at a time: its successor waits and must not wait for the next poll.
        boss.notifyWorker(worker)
        return results
      },
    )
    workers.push(worker)
  }

  const left = async (): Promise<number> => Number((await pool.query(LEFT_TO_DO, [NAMES])).rows[0].left)

  return {
    start: async (reactions, schedules = []) => {
      await boss.start()
      await createQueues()
      if (kind === 'pglite') await takeBackOrphans()
      stopSchedules = await keepSchedules({ boss, schedules, retry: { limit, delaySeconds }, onError })
      const byName = new Map(reactions.map((reaction) => [reaction.name, reaction]))
      for (const name of NAMES) for (let loop = 0; loop < QUEUES[name].loops; loop += 1) await work(name, byName)
      relay = startRelay({
        handOver: () => handOver({ pool, boss, reactions, onError }),
        afterPass: async (handedOver) => {
          if (handedOver > 0) wakeWorkers()
          await unblock()
        },
        onError,
      })
    },
    nudge: () => relay?.nudge(),
    drain: async (timeoutMs) => {
      for (const end = Date.now() + timeoutMs; ; await sleep(20)) {
        const count = await left()
        if (count === 0) return
        if (Date.now() > end) throw new Error(`${count} events and jobs are still waiting after ${timeoutMs} ms`)
        relay?.nudge()
      }
    },
    deadLetters: async () => {
      const jobs = await boss.findJobs<Delivery>(DEAD_LETTERS)
      return jobs.map(
        ({ id, data, createdOn, sourceOutput }): DeadLetter => ({
          id,
          reaction: data.reaction,
          event: data.event,
          reason: reasonIn(sourceOutput),
          at: isoInstant(createdOn),
        }),
      )
    },
    stop: async () => {
      await stopSchedules()
      await relay?.stop()
      await boss.stop({ graceful: true, timeout: graceMs, close: false })
    },
  }
}

/** Works through the items with at most so many at once; `work` does not reject. */
const inLanes = async <A, B>(items: ReadonlyArray<A>, lanes: number, work: (item: A) => Promise<B>): Promise<B[]> => {
  const results: B[] = []
  const left = items.values()
  const lane = async (): Promise<void> => {
    for (const item of left) results.push(await work(item))
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return results
}

/** Ours is `{message}`; pg-boss's own reasons (timed out, heartbeat lost) come as `{value: {message}}`. */
const reasonIn = (output: object | null): string => {
  const { message, value } = (output ?? {}) as { message?: string; value?: { message?: string } }
  return message ?? value?.message ?? 'unknown'
}
