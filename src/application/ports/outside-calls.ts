import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Unavailable } from '../errors.ts'

/** What proves who we are; it changes with any reply. A secret. */
export type OutsideSession = { readonly accessToken: string; readonly client: string; readonly uid: string }

/** One exchange as it may be shown: no names, no numbers, no texts, no secrets. */
export type Exchange = {
  readonly caseId: string | null
  readonly direction: 'inbound' | 'outbound'
  readonly type: 'create' | 'status_update' | 'assignment' | 'note_add' | 'full_sync'
  readonly request: Readonly<Record<string, unknown>>
  readonly response: Readonly<Record<string, unknown>>
  readonly outcome: 'success' | 'failed' | 'partial'
  readonly error: string | null
}

export type Turn =
  | { readonly type: 'taken'; readonly session: OutsideSession | null }
  /** Someone else is calling, the budget of this minute is spent, or we were asked to wait. */
  | { readonly type: 'wait'; readonly ms: number }

/** Whose turn it is to call, over all processes: one call at a time, one session, one budget a minute. */
export type OutsideCalls = {
  /** A turn that is neither given back nor prolonged is over after `leaseMs`: whoever had it is dead. */
  readonly take: (holder: string, leaseMs: number, perMinute: number) => TaskEither<Unavailable, Turn>
  readonly prolong: (holder: string, leaseMs: number) => TaskEither<Unavailable, void>
  /** With the session as the replies left it, how long nobody may call, and the exchanges to remember. */
  readonly giveBack: (
    holder: string,
    after: {
      readonly session: OutsideSession | null
      readonly pauseMs: number | null
      readonly exchanges: ReadonlyArray<Exchange>
    },
  ) => TaskEither<Unavailable, void>
}
