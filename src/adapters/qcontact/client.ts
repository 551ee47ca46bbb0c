import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { z } from 'zod'
import type { Exchange, OutsideCalls, OutsideSession } from '../../application/ports/outside-calls.ts'
import type { SyncError } from '../../application/ports/ticket-system.ts'
import type { QContactConfiguration } from './configuration.ts'

export type Credentials = { readonly email: string; readonly password: string }

export type Call<A> = {
  readonly method: 'GET' | 'PATCH' | 'POST'
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly answer: z.ZodType<A>
  /** What a 404 says: the case is gone, or this of it is missing. */
  readonly absent: Extract<SyncError, { type: 'Gone' | 'Missing' }>
  /** How it is remembered: what of the request may be shown. */
  readonly as: Pick<Exchange, 'caseId' | 'direction' | 'type' | 'request'>
}

/** Hears once when QContact is away, and once when it is there again; never what was said. */
export type OutageWatch = { readonly away: (why: string) => void; readonly back: () => void }

export type QContactClient = {
  readonly call: <A>(call: Call<A>, signal: AbortSignal) => TaskEither<SyncError, A>
}

/** One call that fails is no outage. */
const FAILED_IN_A_ROW = 2
const USUAL_PAUSE_MS = 60_000
const LONGEST_PAUSE_MS = 3_600_000
const SIGN_IN_PAUSE_MS = 30_000
/** Waiting longer than this for a turn is left to the queue. */
const PATIENCE_MS = 10_000
/** A process that dies in its turn holds up the others for no longer than this. */
const LEASE_MS = 6_000
const NEXT_LOOK_MS = 15
const BODY_LIMIT = 20_000_000

const transient = (why: string, retryAfterMs: number | null = null): SyncError => ({
  type: 'Transient',
  why,
  retryAfterMs,
})

/** Seconds or a date; without one, or with nonsense, a minute. */
const retryAfterOf = (header: string | null, nowMs: number): number => {
  const ms = header === null ? Number.NaN : /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - nowMs
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 1_000), LONGEST_PAUSE_MS) : USUAL_PAUSE_MS
}

const isPage = (headers: Headers): boolean => /^\s*text\/html\b/i.test(headers.get('content-type') ?? '')

type Reply = { readonly status: number; readonly headers: Headers; readonly text: string }
type Raw = E.Either<SyncError, Reply>

/** What a reply means, before anybody reads what it says. */
const judge = <A>(
  { status, headers, text }: Reply,
  { answer, absent }: Pick<Call<A>, 'answer'> & { readonly absent: SyncError },
): E.Either<SyncError, A> => {
  if (status === 401) return E.left({ type: 'AuthExpired', why: 'QContact refuses the session' })
  // A page is what lies between us speaking, and no word of QContact's.
  if (status >= 400 && status < 500 && status !== 408 && status !== 429 && isPage(headers))
    return E.left(transient(`HTTP ${status} with a page`))
  if (status === 404) return E.left(absent)
  if (status === 429)
    return E.left({ type: 'RateLimited', retryAfterMs: retryAfterOf(headers.get('retry-after'), Date.now()) })
  if (status >= 500 || status === 408)
    return E.left(
      transient(
        `HTTP ${status}`,
        status === 503 && headers.has('retry-after') ? retryAfterOf(headers.get('retry-after'), Date.now()) : null,
      ),
    )
  if (status >= 300 && status < 400) return E.left(transient(`HTTP ${status}: sent elsewhere`))
  if (status >= 400) return E.left({ type: 'Rejected', field: null, why: `HTTP ${status}` })
  try {
    const read = answer.safeParse(text === '' ? {} : JSON.parse(text))
    if (read.success) return E.right(read.data)
    return E.left(
      transient(`the answer has no usable ${read.error.issues[0]?.path.map(String).join('.') ?? 'content'}`),
    )
  } catch {
    return E.left(
      transient(`HTTP ${status} with ${headers.get('content-type')?.split(';')[0] ?? 'something'} that is no JSON`),
    )
  }
}

