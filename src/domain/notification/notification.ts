import type { Instant } from '../shared/time.ts'

/** What a notification is about. `message` is one that a person wrote. */
export const NOTIFICATION_KINDS = [
  'assignment',
  'readiness_fallback',
  'qa_rejection',
  'gate_return',
  'rectification_flag',
  'sla_warning',
  'risk_expiry',
  'escalation',
  'message',
] as const
export type NotificationKind = (typeof NOTIFICATION_KINDS)[number]

export const RECIPIENT_TYPES = ['contractor', 'technician', 'client', 'team', 'manager', 'qa'] as const
export type RecipientType = (typeof RECIPIENT_TYPES)[number]

/** One thing to be told to one recipient because of one event. */
export type NewNotification = {
  readonly eventId: string
  readonly kind: NotificationKind
  readonly ticketId: string | null
  readonly projectId: string | null
  readonly recipientType: RecipientType
  /** The recipient's id in the directory; for a client, the ticket's id. */
  readonly recipientId: string
  /** As the directory has it, in any spelling; null: the notification is kept as failed, for people to see. */
  readonly phoneOrGroup: string | null
  readonly name: string | null
  /** The template's name and version, or null for a hand-written text. */
  readonly template: string | null
  readonly text: string
  /** What stands for it where several become one message; null: its whole text. */
  readonly digestLine: string | null
  /** When the event happened: its minute, within which it should be sent, begins here. */
  readonly at: Instant
}
