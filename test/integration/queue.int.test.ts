import { memoryJobQueue } from '../../src/adapters/memory/job-queue.ts'
import { postgresDeadLetters } from '../../src/adapters/queue/dead-letters.ts'
import { pgBossJobQueue } from '../../src/adapters/queue/job-queue.ts'
import { postgresOutbox } from '../../src/adapters/queue/outbox.ts'
import { jobQueueContract, LOOK_FAILED } from '../contract/job-queue.contract.ts'
import { describeOn, testDatabase } from '../support/databases.ts'

jobQueueContract('in memory', async () => {
  const queue = memoryJobQueue({ attempts: 3, now: () => new Date() })
  return { queue, outbox: queue, deadLetters: queue.deadLetters, close: async () => {} }
})

for (const kind of ['postgres', 'pglite'] as const)
  describeOn(kind, 'Jobs', () => {
    jobQueueContract(`on ${kind}`, async () => {
      const { pool, close } = await testDatabase(kind)
      const errors: unknown[] = []
      const queue = pgBossJobQueue({
        pool,
        kind,
        onError: (error) => (error as Error).message === LOOK_FAILED || errors.push(error),
        retry: { limit: 2, delaySeconds: 0 },
      })
      return {
        queue,
        outbox: postgresOutbox(pool, queue.nudge),
        deadLetters: postgresDeadLetters(pool, queue.nudge),
        close: async () => {
          await close()
          if (errors.length > 0) throw new Error('The queue reported trouble', { cause: errors[0] })
        },
      }
    })
  })