/** Any reply may carry the next token. */
const adopted = (session: OutsideSession, { headers }: Reply): OutsideSession => {
  const [accessToken, client, uid] = ['access-token', 'client', 'uid'].map((header) => headers.get(header)?.trim())
  return { accessToken: accessToken || session.accessToken, client: client || session.client, uid: uid || session.uid }
}

/** Calls of one tenant, one at a time over all processes, with the session they share. */
export const qcontactClient = (
  { baseUrl, timeoutMs, budgetPerMinute }: Pick<QContactConfiguration, 'baseUrl' | 'timeoutMs' | 'budgetPerMinute'>,
  { email, password }: Credentials,
  calls: OutsideCalls,
  watch: OutageWatch = { away: () => {}, back: () => {} },
): QContactClient => {
  const heard = outages(watch)

  /** Calls of this process wait for each other here and not in the database. */
  let last: Promise<unknown> = Promise.resolve()

  const ask = async (
    { method, path, query = {}, body }: Pick<Call<unknown>, 'method' | 'path' | 'query' | 'body'>,
    session: OutsideSession | null,
    signal: AbortSignal,
  ): Promise<Raw> => {
    const search = new URLSearchParams(query).toString()
    const headers = {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(session === null ? {} : { 'access-token': session.accessToken, client: session.client, uid: session.uid }),
    }
    try {
      const response = await fetch(`${baseUrl}${path}${search === '' ? '' : `?${search}`}`, {
        method,
        headers,
        body: body === undefined ? null : JSON.stringify(body),
        redirect: 'manual',
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      })
      return E.right({ status: response.status, headers: response.headers, text: await textOf(response) })
    } catch (error) {
      return E.left(transient(causeOf(error)))
    }
  }

  const signIn = async (signal: AbortSignal): Promise<E.Either<SyncError, OutsideSession>> => {
    const raw = await ask({ method: 'POST', path: '/auth/sign_in', body: { email, password } }, null, signal)
    if (E.isLeft(raw)) return raw
    const { headers } = raw.right
    const judged = judge(raw.right, { answer: anyJson, absent: transient('HTTP 404') })
    const session = adopted({ accessToken: '', client: '', uid: '' }, raw.right)
    // Whatever it says no to is no word on the case that is asked for.
    if (E.isLeft(judged))
      return judged.left.type === 'AuthExpired' || judged.left.type === 'Rejected'
        ? E.left({ type: 'AuthExpired', why: 'QContact refuses our sign-in' })
        : judged
    return headers.has('access-token') && session.client !== '' && session.uid !== ''
      ? E.right(session)
      : E.left(transient('the sign-in gave no session'))
  }

  /** With our turn: signs in where there is no session or it is refused, once, and asks. */
  const inTurn = async <A>(call: Call<A>, held: OutsideSession | null, signal: AbortSignal, log: Exchange[]) => {
    let session = held
    let renewed = false
    const renew = async (): Promise<SyncError | null> => {
      const fresh = await signIn(signal)
      log.push(signInExchange(E.isLeft(fresh) ? fresh.left : null))
      session = E.isRight(fresh) ? fresh.right : null
      renewed = true
      return E.isLeft(fresh) ? fresh.left : null
    }
    const once = async (): Promise<E.Either<SyncError, A>> => {
      const raw = await ask(call, session, signal)
      if (E.isLeft(raw)) return raw
      if (session !== null && raw.right.status !== 401) session = adopted(session, raw.right)
      return judge(raw.right, call)
    }
    const refused = session === null ? await renew() : null
    let answer: E.Either<SyncError, A> = refused === null ? await once() : E.left(refused)
    if (!renewed && E.isLeft(answer) && answer.left.type === 'AuthExpired') {
      const again = await renew()
      answer = again === null ? await once() : E.left(again)
    }
    // Our sign-in is good: it is the session that does not live.
    if (session !== null && E.isLeft(answer) && answer.left.type === 'AuthExpired') {
      session = null
      answer = E.left(transient('QContact refuses a session that it just gave'))
    }
    const gone = E.isLeft(answer) && answer.left.type === 'Gone'
    log.push({
      ...call.as,
      response: E.isRight(answer) ? { ok: true } : gone ? { found: false } : { ok: false },
      outcome: E.isRight(answer) || gone ? 'success' : 'failed',
      error: E.isLeft(answer) && !gone ? wordsFor(answer.left) : null,
    })
    return { answer, session }
  }

  const turn = async <A>(call: Call<A>, signal: AbortSignal): Promise<E.Either<SyncError, A>> => {
    const holder = randomUUID()
    const until = Date.now() + PATIENCE_MS
    for (;;) {
      if (signal.aborted) return E.left(transient('stopped'))
      const taken = await calls.take(holder, LEASE_MS, budgetPerMinute)()
      if (E.isLeft(taken)) return E.left(transient('our database is away'))
      if (taken.right.type === 'taken') return answered(call, holder, taken.right.session, signal)
      const { ms } = taken.right
      if (Date.now() + ms > until) return E.left({ type: 'RateLimited', retryAfterMs: Math.max(ms, 1_000) })
      await sleep(Math.max(ms, NEXT_LOOK_MS + Math.random() * NEXT_LOOK_MS))
    }
  }

  const answered = async <A>(
    call: Call<A>,
    holder: string,
    held: OutsideSession | null,
    signal: AbortSignal,
  ): Promise<E.Either<SyncError, A>> => {
    const exchanges: Exchange[] = []
    const alive = setInterval(() => void calls.prolong(holder, LEASE_MS)(), LEASE_MS / 3)
    const { answer, session } = await inTurn(call, held, signal, exchanges).finally(() => clearInterval(alive))
    const failure = E.isLeft(answer) ? answer.left : null
    const pauseMs =
      failure?.type === 'RateLimited' ? failure.retryAfterMs : failure?.type === 'AuthExpired' ? SIGN_IN_PAUSE_MS : null
    if (!signal.aborted) heard(failure)
    const given = await calls.giveBack(holder, { session, pauseMs, exchanges })()
    return E.isLeft(given) && E.isRight(answer) && call.method === 'GET'
      ? E.left(transient('our database is away'))
      : answer
  }

  return {
    call: (call, signal) => async () => {
      const mine = last.then(() => turn(call, signal))
      last = mine.catch(() => undefined)
      return mine
    },
  }
}

