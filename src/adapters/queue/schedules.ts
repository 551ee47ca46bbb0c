import type { Job, JobResult, PgBoss } from 'pg-boss'
import type { QueueWatch, Schedule } from '../../application/ports/job-queue.ts'

/** The queue that runs of schedules wait in; events wait elsewhere. */
const SCHEDULES = 'schedules'

const HOUR_S = 3_600
/** A run that takes longer is told to stop, and tried again. */
const LONGEST_RUN_S = 4 * 3_600
const HEARTBEAT_S = 10
/** How late a run may begin. */
const ASK_EVERY_MS = 30_000

type Due = { readonly schedule: string }

/**
 * Every process asks now and then for the present period's run of each schedule; the database lets one through, by the
 * clock of the database: not while one runs, and not twice in a period. (pg-boss's own cron would start nothing that fell
 * due while no process was there.) The answer stops the asking.
 */
export const keepSchedules = async ({
  boss,
  schedules,
  retry,
  onError,
  watch,
}: {
  readonly boss: Pick<PgBoss, 'createQueue' | 'updateQueue' | 'send' | 'work' | 'notifyWorker'>
  readonly schedules: ReadonlyArray<Schedule>
  readonly retry: { readonly limit: number; readonly delaySeconds: number }
  readonly onError: (error: unknown) => void
  readonly watch: QueueWatch
}): Promise<() => Promise<void>> => {
  const options = {
    retryLimit: retry.limit,
    retryDelay: retry.delaySeconds,
    ...(retry.delaySeconds > 0 ? { retryBackoff: true, retryDelayMax: 300 } : { retryBackoff: false }),
    expireInSeconds: LONGEST_RUN_S,
    heartbeatSeconds: HEARTBEAT_S,
  }
  await boss.createQueue(SCHEDULES, { ...options, policy: 'exclusive' })
  await boss.updateQueue(SCHEDULES, options)
  if (schedules.length === 0) return async () => {}

  const attempt = async ({ id, data, signal }: Job<Due>): Promise<JobResult> => {
    const began = performance.now()
    const ran = (outcome: 'done' | 'failed'): void =>
      watch.ran({ schedule: data.schedule, outcome, seconds: (performance.now() - began) / 1_000 })
    try {
      // Another build's schedule is left to that build: tried again, then dropped until its next period.
      const schedule = schedules.find(({ name }) => name === data.schedule)
      if (schedule === undefined) throw new Error(`This build has no schedule ${data.schedule}`)
      await schedule.run(signal)
      ran('done')
      return { id, status: 'completed' }
    } catch (error) {
      onError(error)
      ran('failed')
      return { id, status: 'failed', output: { message: error instanceof Error ? error.message : String(error) } }
    }
  }
  const workers: string[] = []
  // One loop each, so that a long run holds up no other schedule.
  for (const _ of schedules)
    workers.push(
      await boss.work(
        SCHEDULES,
        { batchSize: 1, pollingIntervalSeconds: 5, perJobResults: true },
        async (jobs: Job<Due>[]) => Promise.all(jobs.map(attempt)),
      ),
    )

  const ask = async ({ name, everySeconds }: Schedule): Promise<void> => {
    try {
      const due = await boss.send(SCHEDULES, { schedule: name } satisfies Due, {
        singletonKey: name,
        singletonSeconds: everySeconds,
        // What has run is remembered for longer than its period, or it would run again in it.
        deleteAfterSeconds: Math.max(HOUR_S, 2 * everySeconds),
      })
      if (due !== null) for (const worker of workers) boss.notifyWorker(worker)
    } catch (error) {
      onError(error)
    }
  }
  const stops = await Promise.all(schedules.map((schedule) => keepAsking(schedule, ask)))
  return async () => void (await Promise.all(stops.map((stop) => stop())))
}

/** Asks at once and twice in each period, at least every half minute; the answer stops it. */
const keepAsking = async (
  schedule: Schedule,
  ask: (schedule: Schedule) => Promise<void>,
): Promise<() => Promise<void>> => {
  let asking = ask(schedule)
  await asking
  const timer = setInterval(
    () => {
      asking = asking.then(() => ask(schedule))
    },
    Math.min(ASK_EVERY_MS, schedule.everySeconds * 500),
  )
  return () => {
    clearInterval(timer)
    return asking
  }
}
