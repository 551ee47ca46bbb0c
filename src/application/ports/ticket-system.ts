import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Instant } from '../../domain/shared/time.ts'
import type { SyncField, Value, Values } from '../../domain/sync/fields.ts'

/** Why the other system did not do it, and what helps. */
export type SyncError =
  /** Away, slow, cut off or confused: later. Whether a write went through is not known. */
  | { readonly type: 'Transient'; readonly why: string; readonly retryAfterMs: number | null }
  | { readonly type: 'RateLimited'; readonly retryAfterMs: number }
  /** Our sign-in is refused: a person must look at it. */
  | { readonly type: 'AuthExpired'; readonly why: string }
  /** It says no to this very request; asking again changes nothing. */
  | { readonly type: 'Rejected'; readonly field: string | null; readonly why: string }
  /** The case is not there any more. */
  | { readonly type: 'Gone' }
  /** It does not know this of a case that it knows. */
  | { readonly type: 'Missing'; readonly what: string }
  /** It said yes and did nothing. */
  | { readonly type: 'SilentlyIgnored'; readonly fields: ReadonlyArray<string> }

/** A row of a list as it was seen; the same fingerprint means that nothing it shows has changed. */
export type Sighting = { readonly caseId: string; readonly fingerprint: string }

/** A case as the other system has it now, in our words; what it holds of a client is in `values`. */
export type RemoteTicket = {
  readonly id: string
  /** The number people call it by (FT and six digits); null where it has none. */
  readonly reference: string | null
  /** Changes whenever the case does. */
  readonly version: string
  readonly createdAt: Instant | null
  readonly category: string | null
  readonly title: string | null
  /** In the remote alphabet; fields that the tenant does not map are left out. */
  readonly values: Values
}

/** One entry of its change log. */
export type RemoteChange = {
  readonly id: string
  readonly byUs: boolean
  readonly changes: ReadonlyArray<{ readonly field: SyncField; readonly to: Value }>
}

/** A system of somebody else's that keeps the same tickets. Nothing of it is called inside a request or a transaction. */
export type TicketSystem = {
  /** Every row it lists, page after page; a pass that shifted under our feet begins again by itself. null begins. */
  readonly changesSince: (
    cursor: string | null,
    signal: AbortSignal,
  ) => TaskEither<
    SyncError,
    { readonly rows: ReadonlyArray<Sighting>; readonly cursor: string; readonly done: boolean; readonly again: boolean }
  >
  /** null: it is not there. */
  readonly get: (caseId: string, signal: AbortSignal) => TaskEither<SyncError, RemoteTicket | null>
  /** The latest changes of a case, newest first. */
  readonly history: (caseId: string, signal: AbortSignal) => TaskEither<SyncError, ReadonlyArray<RemoteChange>>
  /** Reads back and gives the case as it really is now; SilentlyIgnored when a field is not what was written. */
  readonly apply: (caseId: string, patch: Values, signal: AbortSignal) => TaskEither<SyncError, RemoteTicket>
  /** Looks for the key first, back to `since`, so that a note whose reply was lost is not written twice. */
  readonly addNote: (
    caseId: string,
    note: { readonly key: string; readonly text: string; readonly since: Instant },
    signal: AbortSignal,
  ) => TaskEither<SyncError, { readonly id: string | null }>
}