/** Tells of each outage once. A refused sign-in is one at once; being asked to wait is none. */
const outages = ({ away, back }: OutageWatch) => {
  let failed = 0
  let told = false
  return (failure: SyncError | null): void => {
    if (failure?.type === 'RateLimited') return
    if (failure?.type === 'Transient' || failure?.type === 'AuthExpired') {
      failed += 1
      if (told || (failed < FAILED_IN_A_ROW && failure.type === 'Transient')) return
      told = true
      away(failure.why)
      return
    }
    if (told) back()
    told = false
    failed = 0
  }
}

const anyJson = { safeParse: (data: unknown) => ({ success: true, data }) } as unknown as z.ZodType<unknown>

const signInExchange = (failure: SyncError | null): Exchange => ({
  caseId: null,
  direction: 'outbound',
  type: 'full_sync',
  request: { method: 'POST', path: '/auth/sign_in' },
  response: { ok: failure === null },
  outcome: failure === null ? 'success' : 'failed',
  error: failure === null ? null : wordsFor(failure),
})

const wordsFor = (failure: SyncError): string => {
  if (failure.type === 'Missing') return `Missing: ${failure.what}`
  return 'why' in failure ? `${failure.type}: ${failure.why}` : failure.type
}

/** A reply that never ends is none. */
const textOf = async (response: Response): Promise<string> => {
  const parts: Uint8Array[] = []
  let size = 0
  if (response.body === null) return ''
  for await (const part of response.body) {
    size += part.length
    if (size > BODY_LIMIT) throw Object.assign(new Error('too long'), { code: 'too long an answer' })
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

/** The name of what went wrong, never its message: that may quote an address. */
const causeOf = (error: unknown): string => {
  const { name, code, cause } = error as { name?: string; code?: unknown; cause?: { code?: unknown } }
  if (name === 'TimeoutError') return 'no answer in time'
  if (name === 'AbortError') return 'stopped'
  const said = [cause?.code, code].find((one): one is string => typeof one === 'string')
  return `no answer: ${said ?? name ?? 'for no known reason'}`
}
