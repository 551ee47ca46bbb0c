import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type StandInCase, type StandInCases, standInCases } from './cases.ts'
import { type Fault, type StandInFaults, standInFaults } from './faults.ts'

export const STAND_IN_USER = { email: 'ticketing@fibreflow.example', password: 'a-password-of-the-stand-in' } as const

export type StandIn = {
  /** What a configuration names as `baseUrl`. */
  readonly url: string
  readonly cases: StandInCases
  readonly faults: StandInFaults
  /** Every request that came, oldest first. */
  readonly requests: ReadonlyArray<{ readonly method: string; readonly path: string; readonly status: number }>
  readonly signIns: () => number
  /** Someone else signs in as the same user, so often; ten sessions are kept, the oldest go. */
  readonly signInElsewhere: (times: number) => void
  /** Whether notes may be made; where not they answer 403. */
  readonly allowNotes: (allowed: boolean) => void
  /** A field it refuses to have written, with 422; null: none. */
  readonly lock: (field: string | null) => void
  /** Runs while a list is being read, after each page: rows move under the reader. */
  readonly afterPage: (work: ((page: number) => void) | null) => void
  readonly close: () => Promise<void>
}

const SESSIONS = 10
const EVENTS_ON_A_PAGE = 25
const SLOW_MS = 400

type Session = { client: string; token: string; previous: { token: string; until: number } | null }
type Page = { readonly page: number }
type Reply = { readonly status: number; readonly body: unknown; readonly headers?: Readonly<Record<string, string>> }

/**
 * A QContact of our own on the loopback address, with the wire shapes and every trap of the real one: a token that
 * changes with each reply, ten sessions, offset paging, fields at the top level that are ignored, notes that may be
 * forbidden. It fails as told.
 */
