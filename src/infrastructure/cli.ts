import { readFileSync } from 'node:fs'
import * as E from 'fp-ts/lib/Either.js'
import { pino } from 'pino'
import { type CommandLine, runCommandLine } from '../adapters/cli/command-line.ts'
import { demo } from '../adapters/cli/demo/demo.ts'
import { EXIT, type Exit } from '../adapters/cli/exit.ts'
import type { Explain } from '../adapters/cli/refusal.ts'
import { processTerminal } from '../adapters/cli/terminal.ts'
import { STATUS_OF } from '../adapters/http/codes.ts'
import { problemOf } from '../adapters/http/problem.ts'
import { LOCAL_ADMIN } from '../adapters/local-auth/local-authenticator.ts'
import { openPglite } from '../adapters/pglite/open-pglite.ts'
import { openPostgres } from '../adapters/postgres/database.ts'
import { migrate } from '../adapters/postgres/migrate.ts'
import { changeDirectory } from '../application/directory/change-directory.ts'
import { importDirectory } from '../application/directory/import-directory.ts'
import { knowsProject } from '../application/directory/knows-project.ts'
import { readDirectory } from '../application/directory/read-directory.ts'
import type { Principal } from '../application/principal.ts'
import { type Application, compose } from './compose.ts'
import { type Config, describeProblems, nodeProblem, readConfig } from './config.ts'
import { startDemoServer } from './demo-server.ts'

/** Whoever can run a command on this machine owns the database as well. */
const operator: Principal = { userId: LOCAL_ADMIN, role: 'admin', contractorId: null, teams: [] }

const terminal = processTerminal()
const stopping = new AbortController()

/** The same sentences as HTTP's, so that there is one table of them. */
const explain: Explain = (error) => {
  const { code, message, details } = problemOf(error)
  const facts = code === 'VALIDATION_ERROR' || details === null ? details : { ...details }
  return { sentence: message, details: facts, isAway: STATUS_OF[code] >= 500 }
}

const withConfig = async (work: (config: Config) => Promise<Exit>): Promise<Exit> => {
  const config = readConfig(process.env)
  if (E.isRight(config)) return work(config.right)
  terminal.complain(describeProblems(config.left))
  return EXIT.configuration
}

/** Commands talk to people: of the log only trouble is shown, and not between their lines. */
const quietLog = ({ logLevel }: Config) =>
  pino({ level: logLevel === 'info' ? 'error' : logLevel, base: null }, pino.destination(2))

const opened = (work: (application: Application) => Promise<Exit>): Promise<Exit> =>
  withConfig(async (config) => {
    let application: Application
    try {
      application = await compose(config, quietLog(config))
    } catch (error) {
      terminal.complain(whyNot(error, config))
      return EXIT.unavailable
    }
    try {
      return await work(application)
    } finally {
      await application.close()
    }
  })

const migrated = async ({ databaseUrl, dataDir }: Config): Promise<ReadonlyArray<string>> => {
  const database =
    databaseUrl === null
      ? await openPglite({ dataDir })
      : openPostgres({ url: databaseUrl, maxConnections: 2, onError: () => {} })
  try {
    return await migrate(database.pool)
  } finally {
    await database.close()
  }
}

/** In words, without a stack; a failed connection to several addresses has its reasons inside. */
const whyNot = (error: unknown, { databaseUrl }: Config): string => {
  const { message, code, errors } = error as { message?: string; code?: string; errors?: ReadonlyArray<Error> }
  const reason =
    [message, errors?.[0]?.message, code].find((text) => text !== undefined && text !== '') ?? String(error)
  return databaseUrl === null ? reason : `The database cannot be used: ${reason}`
}

const stopOnSignals = (): void => {
  const stop = (): void => stopping.abort()
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
}

const line: CommandLine = {
  version: JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version,
  terminal,
  explain,
  signal: stopping.signal,
  withApplication: ({ background }, work) => {
    stopOnSignals()
    return opened(async ({ ports, uses, start }) => {
      if (background) await start()
      return work({
        principal: operator,
        reports: {
          receive: uses.receiveReport,
          preview: uses.previewReport,
          commit: uses.commitReport,
          reads: uses.reportReads,
        },
        importPlatform: uses.importPlatform,
        directory: {
          read: readDirectory(ports),
          change: changeDirectory(ports),
          importFrom: importDirectory(ports),
        },
        verify: uses.verifySnapshots,
        knowsProject: (projectId) => knowsProject(ports.directory, projectId),
        listTickets: uses.listTickets,
        runTimers: uses.runTimers,
        now: ports.changes.now,
      })
    })
  },
  // The server's own entry: it prints its banner, stops by signals and ends the process itself.
  serve: async () => {
    await import('./main.ts')
    return new Promise<never>(() => {})
  },
  migrate: () =>
    withConfig(async (config) => {
      try {
        const applied = await migrated(config)
        terminal.say(
          applied.length === 0 ? 'Nothing to do: the schema is of this version.' : `Applied ${applied.join(', ')}.`,
        )
        return EXIT.ok
      } catch (error) {
        terminal.complain(whyNot(error, config))
        return EXIT.unavailable
      }
    }),
  demo: (options) => {
    stopOnSignals()
    return withConfig((config) => demo(terminal, startDemoServer(config, quietLog(config)), stopping.signal)(options))
  },
}

const old = nodeProblem()
if (old !== null) terminal.complain(old)
process.exitCode = old === null ? await runCommandLine(line, process.argv.slice(2)) : EXIT.configuration
