import type { SendAnswer } from '../../application/ports/messenger.ts'
import { RESTRICTED } from '../../domain/notification/delivery.ts'
import type { WahaReply } from './http.ts'
import { at, messageIdIn } from './shapes.ts'

/** What a reply to sendText means; the rule: whatever may have gone out is `Unclear`. */
export const sendAnswerOf = (reply: WahaReply, engine: string): SendAnswer => {
  if (reply.type === 'NotReached') return { type: 'Down', why: reply.why }
  if (reply.type === 'Lost') return { type: 'Unclear', why: reply.why }
  const { status, body } = reply
  if (status === 200 || status === 201)
    // Of GOWS no event says that the server has it: its answer does.
    return { type: 'Accepted', messageId: messageIdIn(body), ack: engine === 'GOWS' ? 1 : 0 }
  if (status === 401 || status === 403) return { type: 'Down', why: 'key_refused' }
  if (status === 429) return { type: 'Down', why: 'too_many_requests' }
  if (status === 422) return isSessionDown(body) ? { type: 'Down', why: sessionWord(body) } : refused(status)
  if (status >= 300 && status < 400) return { type: 'Down', why: 'redirected' }
  if (status >= 400 && status < 500 && status !== 408) return refused(status)
  return exceptionOf(status, body)
}

const refused = (status: number): SendAnswer => ({ type: 'Refused', why: `status_${status}` })

const isSessionDown = (body: unknown): boolean =>
  Array.isArray(at(body, 'expected')) ||
  typeof at(body, 'session') === 'string' ||
  /only 'default' session/.test(String(at(body, 'message')))

const sessionWord = (body: unknown): string => {
  const status = at(body, 'status')
  return typeof status === 'string' && /^[A-Z_]{1,40}$/.test(status) ? status : 'no_session'
}

/** What an engine threw. Its text quotes number and message, so only a word of ours goes on. */
const exceptionOf = (status: number, body: unknown): SendAnswer => {
  const message = at(body, 'exception', 'message')
  const said = typeof message === 'string' ? message : ''
  if (/\berror 463\b/.test(said)) return { type: 'Restricted', why: RESTRICTED }
  if (/no lid (for user|found)/i.test(said)) return { type: 'Refused', why: 'no_lid' }
  return { type: 'Unclear', why: `status_${status}` }
}
