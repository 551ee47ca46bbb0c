import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Compliance } from '../../domain/notification/compliance.ts'
import type { DeliveryStatus } from '../../domain/notification/delivery.ts'
import { type Instant, plusDays } from '../../domain/shared/time.ts'
import { allowed } from '../allowed.ts'
import type { AppError } from '../errors.ts'
import { cursorOf, isMoment, pageSizeAllowed, positionOf } from '../list-cursor.ts'
import { isAllowed } from '../permissions.ts'
import type {
  NotificationFilters,
  NotificationQueries,
  NotificationRow,
  SendingState,
} from '../ports/notification-queries.ts'
import type { Principal } from '../principal.ts'

export type StatusDeps = {
  readonly notificationQueries: NotificationQueries
  /** Whether there is a WhatsApp to send by, and the operator lets it. */
  readonly channel: Channel
  readonly now: () => Instant
}
export type Channel = 'configured' | 'switched_off' | 'not_configured'

/** What holds up a notification that has not gone out: no WhatsApp, a switch, the session, WhatsApp that takes no first message, or only its turn. */
export type WaitingFor = 'not_configured' | 'switched_off' | 'pause' | 'session' | 'restricted' | 'its_turn'

export type NotificationView = Omit<NotificationRow, 'waits' | 'is_first'> & { readonly waiting_for: WaitingFor | null }

export type NotificationList = {
  readonly rows: ReadonlyArray<NotificationView>
  readonly next_cursor: string | null
}

const heldUpBy = (deps: StatusDeps, state: SendingState, isFirst: boolean): WaitingFor => {
  if (deps.channel !== 'configured') return deps.channel
  if (!state.on) return 'switched_off'
  if (state.pausedUntil !== null && state.pausedUntil > deps.now()) return 'pause'
  if (state.sessionStatus !== null && state.sessionStatus !== 'WORKING') return 'session'
  return isFirst && state.restrictedUntil !== null && state.restrictedUntil > deps.now() ? 'restricted' : 'its_turn'
}

/** Names, numbers and texts are for those who may see clients. */
const viewFor =
  (deps: StatusDeps, principal: Principal, state: SendingState) =>
  ({ waits, is_first: isFirst, ...row }: NotificationRow): NotificationView => ({
    ...row,
    ...(isAllowed(principal, 'read_client')
      ? {}
      : { recipient_phone: null, recipient_name: null, message_content: null }),
    waiting_for: waits ? heldUpBy(deps, state, isFirst === true) : null,
  })

/** What was told and what became of it, newest first, after a cursor or from the beginning. */
export const listNotifications =
  (deps: StatusDeps) =>
  (
    principal: Principal,
    {
      filters,
      cursor,
      limit,
    }: { readonly filters: NotificationFilters; readonly cursor: string | null; readonly limit: number },
  ): TE.TaskEither<AppError, NotificationList> => {
    const list = ['notifications', Object.entries(filters).toSorted(([a], [b]) => (a < b ? -1 : 1))]
    return pipe(
      TE.fromEither<AppError, null>(allowed(principal, 'read_notifications')),
      TE.flatMapEither(() => pageSizeAllowed(limit)),
      TE.flatMapEither(() => positionOf(list, cursor, isMoment)),
      TE.flatMap((after) =>
        pipe(
          TE.Do,
          TE.bind('found', () => deps.notificationQueries.list(filters, { after, limit })),
          TE.bind('state', () => deps.notificationQueries.sending()),
        ),
      ),
      TE.map(({ found, state }) => ({
        rows: found.rows.map(viewFor(deps, principal, state)),
        next_cursor: found.next === null ? null : cursorOf(list, found.next),
      })),
    )
  }

/** One notification as the principal may see it; null when there is none. */
export const viewNotification =
  (deps: StatusDeps) =>
  (principal: Principal, id: string): TE.TaskEither<AppError, NotificationView | null> =>
    pipe(
      TE.Do,
      TE.bind('row', () => deps.notificationQueries.one(id)),
      TE.bind('state', () => deps.notificationQueries.sending()),
      TE.map(({ row, state }) => (row === null ? null : viewFor(deps, principal, state)(row))),
    )

export type ComplianceView = Compliance & {
  readonly from: Instant
  readonly to: Instant
  readonly byStatus: Readonly<Record<DeliveryStatus, number>>
}

const USUAL_DAYS = 30

/** The share of events whose notification was sent within one minute; the last thirty days unless said otherwise. */
export const readCompliance =
  (deps: StatusDeps) =>
  (
    principal: Principal,
    said: {
      readonly from: Instant | null
      readonly to: Instant | null
      readonly project: ReadonlyArray<string> | null
    },
  ): TE.TaskEither<AppError, ComplianceView> => {
    const now = deps.now()
    const to = said.to ?? now
    const from = said.from ?? plusDays(to, -USUAL_DAYS)
    return pipe(
      TE.fromEither<AppError, null>(allowed(principal, 'read_notifications')),
      TE.flatMap(() => deps.notificationQueries.compliance({ from, to, project: said.project }, now)),
      TE.map((figures) => ({ from, to, ...figures })),
    )
  }

export type SendingView = SendingState & { readonly channel: Channel }

/** Whether messages go out, and what holds them up. */
export const readSending =
  (deps: StatusDeps) =>
  (principal: Principal): TE.TaskEither<AppError, SendingView> =>
    pipe(
      TE.fromEither<AppError, null>(allowed(principal, 'read_notifications')),
      TE.flatMap(() => deps.notificationQueries.sending()),
      TE.map((state) => ({ ...state, channel: deps.channel })),
    )
