import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openBucket } from '../../src/adapters/firebase-storage/open-bucket.ts'

/** Google's API as far as a bucket's own description goes. */
const answering = async (status: number, body: object = {}) => {
  const server = createServer((_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  vi.stubEnv('STORAGE_EMULATOR_HOST', url)
  return server
}

const asked = { bucket: 'evidence', retention: 'hold', retentionDays: 30, credentialsFile: null } as const

describe('A bucket, looked at when the program starts,', () => {
  let server: Awaited<ReturnType<typeof answering>> | null = null
  let away: string[]
  beforeEach(() => {
    away = []
  })
  afterEach(() => {
    vi.unstubAllEnvs()
    server?.closeAllConnections()
    server?.close()
    server = null
  })
  const opened = (changed: Partial<Parameters<typeof openBucket>[0]> = {}) =>
    openBucket({ ...asked, ...changed }, (reason) => away.push(reason))

  it('is used as it was asked for', async () => {
    server = await answering(200, { name: 'evidence' })
    expect((await opened()).retention).toEqual({ level: 'hold' })
    expect((await opened({ retention: 'none' })).bucket.name).toBe('evidence')
  })

  it('locks each object, or leaves that to its own locked policy', async () => {
    server = await answering(200, { objectRetention: { mode: 'Enabled' } })
    expect((await opened({ retention: 'locked' })).retention).toEqual({ level: 'locked', days: 30 })
    server.close()
    server = await answering(200, { retentionPolicy: { retentionPeriod: '86400', isLocked: true } })
    expect((await opened({ retention: 'locked' })).retention).toEqual({ level: 'locked', days: null })
  })

  it('is refused when it cannot lock what it is asked to lock', async () => {
    server = await answering(200, { retentionPolicy: { retentionPeriod: '86400', isLocked: false } })
    await expect(opened({ retention: 'locked' })).rejects.toThrow(
      /STORAGE_RETENTION=locked needs .*; evidence has neither/,
    )
  })

  it.each([
    [404, /There is no bucket evidence: set STORAGE_BUCKET/],
    [403, /evidence may not be read with these credentials/],
    [401, /needs credentials that Google accepts: set GOOGLE_APPLICATION_CREDENTIALS/],
    [400, /refuses the bucket evidence \(HTTP 400\)/],
  ])('is refused in words when the storage answers %i', async (status, sentence) => {
    server = await answering(status, { error: { code: status, message: 'no' } })
    await expect(opened()).rejects.toThrow(sentence)
    expect(away).toEqual([])
  })

  it('does not keep the program from starting while the storage is away', async () => {
    vi.stubEnv('STORAGE_EMULATOR_HOST', 'http://127.0.0.1:9')
    expect((await opened({ retention: 'locked' })).retention).toEqual({ level: 'locked', days: 30 })
    expect(away).toEqual(['ECONNREFUSED'])
  })

  it('needs the key file that the operator names', async () => {
    const missing = join(import.meta.dirname, 'no-such-key.json')
    await expect(opened({ credentialsFile: missing })).rejects.toThrow(
      `GOOGLE_APPLICATION_CREDENTIALS names ${missing}, which cannot be read (ENOENT).`,
    )
  })
})
