import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import * as E from 'fp-ts/lib/Either.js'
import { type Logger, pino } from 'pino'
import type { Application } from '../adapters/cli/application.ts'
import type { CommandLine } from '../adapters/cli/command-line.ts'
import { demo } from '../adapters/cli/demo/demo.ts'
import { EXIT, type Exit } from '../adapters/cli/exit.ts'
import type { Explain } from '../adapters/cli/refusal.ts'
import type { Terminal } from '../adapters/cli/terminal.ts'
import { STATUS_OF } from '../adapters/http/codes.ts'
import { problemOf } from '../adapters/http/problem.ts'
import { LOCAL_ADMIN } from '../adapters/local-auth/local-authenticator.ts'
import { localAnchorStore } from '../adapters/local-files/anchor-store.ts'
import { subjectFolder } from '../adapters/local-files/subject-folder.ts'
import { openPglite } from '../adapters/pglite/open-pglite.ts'
import { openPostgres } from '../adapters/postgres/database.ts'
import { migrate } from '../adapters/postgres/migrate.ts'
import { bundleFile } from '../adapters/signing/bundle-file.ts'
import { keyIdNamed } from '../adapters/signing/named-key.ts'
import { verifyBundle } from '../adapters/signing/verify-bundle.ts'
import { certificatesIn, readTimestamp } from '../adapters/timestamp/token.ts'
import { changeDirectory } from '../application/directory/change-directory.ts'
import { importDirectory } from '../application/directory/import-directory.ts'
import { knowsProject } from '../application/directory/knows-project.ts'
import { readDirectory } from '../application/directory/read-directory.ts'
import { listKeys, rotateKey } from '../application/handover/rotate-key.ts'
import type { Principal } from '../application/principal.ts'
import { type Application as Composed, compose } from './compose.ts'
import { type Config, describeProblems, isConfigError, readConfig } from './config.ts'
import { makeDataDir } from './data-dir.ts'
import { startDemoServer } from './demo-server.ts'
import { serveWorkerMetrics, type WorkerMetrics } from './worker-metrics.ts'

/** Whoever can run a command on this machine owns the database as well. */
const operator: Principal = { userId: LOCAL_ADMIN, role: 'admin', contractorId: null, teams: [] }

/** The database of its own has one process, and that is the server. */
const NO_DATABASE_TO_SHARE = {
  variable: 'DATABASE_URL',
  rule: 'set for a worker: it shares the database of a server',
  value: '""',
} as const

export type Surroundings = {
  readonly terminal: Terminal
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborted when the person wants to stop. */
  readonly signal: AbortSignal
}

/** What the command line runs, wired to this program. */
export const commands = ({ terminal, env, signal }: Surroundings): CommandLine => {
  const withConfig = async (work: (config: Config, log: Logger) => Promise<Exit>): Promise<Exit> => {
    const config = readConfig(env)
    if (E.isLeft(config)) {
      terminal.complain(describeProblems(config.left))
      return EXIT.configuration
    }
    return work(config.right, quietLog(config.right)).catch((error: unknown) => {
      if (!isConfigError(error)) throw error
      terminal.complain(error.message)
      return EXIT.configuration
    })
  }
  return {
    version,
    terminal,
    explain,
    signal,
    withApplication: ({ background }, work) =>
      withConfig(async (config, log) => {
        const opened = await compose(config, log).catch((error: unknown) => whyNot(error, config))
        if (typeof opened === 'string') {
          terminal.complain(opened)
          return EXIT.unavailable
        }
        try {
          if (background) await opened.start()
          return await work(usesOf(opened))
        } finally {
          await opened.close()
        }
      }),
    // The server's own entry: it prints its banner, stops by signals and ends the process itself.
    serve: async () => {
      await import('./main.ts')
      return new Promise<never>(() => {})
    },
    worker: () =>
      withConfig(async (config) => {
        if (config.databaseUrl === null) {
          terminal.complain(describeProblems([NO_DATABASE_TO_SHARE]))
          return EXIT.configuration
        }
        const log = pino({ level: config.logLevel, base: null })
        const opened = await compose(config, log).catch((error: unknown) => whyNot(error, config))
        if (typeof opened === 'string') {
          terminal.complain(opened)
          return EXIT.unavailable
        }
        let metrics: WorkerMetrics | null = null
        try {
          // A port that is taken is named before any work is begun.
          if (config.workerMetrics !== null) metrics = await serveWorkerMetrics(opened, config.workerMetrics)
          await opened.start()
          terminal.say(`Working. Ctrl-C or SIGTERM ends it.${metrics === null ? '' : ` Figures: ${metrics.url}`}`)
          if (!signal.aborted) await once(signal, 'abort')
          log.info('stopping')
        } finally {
          await metrics?.close()
          await opened.close()
        }
        return EXIT.ok
      }),
    migrate: () =>
      withConfig(async (config) => {
        const applied = await migrated(config).catch((error: unknown) => whyNot(error, config))
        if (typeof applied === 'string') {
          terminal.complain(applied)
          return EXIT.unavailable
        }
        terminal.say(applied.length === 0 ? 'Nothing to do: the schema is of this version.' : applied.join('\n'))
        return EXIT.ok
      }),
    keyIdNamed,
    verifyBundle: ({ file, trusted, anchors, tsaCa }) =>
      verifyBundle({
        file,
        trusted,
        anchorsOf: async (projectId) => {
          if (anchors === null) return []
          const found = await localAnchorStore(anchors).of(projectId)()
          if (E.isLeft(found)) throw new Error(`The anchors cannot be read: ${found.left.reason}`)
          return found.right
        },
        readTimestamp: readTimestamp(tsaCa === null ? [] : certificatesIn(readFileSync(tsaCa, 'utf8'))),
      }),
    demo: (options) =>
      withConfig((config) => {
        // A dead letter is part of the story; what is not ends it by name.
        const start = startDemoServer(config, quietLog(config, 'fatal'))
        const explained = (dataDir: string) =>
          start(dataDir).catch((error: unknown) => Promise.reject(new Error(whyNot(error, config))))
        return demo(terminal, explained, signal)(options)
      }),
  }
}

