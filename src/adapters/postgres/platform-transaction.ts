import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Unavailable } from '../../application/errors.ts'
import { inTransaction, type Pool, type Queryable } from '../contract/pool.ts'
import { classify, orUnavailable } from '../contract/sql-errors.ts'

const ATTEMPTS = 5

/**
 * Runs `work` in one transaction; a Left, like a failure, keeps nothing of it. What lost to another transaction runs
 * again. `committed` runs after the commit: events wait in the outbox.
 */
export const inOneTransaction =
  <E1, A>(
    pool: Pool,
    committed: () => void,
    work: (client: Queryable) => Promise<E.Either<E1, A>>,
  ): TaskEither<E1 | Unavailable, A> =>
  async () => {
    for (let attempt = 1; ; attempt += 1) {
      let refused: E.Either<E1, A> | null = null
      const tried = await orUnavailable(async () => {
        try {
          return await inTransaction(pool, async (client) => {
            const result = await work(client)
            if (E.isRight(result)) return result
            refused = result
            throw new Error('refused: nothing is kept')
          })
        } catch (error) {
          if (refused !== null) return refused
          if (attempt < ATTEMPTS && classify(error).type === 'Retryable') return null
          throw error
        }
      })()
      if (E.isLeft(tried)) return tried
      if (tried.right === null) continue
      if (E.isRight(tried.right)) committed()
      return tried.right
    }
  }
