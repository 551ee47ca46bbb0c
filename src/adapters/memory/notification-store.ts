import * as TE from 'fp-ts/lib/TaskEither.js'
import type { NotificationStore } from '../../application/ports/notification-store.ts'
import type { NewNotification } from '../../domain/notification/notification.ts'

export type KeptNotification = NewNotification & {
  readonly id: string
  readonly status: 'pending' | 'failed'
  readonly error: string | null
}

export type MemoryNotifications = { readonly rows: KeptNotification[] }

/** What was to be told, in memory. `addressOf` gives how a number or group is dialled, or null. */
export const memoryNotificationStore = (
  kept: MemoryNotifications,
  { newId, addressOf }: { readonly newId: () => string; readonly addressOf: (phoneOrGroup: string) => string | null },
): NotificationStore => ({
  add: (rows) =>
    TE.fromIO(() =>
      rows.flatMap((row) => {
        if (kept.rows.some((known) => isSame(known, row))) return []
        const address = row.phoneOrGroup === null ? null : addressOf(row.phoneOrGroup)
        const id = newId()
        kept.rows.push({
          ...row,
          phoneOrGroup: address ?? row.phoneOrGroup,
          id,
          status: address === null ? 'failed' : 'pending',
          error: address !== null ? null : row.phoneOrGroup === null ? 'no_number' : 'bad_number',
        })
        return [id]
      }),
    ),
})

const isSame = (one: NewNotification, other: NewNotification): boolean =>
  one.eventId === other.eventId &&
  one.kind === other.kind &&
  one.recipientType === other.recipientType &&
  one.recipientId === other.recipientId
