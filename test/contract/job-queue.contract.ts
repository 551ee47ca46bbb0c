import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DeadLetterDetail, DeadLetters } from '../../src/application/ports/dead-letters.ts'
import {
  giveUp,
  type JobQueue,
  perTicket,
  type Reaction,
  retryAfter,
  type Schedule,
} from '../../src/application/ports/job-queue.ts'
import type { Outbox, OutboxEvent } from '../../src/application/ports/outbox.ts'

const event = (type: string, ticketId: string | null = randomUUID(), n = 0): OutboxEvent => ({
  id: randomUUID(),
  type,
  ticketId,
  body: { n, note: "it's {plain} JSON" },
  at: '2026-11-22T20:15:00.123Z',
})

const reaction = (
  name: string,
  eventTypes: ReadonlyArray<string>,
  handle: Reaction['handle'],
  queue: Reaction['queue'] = 'reactions',
): Reaction => ({ name, eventTypes, queue, key: perTicket, handle })

const LONG = 20_000

/** The trouble that one of the tests makes on purpose. */
export const LOOK_FAILED = 'the look failed'

/** What every job queue promises. The factory's queue makes 3 attempts without waiting in between. */
export const jobQueueContract = (
  title: string,
  open: () => Promise<{
    readonly queue: JobQueue
    readonly outbox: Outbox
    readonly deadLetters: DeadLetters
    readonly close: () => Promise<void>
  }>,
): void => {
  describe(`The job queue ${title}`, () => {
    let queue: JobQueue
    let outbox: Outbox
    let deadLetters: DeadLetters
    let close: () => Promise<void>
    beforeEach(async () => {
      const opened = await open()
      queue = opened.queue
      outbox = opened.outbox
      deadLetters = opened.deadLetters
      close = opened.close
    }, 30_000)
    afterEach(async () => {
      await queue.stop()
      await close()
    }, 30_000)

    const right = async <A>(work: TE.TaskEither<unknown, A>): Promise<A> => {
      const answer = await work()
      if (E.isLeft(answer)) throw new Error(JSON.stringify(answer.left))
      return answer.right
    }
    const all = { reaction: null, eventType: null, ticketId: null }
    const dead = async (): Promise<ReadonlyArray<DeadLetterDetail>> => {
      const { rows } = await right(deadLetters.list(all, { page: 1, pageSize: 100 }))
      const found = await Promise.all(rows.map(({ id }) => right(deadLetters.find(id))))
      return found.flatMap((one) => (one === null ? [] : [one]))
    }
    const by = { reason: 'the depot fixed it', by: 'admin', at: '2026-11-23T06:00:00.000Z' }

    const publish = async (...events: ReadonlyArray<OutboxEvent>): Promise<void> => {
      expect(await outbox.publish(events)()).toMatchObject({ _tag: 'Right' })
    }

    it(
      'carries an event unchanged to each reaction that wants it, and drops one that nobody wants',
      async () => {
        const seen: Array<readonly [string, OutboxEvent]> = []
        const see = (name: string) => async (each: OutboxEvent) => {
          seen.push([name, each])
        }
        await queue.start([
          reaction('escalate', ['TicketCreated', 'FaultAttributed'], see('escalate')),
          reaction('import', ['TicketCreated'], see('import'), 'imports'),
        ])
        const created = event('TicketCreated')
        const attributed = event('FaultAttributed', null)
        await publish(created, attributed, event('NobodyCares'))
        await queue.drain(LONG)
        expect(seen).toHaveLength(3)
        expect(seen).toEqual(
          expect.arrayContaining([
            ['escalate', created],
            ['import', created],
            ['escalate', attributed],
          ]),
        )
      },
      LONG,
    )

    it(
      'handles what was published before it started',
      async () => {
        const seen: unknown[] = []
        const early = event('TicketCreated')
        await publish(early)
        await queue.start([reaction('escalate', ['TicketCreated'], async ({ id }) => void seen.push(id))])
        await queue.drain(LONG)
        expect(seen).toEqual([early.id])
      },
      LONG,
    )

    it(
      'handles only what the reaction is concerned by, and all of it where that cannot be told',
      async () => {
        const seen: unknown[] = []
        let asked = 0
        const picky: Reaction = {
          ...reaction('escalate', ['Step'], async ({ body }) => void seen.push(body.n)),
          concerns: async (events) => {
            asked += events.length
            if (events.some(({ body }) => body.n === 99)) throw new Error(LOOK_FAILED)
            return new Set(events.filter(({ body }) => Number(body.n) % 2 === 0).map(({ id }) => id))
          },
        }
        await queue.start([picky])
        await publish(...[1, 2, 3, 4].map((n) => event('Step', randomUUID(), n)))
        await queue.drain(LONG)
        expect(seen.toSorted()).toEqual([2, 4])
        expect(asked).toBe(4)
        await publish(event('Step', randomUUID(), 99))
        await queue.drain(LONG)
        expect(seen.at(-1)).toBe(99)
        expect(await dead()).toEqual([])
      },
      LONG,
    )

    it(
      'keeps the order of each ticket and lets tickets overlap',
      async () => {
        const seen = new Map<string, number[]>()
        let running = 0
        let most = 0
        const now = new Set<string>()
        await queue.start([
          reaction('escalate', ['Step'], async ({ ticketId, body }) => {
            const ticket = ticketId ?? ''
            if (now.has(ticket)) throw new Error('two events of one ticket at once')
            now.add(ticket)
            running += 1
            most = Math.max(most, running)
            await sleep(5)
            running -= 1
            now.delete(ticket)
            seen.set(ticket, [...(seen.get(ticket) ?? []), body.n as number])
          }),
        ])
        const tickets = [randomUUID(), randomUUID(), randomUUID()]
        for (let n = 0; n < 8; n += 2) {
          await publish(...tickets.flatMap((ticket) => [event('Step', ticket, n), event('Step', ticket, n + 1)]))
        }
        await queue.drain(LONG)
        for (const ticket of tickets) expect(seen.get(ticket)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
        expect(most).toBeGreaterThan(1)
        expect(await dead()).toEqual([])
      },
      LONG,
    )

    it(
      'tries again when a reaction fails, without letting later events of the ticket overtake',
      async () => {
        const ticket = randomUUID()
        const tries: number[] = []
        await queue.start([
          reaction('escalate', ['Step'], async ({ body }) => {
            tries.push(body.n as number)
            if (body.n === 1 && tries.filter((n) => n === 1).length <= 2) throw new Error('not yet')
          }),
        ])
        await publish(event('Step', ticket, 1), event('Step', ticket, 2))
        await queue.drain(LONG)
        expect(tries).toEqual([1, 1, 1, 2])
        expect(await dead()).toEqual([])
      },
      LONG,
    )

    it(
      'puts a poison event among the dead letters, and its ticket and all others go on',
      async () => {
        const poisoned = randomUUID()
        const poison = event('Step', poisoned, 13)
        const handled: Array<readonly [string | null, unknown]> = []
        await queue.start([
          reaction('escalate', ['Step'], async ({ ticketId, body }) => {
            if (body.n === 13) throw new Error('cannot be handled')
            handled.push([ticketId, body.n])
          }),
        ])
        const other = randomUUID()
        await publish(poison, event('Step', poisoned, 14), event('Step', other, 1), event('Step', other, 2))
        await queue.drain(LONG)
        expect(handled).toHaveLength(3)
        expect(handled.filter(([ticket]) => ticket === other)).toEqual([
          [other, 1],
          [other, 2],
        ])
        expect(handled).toContainEqual([poisoned, 14])
        expect(await dead()).toMatchObject([{ reaction: 'escalate', event: poison, reason: 'cannot be handled' }])
      },
      LONG,
    )

    it(
      'asks again when a reaction says so, as often as it says, and its ticket waits in order meanwhile',
      async () => {
        const ticket = randomUUID()
        const tries: number[] = []
        await queue.start([
          reaction('escalate', ['Step'], async ({ body }) => {
            tries.push(body.n as number)
            return body.n === 1 && tries.length <= 6 ? retryAfter(20, 'busy') : undefined
          }),
        ])
        await publish(event('Step', ticket, 1), event('Step', ticket, 2))
        await queue.drain(LONG)
        expect(tries).toEqual([1, 1, 1, 1, 1, 1, 1, 2])
        expect(await dead()).toEqual([])
      },
      LONG,
    )

    it(
      'tries nothing again that a reaction gives up, and keeps it whole for a person',
      async () => {
        const hopeless = event('Step', randomUUID(), 1)
        let tries = 0
        await queue.start([
          reaction('escalate', ['Step'], async () => {
            tries += 1
            return giveUp('the number is not in use')
          }),
        ])
        await publish(hopeless)
        await queue.drain(LONG)
        expect(tries).toBe(1)
        expect(await dead()).toMatchObject([
          {
            reaction: 'escalate',
            event: hopeless,
            eventId: hopeless.id,
            eventType: 'Step',
            ticketId: hopeless.ticketId,
            reason: 'the number is not in use',
            attempts: 1,
            happenedAt: hopeless.at,
            retryAskedAt: null,
            decisions: [],
          },
        ])
      },
      LONG,
    )

    it(
      'handles a dead letter again when a person wants it, and remembers who did and why when it dies again',
      async () => {
        let healed = false
        const handled: unknown[] = []
        await queue.start([
          reaction('escalate', ['Step'], async ({ body }) => {
            if (!healed) throw new Error('out of order')
            handled.push(body.n)
          }),
        ])
        await publish(event('Step', randomUUID(), 5))
        await queue.drain(LONG)
        const [first] = await dead()
        expect(await right(deadLetters.retry(first?.id ?? '', by))).toBe('decided')
        await queue.drain(LONG)
        const [again] = await dead()
        expect(again).toMatchObject({ id: first?.id, decisions: [{ decision: 'retried', ...by }] })
        healed = true
        expect(await right(deadLetters.retry(again?.id ?? '', by))).toBe('decided')
        await queue.drain(LONG)
        expect(handled).toEqual([5])
        expect(await dead()).toEqual([])
        expect(await right(deadLetters.retry(first?.id ?? '', by))).toBe('gone')
      },
      LONG,
    )

    it(
      'forgets a dead letter that a person drops, finds them by reaction, type and ticket, and counts them',
      async () => {
        await queue.start([
          reaction('escalate', ['Step'], async () => giveUp('no')),
          reaction('notify', ['Step', 'Other'], async () => giveUp('never')),
        ])
        const ticket = randomUUID()
        await publish(event('Step', ticket), event('Other'))
        await queue.drain(LONG)
        const count = async (filter: Partial<Parameters<DeadLetters['list']>[0]>): Promise<number> =>
          (await right(deadLetters.list({ ...all, ...filter }, { page: 1, pageSize: 2 }))).total
        expect([
          await count({}),
          await count({ reaction: ['notify'] }),
          await count({ eventType: ['Other', 'Step'], reaction: ['escalate'] }),
          await count({ ticketId: ticket }),
        ]).toEqual([3, 2, 1, 2])
        const page = await right(deadLetters.list(all, { page: 2, pageSize: 2 }))
        expect(page.rows).toHaveLength(1)
        expect(await right(deadLetters.drop(page.rows[0]?.id ?? '', by))).toBe('decided')
        expect(await right(deadLetters.drop(page.rows[0]?.id ?? '', by))).toBe('gone')
        expect(await count({})).toBe(2)
        expect((await queue.figures()).reactions.map(({ reaction: name, dead: n }) => [name, n])).toEqual(
          expect.arrayContaining([['escalate', expect.any(Number)]]),
        )
        expect((await queue.figures()).reactions.reduce((sum, each) => sum + each.dead, 0)).toBe(2)
      },
      LONG,
    )

    it(
      'is not held up by a ticket whose handling hangs, and tells what waits',
      async () => {
        const hanging = randomUUID()
        let release = (): void => {}
        const held = new Promise<void>((resolve) => {
          release = resolve
        })
        const seen = new Set<string | null>()
        await queue.start([
          reaction('escalate', ['Step'], async ({ ticketId }) => {
            if (ticketId === hanging) await held
            seen.add(ticketId)
          }),
        ])
        const others = Array.from({ length: 40 }, () => event('Step'))
        await publish(event('Step', hanging), ...others, event('Step', hanging))
        while (others.some(({ ticketId }) => !seen.has(ticketId))) await sleep(10)
        expect(seen.has(hanging)).toBe(false)
        for (;;) {
          const [figures] = (await queue.figures()).reactions
          if (figures !== undefined && figures.waiting + figures.active === 2) break
          await sleep(10)
        }
        release()
        await queue.drain(LONG)
        expect(seen.has(hanging)).toBe(true)
      },
      LONG,
    )

    it(
      'waits for what runs when it stops, and takes up nothing new',
      async () => {
        let started = 0
        let ended = 0
        await queue.start([
          reaction('escalate', ['Step'], async () => {
            started += 1
            await sleep(300)
            ended += 1
          }),
        ])
        await publish(event('Step'))
        queue.nudge()
        while (started === 0) await sleep(5)
        await queue.stop()
        expect([started, ended]).toEqual([1, 1])
        await publish(event('Step'))
        await sleep(50)
        expect(started).toBe(1)
      },
      LONG,
    )

    it(
      'runs a schedule at start and again in each period, never beside itself, and drains without it',
      async () => {
        let [runs, now, most] = [0, 0, 0]
        const tick: Schedule = {
          name: 'tick',
          everySeconds: 1,
          run: async () => {
            now += 1
            most = Math.max(most, now)
            await sleep(1_200)
            now -= 1
            runs += 1
          },
        }
        await queue.start([], [tick])
        await queue.drain(LONG)
        while (runs < 2) await sleep(20)
        expect(most).toBe(1)
      },
      LONG,
    )

    it(
      'runs a daily schedule once, tries it again when it fails, and holds up no other meanwhile',
      async () => {
        let [daily, other] = [0, 0]
        const dailyRun: Schedule = {
          name: 'daily',
          everySeconds: 86_400,
          run: async () => {
            daily += 1
            if (daily < 3) throw new Error(LOOK_FAILED)
            while (other < 2) await sleep(20)
          },
        }
        const otherRun: Schedule = {
          name: 'other',
          everySeconds: 1,
          run: async () => {
            other += 1
          },
        }
        await queue.start([], [dailyRun, otherRun])
        while (daily < 3 || other < 2) await sleep(20)
        await sleep(1_500)
        expect(daily).toBe(3)
      },
      LONG,
    )

    it(
      'says how much is left when draining takes too long',
      async () => {
        let release = (): void => {}
        const held = new Promise<void>((resolve) => {
          release = resolve
        })
        await queue.start([reaction('escalate', ['Step'], () => held)])
        await publish(event('Step'))
        await expect(queue.drain(200)).rejects.toThrow('1 events and jobs are still waiting after 200 ms')
        release()
        await queue.drain(LONG)
      },
      LONG,
    )
  })
}
