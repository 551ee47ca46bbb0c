import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { AppError } from '../errors.ts'
import type { SyncError } from '../ports/ticket-system.ts'

export type SyncFailure = SyncError | AppError
export type Work<A> = TE.TaskEither<SyncFailure, A>

const OF_THEIRS: ReadonlyArray<string> = [
  'Transient',
  'RateLimited',
  'AuthExpired',
  'Rejected',
  'Gone',
  'Missing',
  'SilentlyIgnored',
] satisfies ReadonlyArray<SyncError['type']>

/** Whether it went wrong over there, and not with us. */
export const isSyncError = (failure: SyncFailure): failure is SyncError => OF_THEIRS.includes(failure.type)

/** It is trouble with this one request; others may go well. */
export const isOfTheRequest = ({ type }: SyncFailure): boolean =>
  type === 'Rejected' || type === 'Missing' || type === 'SilentlyIgnored'

/** For people to read: what went wrong, never what was said. */
export const reasonOf = (failure: SyncFailure): string => {
  switch (failure.type) {
    case 'Transient':
    case 'AuthExpired':
      return `${failure.type}: ${failure.why}`
    case 'Rejected':
      return `Rejected: ${failure.why}${failure.field === null ? '' : ` (${failure.field})`}`
    case 'Missing':
      return `Missing: ${failure.what}`
    case 'SilentlyIgnored':
      return `SilentlyIgnored: ${failure.fields.join(', ')}`
    default:
      return failure.type
  }
}
