import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import type { Claim, Claims } from '../../../src/adapters/queue/claims.ts'
import { turns } from '../../../src/adapters/queue/turns.ts'
import { startWorker, type Worker, type WorkerOptions } from '../../../src/adapters/queue/worker.ts'
import { type Outcome, perTicket, type Reaction } from '../../../src/application/ports/job-queue.ts'

const claim = (n: number): Claim => ({
  id: `00000000-0000-0000-0000-${String(n).padStart(12, '0')}`,
  attempt: 0,
  failures: 0,
  event: { id: String(n), type: 'Step', ticketId: String(n), body: { n }, at: '2026-11-22T20:15:00.000Z' },
})

/** A queue of these claims that writes down what becomes of them; `away` makes its database fail. */
const kept = (given: ReadonlyArray<Claim>) => {
  const left = [...given]
  const told: string[] = []
  const state = { away: false }
  const answer = async (line: string): Promise<void> => {
    if (state.away) throw new Error('the database is away')
    told.push(line)
  }
  const numbers = (claims: ReadonlyArray<Claim>): string => claims.map(({ event }) => event.body.n).join(' ')
  const claims: Claims = {
    fetch: async (most) => left.splice(0, most),
    done: async (some) => {
      for (const one of some) await answer(`done ${numbers([one])}`)
    },
    putBack: (one, ms, { failures, why }) => answer(`back ${numbers([one])} in ${ms} after ${failures}: ${why}`),
    giveBack: (some) => answer(`given ${numbers(some)}`),
    bury: async (one, { failures, why }) => {
      await answer(`dead ${numbers([one])} after ${failures}: ${why}`)
      return []
    },
  }
  return { claims, told, state }
}

describe('A worker', () => {
  let worker: Worker | null = null
  afterEach(async () => {
    await worker?.stop(performance.now())
    worker = null
  })

  const start = (claims: Claims, handle: Reaction['handle'], more: Partial<WorkerOptions> = {}) => {
    const outcomes: Outcome[] = []
    worker = startWorker({
      reaction: { name: 'notify', eventTypes: ['Step'], queue: 'outside', key: perTicket, handle },
      claims,
      turns: turns(4),
      lanes: 2,
      limitMs: 60_000,
      backoff: { limit: 2, delaySeconds: 0 },
      watch: { handled: ({ outcome }) => void outcomes.push(outcome), died: () => {}, ran: () => {} },
      onError: () => {},
      ...more,
    })
    return { worker, outcomes }
  }
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await sleep(5)
  }

  it('ends the wait for what hangs, tells it so, and counts a failed attempt', async () => {
    const { claims, told } = kept([claim(1)])
    let aborted = false
    start(
      claims,
      (_, signal) =>
        new Promise(() => {
          signal.addEventListener('abort', () => {
            aborted = true
          })
        }),
      { limitMs: 30 },
    )
    await until(() => told.length > 0)
    expect(told).toEqual(['back 1 in 0 after 1: not done within 0.03 seconds'])
    expect(aborted).toBe(true)
  })

  it('gives up after the last attempt, and at once where the reaction does', async () => {
    const { claims, told } = kept([{ ...claim(1), failures: 2 }, claim(2)])
    const { outcomes } = start(claims, async ({ body }) => {
      if (body.n === 1) throw new Error('again')
      return { type: 'GiveUp', why: 'no such number' }
    })
    await until(() => told.length === 2)
    expect(told.toSorted()).toEqual(['dead 1 after 3: again', 'dead 2 after 1: no such number'])
    expect(outcomes).toEqual(['dead', 'dead'])
  })

  it('asks again when it is told to, without counting a failure', async () => {
    const { claims, told } = kept([{ ...claim(1), failures: 1 }])
    start(claims, async () => ({ type: 'RetryAfter', ms: 4_000, why: 'busy' }))
    await until(() => told.length > 0)
    expect(told).toEqual(['back 1 in 4000 after 1: busy'])
  })

  it('keeps saying what it did until the database is back', async () => {
    const { claims, told, state } = kept([claim(1)])
    let handled = 0
    start(claims, async () => {
      state.away = true
      handled += 1
    })
    await until(() => handled === 1)
    await sleep(50)
    expect(told).toEqual([])
    state.away = false
    await until(() => told.length > 0)
    expect([told, handled]).toEqual([['done 1'], 1])
  })

  it('settles nothing that was given to another meanwhile', async () => {
    const { claims, told } = kept([claim(1)])
    let noticed = false
    const { worker: mine } = start(claims, async (_, signal) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      noticed = true
    })
    await until(() => mine.held().length === 1)
    await sleep(10)
    mine.lost(claim(1).id, 7)
    expect(mine.held()).toHaveLength(1)
    mine.lost(claim(1).id, 0)
    expect(mine.held()).toEqual([])
    await until(() => noticed)
    await sleep(20)
    expect(told).toEqual([])
  })

  it('waits for its turn beside other reactions, and takes it when it comes', async () => {
    const { claims, told } = kept([claim(1)])
    const shared = turns(1)
    expect(shared.take()).toBe(true)
    const { worker: mine } = start(claims, async () => {}, { turns: shared })
    await until(() => mine.held().length === 1)
    await sleep(20)
    expect(told).toEqual([])
    shared.giveBack()
    await until(() => told.length > 0)
    expect(told).toEqual(['done 1'])
  })

  it('gives others what waits too long for a turn', async () => {
    const { claims, told } = kept([claim(1)])
    const shared = turns(0)
    const { worker: mine } = start(claims, async () => {}, { turns: shared, patienceMs: 30 })
    await until(() => mine.held().length === 1)
    mine.shareWaiting()
    expect(told).toEqual([])
    await sleep(40)
    mine.shareWaiting()
    await until(() => told.length > 0)
    expect(told).toEqual(['given 1'])
  })

  it('gives others what it has not begun when it stops, and after the grace what has not ended', async () => {
    const { claims, told } = kept([claim(1), claim(2), claim(3)])
    let begun = 0
    const { worker: mine } = start(
      claims,
      () => {
        begun += 1
        return new Promise(() => {})
      },
      { turns: turns(1) },
    )
    await until(() => begun === 1 && mine.held().length === 2)
    await mine.stop(performance.now() + 50)
    expect(told).toEqual(['given 2', 'given 1'])
    expect(begun).toBe(1)
  })
})
