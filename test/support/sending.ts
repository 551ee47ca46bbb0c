import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { postgresNotificationDesk } from '../../src/adapters/postgres/notification-desk.ts'
import { postgresNotificationQueries } from '../../src/adapters/postgres/notification-queries.ts'
import { postgresNotificationStore } from '../../src/adapters/postgres/notification-store.ts'
import { postgresSendingStore } from '../../src/adapters/postgres/sending-store.ts'
import { addressOf } from '../../src/adapters/waha/addresses.ts'
import { wahaMessenger } from '../../src/adapters/waha/messenger.ts'
import { type StandInOptions, startWahaStandIn, type WahaStandIn } from '../../src/adapters/waha/stand-in/server.ts'
import { eventIn, isSigned } from '../../src/adapters/waha/webhook.ts'
import type { SendDeps } from '../../src/application/notification/send.ts'
import { type SendScheduleDeps, sendDue } from '../../src/application/notification/send-schedule.ts'
import { DEFAULT_PACE } from '../../src/domain/notification/pace.ts'
import type { TestDatabase } from './databases.ts'
import { done } from './stored-tickets.ts'

const HOOK_KEY = 'a-webhook-key'

/** A clock that stands `ahead` of the real one, as the tests move it. */
export type Clock = { ahead: number; readonly now: () => string }
export const clockAhead = (): Clock => {
  const clock: Clock = { ahead: 0, now: () => new Date(Date.now() + clock.ahead).toISOString() }
  return clock
}

/** Waiting is passing time on: nothing here takes the minutes it would. While a message is under way it takes its time. */
const passing =
  (clock: Clock): SendScheduleDeps['wait'] =>
  async (ms, _, sooner) => {
    if (sooner === null) clock.ahead += ms
    else await Promise.race([sooner, sleep(Math.min(ms, 200))])
  }

export const sendDeps = (
  pool: TestDatabase['pool'],
  waha: Pick<WahaStandIn, 'url' | 'apiKey'>,
  clock: Clock,
  over: Partial<SendScheduleDeps> = {},
  timeoutMs = 400,
): SendScheduleDeps => ({
  sending: { ...postgresSendingStore(pool), now: () => TE.fromIO(clock.now) },
  messenger: {
    ...wahaMessenger({ ...waha, session: 'default', timeoutMs, askEveryMs: 0 }),
  },
  pace: { ...DEFAULT_PACE, perMinute: 600 },
  switchedOn: true,
  newId: randomUUID,
  chance: () => 0.5,
  wait: passing(clock),
  ...over,
})

/** A sender on that database against a WAHA of its own, with its webhooks coming in. */
export const aSender = async (
  database: TestDatabase,
  options: Omit<StandInOptions, 'webhook'> = {},
  over: Partial<SendScheduleDeps> = {},
  timeoutMs = 400,
) => {
  const clock = clockAhead()
  const sending = postgresSendingStore(database.pool)
  const hook = createServer(async (request, response) => {
    const raw = Buffer.concat(await request.toArray())
    const header = (name: string): string | null => String(request.headers[name] ?? '') || null
    if (!isSigned(HOOK_KEY, raw, header('x-webhook-hmac'), header('x-webhook-hmac-algorithm')))
      return void response.writeHead(401).end()
    const event = eventIn(raw, 'default')
    if (event !== null) await done(sending.keepEvent(event, clock.now()))
    response.writeHead(200).end()
  })
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`
  const waha = await startWahaStandIn({ ...options, webhook: { url, key: HOOK_KEY } })
  const deps = sendDeps(database.pool, waha, clock, over, timeoutMs)
  const store = postgresNotificationStore(database.pool, { newId: randomUUID, addressOf })
  const queries = postgresNotificationQueries(database.pool)
  const send = sendDue(deps)
  const pass = async (ms: number): Promise<void> => {
    clock.ahead += ms
    await send(new AbortController().signal)
    await waha.quiet()
    await done(sending.applyEvents(1_000, clock.now()))
  }
  return {
    clock,
    waha,
    deps: deps as SendDeps & SendScheduleDeps,
    store,
    queries,
    desk: postgresNotificationDesk(database.pool),
    sending,
    /** Lets time go on, sends what is due by then, and hears what WAHA tells of it. */
    pass,
    statusOf: async (id: string | undefined) => (await done(queries.one(id ?? '')))?.status,
    one: async (id: string | undefined) => done(queries.one(id ?? '')),
    close: async () => {
      await waha.close()
      hook.closeAllConnections()
      await new Promise((resolve) => hook.close(resolve))
    },
  }
}
export type Sender = Awaited<ReturnType<typeof aSender>>

/** Nothing waits and nothing was said: as before any test. */
export const forgetMessages = async ({ pool }: TestDatabase): Promise<void> => {
  await pool.query('delete from whatsapp_send_parts')
  await pool.query('update notification_ledger set send_id = null')
  await pool.query('delete from notification_ledger')
  await pool.query('delete from whatsapp_sends')
  await pool.query('delete from whatsapp_notifications')
  await pool.query('delete from whatsapp_contacts')
  await pool.query('delete from waha_events')
  await pool.query(`update notification_control set sending = true, next_send_at = null, trouble_since = null, pauses = 0,
    paused_until = null, restricted_until = null, restricted_at = null, restriction_steps = 0, session_status = null, session_seen_at = null, version = 1`)
}
