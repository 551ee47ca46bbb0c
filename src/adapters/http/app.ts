import { randomUUID } from 'node:crypto'
import express, { type ErrorRequestHandler, type Express, type Request, type Response } from 'express'
import * as E from 'fp-ts/lib/Either.js'
import helmet from 'helmet'
import swaggerUi from 'swagger-ui-express'
import { isAllowed } from '../../application/permissions.ts'
import type { RequestFacts, SignIn } from '../../application/ports/authenticator.ts'
import type { Principal } from '../../application/principal.ts'
import type { Answer } from './answer.ts'
import { type FieldMessages, STATUS_OF } from './codes.ts'
import { describeFault, type Log } from './log.ts'
import { requestCounts } from './metrics.ts'
import { openApiDocument } from './openapi.ts'
import { invalid, type Problem, problem, problemOf, unavailable } from './problem.ts'
import { notThis, readFields, readJson, readQuery, readRaw, readVersion, shapesOf } from './read-request.ts'
import type { Context, IncomingFile, RawBody, Route } from './route.ts'
import { sendAnswer, sendProblem } from './send.ts'
import { receive } from './upload.ts'

/** The path under which everything is served. */
export const ROOT = '/api/ticketing'

export type HttpDeps = {
  readonly routes: ReadonlyArray<Route>
  readonly signIn: SignIn
  readonly log: Log
  readonly now: () => string
  /** Seconds since any fixed moment, for durations. */
  readonly uptimeSeconds: () => number
  /** Why requests cannot be served now (database away, migrations missing), or null. */
  readonly notReady: () => Promise<string | null>
  /** True from the moment the process is told to stop. */
  readonly draining: () => boolean
  /** More lines in the Prometheus text format. */
  readonly metrics: () => Promise<string>
}

/** The whole HTTP side as an Express application. */
export const httpApp = (deps: HttpDeps): Express => {
  const app = express()
  app.disable('x-powered-by')
  app.set('etag', false)
  app.set('query parser', false)
  app.use(helmet({ contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } } }))
  const counts = requestCounts(deps.uptimeSeconds)
  app.use((request, response, next) => {
    const started = deps.uptimeSeconds()
    const requestId = randomUUID()
    response.locals.requestId = requestId
    response.setHeader('X-Request-Id', requestId)
    response.setHeader('Cache-Control', 'no-store')
    response.once('close', () => {
      const seconds = deps.uptimeSeconds() - started
      const route = (response.locals.route as string | undefined) ?? 'unknown'
      const status = response.writableFinished ? response.statusCode : 499
      counts.count(request.method, route, status, seconds)
      const { userId, role } = (response.locals.principal as Principal | undefined) ?? { userId: null, role: null }
      const ms = Math.round(seconds * 1_000)
      deps.log.info({ requestId, method: request.method, route, status, ms, userId, role }, 'request')
    })
    next()
  })
  app.use((request, response, next) => {
    const admitted = deps.signIn.admit(factsOf(request))
    return E.isLeft(admitted) ? fail(deps, response, problemOf(admitted.left)) : next()
  })
  const api = express.Router({ caseSensitive: true, strict: true })
  serveOperations(api, deps, counts.text)
  const byPath = Map.groupBy([...deps.routes].sort(fixedWordsFirst), ({ path }) => path)
  for (const [path, routes] of byPath) {
    const at = api.route(path.replaceAll(/\{(\w+)\}/g, ':$1'))
    for (const route of routes) at[route.method](serve(deps, route))
    at.all(
      refuseMethod(
        deps,
        routes.map(({ method }) => method),
      ),
    )
  }
  app.use(ROOT, api)
  app.use((request, response) => fail(deps, response, noSuchRoute(request)))
  app.use(((error, _request, response, _next) => {
    if (response.headersSent) return breakOff(deps, response, error)
    fail(deps, response, strayProblem(error))
  }) satisfies ErrorRequestHandler)
  return app
}

