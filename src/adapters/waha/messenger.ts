import { setTimeout as sleep } from 'node:timers/promises'
import * as E from 'fp-ts/lib/Either.js'
import type { Messenger, MessengerAway } from '../../application/ports/messenger.ts'
import { chatOf } from './addresses.ts'
import { sendAnswerOf } from './answers.ts'
import { callWaha, type WahaCall, type WahaReply } from './http.ts'
import { ackIn, at, chatIdIn, isFromUs, messageIdIn } from './shapes.ts'

export type WahaOptions = {
  readonly url: string
  readonly apiKey: string
  readonly session: string
  /** WAHA itself waits up to 15 s for a session and its engine up to 120 s for WhatsApp: less makes refusals into unknowns. */
  readonly timeoutMs: number
  /** Between two questions about numbers; WhatsApp blocks who asks faster. */
  readonly askEveryMs?: number
}

const QUESTION_MS = 20_000
const NO_IDS_FOR_MS = 600_000
/** Engines that take a message's id beforehand. */
const NAMING = new Set(['NOWEB', 'GOWS'])

const away = (why: string): E.Either<MessengerAway, never> => E.left({ type: 'MessengerAway', why })

/** WhatsApp through WAHA, whichever of its engines runs. Nothing it is given or answered goes into any log. */
export const wahaMessenger = ({ askEveryMs = 1_000, ...options }: WahaOptions): Messenger => {
  const session = encodeURIComponent(options.session)
  const ask = (call: WahaCall): Promise<WahaReply> =>
    callWaha({ ...options, timeoutMs: Math.min(QUESTION_MS, options.timeoutMs) }, call)
  let engine = ''
  let noIdsUntil = 0
  let asked = Promise.resolve()
  const inTurn = (): Promise<void> => {
    const turn = asked
    asked = asked.then(() => sleep(askEveryMs))
    return turn
  }
  return {
    session: options.session,
    timeoutMs: options.timeoutMs,
    chatOf,
    state: () => async () => {
      const reply = await ask({ method: 'GET', path: `/api/sessions/${session}` })
      if (reply.type !== 'Answered') return { type: 'Down', why: reply.why }
      if (reply.status !== 200) return { type: 'Down', why: wordFor(reply.status) }
      const named = at(reply.body, 'engine', 'engine')
      if (typeof named === 'string') engine = named
      const status = at(reply.body, 'status')
      if (status === 'WORKING') return { type: 'Working' }
      return { type: 'Down', why: typeof status === 'string' && /^[A-Z_]{1,40}$/.test(status) ? status : 'unreadable' }
    },
    lookFor: (phone) => async () => {
      await inTurn()
      const query = { phone: phone.replace(/^\+/, ''), session: options.session }
      const reply = await ask({ method: 'GET', path: '/api/contacts/check-exists', query })
      if (reply.type !== 'Answered') return away(reply.why)
      const exists = at(reply.body, 'numberExists')
      if (reply.status !== 200 || typeof exists !== 'boolean') return away(wordFor(reply.status))
      return E.right({ onWhatsApp: exists, chatId: exists ? chatIdIn(at(reply.body, 'chatId')) : null })
    },
    newMessageId: () => async () => {
      if (!NAMING.has(engine) || noIdsUntil > Date.now()) return E.right(null)
      const reply = await ask({ method: 'GET', path: `/api/${session}/new-message-id` })
      if (reply.type !== 'Answered') return away(reply.why)
      if (reply.status === 200) return E.right(messageIdIn(reply.body))
      if (reply.status !== 404) return away(wordFor(reply.status))
      noIdsUntil = Date.now() + NO_IDS_FOR_MS
      return E.right(null)
    },
    send: (message) => async () => {
      const { chatId, text, messageId } = message
      const body = { session: options.session, chatId, text, ...(messageId === null ? {} : { id: messageId }) }
      return sendAnswerOf(await callWaha(options, { method: 'POST', path: '/api/sendText', body }), engine)
    },
    lookUp: (messageId, chatId) => async () => {
      const [chat, name] = NAMING.has(engine) ? ['all', messageId] : [chatId, `true_${chatId}_${messageId}`]
      const path = `/api/${session}/chats/${encodeURIComponent(chat)}/messages/${encodeURIComponent(name)}`
      const reply = await ask({ method: 'GET', path })
      if (reply.type !== 'Answered') return away(reply.why)
      if (reply.status === 401 || reply.status === 403 || reply.status >= 500) return away(wordFor(reply.status))
      const ack = ackIn(reply.body)
      const isIt = messageIdIn(reply.body) === messageId && isFromUs(reply.body)
      return E.right(reply.status === 200 && isIt && ack !== null ? { ack } : null)
    },
  }
}

const wordFor = (status: number): string =>
  status === 401 || status === 403 ? 'key_refused' : status === 404 ? 'no_session' : `status_${status}`
