import fc from 'fast-check'
import { expect, it } from 'vitest'
import { sendAnswerOf } from '../../../src/adapters/waha/answers.ts'
import { acked, type Engine, type StandInMessage, sent } from '../../../src/adapters/waha/stand-in/shapes.ts'
import { eventIn } from '../../../src/adapters/waha/webhook.ts'
import { type DeliveryStatus, type Evidence, learn, UNTOLD } from '../../../src/domain/notification/delivery.ts'

const ENGINES: ReadonlyArray<Engine> = ['NOWEB', 'GOWS', 'WEBJS']
const STARTED = Date.UTC(2026, 10, 22, 8)
const GROUP = '120363012345678901@g.us'

const ack = fc.record({
  ack: fc.constantFrom(-1, 0, 1, 2, 3, 4),
  asLid: fc.boolean(),
  fromMe: fc.constantFrom(true, true, true, false),
  event: fc.constantFrom('message.ack', 'message.any'),
  ms: fc.integer({ min: 0, max: 60_000 }),
})
const life = fc.record({
  engine: fc.constantFrom(...ENGINES),
  chatId: fc.constantFrom('27821234567@c.us', GROUP),
  acks: fc.array(ack, { maxLength: 6 }),
})

/** Each thing heard on the wire, as what the program learns from it: acks in their engine's shapes, and the answer to the message. */
const heard = ({
  engine,
  chatId,
  acks,
}: {
  engine: Engine
  chatId: string
  acks: ReadonlyArray<typeof ack extends fc.Arbitrary<infer A> ? A : never>
}) => {
  const message: StandInMessage = { id: '3EB0E687F227CAC2173F43', chatId, text: 'FT1', at: STARTED, ack: 0 }
  const answer = sendAnswerOf({ type: 'Answered', status: 201, body: sent(engine, message) }, engine)
  if (answer.type !== 'Accepted' || answer.messageId !== message.id) throw new Error('the answer names the message')
  const reply: Evidence = { type: 'Acked', ack: answer.ack, at: new Date(STARTED).toISOString(), error: null }
  return [
    reply,
    ...acks.flatMap(({ ack: level, asLid, fromMe, event, ms }, n): ReadonlyArray<Evidence> => {
      const group = chatId === GROUP
      const payload = acked(engine, message, level, {
        asLid: asLid && !group,
        fromMe,
        ...(group ? { participant: asLid ? '99887766554433@lid' : '27829876543@c.us' } : {}),
      })
      const name = group && event === 'message.ack' ? 'message.ack.group' : event
      const body = { id: `evt_${n}`, timestamp: STARTED + ms, event: name, session: 'default', payload, engine }
      const news = eventIn(Buffer.from(JSON.stringify(body)), 'default')?.news
      if (!fromMe) expect(news).toBeUndefined()
      if (news?.type !== 'Ack') return []
      expect(news.messageId).toBe(message.id)
      return [{ type: 'Acked', ack: news.ack, at: new Date(STARTED + ms).toISOString(), error: news.error }]
    }),
  ]
}

const expected = (engine: Engine, ours: ReadonlyArray<number>): DeliveryStatus => {
  const furthest = Math.max(engine === 'GOWS' ? 1 : 0, ...ours)
  if (furthest >= 3) return 'read'
  if (furthest === 2) return 'delivered'
  return ours.includes(-1) ? 'failed' : furthest === 1 ? 'sent' : 'pending'
}

it('acks in any order, doubled, as hidden id, from groups, after an error, before the answer is read: one right final state', () => {
  const reached = new Map<string, number>()
  fc.assert(
    fc.property(
      life.chain((one) => {
        const all = heard(one)
        return fc.record({
          one: fc.constant(one),
          told: fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 }),
        })
      }),
      ({ one, told }) => {
        const final = told.reduce(learn, UNTOLD)
        const ours = one.acks.filter(({ fromMe }) => fromMe).map(({ ack: level }) => level)
        expect(final.status).toBe(expected(one.engine, ours))
        expect(final).toEqual(heard(one).reduce(learn, UNTOLD))
        for (const seen of [final.status, one.engine, one.chatId]) reached.set(seen, (reached.get(seen) ?? 0) + 1)
      },
    ),
    { numRuns: 1_500 },
  )
  for (const outcome of ['pending', 'sent', 'failed', 'delivered', 'read', ...ENGINES, GROUP])
    expect(reached.get(outcome) ?? 0, outcome).toBeGreaterThan(5)
})