const fixedWordsFirst = (one: Route, other: Route): number => {
  const weigh = ({ path }: Route) =>
    path
      .split('/')
      .map((part) => (part.startsWith('{') ? '1' : '0'))
      .join('')
  return weigh(one).localeCompare(weigh(other))
}

const serve =
  (deps: HttpDeps, route: Route) =>
  async (request: Request, response: Response): Promise<void> => {
    response.locals.route = `${ROOT}${route.path}`
    if (deps.draining()) return fail(deps, response, draining(response))
    const principal = await callerOf(deps, route, request)
    if (E.isLeft(principal)) return fail(deps, response, principal.left)
    response.locals.principal = principal.right
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    const context = { signal: gone.signal, requestId: String(response.locals.requestId), raw: NO_BODY }
    const outcome = await answerOf(route, principal.right, request, response, context)
    return E.isRight(outcome)
      ? sendAnswer(response, route.status, outcome.right, deps.now(), ROOT)
      : fail(deps, response, outcome.left)
  }

const factsOf = ({ method, headers, socket }: Request): RequestFacts => ({
  method,
  headers,
  remoteAddress: socket.remoteAddress ?? null,
})

const NOBODY: Principal = { userId: '', role: 'viewer', contractorId: null, teams: [] }

const callerOf = async (deps: HttpDeps, route: Route, request: Request): Promise<E.Either<Problem, Principal>> => {
  if (route.may === 'anyone') return E.right(NOBODY)
  const caller = await deps.signIn.authenticate(factsOf(request))()
  return E.isLeft(caller) ? E.left(problemOf(caller.left)) : E.right(caller.right)
}

const NO_BODY: RawBody = { bytes: new Uint8Array(), header: () => null }

const headerOf = (request: Request, name: string): string | null => {
  const value = request.headers[name]
  return typeof value === 'string' ? value : null
}

type Outcome = E.Either<Problem, Answer>

const SHAPES = new WeakMap<Route, ReturnType<typeof shapesOf>>()
const shapesFor = (route: Route) => {
  const known = SHAPES.get(route) ?? shapesOf(route)
  SHAPES.set(route, known)
  return known
}

const answerOf = async (
  route: Route,
  principal: Principal,
  request: Request,
  response: Response,
  context: Context,
): Promise<Outcome> => {
  const query = readQuery(request.url)
  if (E.isLeft(query)) return query
  const version = route.ifMatch ? readVersion(request.headers['if-match']) : E.right(null)
  if (E.isLeft(version)) return version
  const shapes = shapesFor(route)
  const handle = async (body: unknown, file: IncomingFile | null, raw = NO_BODY): Promise<Outcome> => {
    const fields = readFields(shapes, { params: request.params, query: query.right, body })
    if (route.upload !== null && file === null) return withoutFile(fields, route.upload.field)
    if (E.isLeft(fields)) return fields
    const input = { ...fields.right, version: version.right, upload: file }
    const outcome = await route.handle(input as never, principal, { ...context, raw })()
    return E.isRight(outcome) ? outcome : E.left(await withCurrent(route, input, principal, problemOf(outcome.left)))
  }
  if (route.upload !== null) {
    const refused = beforeUpload(route, principal, request)
    return refused === null ? receive(route.upload.field, request, response, handle) : E.left(refused)
  }
  if (route.raw) {
    const bytes = await readRaw(request, response)
    return E.isLeft(bytes)
      ? bytes
      : handle(null, null, { bytes: bytes.right, header: (name) => headerOf(request, name) })
  }
  const body = shapes.body === null ? E.right(null) : await readJson(request, response)
  return E.isLeft(body) ? body : handle(body.right, null)
}

const withoutFile = (fields: E.Either<Problem, unknown>, field: string): E.Either<Problem, never> =>
  E.left(
    invalid({
      ...(E.isLeft(fields) ? (fields.left.details as FieldMessages) : {}),
      [field]: 'is required and must be a file; a quote in its name has to be escaped',
    }),
  )

