import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  DELIVERY_STATUSES,
  type Delivery,
  type Evidence,
  isPast,
  learn,
  UNTOLD,
} from '../../../src/domain/notification/delivery.ts'

const instant = fc.integer({ min: 0, max: 600_000 }).map((ms) => new Date(Date.UTC(2026, 10, 22, 8) + ms).toISOString())
const evidence: fc.Arbitrary<Evidence> = fc.oneof(
  fc.record({
    type: fc.constant('Acked' as const),
    ack: fc.constantFrom(-1, 0, 1, 2, 3, 4, 7),
    at: instant,
    error: fc.constantFrom(null, '463', 'whatsapp_error'),
  }),
  fc.record({ type: fc.constant('Unclear' as const), error: fc.constantFrom('timeout', 'status_500') }),
  fc.record({ type: fc.constant('Refused' as const), error: fc.constantFrom('status_400', 'not_on_whatsapp') }),
  fc.record({ type: fc.constant('Settled' as const), as: fc.constantFrom('sent' as const, 'failed'), at: instant }),
)
const knownOf = (all: ReadonlyArray<Evidence>): Delivery => all.reduce(learn, UNTOLD)

it('whatever the order and however often each is told, the same is known in the end', () => {
  const seen = new Set<string>()
  fc.assert(
    fc.property(
      fc.array(evidence, { maxLength: 8 }).chain((all) =>
        fc.record({
          all: fc.constant(all),
          told: fc.shuffledSubarray([...all, ...all, ...all], { minLength: all.length * 3 }),
        }),
      ),
      ({ all, told }) => {
        const known = knownOf(all)
        seen.add(known.status)
        expect(knownOf(told)).toEqual(known)
      },
    ),
    { numRuns: 2_000 },
  )
  expect([...seen].toSorted()).toEqual([...DELIVERY_STATUSES].toSorted())
})

it('a status never moves back', () => {
  fc.assert(
    fc.property(fc.array(evidence, { maxLength: 12 }), (all) => {
      let known = UNTOLD
      for (const one of all) {
        const next = learn(known, one)
        expect(isPast(known.status, next.status)).toBe(false)
        known = next
      }
    }),
    { numRuns: 1_000 },
  )
})

it('a message is read, delivered, failed, sent, unknown or pending by the furthest that was heard of it', () => {
  const reached = new Set<string>()
  fc.assert(
    fc.property(fc.array(evidence, { maxLength: 8 }), (all) => {
      const acks = all.flatMap((one) => (one.type === 'Acked' && one.ack <= 4 ? [one.ack] : []))
      const furthest = Math.max(0, ...acks)
      const failed =
        acks.includes(-1) ||
        all.some((one) => one.type === 'Refused' || (one.type === 'Settled' && one.as === 'failed'))
      const sent = furthest === 1 || all.some((one) => one.type === 'Settled' && one.as === 'sent')
      const expected =
        furthest >= 3
          ? 'read'
          : furthest === 2
            ? 'delivered'
            : failed
              ? 'failed'
              : sent
                ? 'sent'
                : all.some(({ type }) => type === 'Unclear')
                  ? 'unknown'
                  : 'pending'
      reached.add(expected)
      expect(knownOf(all).status).toBe(expected)
    }),
    { numRuns: 2_000 },
  )
  expect(reached.size).toBe(6)
})
