import type { Task } from 'fp-ts/lib/Task.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'

/** Nothing was sent and nothing was learnt: WhatsApp cannot be asked now. `why` is one word, without personal data. */
export type MessengerAway = { readonly type: 'MessengerAway'; readonly why: string }

export type SessionState = { readonly type: 'Working' } | { readonly type: 'Down'; readonly why: string }

/** What became of one attempt to send. Only `Unclear` leaves open whether the message went out. */
export type SendAnswer =
  /** `ack` as in Acked: engines that answer late have it sent by then. `messageId` null: taken, but under a name nobody told. */
  | { readonly type: 'Accepted'; readonly messageId: string | null; readonly ack: 0 | 1 }
  | { readonly type: 'Down'; readonly why: string }
  /** It did not go out, and may later: WhatsApp takes no first message of ours to anyone for a while. */
  | { readonly type: 'Restricted'; readonly why: string }
  | { readonly type: 'Refused'; readonly why: string }
  | { readonly type: 'Unclear'; readonly why: string }

export type Message = {
  readonly chatId: string
  readonly text: string
  /** The name it is to have; null where the engine takes none. */
  readonly messageId: string | null
}

/** WhatsApp, as one session of ours. Addresses are numbers in E.164 or group ids. */
export type Messenger = {
  readonly session: string
  /** No longer than this does a `send` take. */
  readonly timeoutMs: number
  readonly state: () => Task<SessionState>
  /** Whether a number is on WhatsApp, and under which chat. Groups need not be asked for. */
  readonly lookFor: (
    phone: string,
  ) => TaskEither<MessengerAway, { readonly onWhatsApp: boolean; readonly chatId: string | null }>
  /** The chat of an address that nobody asked WhatsApp about. */
  readonly chatOf: (address: string) => string
  /** A name for the next message; null where the engine gives none. */
  readonly newMessageId: () => TaskEither<MessengerAway, string | null>
  readonly send: (message: Message) => Task<SendAnswer>
  /** The ack a message has by now; null where WhatsApp or the engine does not know it. */
  readonly lookUp: (messageId: string, chatId: string) => TaskEither<MessengerAway, { readonly ack: number } | null>
}
