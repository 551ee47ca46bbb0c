import type { Either } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Instant } from '../../domain/shared/time.ts'
import type { AppError } from '../errors.ts'
import type { SyncHints } from '../ports/sync-desk.ts'

export type HintHeaders = {
  readonly id: string | null
  readonly timestamp: string | null
  readonly signature: string | null
}
/** Something may have changed with a case: only ever a reason to go and look. */
export type Hint = { readonly id: string; readonly caseId: string }
export type HintRefused = { readonly type: 'SignatureWrong' } | { readonly type: 'WebhookUnreadable' }

export type HintDeps = {
  /** null: nobody may send hints, so no signature is right. */
  readonly hints: {
    readonly read: (raw: Uint8Array, headers: HintHeaders, now: Instant) => Either<HintRefused, Hint>
    readonly store: SyncHints
  } | null
  readonly now: () => Instant
}

/** Keeps a hint and answers; the case is looked at afterwards. One seen before has no effect. */
export const receiveHint =
  ({ hints, now }: HintDeps) =>
  (raw: Uint8Array, headers: HintHeaders): TE.TaskEither<AppError, 'kept' | 'seen'> =>
    hints === null
      ? TE.left({ type: 'SignatureWrong' })
      : pipe(
          TE.fromEither<AppError, Hint>(hints.read(raw, headers, now())),
          TE.flatMap(({ id, caseId }) => hints.store.receive(id, caseId, now())),
          TE.map((fresh) => (fresh ? 'kept' : 'seen')),
        )
