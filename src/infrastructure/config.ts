import { resolve } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { z } from 'zod'
import { isLoopback } from '../adapters/local-auth/loopback.ts'

/** What an operator sets through the environment. Nothing else in the program reads `process.env`. */
export type Config = {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** null: the embedded database under `dataDir`. Holds a password: never log it. */
  readonly databaseUrl: string | null
  readonly databasePoolMax: number
  /** Absolute. */
  readonly dataDir: string
  /** Whether example people belong into an empty directory; null when nobody said. */
  readonly examples: 'on' | 'off' | null
  /** Read the design from the host's own `sow_drops` and `sow_poles` in place of imported workbooks. */
  readonly hostSow: boolean
  readonly logLevel: (typeof LOG_LEVELS)[number]
  readonly shutdownGraceMs: number
}

/** One variable that cannot be used, for people to read: which, what is asked, what was there. */
export type ConfigProblem = { readonly variable: string; readonly rule: string; readonly value: string }

/** What `sysexits.h` calls EX_CONFIG. */
export const EXIT_CONFIG = 78

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

const wholeNumber = (least: number, most: number, fallback: number) => {
  const rule = `a whole number from ${least} to ${most}`
  return z
    .string()
    .regex(/^\d{1,9}$/, rule)
    .transform(Number)
    .refine((value) => value >= least && value <= most, rule)
    .default(fallback)
}

const isPostgresUrl = (text: string): boolean =>
  URL.canParse(text) && /^postgres(ql)?:$/.test(new URL(text).protocol) && new URL(text).hostname !== ''

const environment = z.object({
  HOST: z
    .string()
    .refine(isLoopback, 'a loopback address (127.0.0.1, ::1, localhost): local authentication serves this machine only')
    .default('127.0.0.1'),
  PORT: wholeNumber(0, 65_535, 3_000),
  DATABASE_URL: z
    .string()
    .refine(isPostgresUrl, 'a PostgreSQL address: postgres://user:password@host:port/name')
    .nullable()
    .default(null),
  // Two connections listen and wait for their turn; fewer than four would leave requests waiting for them.
  DATABASE_POOL_MAX: wholeNumber(4, 200, 10),
  DATA_DIR: z.string().default('./data'),
  EXAMPLES: z.enum(['on', 'off'], { error: 'on or off' }).nullable().default(null),
  SOW_SOURCE: z.enum(['workbook', 'host'], { error: 'workbook or host' }).default('workbook'),
  LOG_LEVEL: z.enum(LOG_LEVELS, { error: `one of ${LOG_LEVELS.join(', ')}` }).default('info'),
  SHUTDOWN_GRACE_MS: wholeNumber(0, 600_000, 10_000),
})

const VARIABLES = Object.keys(environment.shape)

/** A database address may hold a password anywhere when it is malformed, so none of it is shown. */
const shown = (variable: string, value: string | undefined): string =>
  variable === 'DATABASE_URL' ? '(not shown)' : JSON.stringify((value ?? '').slice(0, 80))

/** Reads the environment; an empty variable counts as not set. All problems are named at once. */
export const readConfig = (
  env: Readonly<Record<string, string | undefined>>,
): E.Either<ReadonlyArray<ConfigProblem>, Config> => {
  const set = Object.fromEntries(VARIABLES.flatMap((name) => (env[name]?.trim() ? [[name, env[name].trim()]] : [])))
  const parsed = environment.safeParse(set)
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }): ConfigProblem => {
      const variable = String(path[0])
      return { variable, rule: message, value: shown(variable, env[variable]) }
    })
    return E.left(problems.filter(({ variable }, at) => problems.findIndex((p) => p.variable === variable) === at))
  }
  const { data } = parsed
  return E.right({
    host: data.HOST,
    port: data.PORT,
    databaseUrl: data.DATABASE_URL,
    databasePoolMax: data.DATABASE_POOL_MAX,
    dataDir: resolve(data.DATA_DIR),
    examples: data.EXAMPLES,
    hostSow: data.SOW_SOURCE === 'host',
    logLevel: data.LOG_LEVEL,
    shutdownGraceMs: data.SHUTDOWN_GRACE_MS,
  })
}

/** The lines an operator sees. */
export const describeProblems = (problems: ReadonlyArray<ConfigProblem>): string =>
  [
    'The configuration cannot be used:',
    ...problems.map((p) => `  ${p.variable} must be ${p.rule}; it is ${p.value}`),
  ].join('\n')

/** Thrown where a setting turns out unusable only when it is used: its message is for the operator. */
export const configError = (problems: ReadonlyArray<ConfigProblem>): Error =>
  Object.assign(new Error(describeProblems(problems)), { name: CONFIG_ERROR })

export const isConfigError = (error: unknown): error is Error => error instanceof Error && error.name === CONFIG_ERROR

const CONFIG_ERROR = 'ConfigError'
const NODE = [22, 12] as const

/** Why this Node.js cannot run the program, or null. Started outside npm, a machine's own older one may come. */
export const nodeProblem = (version: string = process.versions.node): string | null => {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > NODE[0] || (major === NODE[0] && minor >= NODE[1])
    ? null
    : `Node.js ${NODE.join('.')} or later is needed; this is ${version}. Start it with npm, which brings the right one.`
}
