import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { allowed } from '../allowed.ts'
import { notFound } from '../change.ts'
import type { AppError } from '../errors.ts'
import type { NotificationDesk, Settlement } from '../ports/notification-queries.ts'
import type { Principal } from '../principal.ts'
import { type NotificationView, readSending, type SendingView, type StatusDeps, viewNotification } from './status.ts'

export type DeskDeps = StatusDeps & { readonly desk: NotificationDesk }

/** A person decides what nobody can know: it went out, it did not, or it is to go out once more, knowing that it may come twice. */
export const settleNotification =
  (deps: DeskDeps) =>
  (principal: Principal, id: string, as: Settlement): TE.TaskEither<AppError, NotificationView> =>
    pipe(
      TE.fromEither<AppError, null>(allowed(principal, 'settle_notification')),
      TE.flatMap(() => deps.desk.settle(id, as, { userId: principal.userId, at: deps.now() })),
      TE.flatMap((outcome): TE.TaskEither<AppError, NotificationView | null> => {
        if (outcome === null) return TE.left(notFound('Notification', id))
        return outcome === 'settled'
          ? viewNotification(deps)(principal, id)
          : TE.left({ type: 'NotificationNotUnknown', status: outcome })
      }),
      TE.flatMap((view) => (view === null ? TE.left<AppError>(notFound('Notification', id)) : TE.right(view))),
    )

/** Stops or lets go all messages at once; what waits goes on waiting until it expires. */
export const switchSending =
  (deps: DeskDeps) =>
  (
    principal: Principal,
    { on, reason, version }: { readonly on: boolean; readonly reason: string; readonly version: number },
  ): TE.TaskEither<AppError, SendingView> =>
    pipe(
      TE.fromEither<AppError, null>(allowed(principal, 'switch_notifications')),
      TE.flatMap(() => deps.desk.switchTo(on, { userId: principal.userId, at: deps.now(), reason, version })),
      TE.flatMap((done) =>
        done
          ? readSending(deps)(principal)
          : TE.left<AppError>({ type: 'Stale', id: 'notifications/sending', version: null }),
      ),
    )
