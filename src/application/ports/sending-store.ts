import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Delivery, Evidence } from '../../domain/notification/delivery.ts'
import type { Waiting, Words } from '../../domain/notification/digest.ts'
import type { Instant } from '../../domain/shared/time.ts'
import type { Unavailable } from '../errors.ts'

/** What all who send agree on. */
export type SendingControl = {
  /** The switch people have. */
  readonly on: boolean
  readonly nextSendAt: Instant | null
  /** Everything waits until then: too much became of nobody knows what. */
  readonly pausedUntil: Instant | null
  /** Whether nothing but outcomes nobody knows came back lately. */
  readonly isTroubled: boolean
  /** WhatsApp takes no first message to anyone until then. */
  readonly restrictedUntil: Instant | null
  /** As it was seen last; null: never yet. */
  readonly sessionStatus: string | null
}

/** What WhatsApp said of a number. */
export type Contact = {
  readonly onWhatsApp: boolean
  readonly chatId: string | null
  readonly checkedAt: Instant
  /** Whether a message of ours ever got through. */
  readonly reached: boolean
}

/** A message about to leave; from here on it is never sent under another attempt without a person. */
export type Claim = {
  readonly sendId: string
  readonly session: string
  readonly messageId: string | null
  readonly address: string
  readonly notificationIds: ReadonlyArray<string>
  readonly at: Instant
  /** Whoever still works on it after that is taken for dead. */
  readonly leaseUntil: Instant
  readonly nextSendAt: Instant
  readonly perRecipientPerMinute: number
}

/** What was learnt about an attempt. `lookUpAt`: when to ask about it, null never. */
export type Learnt = {
  readonly evidence: ReadonlyArray<Evidence>
  /** How WhatsApp calls the message, where that is news. */
  readonly messageId: string | null
  readonly lookUpAt: Instant | null
}

export type ToLookUp = {
  readonly sendId: string
  readonly messageId: string
  /** null: its rows were pruned. */
  readonly address: string | null
  readonly lookUps: number
  readonly delivery: Delivery
}

/** What WAHA told us, reduced to what is no one's name, number or text. */
export type MessengerEvent = {
  readonly eventId: string
  readonly session: string
  readonly at: Instant
  readonly news:
    | {
        readonly type: 'Ack'
        readonly messageId: string
        readonly ack: number
        readonly error: string | null
        /** WhatsApp takes no first message of ours to anyone until then. */
        readonly restrictedUntil: Instant | null
      }
    /** null: it takes first messages again. */
    | { readonly type: 'Restricted'; readonly until: Instant | null }
    | { readonly type: 'Session'; readonly status: string }
}

type Done<A> = TaskEither<Unavailable, A>

/** What sends and hears: every step is one transaction, so that a crash between any two leaves a message waiting or `sending`, never both. */
export type SendingStore = {
  /** The one clock of all who send: leases and pace are judged by it. */
  readonly now: () => Done<Instant>
  readonly control: () => Done<SendingControl>
  /** The oldest of each of so many addresses, those that wait longest; without `alsoFirst` none whose number was never reached. */
  readonly waiting: (wanted: {
    readonly addresses: number
    readonly alsoFirst: boolean
  }) => Done<ReadonlyArray<Waiting>>
  readonly words: (notificationIds: ReadonlyArray<string>) => Done<ReadonlyArray<Words>>
  /** When each address was sent something since then. */
  readonly sentSince: (since: Instant) => Done<ReadonlyMap<string, ReadonlyArray<Instant>>>
  /** To whom something is on its way at that moment: one at a time to each. */
  readonly underWay: (now: Instant) => Done<ReadonlySet<string>>
  readonly contact: (phone: string) => Done<Contact | null>
  /** For who erases a person. */
  readonly forgetContact: (phone: string) => Done<void>
  readonly keepContact: (phone: string, contact: Omit<Contact, 'reached'>) => Done<void>
  /** False when it may not go out any more or not yet: the switch, the pace, or somebody else has it. */
  readonly claim: (claim: Claim) => Done<boolean>
  /** Adds to what is known of an attempt, together with what WAHA told of it before. */
  readonly learn: (sendId: string, learnt: Learnt) => Done<Delivery>
  /** Nothing left: its notifications wait again. */
  readonly release: (sendId: string) => Done<void>
  /** They will never go out. */
  readonly fail: (notificationIds: ReadonlyArray<string>, error: string) => Done<void>
  /** What waits since before then has failed; gives how many. */
  readonly expire: (before: Instant) => Done<number>
  /** Attempts whose sender is dead become unknown; gives how many. */
  readonly abandon: (now: Instant) => Done<number>
  readonly toLookUp: (now: Instant, limit: number) => Done<ReadonlyArray<ToLookUp>>
  /** As `learn`, after one look-up more. */
  readonly lookedUp: (sendId: string, learnt: Pick<Learnt, 'evidence' | 'lookUpAt'>) => Done<Delivery>
  /** Nobody knows what became of an attempt; at a few recipients in a row everything waits for a while. */
  readonly noteUnclear: (sendId: string, at: Instant) => Done<void>
  readonly noteClear: () => Done<void>
  /** WhatsApp took no first message, and did not say until when. */
  readonly noteRestriction: (at: Instant) => Done<void>
  readonly noteSession: (status: string, at: Instant) => Done<void>
  /** False when it was there already. */
  readonly keepEvent: (event: MessengerEvent, receivedAt: Instant) => Done<boolean>
  /** Applies what was kept, the oldest first; gives how many. Of a message nobody knows yet it waits until `since`. */
  readonly applyEvents: (limit: number, unknownSince: Instant) => Done<number>
  /** Forgets events that are older than any repetition of them. */
  readonly prune: (before: Instant) => Done<void>
}
