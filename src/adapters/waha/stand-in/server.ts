import { createHmac, randomBytes, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type AckForm, acked, type Engine, lookedUp, type StandInMessage, sent, thrown } from './shapes.ts'

/** What can go wrong with one sendText. Those `AfterSending` leave a message on a phone that nobody was told of. */
export type Fault =
  | 'resetAfterSending'
  | 'resetBeforeSending'
  | 'silentAfterSending'
  | 'silentBeforeSending'
  | 'throwsAfterSending'
  | 'throwsBeforeSending'
  | 'emptyAfterSending'
  | 'proxyPageAfterSending'
  | 'restricted'
  | 'noLid'
  | 'sessionDown'
  | 'keyRefused'
  | 'ackBeforeReply'

export type Webhook = { readonly url: string; readonly key: string }

export type Recorded = {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly body: unknown
}

export type StandInOptions = {
  /** Left out: any free one. */
  readonly port?: number
  readonly engine?: Engine
  readonly session?: string
  readonly apiKey?: string
  readonly webhook?: Webhook | null
  /** False: an older WAHA, which names no message beforehand. */
  readonly namesMessages?: boolean
  /** The acks each message gets by itself, in that order; GOWS leaves out what it never tells. */
  readonly acks?: ReadonlyArray<number>
  /** Numbers (digits) that are not on WhatsApp. */
  readonly unknown?: ReadonlyArray<string>
  /** Numbers (digits) that its engine throws over when it is asked for them. */
  readonly unanswered?: ReadonlyArray<string>
  /** How long a session that does not work is waited for. */
  readonly sessionWaitMs?: number
  readonly retryMs?: number
}

export type WahaStandIn = {
  readonly url: string
  readonly apiKey: string
  /** What reached WhatsApp, whoever was told of it. */
  readonly sent: ReadonlyArray<StandInMessage>
  readonly requests: ReadonlyArray<Recorded>
  /** Faults that really happened. */
  readonly happened: ReadonlyArray<Fault>
  /** For the next messages, one each. */
  readonly failNext: (...faults: ReadonlyArray<Fault>) => void
  readonly setStatus: (status: string) => void
  /** Whom it tells from now on: a receiver may need its address before it has one itself. */
  readonly hook: (webhook: Webhook | null) => void
  readonly tell: (message: StandInMessage, ack: number, form?: AckForm) => Promise<void>
  readonly tellStatus: (status: string, data?: object) => Promise<void>
  /** The very same event once more. */
  readonly repeat: (event: string) => Promise<number>
  readonly events: ReadonlyArray<string>
  /** Resolves when no event is under way. */
  readonly quiet: () => Promise<void>
  readonly close: () => Promise<void>
}

const RETRIES = 15