const { version }: { readonly version: string } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
)

/** The same sentences as HTTP's, so that there is one table of them. */
const explain: Explain = (error) => {
  const { code, message, details } = problemOf(error)
  return { sentence: message, details, isAway: STATUS_OF[code] >= 500 || STATUS_OF[code] === 424 }
}

/** Commands talk to people: of the log only trouble is shown, on the error stream. */
const quietLog = ({ logLevel }: Config, usual: 'error' | 'fatal' = 'error'): Logger =>
  pino({ level: logLevel === 'info' ? usual : logLevel, base: null }, pino.destination(2))

const usesOf = ({ ports, uses }: Composed): Application => ({
  principal: operator,
  reports: {
    receive: uses.receiveReport,
    preview: uses.previewReport,
    commit: uses.commitReport,
    reads: uses.reportReads,
  },
  notifications: {
    list: uses.listNotifications,
    settle: uses.settleNotification,
    sending: uses.readSending,
    switchTo: uses.switchSending,
  },
  importPlatform: uses.importPlatform,
  directory: { read: readDirectory(ports), change: changeDirectory(ports), importFrom: importDirectory(ports) },
  verify: uses.verifySnapshots,
  exportTo: (principal, projectId, path) =>
    bundleFile(path)((write) => uses.exportSnapshots({ principal, projectId, write })),
  keys: { list: listKeys(ports), rotate: rotateKey(ports) },
  subjectOfTicket: uses.subjectOfTicket,
  eraseSubject: uses.eraseSubject,
  exportSubjectTo: (principal, subject, path) => uses.exportSubject(principal, subject, subjectFolder(path)),
  deadLetters: {
    list: uses.listDeadLetters,
    view: uses.viewDeadLetter,
    retry: uses.retryDeadLetter,
    drop: uses.dropDeadLetter,
  },
  sync: uses,
  templates: { read: uses.readTemplates, change: uses.changeTemplates, preview: uses.previewTemplate },
  knowsProject: (projectId) => knowsProject(ports.directory, projectId),
  listTickets: uses.listTickets,
  judgePhotosAgain: uses.judgePhotosAgain,
  runTimers: uses.runTimers,
  reconcileEvidence: uses.reconcileEvidence,
  now: ports.changes.now,
})

const migrated = async ({ databaseUrl, dataDir }: Config): Promise<ReadonlyArray<string>> => {
  if (databaseUrl === null) await makeDataDir(dataDir)
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

/** Why nothing can be opened, in words, unless a setting is to blame; a failed connection to several addresses has its reasons inside. */
const whyNot = (error: unknown, { databaseUrl }: Config): string => {
  if (isConfigError(error)) throw error
  const { message, code, errors } = error as { message?: string; code?: string; errors?: ReadonlyArray<Error> }
  const reason =
    [message, errors?.[0]?.message, code].find((text) => text !== undefined && text !== '') ?? String(error)
  return databaseUrl === null ? reason : `The database cannot be used: ${reason}`
}
