import { resolve } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { isLoopback } from '../../src/adapters/local-auth/loopback.ts'
import { describeProblems, nodeProblem, readConfig } from '../../src/infrastructure/config.ts'

const accepted = (env: Record<string, string>) => {
  const config = readConfig(env)
  if (E.isLeft(config)) throw new Error(describeProblems(config.left))
  return config.right
}
const problems = (env: Record<string, string>) => {
  const config = readConfig(env)
  return E.isLeft(config) ? config.left : []
}
const refused = (env: Record<string, string>) => problems(env).map(({ variable }) => variable)

describe('The configuration', () => {
  it('needs nothing: loopback, port 3000, the embedded database under ./data, with examples', () => {
    expect(accepted({})).toEqual({
      host: '127.0.0.1',
      port: 3000,
      databaseUrl: null,
      databasePoolMax: 10,
      dataDir: resolve('data'),
      signingKey: { file: resolve('data/signing-key.pem'), makeFirst: true },
      anchorDir: resolve('data'),
      timestamps: null,
      examples: null,
      hostSow: false,
      storage: { kind: 'local' },
      relevanceModel: null,
      logLevel: 'info',
      shutdownGraceMs: 10_000,
      worker: true,
      workerMetrics: null,
      qcontact: null,
      whatsapp: { waha: null, on: true, pace: { perMinute: 30, perRecipientPerMinute: 10, expireHours: 12 } },
    })
    expect(accepted({ PORT: '', DATABASE_URL: ' ', SOMETHING_ELSE: 'x' }).port).toBe(3000)
  })

  it('keeps evidence in a bucket that the operator names, with a hold unless told otherwise', () => {
    expect(accepted({ STORAGE: 'firebase', STORAGE_BUCKET: 'fibre.appspot.com' }).storage).toEqual({
      kind: 'firebase',
      bucket: 'fibre.appspot.com',
      retention: 'hold',
      retentionDays: 1_826,
      credentialsFile: null,
    })
    const locked = {
      STORAGE_RETENTION: 'locked',
      STORAGE_RETENTION_DAYS: '30',
      GOOGLE_APPLICATION_CREDENTIALS: 'key.json',
    }
    expect(accepted({ STORAGE: 'firebase', STORAGE_BUCKET: 'fibre', ...locked }).storage).toMatchObject({
      retention: 'locked',
      retentionDays: 30,
      credentialsFile: resolve('key.json'),
    })
    expect(refused({ STORAGE: 'firebase' })).toEqual(['STORAGE_BUCKET'])
    expect(refused({ STORAGE: 's3', STORAGE_BUCKET: 'gs://fibre', STORAGE_RETENTION: 'forever' })).toEqual([
      'STORAGE',
      'STORAGE_BUCKET',
      'STORAGE_RETENTION',
    ])
  })

  it('takes what the operator sets', () => {
    const url = 'postgres://app:secret@db.example:5432/tickets'
    expect(
      accepted({
        HOST: '::1',
        PORT: '0',
        DATABASE_URL: url,
        DATABASE_POOL_MAX: '4',
        DATA_DIR: '/srv/tickets',
        EXAMPLES: 'off',
        LOG_LEVEL: 'silent',
        SHUTDOWN_GRACE_MS: '0',
        WORKER: 'off',
        METRICS_PORT: '9464',
      }),
    ).toEqual({
      host: '::1',
      port: 0,
      databaseUrl: url,
      databasePoolMax: 4,
      dataDir: '/srv/tickets',
      signingKey: { file: '/srv/tickets/signing-key.pem', makeFirst: true },
      anchorDir: '/srv/tickets',
      timestamps: null,
      examples: 'off',
      hostSow: false,
      storage: { kind: 'local' },
      relevanceModel: null,
      logLevel: 'silent',
      shutdownGraceMs: 0,
      worker: false,
      workerMetrics: { host: '127.0.0.1', port: 9464 },
      qcontact: null,
      whatsapp: { waha: null, on: true, pace: { perMinute: 30, perRecipientPerMinute: 10, expireHours: 12 } },
    })
    expect(accepted({ DATABASE_URL: 'postgresql://localhost/x' }).databaseUrl).toBe('postgresql://localhost/x')
  })

  it('takes ports from 0 to 65535 and nothing else', () => {
    expect(accepted({ PORT: '65535' }).port).toBe(65_535)
    for (const PORT of ['65536', '-1', '3.5', '3e3', 'http', '99999999999999999999'])
      expect(refused({ PORT })).toEqual(['PORT'])
  })

  it('keeps pool, grace, examples and log level within their limits', () => {
    expect(refused({ DATABASE_POOL_MAX: '3' })).toEqual(['DATABASE_POOL_MAX'])
    expect(accepted({ DATABASE_POOL_MAX: '200' }).databasePoolMax).toBe(200)
    expect(refused({ DATABASE_POOL_MAX: '201' })).toEqual(['DATABASE_POOL_MAX'])
    expect(accepted({ SHUTDOWN_GRACE_MS: '600000' }).shutdownGraceMs).toBe(600_000)
    expect(refused({ SHUTDOWN_GRACE_MS: '600001' })).toEqual(['SHUTDOWN_GRACE_MS'])
  })

  it('leaves the background work to others only where others can get at the database', () => {
    expect(accepted({ WORKER: 'off', DATABASE_URL: 'postgres://u@host/name' }).worker).toBe(false)
    expect(refused({ WORKER: 'off' })).toEqual(['WORKER'])
    expect(refused({ WORKER: 'maybe' })).toEqual(['WORKER'])
    expect(refused({ METRICS_PORT: '65536', METRICS_HOST: '0.0.0.0' })).toEqual(['METRICS_PORT'])
    expect(refused({ EXAMPLES: 'yes' })).toEqual(['EXAMPLES'])
    expect(refused({ LOG_LEVEL: 'loud' })).toEqual(['LOG_LEVEL'])
  })

  it('refuses any address but loopback while authentication is local', () => {
    for (const HOST of ['127.0.0.1', '127.255.255.255', 'localhost', '::1', '[::1]'])
      expect(accepted({ HOST }).host).toBe(HOST)
    for (const HOST of [
      '0.0.0.0',
      '::',
      '192.168.1.4',
      '128.0.0.1',
      '127.0.0.256',
      '127.0.0.',
      '127.0.0.1.evil.example',
      'localhost.',
    ])
      expect(refused({ HOST })).toEqual(['HOST'])
    expect(isLoopback('::ffff:127.0.0.1')).toBe(true) // how a dual-stack socket names a loopback peer
    expect(isLoopback('::ffff:10.0.0.1')).toBe(false)
  })

  it('names every problem at once, with the rule and the value, but never a database address', () => {
    const text = describeProblems(
      problems({ PORT: 'eighty', DATABASE_URL: 'mysql://app:hunter2@db/x', HOST: '0.0.0.0', EXAMPLES: 'maybe' }),
    )
    expect(text.split('\n')).toEqual([
      'The configuration cannot be used:',
      '  HOST must be a loopback address (127.0.0.1, ::1, localhost): local authentication serves this machine only; it is "0.0.0.0"',
      '  PORT must be a whole number from 0 to 65535; it is "eighty"',
      '  DATABASE_URL must be a PostgreSQL address: postgres://user:password@host:port/name; it is (not shown)',
      '  EXAMPLES must be on or off; it is "maybe"',
    ])
    for (const DATABASE_URL of ['app:hunter2@db', 'postgres:///nohost', 'file:///etc/passwd', 'postgres'])
      expect(refused({ DATABASE_URL })).toEqual(['DATABASE_URL'])
  })

  it('runs on Node.js 22.12 and later', () => {
    expect(nodeProblem('22.11.0')).toContain('Node.js 22.12 or later is needed; this is 22.11.0')
    expect(nodeProblem('20.20.2')).not.toBeNull()
    expect(nodeProblem('22.12.0')).toBeNull()
    expect(nodeProblem('24.21.0')).toBeNull()
    expect(nodeProblem()).toBeNull()
  })
})
