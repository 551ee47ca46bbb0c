import type { Instant } from '../shared/time.ts'

export const DELIVERY_STATUSES = ['pending', 'sent', 'delivered', 'read', 'failed', 'unknown'] as const
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number]

/** The word for WhatsApp taking no first message of ours. */
export const RESTRICTED = 'account_restricted'

/** What became of a message, as far as is known. `error` says why for `unknown` and `failed`, in one word of ours. */
export type Delivery = {
  readonly status: DeliveryStatus
  readonly sentAt: Instant | null
  readonly deliveredAt: Instant | null
  readonly readAt: Instant | null
  readonly error: string | null
}

/** One thing that was learnt about a message. Times are ours or WAHA's, of when it happened. */
export type Evidence =
  /** -1 error, 0 accepted, 1 taken by WhatsApp's server, 2 on a device, 3 read, 4 played; others say nothing. */
  | { readonly type: 'Acked'; readonly ack: number; readonly at: Instant; readonly error: string | null }
  /** It may have gone out, and nobody knows. */
  | { readonly type: 'Unclear'; readonly error: string }
  /** It certainly did not go out, and never will. */
  | { readonly type: 'Refused'; readonly error: string }
  /** A person decided what could not be known. */
  | { readonly type: 'Settled'; readonly as: 'sent' | 'failed'; readonly at: Instant }

export const UNTOLD: Delivery = { status: 'pending', sentAt: null, deliveredAt: null, readAt: null, error: null }

/**
 * A status only ever gives way to a later one of this line. An error after a reception is no news; a reception after an
 * error is, since only a phone that has the message can say so.
 */
const LINE: ReadonlyArray<DeliveryStatus> = ['pending', 'unknown', 'sent', 'failed', 'delivered', 'read']

export const isPast = (status: DeliveryStatus, other: DeliveryStatus): boolean =>
  LINE.indexOf(status) > LINE.indexOf(other)

const earliest = (a: Instant | null, b: Instant | null): Instant | null =>
  a === null || b === null ? (a ?? b) : a < b ? a : b

const least = (a: string | null, b: string | null): string | null =>
  a === null || b === null ? (a ?? b) : a < b ? a : b

/** Puts together what two sources know. In any order, however often: the same result. */
export const join = (a: Delivery, b: Delivery): Delivery => {
  const later = isPast(b.status, a.status) ? b : a
  return {
    status: later.status,
    sentAt: earliest(a.sentAt, b.sentAt),
    deliveredAt: earliest(a.deliveredAt, b.deliveredAt),
    readAt: earliest(a.readAt, b.readAt),
    error: a.status === b.status ? least(a.error, b.error) : later.error,
  }
}

const saying = (evidence: Evidence): Delivery => {
  switch (evidence.type) {
    case 'Unclear':
      return { ...UNTOLD, status: 'unknown', error: evidence.error }
    case 'Refused':
      return { ...UNTOLD, status: 'failed', error: evidence.error }
    case 'Settled':
      return evidence.as === 'sent'
        ? { ...UNTOLD, status: 'sent', sentAt: evidence.at }
        : { ...UNTOLD, status: 'failed', error: 'settled_by_a_person' }
    case 'Acked':
      return acked(evidence)
  }
}

const acked = ({ ack, at, error }: Extract<Evidence, { readonly type: 'Acked' }>): Delivery => {
  switch (ack) {
    case -1:
      return { ...UNTOLD, status: 'failed', error: error ?? 'whatsapp_error' }
    case 1:
      return { ...UNTOLD, status: 'sent', sentAt: at }
    case 2:
      return { ...UNTOLD, status: 'delivered', sentAt: at, deliveredAt: at }
    case 3:
    case 4:
      return { ...UNTOLD, status: 'read', sentAt: at, deliveredAt: at, readAt: at }
    default:
      return UNTOLD
  }
}

/** What is known once this was learnt too. */
export const learn = (known: Delivery, evidence: Evidence): Delivery => join(known, saying(evidence))

/** Whether anything more than WAHA's word that it took the message is known. */
export const isHeardOf = ({ status }: Delivery): boolean => status !== 'pending' && status !== 'unknown'
