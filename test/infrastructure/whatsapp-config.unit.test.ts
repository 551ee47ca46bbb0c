import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { describeProblems, readConfig } from '../../src/infrastructure/config.ts'

const KEY = 'a-key-of-sixteen-letters'
const FULL = { WAHA_URL: 'http://127.0.0.1:3001', WAHA_API_KEY: 'key', WAHA_WEBHOOK_KEY: KEY }
const read = (env: Record<string, string>) => {
  const config = readConfig(env)
  return E.isRight(config) ? config.right.whatsapp : describeProblems(config.left)
}

describe('The configuration of WhatsApp', () => {
  it('has none by default', () => {
    expect(read({})).toEqual({
      waha: null,
      on: true,
      pace: { perMinute: 30, perRecipientPerMinute: 10, expireHours: 12 },
    })
  })
  it('waits longer than WAHA itself', () => {
    expect(read(FULL)).toMatchObject({ waha: { url: FULL.WAHA_URL, session: 'default', timeoutMs: 130_000 } })
    expect(read({ ...FULL, WAHA_TIMEOUT_MS: '15999' })).toContain('WAHA_TIMEOUT_MS')
    expect(read({ ...FULL, WAHA_TIMEOUT_MS: '16000' })).toMatchObject({ waha: { timeoutMs: 16_000 } })
  })
  it('has both keys, and shows neither', () => {
    expect(read({ ...FULL, WAHA_API_KEY: '' })).toContain('WAHA_API_KEY must be a key where WAHA_URL is set')
    expect(read({ ...FULL, WAHA_WEBHOOK_KEY: '' })).toContain('WAHA_WEBHOOK_KEY must be a key where WAHA_URL is set')
    expect(read({ ...FULL, WAHA_WEBHOOK_KEY: 'short-key' })).not.toContain('short-key')
    expect(read({ ...FULL, WAHA_URL: 'ftp://user:hunter2@waha' })).not.toContain('hunter2')
  })
  it('has a switch, a pace and a patience', () => {
    expect(read({ WHATSAPP: 'off', WHATSAPP_PER_MINUTE: '5', WHATSAPP_EXPIRE_HOURS: '2' })).toMatchObject({
      on: false,
      pace: { perMinute: 5, expireHours: 2 },
    })
    expect(read({ WHATSAPP: 'maybe' })).toContain('WHATSAPP must be on or off')
  })
})
