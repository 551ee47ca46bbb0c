import * as E from 'fp-ts/lib/Either.js'
import { pino } from 'pino'
import { outliveTheReader } from './closed-output.ts'
import { type Config, describeProblems, EXIT_CONFIG, isConfigError, nodeProblem, readConfig } from './config.ts'
import { serve } from './serve.ts'

const old = nodeProblem()
if (old !== null) {
  console.error(old)
  process.exit(EXIT_CONFIG)
}
const config = readConfig(process.env)
if (E.isLeft(config)) {
  console.error(describeProblems(config.left))
  process.exit(EXIT_CONFIG)
}
outliveTheReader(process.stdout)
const log = pino({ level: config.right.logLevel, base: null })
try {
  const running = await serve(config.right, log)
  console.log(banner(running.url, config.right, running.application.withExamples))
  const stop = (signal: string): void => {
    log.info({ signal }, 'stopping')
    running.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    )
  }
  process.once('SIGTERM', () => stop('SIGTERM'))
  process.once('SIGINT', () => stop('SIGINT'))
} catch (error) {
  if (isConfigError(error)) {
    console.error(error.message)
    process.exit(EXIT_CONFIG)
  }
  console.error(`The server did not start: ${error instanceof Error ? error.message : String(error)}`)
  process.exit(69)
}

/** What whoever started it must know. */
function banner(url: string, { databaseUrl, dataDir }: Config, withExamples: boolean): string {
  const lines = [
    `fibreflow-ticketing listens on ${url} (API page: ${url}/docs)`,
    'Local sign-in: X-Local-User names the caller, the directory gives the role; nobody named is the administrator.',
    ...(withExamples
      ? ['Examples: technician thabo, reviewer lerato, QA lead zanele, manager naledi (EXAMPLES=off leaves them out).']
      : []),
    ...(databaseUrl === null
      ? [
          `Embedded database under ${dataDir}: a single process, and not safe against power loss.`,
          'For production set DATABASE_URL to a PostgreSQL server.',
        ]
      : []),
  ]
  return lines.join('\n')
}
