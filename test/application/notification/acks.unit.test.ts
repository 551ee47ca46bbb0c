import { setTimeout as sleep } from 'node:timers/promises'
import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it } from 'vitest'
import { receiveWaha } from '../../../src/application/notification/acks.ts'
import { applyingSoon } from '../../../src/application/notification/apply-soon.ts'
import type { MessengerEvent } from '../../../src/application/ports/sending-store.ts'

const AT = '2026-11-22T08:00:00.000Z'
const EVENT: MessengerEvent = {
  eventId: 'evt_1',
  session: 'default',
  at: AT,
  news: { type: 'Ack', messageId: '3EB0', ack: 2, error: null, restrictedUntil: null },
}

const receiving = (applyEvents: () => TE.TaskEither<{ type: 'Unavailable'; what: string }, number>) => {
  const kept = new Set<string>()
  const trouble: unknown[] = []
  const applySoon = applyingSoon({ sending: { applyEvents }, now: () => AT, onTrouble: (error) => trouble.push(error) })
  const receive = receiveWaha({
    sending: {
      keepEvent: ({ eventId }) =>
        TE.fromIO(() => {
          const isNew = !kept.has(eventId)
          kept.add(eventId)
          return isNew
        }),
    },
    read: (raw) =>
      raw.length === 0
        ? TE.left({ type: 'SignatureWrong' })
        : TE.right(raw[0] === 0 ? null : { ...EVENT, eventId: `evt_${raw[0]}` }),
    applySoon,
    now: () => AT,
  })
  return {
    receive: (...bytes: number[]) => receive(Uint8Array.from(bytes), { signature: null, algorithm: null })(),
    trouble,
  }
}

describe('A webhook', () => {
  it('is answered within 100 ms though the work on it never ends', async () => {
    let begun = 0
    const { receive } = receiving(() => () => {
      begun += 1
      return new Promise(() => {})
    })
    const from = performance.now()
    for (let n = 1; n <= 20; n += 1) expect(await receive(n)).toEqual(E.right('kept'))
    expect(performance.now() - from).toBeLessThan(100)
    await sleep(5)
    expect(begun).toBe(1)
  })

  it('is kept once, and unsigned or of no interest sets off nothing', async () => {
    let applied = 0
    const { receive } = receiving(() => TE.fromIO(() => (applied += 1)))
    expect(await receive()).toEqual(E.left({ type: 'SignatureWrong' }))
    expect(await receive(0)).toEqual(E.right('ignored'))
    await sleep(5)
    expect(applied).toBe(0)
    expect(await receive(1)).toEqual(E.right('kept'))
    expect(await receive(1)).toEqual(E.right('seen'))
    await sleep(5)
    expect(applied).toBe(1)
  })

  it('that comes while the database goes away is worked on by the next', async () => {
    let fails = true
    const { receive, trouble } = receiving(() =>
      fails ? TE.left({ type: 'Unavailable', what: 'database' }) : TE.right(1),
    )
    await receive(1)
    await sleep(5)
    expect(trouble).toHaveLength(1)
    fails = false
    await receive(2)
    await sleep(5)
    expect(trouble).toHaveLength(1)
  })
})
