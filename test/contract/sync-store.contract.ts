import { randomUUID } from 'node:crypto'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import type { Learnt, SyncNotes, SyncStore } from '../../src/application/ports/sync-store.ts'
import { agreedOn } from '../../src/domain/sync/plan.ts'
import { done } from '../support/stored-tickets.ts'

export type SyncWorld = {
  readonly store: SyncStore
  readonly notes: SyncNotes
  /** A ticket that is stored, by its id. */
  readonly aTicket: () => Promise<string>
}

const AT = '2026-03-02T09:00:00.000Z'
const LATER = '2026-03-02T09:05:00.000Z'
const aCase = (): string => String(40_000_000_000 + Math.floor(Math.random() * 1e9))
const learnt = (more: Partial<Learnt> = {}): Learnt => ({
  bases: { status: agreedOn('Open'), client_name: agreedOn('Nomsa') },
  conflicts: [],
  agreed: [],
  lastChangeId: '7',
  gone: false,
  ...more,
})

/** What a store of what is agreed with the other side promises; `world` is one that all of these tests share. */
export const syncStoreContract = (name: string, world: () => SyncWorld): void => {
  describe(`What is agreed with the other side ${name}`, () => {
    it('is found by case and by ticket once they are linked; linking again changes nothing', async () => {
      const { store, aTicket } = world()
      const [caseId, ticketId] = [aCase(), await aTicket()]
      expect(await done(store.find({ caseId }))).toBeNull()
      const linked = await done(store.link(caseId, ticketId, learnt(), AT))
      expect(linked).toMatchObject({ caseId, ticketId, bases: learnt().bases, personal: true, lastChangeId: '7' })
      expect(await done(store.link(caseId, ticketId, learnt({ bases: {}, lastChangeId: '9' }), LATER))).toEqual(linked)
      expect(await done(store.find({ ticketId }))).toEqual(linked)
      expect(await done(store.linked([ticketId, randomUUID()]))).toEqual(new Set([ticketId]))
    })

    it('moves with a case that goes on as another ticket', async () => {
      const { store, aTicket } = world()
      const [caseId, before, after] = [aCase(), await aTicket(), await aTicket()]
      await done(store.link(caseId, before, learnt(), AT))
      expect(await done(store.link(caseId, after, learnt({ bases: {} }), LATER))).toMatchObject({
        ticketId: after,
        bases: {},
      })
      expect(await done(store.find({ ticketId: before }))).toBeNull()
    })

    it('is learnt from what was read last only; who comes too late keeps nothing, his conflicts included', async () => {
      const { store, aTicket } = world()
      const [caseId, ticketId] = [aCase(), await aTicket()]
      const first = await done(store.link(caseId, ticketId, learnt(), AT))
      const both = await Promise.all(
        ['Assigned', 'InProgress'].map((status) =>
          store.learn(first, learnt({ bases: { status: agreedOn(status) }, gone: status === 'Assigned' }), LATER)(),
        ),
      )
      expect(both.filter(E.isRight)).toHaveLength(1)
      expect(both.filter(E.isLeft)).toMatchObject([{ left: { type: 'Stale' } }])
      const [right] = both.filter(E.isRight)
      expect(await done(store.find({ caseId }))).toEqual(right?.right)
    })

    it('tells how often it went wrong in one way, and whether others went well since; in step it is forgotten', async () => {
      const { store, aTicket } = world()
      const [caseId, other] = [aCase(), aCase()]
      await done(store.link(caseId, await aTicket(), learnt(), AT))
      await done(store.link(other, await aTicket(), learnt(), AT))
      const failing = (status: number) => ({ type: 'Transient', why: `HTTP ${status}` })
      expect((await done(store.settle(caseId, failing(500), AT))).times).toBe(1)
      expect(await done(store.settle(caseId, failing(502), LATER))).toMatchObject({ times: 2 })
      expect(await done(store.settle(caseId, { type: 'Missing', why: 'HTTP 404' }, LATER))).toMatchObject({ times: 1 })
      await done(store.settle(other, null, '2099-01-01T00:00:00.000Z'))
      expect(await done(store.settle(caseId, failing(503), LATER))).toEqual({ times: 3, othersWentWell: true })
      expect(await done(store.find({ caseId }))).toMatchObject({ attempts: 4, problem: 'HTTP 503' })
      await done(store.settle(caseId, null, LATER))
      expect(await done(store.find({ caseId }))).toMatchObject({ attempts: 0, problem: null })
    })
  })

  describe(`Notes on their way out ${name}`, () => {
    it('wait each once and in their order, until they are sent or given up; asked for again they wait again', async () => {
      const { notes, aTicket } = world()
      const ticketId = await aTicket()
      const [first, second] = [randomUUID(), randomUUID()]
      await done(notes.queue(first, ticketId, 'awaiting_access', AT))
      await done(notes.queue(second, ticketId, 'cancelled', LATER))
      await done(notes.queue(first, ticketId, 'awaiting_access', LATER))
      const waiting = async () => (await done(notes.waiting(ticketId))).map(({ id }) => id)
      expect(await waiting()).toEqual([first, second])
      await done(notes.giveUp(first, LATER))
      expect(await waiting()).toEqual([second])
      await done(notes.sent(second, 'n1', LATER))
      await done(notes.giveUp(second, LATER))
      await done(notes.queue(second, ticketId, 'cancelled', LATER))
      expect(await waiting()).toEqual([])
      await done(notes.queue(first, ticketId, 'awaiting_access', LATER))
      expect(await waiting()).toEqual([first])
      await done(notes.giveUp(randomUUID(), LATER))
    })
  })
}
