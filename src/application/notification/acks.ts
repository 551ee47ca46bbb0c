import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Instant } from '../../domain/shared/time.ts'
import type { AppError } from '../errors.ts'
import type { MessengerEvent, SendingStore } from '../ports/sending-store.ts'

export type AckDeps = {
  readonly sending: Pick<SendingStore, 'keepEvent'>
  /** The event in a webhook's body, when it is signed; null: one that says nothing to us. */
  readonly read: (raw: Uint8Array, headers: WebhookHeaders) => TE.TaskEither<AppError, MessengerEvent | null>
  /** Says that something was kept, so that it is applied soon; does not wait for it. */
  readonly applySoon: () => void
  readonly now: () => Instant
}

export type WebhookHeaders = { readonly signature: string | null; readonly algorithm: string | null }

/** What became of an event: kept to be worked on, known already, or of no interest. */
export type Received = 'kept' | 'seen' | 'ignored'

/** Takes an event of WAHA's: stored before it is answered, worked on afterwards. */
export const receiveWaha =
  (deps: AckDeps) =>
  (raw: Uint8Array, headers: WebhookHeaders): TE.TaskEither<AppError, Received> =>
    pipe(
      deps.read(raw, headers),
      TE.flatMap((event) =>
        event === null
          ? TE.right<AppError, Received>('ignored')
          : pipe(
              deps.sending.keepEvent(event, deps.now()),
              TE.map((isNew): Received => {
                if (isNew) deps.applySoon()
                return isNew ? 'kept' : 'seen'
              }),
            ),
      ),
    )
