import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { type SendScheduleDeps, sendDue } from '../../src/application/notification/send-schedule.ts'
import { describeOn, type TestDatabase, testDatabase } from '../support/databases.ts'
import { aNotification } from '../support/notifications.ts'
import { aSender, forgetMessages } from '../support/sending.ts'
import { done } from '../support/stored-tickets.ts'

vi.setConfig({ testTimeout: 240_000 })

const NEVER = new AbortController().signal
const CRASH = 'the process is dead'

/** Every step to the outside counts; the process dies before or after the n-th, and does nothing any more. */
const dyingAt = (deps: SendScheduleDeps, n: number, when: 'before' | 'after') => {
  let calls = 0
  const state = { dead: false, at: '' }
  const mortal = <T extends object>(port: T, name: string): T =>
    new Proxy(port, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key)
        if (typeof value !== 'function' || key === 'chatOf') return value
        return (...said: unknown[]) =>
          async () => {
            if (state.dead) throw new Error(CRASH)
            calls += 1
            const dies = calls === n
            if (dies) Object.assign(state, { dead: true, at: `${when} ${name}.${String(key)}` })
            if (dies && when === 'before') throw new Error(CRASH)
            const answer = await (value.apply(target, said) as () => Promise<unknown>)()
            if (dies) throw new Error(CRASH)
            return answer
          }
      },
    })
  return {
    state,
    deps: { ...deps, sending: mortal(deps.sending, 'sending'), messenger: mortal(deps.messenger, 'messenger') },
  }
}

describeOn('pglite', 'A sender that dies', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await testDatabase('pglite')
  })
  afterAll(() => database.close())
  beforeEach(() => forgetMessages(database))

  it('between any two steps never makes a message go out twice, and loses none in silence', async () => {
    const sender = await aSender(database, { acks: [1] })
    const died = new Set<string>()
    const ended = new Set<string>()
    for (const when of ['before', 'after'] as const)
      for (let n = 1; ; n += 1) {
        await forgetMessages(database)
        sender.clock.ahead = 0
        const from = sender.waha.sent.length
        const [id] = await done(
          sender.store.add([aNotification({ at: sender.clock.now(), kind: 'message', text: `${when} ${n}` })]),
        )
        const mortal = dyingAt(sender.deps, n, when)
        await sendDue(mortal.deps)(NEVER).catch((error: Error) => {
          if (error.message !== CRASH) throw error
        })
        if (!mortal.state.dead) break
        died.add(mortal.state.at)
        for (const ms of [1_000, 11_000, 180_000, 180_000, 3_600_000]) await sender.pass(ms)
        const arrived = sender.waha.sent.slice(from).length
        const status = await sender.statusOf(id)
        ended.add(`${arrived} ${status}`)
        expect([arrived, status], mortal.state.at).toEqual(arrived === 1 ? [1, 'sent'] : [0, 'unknown'])
      }
    expect([...died]).toEqual(
      expect.arrayContaining([
        'before sending.claim',
        'after sending.claim',
        'after messenger.send',
        'before sending.learn',
      ]),
    )
    expect([...ended].toSorted()).toEqual(['0 unknown', '1 sent'])
    await sender.close()
  })
})

describeOn('postgres', 'Senders that are killed', () => {
  it('twenty times send nothing twice, and every message is accounted for', async () => {
    const database = await testDatabase('postgres')
    const sender = await aSender(database, { acks: [1] })
    const COUNT = 150
    await done(
      sender.store.add(
        Array.from({ length: COUNT }, (_, n) =>
          aNotification({
            kind: 'message',
            phoneOrGroup: `+2782123${1_000 + n}`,
            recipientId: `p${n}`,
            text: `m${n}`,
            at: sender.clock.now(),
          }),
        ),
      ),
    )
    for (let kill = 0; kill < 20; kill += 1) {
      const child = spawn(
        process.execPath,
        [join(import.meta.dirname, 'sending-process.ts'), database.url ?? '', sender.waha.url, sender.waha.apiKey],
        { stdio: 'inherit' },
      )
      const before = sender.waha.sent.length
      for (let waited = 0; sender.waha.sent.length < before + 2 && waited < 10_000; waited += 5) await sleep(5)
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    const killedAt = sender.waha.sent.length
    expect(killedAt).toBeLessThan(COUNT)
    for (let n = 0; n < 200 && sender.waha.sent.length < COUNT; n += 1) await sender.pass(30_000)
    await sender.pass(300_000)
    const texts = sender.waha.sent.map(({ text }) => text)
    expect(new Set(texts).size).toBe(texts.length)
    const { rows } = await database.pool.query(
      'select status, count(*)::integer as n from notification_ledger group by 1',
    )
    const of = (status: string): number => rows.find((row) => row.status === status)?.n ?? 0
    expect(of('sent') + of('unknown')).toBe(COUNT)
    expect(of('sent')).toBe(texts.length)
    await sender.close()
    await database.close()
  })
})
