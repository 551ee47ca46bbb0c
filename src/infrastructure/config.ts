import { join, resolve } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { z } from 'zod'
import { isLoopback } from '../adapters/local-auth/loopback.ts'
import { QCONTACT_SECRETS, type QContactConfig, qcontactEnvironment, qcontactOf } from './qcontact-config.ts'
import {
  WHATSAPP_SECRETS,
  type WhatsAppConfig,
  whatsappEnvironment,
  whatsappOf,
  whatsappProblem,
} from './whatsapp-config.ts'

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
  /** Absolute. One that the operator named must be there; the default one is made when it is first needed. */
  readonly signingKey: { readonly file: string; readonly makeFirst: boolean }
  /** Absolute; under it are the anchors. */
  readonly anchorDir: string
  /** An RFC 3161 authority and the certificates it is known by (a PEM file); null asks nobody. */
  readonly timestamps: { readonly url: string; readonly caFile: string } | null
  /** Whether example people belong into an empty directory; null when nobody said. */
  readonly examples: 'on' | 'off' | null
  /** Read the design from the host's own `sow_drops` and `sow_poles` in place of imported workbooks. */
  readonly hostSow: boolean
  readonly storage: StorageConfig
  /** Absolute. An operator's model of what photos show, in ONNX; null: what they show is left to people. */
  readonly relevanceModel: string | null
  readonly logLevel: (typeof LOG_LEVELS)[number]
  readonly shutdownGraceMs: number
  readonly whatsapp: WhatsAppConfig
  /** null: there is no QContact to keep in step with. */
  readonly qcontact: QContactConfig | null
  /** Whether the server does the background work itself; else workers of their own do. */
  readonly worker: boolean
  /** Where a worker that is no server shows its figures; null: nowhere. */
  readonly workerMetrics: { readonly host: string; readonly port: number } | null
}

/** Where evidence is kept: under `dataDir`, or in a bucket. */
export type StorageConfig =
  | { readonly kind: 'local' }
  | {
      readonly kind: 'firebase'
      readonly bucket: string
      readonly retention: (typeof RETENTIONS)[number]
      readonly retentionDays: number
      /** Absolute; null: whatever this machine is signed in with. */
      readonly credentialsFile: string | null
    }

/** One variable that cannot be used, for people to read: which, what is asked, what was there. */
export type ConfigProblem = { readonly variable: string; readonly rule: string; readonly value: string }

/** What `sysexits.h` calls EX_CONFIG. */
export const EXIT_CONFIG = 78

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

const RETENTIONS = ['none', 'hold', 'locked'] as const

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

const PORT_RULE = 'a whole number from 0 to 65535'

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
  SIGNING_KEY_FILE: z.string().nullable().default(null),
  ANCHOR_DIR: z.string().nullable().default(null),
  TSA_URL: z
    .string()
    .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), 'an http or https address')
    .nullable()
    .default(null),
  TSA_CA_FILE: z.string().nullable().default(null),
  EXAMPLES: z.enum(['on', 'off'], { error: 'on or off' }).nullable().default(null),
  SOW_SOURCE: z.enum(['workbook', 'host'], { error: 'workbook or host' }).default('workbook'),
  STORAGE: z.enum(['local', 'firebase'], { error: 'local or firebase' }).default('local'),
  STORAGE_BUCKET: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/, 'the name of a bucket, without gs://')
    .nullable()
    .default(null),
  STORAGE_RETENTION: z.enum(RETENTIONS, { error: `one of ${RETENTIONS.join(', ')}` }).default('hold'),
  // Five years: longer than the guarantee periods and the time in which a claim must be brought.
  STORAGE_RETENTION_DAYS: wholeNumber(1, 36_500, 1_826),
  GOOGLE_APPLICATION_CREDENTIALS: z.string().nullable().default(null),
  RELEVANCE_MODEL: z.string().nullable().default(null),
  LOG_LEVEL: z.enum(LOG_LEVELS, { error: `one of ${LOG_LEVELS.join(', ')}` }).default('info'),
  SHUTDOWN_GRACE_MS: wholeNumber(0, 600_000, 10_000),
  ...whatsappEnvironment(wholeNumber),
  ...qcontactEnvironment,
  WORKER: z.enum(['on', 'off'], { error: 'on or off' }).default('on'),
  METRICS_HOST: z.string().default('127.0.0.1'),
  METRICS_PORT: z
    .string()
    .regex(/^\d{1,5}$/, PORT_RULE)
    .transform(Number)
    .refine((port) => port <= 65_535, PORT_RULE)
    .nullable()
    .default(null),
})

