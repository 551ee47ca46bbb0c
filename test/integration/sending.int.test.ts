import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import type { Fault, StandInOptions } from '../../src/adapters/waha/stand-in/server.ts'
import type { Engine } from '../../src/adapters/waha/stand-in/shapes.ts'
import type { SendScheduleDeps } from '../../src/application/notification/send-schedule.ts'
import type { DeliveryStatus } from '../../src/domain/notification/delivery.ts'
import type { NewNotification } from '../../src/domain/notification/notification.ts'
import { describeOn, type TestDatabase, testDatabase } from '../support/databases.ts'
import { aNotification } from '../support/notifications.ts'
import { aSender, forgetMessages, type Sender } from '../support/sending.ts'
import { done } from '../support/stored-tickets.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const GROUP = '120363012345678901@g.us'

for (const engine of ['postgres', 'pglite'] as const)
  describeOn(engine, 'Messages', () => {
    let database: TestDatabase
    let sender: Sender
    const begin = async (options: Omit<StandInOptions, 'webhook'> = {}, over: Partial<SendScheduleDeps> = {}) => {
      sender = await aSender(database, options, over)
      return sender
    }
    const add = (...rows: ReadonlyArray<Partial<NewNotification>>) =>
      done(sender.store.add(rows.map((row) => aNotification({ at: sender.clock.now(), ...row }))))
    const texts = () => sender.waha.sent.map(({ text }) => text)

    beforeAll(async () => {
      database = await testDatabase(engine)
    })
    afterAll(() => database.close())
    beforeEach(() => forgetMessages(database))
    afterEach(() => sender.close())

    it.each(['NOWEB', 'GOWS', 'WEBJS'] satisfies ReadonlyArray<Engine>)(
      'goes out once by %s half a minute after its event, and is read in the end',
      async (wahaEngine) => {
        await begin({ engine: wahaEngine, acks: [1, 2, 3] })
        const [id] = await add({ text: 'FT1 is yours' })
        await sender.pass(10_000)
        expect(texts()).toEqual([])
        await sender.pass(15_000)
        await sender.pass(10_000)
        expect(sender.waha.sent).toMatchObject([{ chatId: '27821234567@c.us', text: 'FT1 is yours' }])
        await sender.pass(MINUTE)
        expect(texts()).toHaveLength(1)
        const row = await sender.one(id)
        expect(row).toMatchObject({ status: 'read', error_message: null, waits: false })
        expect(row?.sent_at).not.toBeNull()
        expect(row?.waha_message_id).toBe(sender.waha.sent[0]?.id)
        const { rows } = await database.pool.query(
          'select status, waha_message_id, read_at from whatsapp_notifications',
        )
        expect(rows).toMatchObject([{ status: 'read', waha_message_id: sender.waha.sent[0]?.id }])
        expect(rows[0].read_at).not.toBeNull()
      },
    )

    it('is one for a bulk action, and lists its tickets', async () => {
      await begin({ acks: [1] })
      const ids = await add(
        ...Array.from({ length: 5 }, (_, n) => ({ text: `FT${n} is yours`, digestLine: `FT${n}` })),
        { text: 'Pole A2', kind: 'escalation' as const },
      )
      await sender.pass(31_000)
      expect(texts().toSorted()).toEqual(['Pole A2', 'Tickets assigned (5):\n- FT0\n- FT1\n- FT2\n- FT3\n- FT4'])
      expect(await Promise.all(ids.map(sender.statusOf))).toEqual(Array(6).fill('sent'))
    })

    it('goes to a group without asking for its number', async () => {
      await begin()
      await add({ phoneOrGroup: GROUP })
      await sender.pass(31_000)
      expect(sender.waha.sent).toMatchObject([{ chatId: GROUP }])
      expect(sender.waha.requests.some(({ path }) => path.includes('check-exists'))).toBe(false)
    })

    it('asks for a number before the first message only, and sends to none that is not on WhatsApp', async () => {
      await begin({ acks: [1], unknown: ['27831234567'] })
      const [id] = await add({ phoneOrGroup: '083 123 4567', recipientId: 'lerato' }, {})
      await sender.pass(31_000)
      await add({})
      await sender.pass(31_000)
      expect(sender.waha.sent.map(({ chatId }) => chatId)).toEqual(['27821234567@c.us', '27821234567@c.us'])
      expect(await sender.one(id)).toMatchObject({ status: 'failed', error_message: 'not_on_whatsapp' })
      const asked = sender.waha.requests.filter(({ path }) => path === '/api/contacts/check-exists')
      expect(asked.map(({ query }) => query.phone).toSorted()).toEqual(['27821234567', '27831234567'])
    })

    it('without a number, or with one that is none, is there to be seen as failed', async () => {
      await begin()
      const ids = await add({ phoneOrGroup: null }, { phoneOrGroup: 'ask Thabo', recipientId: 'x' })
      expect((await Promise.all(ids.map(sender.one))).map((row) => [row?.status, row?.error_message])).toEqual([
        ['failed', 'no_number'],
        ['failed', 'bad_number'],
      ])
      await sender.pass(HOUR)
      expect(texts()).toEqual([])
    })

    const CERTAIN: ReadonlyArray<readonly [Fault, DeliveryStatus]> = [
      ['resetAfterSending', 'read'],
      ['silentAfterSending', 'read'],
      ['throwsAfterSending', 'read'],
      ['emptyAfterSending', 'read'],
      ['proxyPageAfterSending', 'read'],
      ['ackBeforeReply', 'read'],
      ['resetBeforeSending', 'unknown'],
      ['silentBeforeSending', 'unknown'],
      ['throwsBeforeSending', 'unknown'],
      ['restricted', 'read'],
      ['noLid', 'failed'],
      ['sessionDown', 'read'],
      ['keyRefused', 'read'],
    ]
    it.each(CERTAIN)('is never sent twice after %s, and ends %s', async (fault, status) => {
      await begin({ acks: [1, 2, 3] })
      sender.waha.failNext(fault)
      const [id] = await add({})
      for (const ms of [31_000, MINUTE, MINUTE, MINUTE, 20 * MINUTE, 8 * HOUR]) await sender.pass(ms)
      expect(sender.waha.happened).toEqual([fault])
      expect(await sender.statusOf(id)).toBe(status)
      expect(texts()).toHaveLength(status === 'read' ? 1 : 0)
    })

    it.each(['resetAfterSending', 'emptyAfterSending', 'throwsAfterSending'] satisfies ReadonlyArray<Fault>)(
      'that an engine without names took before %s is left to a person',
      async (fault) => {
        await begin({ engine: 'WEBJS', acks: [1, 2] })
        sender.waha.failNext(fault)
        const [id] = await add({})
        for (const ms of [31_000, MINUTE, 20 * MINUTE, 8 * HOUR]) await sender.pass(ms)
        expect(texts()).toHaveLength(1)
        expect(await sender.statusOf(id)).toBe('unknown')
        const by = { userId: 'naledi', at: sender.clock.now() }
        expect(await done(sender.desk.settle(id ?? '', 'sent', by))).toBe('settled')
        expect(await sender.one(id)).toMatchObject({ status: 'sent', settled_by: 'naledi', error_message: null })
        expect(await done(sender.desk.settle(id ?? '', 'send_again', by))).toBe('sent')
      },
    )

    it('that nothing was heard of is unknown, and settled by looking it up', async () => {
      await begin()
      const [id] = await add({})
      await sender.pass(31_000)
      expect(await sender.statusOf(id)).toBe('pending')
      await sender.pass(3 * MINUTE)
      expect(await sender.one(id)).toMatchObject({ status: 'unknown', error_message: 'no_ack', waits: false })
      const [message] = sender.waha.sent
      if (message !== undefined) message.ack = 2
      await sender.pass(6 * MINUTE)
      expect(await sender.statusOf(id)).toBe('delivered')
      expect(texts()).toHaveLength(1)
    })

    it('goes out once more on a person’s word only, and a late ack of the first still counts', async () => {
      await begin({ engine: 'WEBJS' })
      sender.waha.failNext('resetBeforeSending', 'resetBeforeSending')
      const [id, other] = await add({}, { phoneOrGroup: '+27831234567', recipientId: 'lerato' })
      await sender.pass(31_000)
      await sender.pass(5 * MINUTE)
      expect(texts()).toEqual([])
      const by = { userId: 'naledi', at: sender.clock.now() }
      expect(await done(sender.desk.settle(id ?? '', 'send_again', by))).toBe('settled')
      expect(await done(sender.desk.settle(id ?? '', 'send_again', by))).toBe('waits')
      expect(await sender.one(id)).toMatchObject({ status: 'unknown', waits: true })
      expect(await done(sender.desk.settle(randomUUID(), 'sent', by))).toBeNull()
      await sender.pass(MINUTE)
      expect(texts()).toHaveLength(1)
      expect(await sender.statusOf(other)).toBe('unknown')
      const [message] = sender.waha.sent
      if (message !== undefined) await sender.waha.tell(message, 2)
      await sender.pass(1_000)
      expect(await sender.statusOf(id)).toBe('delivered')
    })

    it('is followed by its acks doubled, turned round, as hidden id and from a group', async () => {
      await begin()
      const ids = await add({}, { phoneOrGroup: GROUP, recipientId: 'team-1', recipientType: 'team' })
      await sender.pass(31_000)
      for (const message of sender.waha.sent) {
        const participant = message.chatId === GROUP ? { participant: '27829876543@c.us' } : {}
        await sender.waha.tell(message, 3, { asLid: message.chatId !== GROUP, ...participant })
        await sender.waha.tell(message, 1, participant)
        await sender.waha.tell(message, 2, participant)
        await sender.waha.tell(message, -1, participant)
        await sender.waha.tell(message, 3, { ...participant, fromMe: false })
      }
      for (const event of sender.waha.events) expect(await sender.waha.repeat(event)).toBe(200)
      await sender.pass(1_000)
      expect(await Promise.all(ids.map(sender.statusOf))).toEqual(['read', 'read'])
      const { rows } = await database.pool.query('select count(*)::integer as n from waha_events')
      expect(rows).toEqual([{ n: 8 }])
    })

    it('that WhatsApp refuses afterwards has failed, says why, and holds up first messages only', async () => {
      await begin({ acks: [1] })
      await add({})
      await sender.pass(31_000)
      const [known] = sender.waha.sent
      const [id] = await add({ phoneOrGroup: '+27831234567', recipientId: 'lerato' })
      await sender.pass(31_000)
      const until = new Date(Date.parse(sender.clock.now()) + HOUR).toISOString()
      const message = sender.waha.sent[1]
      if (message === undefined || known === undefined) throw new Error('not sent')
      await sender.waha.tell(message, -1, { error: { code: '463', until } })
      await sender.pass(1_000)
      expect(await sender.one(id)).toMatchObject({ status: 'failed', error_message: 'account_restricted' })
      const [again, first] = await add({ kind: 'escalation' }, { phoneOrGroup: '+27841234567', recipientId: 'sipho' })
      await sender.pass(31_000)
      expect(await sender.statusOf(again)).toBe('sent')
      expect(await sender.statusOf(first)).toBe('pending')
      await sender.pass(HOUR)
      await sender.pass(1_000)
      expect(await sender.statusOf(first)).toBe('sent')
    })

    it('waits while the session is down, goes out when it is back, and expires after twelve hours', async () => {
      await begin({ acks: [1] })
      sender.waha.setStatus('SCAN_QR_CODE')
      const [id] = await add({})
      await sender.pass(31_000)
      expect((await done(sender.queries.sending())).sessionStatus).toBe('SCAN_QR_CODE')
      await sender.pass(11 * HOUR)
      expect(await sender.one(id)).toMatchObject({ status: 'pending', waits: true })
      sender.waha.setStatus('WORKING')
      await sender.pass(20_000)
      expect(await sender.statusOf(id)).toBe('sent')
      sender.waha.setStatus('FAILED')
      const [late] = await add({ text: 'late' })
      await sender.pass(13 * HOUR)
      expect(await sender.one(late)).toMatchObject({ status: 'failed', error_message: 'expired' })
      sender.waha.setStatus('WORKING')
      await sender.pass(MINUTE)
      expect(texts()).toHaveLength(1)
    })

    it('stops for everyone when a person throws the switch, once per version', async () => {
      await begin({ acks: [1] })
      const by = { userId: 'naledi', at: sender.clock.now(), reason: 'the number is blocked', version: 1 }
      expect(await done(sender.desk.switchTo(false, by))).toBe(true)
      expect(await done(sender.desk.switchTo(true, by))).toBe(false)
      await add({})
      await sender.pass(MINUTE)
      expect(texts()).toEqual([])
      expect(await done(sender.desk.switchTo(true, { ...by, version: 2 }))).toBe(true)
      await sender.pass(1_000)
      expect(texts()).toHaveLength(1)
    })

    it('goes to one recipient ten times a minute at most, while others have theirs', async () => {
      await begin({ acks: [1] })
      const own = (n: number) => ({ kind: 'message' as const, text: `m${n}` })
      await add(...Array.from({ length: 13 }, (_, n) => own(n)), {
        ...own(99),
        phoneOrGroup: '+27831234567',
        recipientId: 'lerato',
      })
      await sender.pass(9_000)
      expect(sender.waha.sent.filter(({ chatId }) => chatId.startsWith('2782'))).toHaveLength(10)
      expect(texts()).toContain('m99')
      await sender.pass(MINUTE)
      expect(texts()).toHaveLength(14)
    })

    it('keeps the pace of all together', async () => {
      await begin({}, { pace: { perMinute: 30, perRecipientPerMinute: 10, expireHours: 12 } })
      await add(
        ...Array.from({ length: 40 }, (_, n) => ({
          kind: 'message' as const,
          phoneOrGroup: `+2782123${1_000 + n}`,
          recipientId: `p${n}`,
        })),
      )
      const begun = sender.clock.ahead
      for (let n = 0; n < 60 && texts().length < 40; n += 1) await sender.pass(1_000)
      expect(texts()).toHaveLength(40)
      expect(sender.clock.ahead - begun).toBeGreaterThan(39 * 2_000)
    })

    it('all wait when one after the other ends unknown', async () => {
      await begin()
      sender.waha.failNext(...Array<Fault>(3).fill('throwsBeforeSending'))
      await add(
        ...Array.from({ length: 5 }, (_, n) => ({
          kind: 'message' as const,
          text: `m${n}`,
          at: new Date(Date.parse(sender.clock.now()) + n).toISOString(),
          phoneOrGroup: `+2782123${1_000 + n}`,
          recipientId: `p${n}`,
        })),
      )
      await sender.pass(5_000)
      expect(texts()).toEqual([])
      expect((await done(sender.queries.sending())).pausedUntil).not.toBeNull()
      await sender.pass(MINUTE)
      expect(texts()).toEqual(['m3', 'm4'])
    })

    it('holds up nobody else while one hangs whose sender is dead', async () => {
      await begin({ acks: [1] })
      const [hanging] = await add({ kind: 'message' })
      const at = sender.clock.now()
      const claim = { sendId: randomUUID(), session: 'default', messageId: '3EB0DEAD', address: '+27821234567', at }
      const leaseUntil = new Date(Date.parse(at) + MINUTE).toISOString()
      const notificationIds = [hanging ?? '']
      const limits = { nextSendAt: at, perRecipientPerMinute: 10, leaseUntil, notificationIds }
      expect(await done(sender.sending.claim({ ...claim, ...limits }))).toBe(true)
      expect(await done(sender.sending.claim({ ...claim, ...limits, sendId: randomUUID() }))).toBe(false)
      const [behind, other] = await add(
        { kind: 'message' },
        { kind: 'message', phoneOrGroup: '+27831234567', recipientId: 'lerato' },
      )
      await sender.pass(1_000)
      expect(await Promise.all([hanging, behind, other].map(sender.statusOf))).toEqual(['pending', 'pending', 'sent'])
      await sender.pass(MINUTE)
      expect(await Promise.all([hanging, behind, other].map(sender.statusOf))).toEqual(['unknown', 'sent', 'sent'])
    })

    it('is not sent again after its row was pruned', async () => {
      await begin({ acks: [1, 2] })
      const row = aNotification({ at: sender.clock.now() })
      const [id] = await done(sender.store.add([row]))
      await sender.pass(31_000)
      await database.pool.query('delete from whatsapp_notifications')
      expect(await done(sender.store.add([row]))).toEqual([])
      await sender.pass(HOUR)
      expect(texts()).toHaveLength(1)
      expect(await sender.one(id)).toMatchObject({ status: 'delivered', recipient_phone: null, message_content: null })
    })

    it('counts for compliance when it was sent within a minute of its event', async () => {
      await begin({ acks: [1] })
      const from = sender.clock.now()
      await add({})
      await sender.pass(31_000)
      sender.waha.failNext('throwsBeforeSending')
      await add({ kind: 'escalation' }, { kind: 'sla_warning', phoneOrGroup: null })
      await sender.pass(31_000)
      await add({ kind: 'message' })
      await sender.pass(2 * MINUTE)
      const range = { from, to: sender.clock.now(), project: ['lawley'] }
      const figures = await done(sender.queries.compliance(range, sender.clock.now()))
      expect(figures).toMatchObject({ events: 3, byStatus: { sent: 1, unknown: 1, failed: 1, pending: 0 } })
      expect(figures.share).toBeCloseTo(1 / 3)
    })

    it('is sent once by any number of senders', async () => {
      await begin({ acks: [1] }, { pace: { perMinute: 60_000, perRecipientPerMinute: 10, expireHours: 12 } })
      await add(
        ...Array.from({ length: 24 }, (_, n) => ({
          kind: 'message' as const,
          phoneOrGroup: `+2782123${1_000 + n}`,
          recipientId: `p${n}`,
          text: `m${n}`,
        })),
      )
      await Promise.all([sender.pass(1_000), sender.pass(0), sender.pass(0), sender.pass(0)])
      for (let n = 0; n < 20 && texts().length < 24; n += 1) await sender.pass(1_000)
      expect(new Set(texts()).size).toBe(24)
      expect(texts()).toHaveLength(24)
    })
  })
