import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Unavailable } from '../../application/errors.ts'

/** What a failed statement means. `Retryable` did nothing and may succeed when run again at once. */
export type DatabaseFailure =
  | { readonly type: 'UniqueViolation'; readonly constraint: string }
  | { readonly type: 'CheckViolation'; readonly constraint: string }
  | { readonly type: 'ForeignKeyViolation'; readonly constraint: string }
  | { readonly type: 'Retryable'; readonly code: string }
  | { readonly type: 'Unavailable'; readonly code: string }
  | { readonly type: 'Defect' }

const VIOLATIONS = {
  '23505': 'UniqueViolation',
  '23514': 'CheckViolation',
  '23503': 'ForeignKeyViolation',
  '23001': 'ForeignKeyViolation',
} as const

/** Serialization failure, deadlock, lock not available. */
const RETRYABLE = new Set(['40001', '40P01', '55P03'])

/** Connection errors (08), resources (53), shutdown (57P), statement timeout, idle transaction, read-only standby. */
const UNAVAILABLE = /^(08...|53...|57P0.|57014|25P0[34]|25006)$/

const NETWORK = /^(ECONN\w+|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/

/** The drivers give these no code. */
const LOST =
  /connection terminated|timeout exceeded when trying to connect|client has encountered a connection error|client was closed|cannot use a pool after calling end|query read timeout|pglite is clos/i

const textOf = (error: unknown, key: string): string => {
  const value = typeof error === 'object' && error !== null ? (error as Record<string, unknown>)[key] : undefined
  return typeof value === 'string' ? value : ''
}

/** Classifies by `code`, since each driver has its own error class. */
export const classify = (error: unknown): DatabaseFailure => {
  const code = textOf(error, 'code')
  const violation = VIOLATIONS[code as keyof typeof VIOLATIONS]
  if (violation !== undefined) return { type: violation, constraint: textOf(error, 'constraint') }
  if (RETRYABLE.has(code)) return { type: 'Retryable', code }
  if (UNAVAILABLE.test(code) || NETWORK.test(code)) return { type: 'Unavailable', code }
  if (LOST.test(textOf(error, 'message'))) return { type: 'Unavailable', code: 'connection_lost' }
  return { type: 'Defect' }
}

/** Runs database work; an absent or refusing database becomes `Unavailable`, anything else stays a thrown defect. */
export const orUnavailable =
  <A>(work: () => Promise<A>): TaskEither<Unavailable, A> =>
  async () => {
    try {
      return E.right(await work())
    } catch (error) {
      const { type } = classify(error)
      if (type === 'Unavailable' || type === 'Retryable') return E.left({ type: 'Unavailable', what: 'database' })
      throw error
    }
  }
