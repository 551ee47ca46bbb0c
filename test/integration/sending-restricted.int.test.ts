import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { viewNotification } from '../../src/application/notification/status.ts'
import type { MessengerEvent } from '../../src/application/ports/sending-store.ts'
import type { Principal } from '../../src/application/principal.ts'
import type { NewNotification } from '../../src/domain/notification/notification.ts'
import { describeOn, type TestDatabase, testDatabase } from '../support/databases.ts'
import { aNotification } from '../support/notifications.ts'
import { aSender, forgetMessages, type Sender } from '../support/sending.ts'
import { done } from '../support/stored-tickets.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const naledi: Principal = { userId: 'naledi', role: 'manager', contractorId: null, teams: [] }

for (const engine of ['postgres', 'pglite'] as const)
  describeOn(engine, 'While WhatsApp takes no first message', () => {
    let database: TestDatabase
    let sender: Sender
    const add = (...rows: ReadonlyArray<Partial<NewNotification>>) =>
      done(sender.store.add(rows.map((row) => aNotification({ at: sender.clock.now(), kind: 'message', ...row }))))
    const hear = async (news: MessengerEvent['news'], ms = 0) => {
      const at = new Date(Date.parse(sender.clock.now()) + ms).toISOString()
      await done(sender.sending.keepEvent({ eventId: randomUUID(), session: 'default', at, news }, sender.clock.now()))
      await done(sender.sending.applyEvents(100, sender.clock.now()))
    }
    const inFuture = (ms: number) => new Date(Date.parse(sender.clock.now()) + ms).toISOString()
    const state = () => done(sender.queries.sending())
    const waitsFor = async (id: string | undefined) => {
      const deps = { notificationQueries: sender.queries, channel: 'configured', now: sender.clock.now } as const
      return (await done(viewNotification(deps)(naledi, id ?? '')))?.waiting_for
    }
    const lerato = { phoneOrGroup: '+27831234567', recipientId: 'lerato' }

    beforeAll(async () => {
      database = await testDatabase(engine)
    })
    afterAll(() => database.close())
    beforeEach(async () => {
      await forgetMessages(database)
      sender = await aSender(database, { acks: [1] })
    })
    afterEach(() => sender.close())

    it('what it said last counts, a shorter time and an end of it too', async () => {
      await hear({ type: 'Restricted', until: inFuture(DAY) }, -2_000)
      await hear({ type: 'Restricted', until: inFuture(HOUR) }, -1_000)
      await hear({ type: 'Restricted', until: inFuture(2 * DAY) }, -3_000)
      const until = Date.parse((await state()).restrictedUntil ?? '') - Date.parse(sender.clock.now())
      expect(until).toBeLessThanOrEqual(HOUR)
      expect(until).toBeGreaterThan(HOUR - MINUTE)
      const [id] = await add({})
      await sender.pass(1_000)
      expect(sender.waha.sent).toEqual([])
      expect(await waitsFor(id)).toBe('restricted')
      await hear({ type: 'Restricted', until: null })
      expect((await state()).restrictedUntil).toBeNull()
      expect(await waitsFor(id)).toBe('its_turn')
      await sender.pass(1_000)
      expect(await sender.statusOf(id)).toBe('sent')
    })

    it('decades are not believed, and a clock that is ahead does not outlast what is said later', async () => {
      await hear({ type: 'Restricted', until: '2090-01-01T00:00:00.000Z' }, 365 * DAY)
      const until = Date.parse((await state()).restrictedUntil ?? '') - Date.parse(sender.clock.now())
      expect(until).toBeGreaterThan(2 * DAY)
      expect(until).toBeLessThanOrEqual(3 * DAY)
      sender.clock.ahead += 1_000
      await hear({ type: 'Restricted', until: null })
      expect((await state()).restrictedUntil).toBeNull()
    })

    it('a person lets them go again, and nothing that was said before stops them', async () => {
      await hear({ type: 'Restricted', until: inFuture(DAY) })
      const by = { userId: 'naledi', at: inFuture(1_000), reason: 'the lock is off', version: 1 }
      expect(await done(sender.desk.switchTo(true, by))).toBe(true)
      expect((await state()).restrictedUntil).toBeNull()
      await hear({ type: 'Restricted', until: inFuture(DAY) }, -MINUTE)
      expect((await state()).restrictedUntil).toBeNull()
    })

    it('and does not say until when, they wait, are tried ever later, and none fails of it', async () => {
      sender.waha.failNext('restricted', 'restricted', 'restricted')
      const ids = await add({}, lerato)
      const left: number[] = []
      for (const ms of [1_000, MINUTE, 2 * MINUTE, 2 * MINUTE, 2 * MINUTE]) {
        await sender.pass(ms)
        const { restrictedUntil } = await state()
        left.push(Math.ceil((Date.parse(restrictedUntil ?? '') - Date.parse(sender.clock.now())) / MINUTE))
      }
      expect(sender.waha.happened.length).toBeLessThanOrEqual(3)
      expect(Math.max(...left)).toBeGreaterThan(3)
      expect(sender.waha.sent).toEqual([])
      expect(await Promise.all(ids.map(sender.statusOf))).toEqual(['pending', 'pending'])
      for (const ms of [15 * MINUTE, 20 * MINUTE, MINUTE]) await sender.pass(ms)
      expect(await Promise.all(ids.map(sender.statusOf))).toEqual(['sent', 'sent'])
      expect(sender.waha.sent).toHaveLength(2)
    })

    it('afterwards and without an end, the next waits as well', async () => {
      const [id] = await add({})
      await sender.pass(1_000)
      expect(await sender.statusOf(id)).toBe('sent')
      const [message] = sender.waha.sent
      if (message === undefined) throw new Error('not sent')
      await sender.waha.tell(message, -1, { error: { code: '463' } })
      await sender.pass(0)
      const [first] = await add(lerato)
      await sender.pass(1_000)
      expect([await sender.statusOf(first), await waitsFor(first)]).toEqual(['pending', 'restricted'])
      await sender.pass(2 * MINUTE)
      expect(await sender.statusOf(first)).toBe('sent')
    })

    it('a session that works again is seen to, without any event, whatever WAHA’s clock said before', async () => {
      await hear({ type: 'Session', status: 'FAILED' }, 365 * DAY)
      expect((await state()).sessionStatus).toBe('FAILED')
      sender.clock.ahead += 1_000
      const [id] = await add({})
      expect(await waitsFor(id)).toBe('session')
      await sender.pass(1_000)
      expect((await state()).sessionStatus).toBe('WORKING')
      expect(await sender.statusOf(id)).toBe('sent')
    })
  })
