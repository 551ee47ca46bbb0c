import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Compliance } from '../../domain/notification/compliance.ts'
import type { DeliveryStatus } from '../../domain/notification/delivery.ts'
import type { NotificationKind, RecipientType } from '../../domain/notification/notification.ts'
import type { Instant } from '../../domain/shared/time.ts'
import type { Unavailable } from '../errors.ts'

/** One notification as people read it. What was pruned or erased of it is null. */
export type NotificationRow = {
  readonly id: string
  readonly event_id: string
  readonly kind: NotificationKind
  readonly ticket_id: string | null
  readonly ticket_uid: string | null
  readonly project_id: string | null
  readonly recipient_type: RecipientType
  readonly recipient_id: string
  readonly recipient_phone: string | null
  readonly recipient_name: string | null
  readonly message_template: string | null
  readonly message_content: string | null
  readonly status: DeliveryStatus
  readonly error_message: string | null
  /** Whether it is still to go out, for the first time or on a person's word once more. */
  readonly waits: boolean
  /** Whether nothing of ours ever reached that number; null: its number is gone. */
  readonly is_first: boolean | null
  readonly waha_message_id: string | null
  readonly happened_at: Instant
  readonly created_at: Instant
  readonly sent_at: Instant | null
  readonly delivered_at: Instant | null
  readonly read_at: Instant | null
  readonly settled_by: string | null
  readonly settled_at: Instant | null
}

export type NotificationFilters = {
  readonly ticketId?: string
  readonly status?: ReadonlyArray<DeliveryStatus>
  readonly kind?: ReadonlyArray<NotificationKind>
  readonly project?: ReadonlyArray<string>
  /** When the event happened: from then on, and before then. */
  readonly from?: Instant
  readonly to?: Instant
}

export type NotificationPosition = { readonly key: string; readonly id: string }

/** Why nothing goes out just now, and since when. */
export type SendingState = {
  readonly on: boolean
  readonly switchedBy: string | null
  readonly switchedAt: Instant | null
  readonly switchReason: string | null
  readonly pausedUntil: Instant | null
  readonly restrictedUntil: Instant | null
  readonly sessionStatus: string | null
  readonly sessionSeenAt: Instant | null
  readonly version: number
  readonly waiting: number
  readonly unknown: number
}

export type NotificationQueries = {
  /** Newest first. */
  readonly list: (
    filters: NotificationFilters,
    window: { readonly after: NotificationPosition | null; readonly limit: number },
  ) => TaskEither<
    Unavailable,
    { readonly rows: ReadonlyArray<NotificationRow>; readonly next: NotificationPosition | null }
  >
  readonly ofEvent: (eventId: string) => TaskEither<Unavailable, ReadonlyArray<NotificationRow>>
  readonly one: (id: string) => TaskEither<Unavailable, NotificationRow | null>
  /** What became of the events in that time that are at least a minute old at `now`; what people wrote is no event. */
  readonly compliance: (
    range: { readonly from: Instant; readonly to: Instant; readonly project: ReadonlyArray<string> | null },
    now: Instant,
  ) => TaskEither<Unavailable, Compliance & { readonly byStatus: Readonly<Record<DeliveryStatus, number>> }>
  readonly sending: () => TaskEither<Unavailable, SendingState>
}

export type Settlement = 'sent' | 'failed' | 'send_again'

/** What people do about messages. */
export type NotificationDesk = {
  /** Settles what nobody knows, with all that went in the same message. Gives the status it has instead, where it is not unknown; null when there is none. */
  readonly settle: (
    id: string,
    as: Settlement,
    by: { readonly userId: string; readonly at: Instant },
  ) => TaskEither<Unavailable, 'settled' | DeliveryStatus | 'waits' | null>
  /** False when the switch was moved since that version. */
  readonly switchTo: (
    on: boolean,
    by: { readonly userId: string; readonly at: Instant; readonly reason: string; readonly version: number },
  ) => TaskEither<Unavailable, boolean>
}