export const startStandIn = async ({
  port = 0,
  graceMs = 5_000,
  retryAfterSeconds = 1,
  firstId,
}: {
  readonly port?: number
  /** How long the token before the present one still works. */
  readonly graceMs?: number
  readonly retryAfterSeconds?: number
  /** Where its numbers begin, beyond 32 bits. */
  readonly firstId?: number
} = {}): Promise<StandIn> => {
  const cases = standInCases(firstId)
  const faults = standInFaults()
  const requests: Array<{ method: string; path: string; status: number }> = []
  let sessions: Session[] = []
  let signIns = 0
  let notesAllowed = true
  let locked: string | null = null
  let afterPage: ((page: number) => void) | null = null
  const token = (): string => randomBytes(16).toString('base64url')

  const open = (): Session => {
    const session = { client: token(), token: token(), previous: null }
    sessions = [...sessions, session].slice(-SESSIONS)
    return session
  }
  const headersOf = ({ client, token: access }: Session): Record<string, string> => ({
    'access-token': access,
    client,
    uid: STAND_IN_USER.email,
    expiry: String(Math.floor(Date.now() / 1_000) + 14 * 86_400),
    'token-type': 'Bearer',
  })
  const sessionOf = ({ headers }: IncomingMessage): Session | null => {
    const session = sessions.find(({ client }) => client === headers.client)
    const given = headers['access-token']
    if (session === undefined || headers.uid !== STAND_IN_USER.email) return null
    const { previous } = session
    return session.token === given || (previous?.token === given && previous !== null && previous.until > Date.now())
      ? session
      : null
  }

  const listed = (query: URLSearchParams): Reply => {
    const [page, items] = [Number(query.get('page') ?? 1), Number(query.get('items') ?? 50)]
    const filters = JSON.parse(query.get('filters') ?? '[]') as ReadonlyArray<{
      conditions: ReadonlyArray<{ name: string; value: unknown; operator: string }>
    }>
    const conditions = filters.flatMap((filter) => filter.conditions)
    if (conditions.some(({ operator }) => operator === 'not_equals'))
      return { status: 500, body: { error: 'Internal' } }
    if (query.get('view') === 'all')
      return { status: 200, body: { columns: [], results: [], pagination: { count: 0, page, items, pages: 0 } } }
    const fieldOf = (one: StandInCase, name: string) => one.relationships[name]?.id ?? one.fields[name]
    const all = cases
      .all()
      .filter((one) => conditions.every(({ name, value }) => String(fieldOf(one, name)) === String(value)))
      .toSorted((a, b) => a.id - b.id)
    const results = all.slice((page - 1) * items, page * items).map((one) => ({
      id: one.id,
      label: one.label,
      status: one.fields.status,
      category: one.fields.category,
      assigned_to: one.relationships.assigned_to?.label ?? null,
      c__dr_number: one.relationships.c__dr_number?.label ?? null,
      description: one.fields.description ?? null,
    }))
    if (items > 1) afterPage?.(page)
    return {
      status: 200,
      body: {
        columns: [],
        results,
        pagination: { count: all.length, page, items, pages: Math.ceil(all.length / items) },
      },
    }
  }

  const detailOf = ({ events: _, ...one }: StandInCase): unknown => one

  const answer = (method: string, url: URL, said: Record<string, unknown>, silent: boolean): Reply => {
    const [, id, more] = /^\/entities\/Case\/(\d+)(\/events)?$/.exec(url.pathname) ?? []
    if (method === 'GET' && url.pathname === '/me') return { status: 200, body: { email: STAND_IN_USER.email } }
    if (method === 'GET' && url.pathname === '/entities/Case') return listed(url.searchParams)
    if (method === 'POST' && url.pathname === '/entities/Note') {
      if (!notesAllowed) return { status: 403, body: { error: 'Forbidden' } }
      const one = cases.find(String(said.entity_id))
      if (one === undefined) return { status: 404, body: { error: 'Not found' } }
      return silent
        ? { status: 200, body: {} }
        : {
            status: 201,
            body: { id: cases.note(one, STAND_IN_USER.email, String(said.subtitle), said.public_note === true) },
          }
    }
    const one = id === undefined ? undefined : cases.find(id)
    if (one === undefined) return { status: 404, body: { error: 'Not found' } }
    if (method === 'GET' && more !== undefined)
      return {
        status: 200,
        body: { results: pageOf(one.events.toReversed(), Number(url.searchParams.get('page') ?? 1)) },
      }
    if (method === 'GET') return { status: 200, body: detailOf(one) }
    if (method === 'PATCH') {
      // Fields at the top level are taken without a word, and ignored.
      const fields =
        typeof said.fields === 'object' && said.fields !== null ? (said.fields as Record<string, unknown>) : {}
      const closed = locked !== null && locked in fields ? locked : null
      const refused = silent ? null : (closed ?? cases.write(one, STAND_IN_USER.email, fields))
      return refused === null
        ? { status: 200, body: detailOf(one) }
        : { status: 422, body: { errors: { [refused]: ['is not included in the list'] } } }
    }
    return { status: 404, body: { error: 'Not found' } }
  }

  const send = (response: ServerResponse, { status, body, headers = {} }: Reply): void => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(JSON.stringify(body))
  }

  const FAILING: { readonly [F in Fault]?: Reply | Page } = {
    too_many: {
      status: 429,
      body: { error: 'Too many requests' },
      headers: { 'retry-after': String(retryAfterSeconds) },
    },
    too_many_without_retry_after: { status: 429, body: { error: 'Too many requests' } },
    server_error: { status: 500, body: { error: 'Internal' } },
    unauthorised: { status: 401, body: { errors: ['You need to sign in or sign up before continuing.'] } },
    html_error_page: { page: 200 },
    forbidden_by_proxy: { page: 403 },
    unknown_to_proxy: { page: 407 },
    not_found: { status: 404, body: { error: 'Not found' } },
  }

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://stand-in')
    const method = request.method ?? 'GET'
    const said = await jsonOf(request)
    response.once('close', () => {
      requests.push({ method, path: url.pathname, status: response.writableFinished ? response.statusCode : 0 })
    })
    // What evicts a session refuses no password.
    const met = faults.next(method, url.pathname)
    const fault = met === 'unauthorised' && url.pathname === '/auth/sign_in' ? null : met
    if (fault === 'reset') return void request.socket.destroy()
    if (fault === 'slow') await sleep(SLOW_MS)
    const failing = fault === null ? undefined : FAILING[fault]
    if (fault === 'unauthorised') sessions = sessions.filter(({ client }) => client !== request.headers.client)
    if (failing !== undefined && 'page' in failing) {
      response.writeHead(failing.page, { 'content-type': 'text/html' })
      return void response.end('<html><body><h1>We are sorry, something went wrong</h1></body></html>')
    }
    if (failing !== undefined) return send(response, failing)
    if (url.pathname === '/auth/sign_in') {
      if (said.email !== STAND_IN_USER.email || said.password !== STAND_IN_USER.password)
        return send(response, { status: 401, body: { errors: ['Invalid login credentials.'] } })
      signIns += 1
      return send(response, { status: 200, body: { data: {} }, headers: headersOf(open()) })
    }
    const session = sessionOf(request)
    if (session === null) return send(response, FAILING.unauthorised as Reply)
    session.previous = { token: session.token, until: Date.now() + graceMs }
    session.token = token()
    const reply = answer(method, url, said, fault === 'silent')
    if (fault === 'lost_reply') return void request.socket.destroy()
    send(response, { ...reply, headers: headersOf(session) })
  }

  const server = createServer((request, response) => {
    handle(request, response).catch(() => request.socket.destroy())
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cases,
    faults,
    requests,
    signIns: () => signIns,
    signInElsewhere: (times) => {
      for (let n = 0; n < times; n += 1) open()
    },
    allowNotes: (allowed) => {
      notesAllowed = allowed
    },
    lock: (field) => {
      locked = field
    },
    afterPage: (work) => {
      afterPage = work
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
      })
    },
  }
}

const pageOf = <A>(all: ReadonlyArray<A>, page: number): ReadonlyArray<A> =>
  all.slice((page - 1) * EVENTS_ON_A_PAGE, page * EVENTS_ON_A_PAGE)

const jsonOf = async (request: IncomingMessage): Promise<Record<string, unknown>> => {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8') || '{}')
  } catch {
    return {}
  }
}