/** The loser of a race is shown what the thing is now. */
const withCurrent = async (route: Route, input: object, principal: Principal, refused: Problem): Promise<Problem> => {
  if (refused.code !== 'CONFLICT' || route.current === null) return refused
  const current = await route.current(input as never, principal)()
  return E.isLeft(current) ? refused : { ...refused, details: { ...refused.details, current: current.right } }
}

/** What can be refused before a file is read. */
const beforeUpload = (route: Route, principal: Principal, request: Request): Problem | null => {
  const actions = route.may === 'anyone' ? [] : typeof route.may === 'string' ? [route.may] : route.may
  const action = actions[0]
  if (action !== undefined && !actions.some((one) => isAllowed(principal, one)))
    return problemOf({ type: 'NotAllowed', action, role: principal.role })
  return request.is('multipart/form-data') === false || request.headers['content-type'] === undefined
    ? notThis('multipart/form-data')
    : null
}

const fail = ({ log, now }: Pick<HttpDeps, 'log' | 'now'>, response: Response, refused: Problem): void => {
  if (STATUS_OF[refused.code] >= 500) {
    const { requestId, route } = response.locals
    log.error({ requestId, route, code: refused.code, cause: describeFault(refused.cause) }, 'request failed')
  }
  sendProblem(response, refused, now())
}

/** Nobody may take the part of an answer for the whole: the connection ends before its time. */
const breakOff = ({ log }: Pick<HttpDeps, 'log'>, response: Response, error: unknown): void => {
  const { requestId, route } = response.locals
  const callerIsGone = (error as { readonly code?: unknown }).code === 'ERR_STREAM_PREMATURE_CLOSE'
  if (!callerIsGone) log.error({ requestId, route, cause: describeFault(error) }, 'answer broke off')
  response.destroy()
}

const draining = (response: Response): Problem => {
  response.setHeader('Connection', 'close')
  return unavailable('The server is stopping; try again in a moment')
}

const refuseMethod = (deps: HttpDeps, methods: ReadonlyArray<Route['method']>) => {
  const allowed = [...methods, ...(methods.includes('get') ? ['head'] : [])]
    .map((method) => method.toUpperCase())
    .sort()
  return (request: Request, response: Response) =>
    fail(
      deps,
      response,
      problem('METHOD_NOT_ALLOWED', `${request.method} is not allowed here`, {
        details: { allowed },
        headers: { Allow: allowed.join(', ') },
      }),
    )
}

const noSuchRoute = ({ method, path }: Request): Problem =>
  problem('NOT_FOUND', `Route with identifier '${method} ${path.slice(0, 200)}' not found`)

/** Express's own refusals (a path that is no UTF-8) are the client's fault; anything else that is thrown is a defect. */
const strayProblem = (error: unknown): Problem =>
  (error as { status?: unknown } | null)?.status === 400
    ? problem('BAD_REQUEST', 'The path is not percent-encoded UTF-8')
    : problem('INTERNAL_ERROR', '', { cause: error })

const serveOperations = (api: express.Router, deps: HttpDeps, counted: () => Promise<string>): void => {
  const document = openApiDocument(deps.routes, ROOT)
  const operations: Readonly<Record<string, (response: Response) => void | Promise<void>>> = {
    '/health': (response) => void response.json({ status: 'alive' }),
    '/ready': async (response) => {
      const why = deps.draining() ? 'stopping' : await deps.notReady()
      if (why !== null) return fail(deps, response, unavailable(`Not ready: ${why}`))
      response.json({ status: 'ready' })
    },
    '/metrics': async (response) => {
      response.setHeader('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
      response.end(`${await counted()}${await deps.metrics()}`)
    },
    '/openapi.json': (response) => void response.json(document),
  }
  for (const [path, answer] of Object.entries(operations)) {
    api
      .route(path)
      .get(async (_request, response) => {
        response.locals.route = `${ROOT}${path}`
        await answer(response)
      })
      .all(refuseMethod(deps, ['get']))
  }
  api.get('/docs', (_request, response) => response.redirect(`${ROOT}/docs/`))
  api.use('/docs', swaggerUi.serve, swaggerUi.setup(undefined, { swaggerOptions: { url: `${ROOT}/openapi.json` } }))
}