const VARIABLES = Object.keys(environment.shape)

/** A database address may hold a password anywhere when it is malformed, so none of it is shown. */
const shown = (variable: string, value: string | undefined): string =>
  variable === 'DATABASE_URL' || WHATSAPP_SECRETS.includes(variable) || QCONTACT_SECRETS.includes(variable)
    ? '(not shown)'
    : JSON.stringify((value ?? '').slice(0, 80))

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
  if (data.STORAGE === 'firebase' && data.STORAGE_BUCKET === null)
    return E.left([{ variable: 'STORAGE_BUCKET', rule: 'the name of a bucket where STORAGE=firebase', value: '""' }])
  if (data.WORKER === 'off' && data.DATABASE_URL === null)
    return E.left([
      { variable: 'WORKER', rule: 'on where DATABASE_URL is not set: nobody else could work', value: '"off"' },
    ])
  const whatsapp = whatsappProblem(data)
  if (whatsapp !== null) return E.left([whatsapp])
  const qcontact = qcontactOf(data)
  if (E.isLeft(qcontact)) return qcontact
  const { TSA_URL: tsaUrl, TSA_CA_FILE: caFile } = data
  if (tsaUrl !== null && caFile === null)
    return E.left([{ variable: 'TSA_CA_FILE', rule: 'a PEM file of certificates when TSA_URL is set', value: '""' }])
  return E.right({
    host: data.HOST,
    port: data.PORT,
    databaseUrl: data.DATABASE_URL,
    databasePoolMax: data.DATABASE_POOL_MAX,
    dataDir: resolve(data.DATA_DIR),
    signingKey: {
      file: resolve(data.SIGNING_KEY_FILE ?? join(data.DATA_DIR, 'signing-key.pem')),
      makeFirst: data.SIGNING_KEY_FILE === null,
    },
    anchorDir: resolve(data.ANCHOR_DIR ?? data.DATA_DIR),
    timestamps: tsaUrl === null || caFile === null ? null : { url: tsaUrl, caFile: resolve(caFile) },
    examples: data.EXAMPLES,
    hostSow: data.SOW_SOURCE === 'host',
    storage: storageOf(data),
    relevanceModel: data.RELEVANCE_MODEL === null ? null : resolve(data.RELEVANCE_MODEL),
    logLevel: data.LOG_LEVEL,
    shutdownGraceMs: data.SHUTDOWN_GRACE_MS,
    whatsapp: whatsappOf(data),
    qcontact: qcontact.right,
    worker: data.WORKER === 'on',
    workerMetrics: data.METRICS_PORT === null ? null : { host: data.METRICS_HOST, port: data.METRICS_PORT },
  })
}

const storageOf = (data: z.infer<typeof environment>): StorageConfig =>
  data.STORAGE === 'local' || data.STORAGE_BUCKET === null
    ? { kind: 'local' }
    : {
        kind: 'firebase',
        bucket: data.STORAGE_BUCKET,
        retention: data.STORAGE_RETENTION,
        retentionDays: data.STORAGE_RETENTION_DAYS,
        credentialsFile:
          data.GOOGLE_APPLICATION_CREDENTIALS === null ? null : resolve(data.GOOGLE_APPLICATION_CREDENTIALS),
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
