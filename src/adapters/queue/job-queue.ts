import { setTimeout as sleep } from 'node:timers/promises'
import { PgBoss } from 'pg-boss'
import type { JobQueue, QueueWatch, Reaction } from '../../application/ports/job-queue.ts'
import { inTransaction, type Pool } from '../contract/pool.ts'
import { type Backoff, USUAL_BACKOFF } from './backoff.ts'
import { buryFailed, claimsOf, readyQueues, stayAlive } from './claims.ts'
import { queueFigures } from './figures.ts'
import { listenThrough } from './listen.ts'
import { KINDS, openQueues, queueOf, SUPERVISE_S } from './queues.ts'
import { bossDatabase, CHANNEL, handOver, retryAsked, startRelay } from './relay.ts'
import { keepSchedules } from './schedules.ts'
import { turns } from './turns.ts'
import { startWorker, type Worker } from './worker.ts'

export type QueueOptions = {
  readonly pool: Pool
  readonly kind: 'postgres' | 'pglite'
  /** Hears of trouble that the queue gets over by itself; never of an event's content. */
  readonly onError: (error: unknown) => void
  readonly watch?: QueueWatch
  readonly retry?: Backoff
  readonly graceMs?: number
}

const LEFT_TO_DO = `
select (select count(*) from outbox)
  + (select count(*) from pgboss.job where name = any ($1::text[]))
  + (select count(*) from dead_letters where retry_asked_at is not null and reaction = any ($2::text[])) as left`

const LEFT_ACTIVE = `
update pgboss.job set state = 'retry', start_after = clock_timestamp() where name = any ($1::text[]) and state = 'active'`

/** Chosen once: processes that make the queue's tables for the first time do so one after the other. */
const OPENING = 4_051_873_207

const SIGN_OF_LIFE_MS = 3_000
const LOOK_FOR_READY_MS = 1_000

const nobody: QueueWatch = { handled: () => {}, died: () => {}, ran: () => {} }

/** The queue on pg-boss, in its own schema `pgboss` of the same database, so that hand-over shares our transaction. */
export const pgBossJobQueue = (options: QueueOptions): JobQueue => {
  const { pool, kind, onError, watch = nobody, retry = USUAL_BACKOFF, graceMs = 10_000 } = options
  const boss = new PgBoss({
    backend: kind,
    db: bossDatabase(pool),
    schedule: false,
    registerInstance: false,
    superviseIntervalSeconds: SUPERVISE_S,
    monitorIntervalSeconds: SUPERVISE_S,
    ...(kind === 'pglite' ? { reindex: false, monitorVacuum: false } : {}),
  })
  boss.on('error', onError)
  let relay: ReturnType<typeof startRelay> | null = null
  let started = false
  let names: ReadonlyArray<string> = []
  const workers = new Map<string, Worker>()
  const closing: Array<() => Promise<void>> = []
  const queues = (): ReadonlyArray<string> => names.map(queueOf)

  const stir = (which: ReadonlyArray<string>): void => {
    for (const queue of which) workers.get(queue)?.stir()
  }

  /** Hears where something new is. Where nothing can be heard, the look each second finds it. */
  const listen = async (): Promise<void> => {
    if (kind === 'pglite') return
    const heard = (payload: string): void => stir(payload === '' ? queues() : payload.split(','))
    const handle = await listenThrough(pool)(CHANNEL, heard, () => stir(queues()))
    closing.push(() => handle.close())
  }

  const every = (ms: number, work: () => Promise<void>): void => {
    let running: Promise<void> | null = null
    const timer = setInterval(() => {
      running ??= work()
        .catch(onError)
        .finally(() => {
          running = null
        })
    }, ms)
    closing.push(async () => {
      clearInterval(timer)
      await running
    })
  }

  const signOfLife = async (): Promise<void> => {
    const held = [...workers].flatMap(([queue, worker]) =>
      worker.held().map(({ id, attempt }) => ({ queue, id, attempt })),
    )
    if (held.length > 0)
      for (const { queue, id, attempt } of await stayAlive(pool, held)) workers.get(queue)?.lost(id, attempt)
    for (const worker of workers.values()) worker.shareWaiting()
  }

  const startWorkers = (reactions: ReadonlyArray<Reaction>): void => {
    const turnsOf = {
      reactions: turns(KINDS.reactions.turns),
      outside: turns(KINDS.outside.turns),
      imports: turns(KINDS.imports.turns),
    }
    for (const reaction of reactions)
      workers.set(
        queueOf(reaction.name),
        startWorker({
          reaction,
          claims: claimsOf(pool, reaction.name),
          turns: turnsOf[reaction.queue],
          lanes: KINDS[reaction.queue].lanes,
          limitMs: KINDS[reaction.queue].limitSeconds * 1_000,
          backoff: retry,
          watch,
          onError,
        }),
      )
  }

  const open = async (reactions: ReadonlyArray<Reaction>): Promise<void> => {
    await boss.start()
    started = true
    await openQueues(boss, pool, reactions)
  }

  /** pg-boss has a lock of its own, under which a process that came second may still believe that there is nothing. */
  const openInTurn = async (reactions: ReadonlyArray<Reaction>): Promise<void> => {
    // The transaction holds nothing but its turn, so that it ends with it also behind a pooler.
    await inTransaction(pool, async (client) => {
      await client.query('select pg_advisory_xact_lock($1)', [OPENING])
      await open(reactions)
    })
  }

  const left = async (): Promise<number> => Number((await pool.query(LEFT_TO_DO, [queues(), names])).rows[0].left)

  return {
    start: async (reactions, schedules = []) => {
      names = reactions.map(({ name }) => name)
      await (kind === 'postgres' ? openInTurn : open)(reactions)
      // On one's own database a job that runs while nobody works belonged to a process that is dead.
      if (kind === 'pglite') await pool.query(LEFT_ACTIVE, [[...queues(), 'schedules']])
      const stopSchedules = await keepSchedules({ boss, schedules, retry, onError, watch })
      startWorkers(reactions)
      await listen().catch(onError)
      relay = startRelay({
        handOver: async () => (await handOver({ pool, reactions, onError })) + (await retryAsked({ pool, reactions })),
        afterPass: async (handedOver) => {
          for (const died of await buryFailed(pool, queues())) watch.died(died)
          if (handedOver > 0) stir(queues())
        },
        onError,
      })
      every(LOOK_FOR_READY_MS, async () => stir(await readyQueues(pool, queues())))
      every(SIGN_OF_LIFE_MS, signOfLife)
      closing.push(stopSchedules)
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
    figures: () => queueFigures(pool),
    stop: async () => {
      if (!started) return
      started = false
      const until = performance.now() + graceMs
      await relay?.stop()
      // The signs of life go on until everything has been given back.
      await Promise.all([
        ...[...workers.values()].map((worker) => worker.stop(until)),
        boss.stop({ graceful: true, timeout: graceMs, close: false }),
      ])
      await Promise.all(closing.splice(0).map((close) => close()))
      workers.clear()
    },
  }
}
