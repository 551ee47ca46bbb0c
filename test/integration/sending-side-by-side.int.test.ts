import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import type { StandInOptions } from '../../src/adapters/waha/stand-in/server.ts'
import type { SendScheduleDeps } from '../../src/application/notification/send-schedule.ts'
import type { NewNotification } from '../../src/domain/notification/notification.ts'
import { describeOn, type TestDatabase, testDatabase } from '../support/databases.ts'
import { aNotification } from '../support/notifications.ts'
import { aSender, forgetMessages, type Sender } from '../support/sending.ts'
import { done } from '../support/stored-tickets.ts'

const SLOW = 4_000

for (const engine of ['postgres', 'pglite'] as const)
  describeOn(engine, 'Several messages under way', () => {
    let database: TestDatabase
    let sender: Sender
    const begin = async (options: Omit<StandInOptions, 'webhook'> = {}, over: Partial<SendScheduleDeps> = {}) => {
      sender = await aSender(database, options, over, SLOW)
    }
    const add = (...rows: ReadonlyArray<Partial<NewNotification>>) =>
      done(
        sender.store.add(
          rows.map((row) => aNotification({ at: sender.clock.now(), kind: 'message' as const, ...row })),
        ),
      )
    const to = (n: number) => ({ phoneOrGroup: `+2782123${1_000 + n}`, recipientId: `p${n}`, text: `m${n}` })

    beforeAll(async () => {
      database = await testDatabase(engine)
    })
    afterAll(() => database.close())
    beforeEach(() => forgetMessages(database))
    afterEach(() => sender.close())

    it('one that hangs holds up nobody but its own recipient', async () => {
      await begin({ acks: [1] })
      sender.waha.failNext('silentBeforeSending')
      const [hanging] = await add(to(0))
      const passing = sender.pass(1_000)
      await expect.poll(() => sender.waha.happened, { timeout: 10_000 }).toEqual(['silentBeforeSending'])
      const begun = performance.now()
      const [behind] = await add({ ...to(0), text: 'behind' }, to(1), to(2), to(3), to(4), to(5))
      await expect
        .poll(() => sender.waha.sent.map(({ text }) => text).toSorted(), { timeout: 3_500 })
        .toEqual(['m1', 'm2', 'm3', 'm4', 'm5'])
      expect(performance.now() - begun).toBeLessThan(SLOW)
      expect(await Promise.all([hanging, behind].map(sender.statusOf))).toEqual(['pending', 'pending'])
      await passing
      expect(sender.waha.sent.map(({ text }) => text)).toHaveLength(6)
      expect(sender.waha.sent.at(-1)?.text).toBe('behind')
    })

    it('are never more than four', async () => {
      await begin({ acks: [1] })
      sender.waha.failNext(...Array(6).fill('silentBeforeSending' as const))
      await add(...Array.from({ length: 6 }, (_, n) => to(n)))
      const passing = sender.pass(1_000)
      await expect.poll(() => sender.waha.happened.length, { timeout: 3_000 }).toBe(4)
      await new Promise((resolve) => setTimeout(resolve, 500))
      expect(sender.waha.happened).toHaveLength(4)
      await passing
    })
  })
