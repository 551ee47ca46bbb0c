import type { Pool } from '../../src/adapters/contract/pool.ts'
import { postgresDeadLetters } from '../../src/adapters/queue/dead-letters.ts'
import type { DeadLetter } from '../../src/application/ports/dead-letters.ts'

/** The dead letters of a test's database. */
export const deadIn = async (pool: Pool): Promise<ReadonlyArray<DeadLetter>> => {
  const all = { reaction: null, eventType: null, ticketId: null }
  const found = await postgresDeadLetters(pool, () => {}).list(all, { page: 1, pageSize: 100 })()
  if (found._tag === 'Left') throw new Error(found.left.type)
  return found.right.rows
}