/** A WAHA of our own, for tests and the demo, that listens on this machine only: its wire shapes, orders and faults, and no WhatsApp. */
export const startWahaStandIn = async (options: StandInOptions = {}): Promise<WahaStandIn> => {
  const { engine = 'NOWEB', session = 'default', apiKey = 'stand-in-key', acks = [] } = options
  let { webhook = null } = options
  const { port = 0, namesMessages = true, unknown = [], unanswered = [], sessionWaitMs = 20, retryMs = 50 } = options
  const phone: StandInMessage[] = []
  const requests: Recorded[] = []
  const happened: Fault[] = []
  const events: string[] = []
  const faults: Fault[] = []
  const underWay = new Set<Promise<unknown>>()
  const closing = new AbortController()
  let status = 'WORKING'

  const post = async (body: string): Promise<number> => {
    const to = webhook
    if (to === null) return 0
    const stamp = String((JSON.parse(body) as { timestamp: number }).timestamp)
    const headers = {
      'Content-Type': 'application/json',
      'User-Agent': 'WAHA/2026.7.2',
      'X-Webhook-Request-Id': randomUUID(),
      'X-Webhook-Timestamp': stamp,
      'X-Webhook-Hmac': createHmac('sha512', to.key).update(body).digest('hex'),
      'X-Webhook-Hmac-Algorithm': 'sha512',
    }
    for (let tries = 0; tries <= RETRIES && !closing.signal.aborted; tries += 1) {
      const answered = await fetch(to.url, { method: 'POST', headers, body, signal: closing.signal }).catch(() => null)
      await answered?.arrayBuffer().catch(() => null)
      if (answered?.ok === true || tries === RETRIES) return answered?.status ?? 0
      await sleep(retryMs)
    }
    return 0
  }
  const emit = async (event: string, payload: object): Promise<void> => {
    const body = JSON.stringify({
      id: `evt_${randomBytes(13).toString('hex')}`,
      timestamp: Date.now(),
      event,
      session,
      me: { id: '27820000000@c.us', pushName: 'Peer', lid: '199999999999999@lid' },
      payload,
      engine,
      environment: {
        version: '2026.7.2',
        engine,
        tier: 'CORE',
        browser: null,
        platform: 'linux/x64',
        worker: { id: null },
      },
    })
    events.push(body)
    const posted = post(body)
    underWay.add(posted)
    await posted.finally(() => underWay.delete(posted))
  }
  const tell = (message: StandInMessage, ack: number, form: AckForm = {}): Promise<void> => {
    message.ack = Math.max(message.ack, ack)
    return emit(
      message.chatId.endsWith('@g.us') ? 'message.ack.group' : 'message.ack',
      acked(engine, message, ack, form),
    )
  }
  const tellAll = async (message: StandInMessage): Promise<void> => {
    for (const ack of acks) if (engine !== 'GOWS' || ack !== 1) await tell(message, ack)
  }

  const reach = ({ chatId, text, id }: Said): StandInMessage => {
    const message = {
      id: id ?? `3EB0${randomBytes(9).toString('hex').toUpperCase()}`,
      chatId,
      text,
      at: Date.now(),
      ack: 0,
    }
    phone.push(message)
    return message
  }

  const sendText = async (said: Said, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const fault = faults.shift() ?? null
    if (fault !== null) happened.push(fault)
    if (status !== 'WORKING' || fault === 'sessionDown') {
      await sleep(sessionWaitMs)
      const now = status === 'WORKING' ? 'STARTING' : status
      return answer(response, 422, {
        error: 'Session status is not as expected. Try again later or restart the session',
        session,
        status: now,
        expected: ['WORKING'],
      })
    }
    if (fault === 'keyRefused') return answer(response, 401, { message: 'Unauthorized', statusCode: 401 })
    if (fault === 'restricted') return answer(response, 500, thrown('2 UNKNOWN: server returned error 463', said))
    if (fault === 'noLid') return answer(response, 500, thrown('No LID for user', said))
    if (fault === 'throwsBeforeSending') return answer(response, 500, thrown('rate-overlimit', said))
    if (fault === 'resetBeforeSending') return void request.socket.destroy()
    if (fault === 'silentBeforeSending') return
    const message = reach(said)
    if (fault === 'ackBeforeReply') await tellAll(message)
    else void tellAll(message)
    switch (fault) {
      case 'resetAfterSending':
        return void request.socket.destroy()
      case 'silentAfterSending':
        return
      case 'throwsAfterSending':
        return answer(response, 500, thrown("Cannot read properties of undefined (reading 'markedUnread')", said))
      case 'emptyAfterSending':
        return void response.writeHead(201).end()
      case 'proxyPageAfterSending':
        return void response
          .writeHead(502, { 'Content-Type': 'text/html' })
          .end('<html><body>502 Bad Gateway</body></html>')
      default:
        return answer(response, 201, sent(engine, message))
    }
  }

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://stand-in')
    const path = decodeURIComponent(url.pathname)
    const text = Buffer.concat(await request.toArray()).toString('utf8')
    const query = Object.fromEntries(url.searchParams)
    const body: unknown = text === '' ? null : JSON.parse(text)
    requests.push({ method: request.method ?? '', path, query, body })
    if (request.headers['x-api-key'] !== apiKey)
      return answer(response, 401, { message: 'Unauthorized', statusCode: 401 })
    if (path === '/api/sendText') return sendText(body as Said, request, response)
    if (path === `/api/sessions/${session}`)
      return answer(response, 200, {
        name: session,
        status,
        config: { webhooks: [{ url: webhook?.url ?? null, hmac: { key: webhook?.key ?? null } }] },
        me: null,
        presence: null,
        engine: { engine },
      })
    if (path.startsWith('/api/sessions/'))
      return answer(response, 404, { message: 'Session not found', error: 'Not Found', statusCode: 404 })
    if (path === '/api/contacts/check-exists') {
      if (unanswered.includes(query.phone ?? '')) return answer(response, 500, thrown('rate-overlimit', query))
      const known = !unknown.includes(query.phone ?? '')
      const chatId = known ? `${query.phone}@c.us` : null
      return answer(response, 200, { numberExists: known, ...(known || engine === 'GOWS' ? { chatId } : {}) })
    }
    if (path === `/api/${session}/new-message-id` && namesMessages && engine !== 'WEBJS')
      return answer(response, 200, { id: `3EB0${randomBytes(9).toString('hex').toUpperCase()}` })
    const name = new RegExp(`^/api/${session}/chats/[^/]+/messages/(.+)$`).exec(path)?.[1]
    const found = phone.find(({ id }) => name === id || name?.split('_')[2] === id)
    if (found !== undefined) return answer(response, 200, lookedUp(found))
    answer(response, 404, { message: `Cannot GET ${path}`, error: 'Not Found', statusCode: 404 })
  }

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    apiKey,
    sent: phone,
    requests,
    happened,
    events,
    failNext: (...next) => void faults.push(...next),
    setStatus: (next) => {
      status = next
    },
    hook: (next) => {
      webhook = next
    },
    tell,
    tellStatus: (next, data) =>
      emit('session.status', { name: session, status: next, statuses: [], ...(data === undefined ? {} : { data }) }),
    repeat: post,
    quiet: async () => {
      while (underWay.size > 0) await Promise.all(underWay)
    },
    close: async () => {
      closing.abort()
      server.closeAllConnections()
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
      })
    },
  }
}

type Said = { readonly session: string; readonly chatId: string; readonly text: string; readonly id?: string }

const answer = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' }).end(JSON.stringify(body))
}
