import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { asking, reasonOf, statusOf } from '../../../src/adapters/firebase-storage/failures.ts'

describe('What the storage or the network failed with', () => {
  it.each<[what: string, cause: unknown, reason: string | null]>([
    ['a refusal of the storage', { code: 403 }, 'HTTP_403'],
    ['a refusal that is said as a text', { code: '503' }, 'HTTP_503'],
    ['a refusal said beside a code of the network', { code: 'ECONNRESET', status: 500 }, 'HTTP_500'],
    ['a refused connection', { code: 'ECONNREFUSED' }, 'ECONNREFUSED'],
    ['a reply that broke off', { code: 'ERR_STREAM_PREMATURE_CLOSE' }, 'ERR_STREAM_PREMATURE_CLOSE'],
    ['a number that is no status', { code: 42, message: 'odd' }, null],
    ['a mistake in the program', { code: 'ERR_INVALID_ARG_TYPE', message: 'must be a string' }, null],
    ['no credentials', new Error('Could not load the default credentials.'), 'NO_CREDENTIALS'],
    ['credentials that were withdrawn', new Error('invalid_grant'), 'NO_CREDENTIALS'],
    ['a failure inside another', new Error('it failed', { cause: { code: 'ENOTFOUND' } }), 'ENOTFOUND'],
    ['an error of the client without any code', { name: 'GaxiosError', message: 'no' }, 'UNREACHABLE'],
    ['a socket that hung up', new Error('socket hang up'), 'UNREACHABLE'],
    ['a request that took too long', new Error('the request timed out'), 'UNREACHABLE'],
    ['a bug', new TypeError('x is not a function'), null],
    ['nothing', null, null],
    ['nothing at all', undefined, null],
  ])('%s is named in a word, or not at all', (_, cause, reason) => {
    expect(reasonOf(cause)).toBe(reason)
  })

  it('that names itself as its cause is looked at once', () => {
    const cause: { cause?: unknown; message: string } = { message: 'round and round' }
    cause.cause = cause
    expect(reasonOf(cause)).toBeNull()
  })

  it('has a status only where HTTP has one', () => {
    expect([{ code: 404 }, { code: 'ENOENT', status: 412 }, { code: 600 }, { code: 99 }, null].map(statusOf)).toEqual([
      404,
      412,
      null,
      null,
      null,
    ])
  })

  it('is an answer, and a bug stays thrown', async () => {
    expect(await asking(async () => E.right('stored'))()).toEqual(E.right('stored'))
    expect(await asking(() => Promise.reject({ code: 'ECONNREFUSED' }))()).toEqual(
      E.left({ type: 'StorageUnavailable', reason: 'ECONNREFUSED' }),
    )
    await expect(asking(() => Promise.reject(new TypeError('a bug')))()).rejects.toThrow('a bug')
  })
})
