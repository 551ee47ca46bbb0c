import { randomUUID } from 'node:crypto'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { postgresSendingStore } from '../../src/adapters/postgres/sending-store.ts'
import type { Fault } from '../../src/adapters/waha/stand-in/server.ts'
import type { MessengerEvent } from '../../src/application/ports/sending-store.ts'
import type { NewNotification } from '../../src/domain/notification/notification.ts'
import { describeOn, type TestDatabase, testDatabase } from '../support/databases.ts'
import { aNotification } from '../support/notifications.ts'
import { aSender, forgetMessages, type Sender } from '../support/sending.ts'
import { done } from '../support/stored-tickets.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const GROUP = '120363012345678901@g.us'

for (const engine of ['postgres', 'pglite'] as const)
  describeOn(engine, 'Messages of many', () => {
    let database: TestDatabase
    let sender: Sender
    const add = (...rows: ReadonlyArray<Partial<NewNotification>>) =>
      done(sender.store.add(rows.map((row) => aNotification({ at: sender.clock.now(), kind: 'message', ...row }))))
    const to = (n: number) => ({ phoneOrGroup: `+2782123${1_000 + n}`, recipientId: `p${n}`, text: `m${n}` })
    const texts = () => sender.waha.sent.map(({ text }) => text)
    const state = () => done(sender.queries.sending())
    const later = (ms: number) => new Date(Date.parse(sender.clock.now()) + ms).toISOString()
    const hear = (news: MessengerEvent['news'], receivedAt: string) =>
      done(sender.sending.keepEvent({ eventId: randomUUID(), session: 'default', at: receivedAt, news }, receivedAt))

    beforeAll(async () => {
      database = await testDatabase(engine)
    })
    afterAll(() => database.close())
    beforeEach(async () => {
      await forgetMessages(database)
      sender = await aSender(database, { acks: [1] })
    })
    afterEach(() => sender.close())

    it('one for whom thousands wait holds up nobody else', async () => {
      await add(...Array.from({ length: 2_100 }, (_, n) => ({ ...to(0), text: `much ${n}`, at: later(n - 5_000) })))
      await add(to(1))
      await sender.pass(1_000)
      expect(texts()).toContain('m1')
      expect(texts()).toHaveLength(11)
    })

    it('hundreds who may not be written to first hold up nobody who may', async () => {
      await hear({ type: 'Restricted', until: later(HOUR) }, sender.clock.now())
      await add(...Array.from({ length: 250 }, (_, n) => ({ ...to(n), at: later(n - 5_000) })))
      await add({ phoneOrGroup: GROUP, recipientId: 'team-1', recipientType: 'team', text: 'the team' })
      await sender.pass(1_000)
      expect(texts()).toEqual(['the team'])
    })

    it('a number that WhatsApp gives no answer about holds up nobody else, and expires by itself', async () => {
      await sender.close()
      sender = await aSender(database, { acks: [1], unanswered: ['27821231000'] })
      const [id] = await add(
        to(0),
        { ...to(1), at: later(1) },
        { phoneOrGroup: GROUP, recipientId: 'team-1', recipientType: 'team', text: 'the team', at: later(2) },
      )
      await sender.pass(1_000)
      expect(texts()).toEqual(['the team'])
      await sender.pass(MINUTE)
      expect(texts()).toEqual(['the team', 'm1'])
      for (let n = 0; n < 20; n += 1) await sender.pass(MINUTE)
      await add(to(2))
      await sender.pass(MINUTE)
      expect(texts()).toEqual(['the team', 'm1', 'm2'])
      const asked = sender.waha.requests.filter(({ query }) => query.phone === '27821231000')
      expect(asked.length).toBeLessThan(25)
      await sender.pass(13 * HOUR)
      expect(await sender.statusOf(id)).toBe('failed')
    })

    it('acks of what is not ours do not hold up ours', async () => {
      const [id] = await add(to(0))
      await sender.pass(1_000)
      const news = (messageId: string) =>
        ({ type: 'Ack', messageId, ack: 3, error: null, restrictedUntil: null }) as const
      for (let n = 0; n < 30; n += 1) await hear(news(`3EB0OTHER${n}`), later(-1_000))
      await hear(news(sender.waha.sent[0]?.id ?? ''), sender.clock.now())
      await done(sender.sending.applyEvents(20, later(-2 * MINUTE)))
      expect(await sender.statusOf(id)).toBe('read')
    })

    it('any number of unknown outcomes of one recipient stop nobody, those of three stop all', async () => {
      sender.waha.failNext(...Array<Fault>(4).fill('throwsBeforeSending'))
      await add(...Array.from({ length: 4 }, (_, n) => ({ ...to(0), text: `lost ${n}`, at: later(n) })))
      await sender.pass(5_000)
      expect(sender.waha.happened).toHaveLength(4)
      expect((await state()).pausedUntil).toBeNull()
      await add(to(1))
      await sender.pass(1_000)
      expect(texts()).toEqual(['m1'])
      sender.waha.failNext(...Array<Fault>(3).fill('throwsBeforeSending'))
      await add(...[2, 3, 4].map((n) => ({ ...to(n), at: later(n) })))
      await sender.pass(1_000)
      expect((await state()).pausedUntil).not.toBeNull()
    })

    it('that have no name are not looked up, then or ever', async () => {
      await sender.close()
      sender = await aSender(database, { engine: 'WEBJS' })
      sender.waha.failNext('resetBeforeSending')
      await add(to(0))
      await sender.pass(1_000)
      const { rows } = await database.pool.query('select outcome, message_id, look_up_at from whatsapp_sends')
      expect(rows).toEqual([{ outcome: 'unknown', message_id: null, look_up_at: null }])
    })

    it('are leased by the clock of the database, whatever the clock of a machine says', async () => {
      const store = postgresSendingStore(database.pool)
      expect(Math.abs(Date.parse(await done(store.now())) - Date.now())).toBeLessThan(5_000)
      sender.clock.ahead = 3 * HOUR
      await sender.close()
      sender = await aSender(database, {}, { sending: { ...store, now: () => TE.fromTask(() => done(store.now())) } })
      sender.clock.ahead = 3 * HOUR
      await add({ ...to(0), at: new Date(Date.now() - 1_000).toISOString() })
      await sender.pass(0)
      const { rows } = await database.pool.query(
        `select abs(extract(epoch from clock_timestamp() - claimed_at)) < 60 as near, lease_until > clock_timestamp() as held
         from whatsapp_sends`,
      )
      expect(rows).toEqual([{ near: true, held: true }])
    })

    it('to a number that is forgotten keep nothing of it among the contacts', async () => {
      await add(to(0), to(1))
      await sender.pass(1_000)
      await done(sender.sending.forgetContact('+27821231000'))
      expect((await database.pool.query('select phone from whatsapp_contacts')).rows).toEqual([
        { phone: '+27821231001' },
      ])
      expect(await done(sender.sending.contact('+27821231000'))).toBeNull()
    })
  })
