import type { Server } from 'node:http'
import { createServer } from 'node:http'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Logger } from 'pino'
import { httpApp, ROOT } from '../adapters/http/app.ts'
import { type Known, type LookUp, localAuthenticator } from '../adapters/local-auth/local-authenticator.ts'
import type { Directory } from '../application/ports/directory.ts'
import { type Application, compose } from './compose.ts'
import type { Config } from './config.ts'
import { listen } from './listen.ts'
import { routesOf } from './routes.ts'

/** A server that listens and works. */
export type Running = {
  readonly url: string
  readonly application: Application
  /** Takes nothing new, waits for what runs within the grace, and closes everything. */
  readonly stop: () => Promise<void>
}

/** Starts the whole program: database, reactions, HTTP. */
export const serve = async (config: Config, log: Logger): Promise<Running> => {
  const application = await compose(config, log)
  try {
    const { ports, uses } = application
    const signIn = localAuthenticator(config.host, lookUp(ports.directory))
    if (E.isLeft(signIn)) throw new Error(`local sign-in refuses to listen on ${signIn.left.host}`)
    const state = { draining: false }
    const app = httpApp({
      routes: routesOf(ports, uses),
      signIn: signIn.right,
      log,
      now: ports.changes.now,
      uptimeSeconds: () => process.uptime(),
      notReady: async () => {
        const answer = await ports.directory.find({ people: [] })()
        return E.isLeft(answer) ? 'the database is away' : null
      },
      draining: () => state.draining,
      metrics: () => ports.metrics.text(uses.measurements),
    })
    if (config.worker) await application.start()
    const server = createServer(app)
    const origin = await listen(server, config, { host: 'HOST', port: 'PORT' })
    return {
      url: `${origin}${ROOT}`,
      application,
      stop: async () => {
        state.draining = true
        await closed(server, config.shutdownGraceMs)
        await application.close()
      },
    }
  } catch (error) {
    await application.close()
    throw error
  }
}

/** How long a change of the directory may take to reach local sign-in. */
const REMEMBER_MS = 2_000

/** Role, contractor and teams of whoever the request names, as the directory has them; not asked anew for each request. */
const lookUp = (directory: Directory): LookUp => {
  let known = { until: 0, people: new Map<string, Known>() }
  return (userId) =>
    Date.now() < known.until
      ? TE.right(known.people.get(userId) ?? null)
      : pipe(
          directory.all(),
          TE.map(({ people, teams }) => {
            const teamsOf = (id: string) => teams.filter((team) => team.memberIds.includes(id)).map((team) => team.id)
            known = {
              until: Date.now() + REMEMBER_MS,
              people: new Map(
                people.map(({ id, role, contractorId }) => [id, { role, contractorId, teams: teamsOf(id) }]),
              ),
            }
            return known.people.get(userId) ?? null
          }),
        )
}

const closed = (server: Server, graceMs: number): Promise<void> =>
  new Promise((resolve) => {
    const force = setTimeout(() => server.closeAllConnections(), graceMs)
    server.close(() => {
      clearTimeout(force)
      resolve()
    })
    server.closeIdleConnections()
  })
