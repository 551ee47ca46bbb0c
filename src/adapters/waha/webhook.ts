import { createHmac, timingSafeEqual } from 'node:crypto'
import type { MessengerEvent } from '../../application/ports/sending-store.ts'
import { RESTRICTED } from '../../domain/notification/delivery.ts'
import { ackIn, at, isFromUs, messageIdIn } from './shapes.ts'

/** Whether WAHA signed these very bytes; compared in constant time. */
export const isSigned = (key: string, raw: Uint8Array, signature: string | null, algorithm: string | null): boolean => {
  if (signature === null || (algorithm !== null && algorithm.toLowerCase() !== 'sha512')) return false
  const ours = createHmac('sha512', key).update(raw).digest()
  const theirs = /^[0-9a-fA-F]{128}$/.test(signature) ? Buffer.from(signature, 'hex') : Buffer.alloc(ours.length)
  return timingSafeEqual(ours, theirs)
}

/** What an event says about our messages or our session; null: nothing that we need. Throws on what is no JSON. */
export const eventIn = (raw: Uint8Array, session: string): MessengerEvent | null => {
  const body: unknown = JSON.parse(Buffer.from(raw).toString('utf8'))
  const eventId = at(body, 'id')
  const sentAt = at(body, 'timestamp')
  if (typeof eventId !== 'string' || !/^[\w.:-]{1,100}$/.test(eventId) || at(body, 'session') !== session) return null
  const news = newsIn(at(body, 'event'), at(body, 'payload'))
  return news === null ? null : { eventId, session, at: instantOf(sentAt), news }
}

const newsIn = (event: unknown, payload: unknown): MessengerEvent['news'] | null => {
  switch (event) {
    case 'message.ack':
    case 'message.ack.group':
    case 'message.any':
      return ackNews(payload)
    case 'session.status':
      return sessionNews(payload)
    default:
      return null
  }
}

const ackNews = (payload: unknown): MessengerEvent['news'] | null => {
  const messageId = messageIdIn(payload)
  const ack = ackIn(payload)
  if (messageId === null || ack === null || !isFromUs(payload)) return null
  const restricted = ack === -1 && String(at(payload, 'error', 'code')) === '463'
  const until = at(payload, 'error', 'until')
  return {
    type: 'Ack',
    messageId,
    ack,
    error: ack !== -1 ? null : restricted ? RESTRICTED : 'whatsapp_error',
    restrictedUntil: restricted && typeof until === 'string' ? orNull(Date.parse(until)) : null,
  }
}

const sessionNews = (payload: unknown): MessengerEvent['news'] | null => {
  const lock = at(payload, 'data', 'reachoutTimelock')
  const ends = at(lock, 'timeEnforcementEnds')
  if (at(lock, 'isActive') === false) return { type: 'Restricted', until: null }
  const until = at(lock, 'isActive') === true && typeof ends === 'number' ? orNull(ends * 1_000) : null
  if (until !== null) return { type: 'Restricted', until }
  const status = at(payload, 'status')
  return typeof status === 'string' && /^[A-Z_]{1,40}$/.test(status) ? { type: 'Session', status } : null
}

const LAST = Date.parse('2100-01-01T00:00:00.000Z')

const orNull = (ms: number): string | null => (ms > 0 && ms < LAST ? new Date(ms).toISOString() : null)

/** A time nobody can read counts as long ago: our own sending is later and is taken. */
const instantOf = (ms: unknown): string => (typeof ms === 'number' ? orNull(ms) : null) ?? new Date(0).toISOString()
