import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { expect, it } from 'vitest'
import { endEscalation, followTicket } from '../../../src/domain/escalation/end-escalation.ts'
import { joinFault } from '../../../src/domain/escalation/escalate.ts'
import type { Escalation, EscalationDecision, FaultTicketStatus } from '../../../src/domain/escalation/escalation.ts'
import { escalationTransitions, isLive } from '../../../src/domain/escalation/escalation.ts'
import { repeatFaults } from '../../../src/domain/escalation/repeat-faults.ts'
import { plusDays } from '../../../src/domain/shared/time.ts'
import { AT, LATER, openOnPole } from './escalations.ts'

const NOW = '2026-07-20T10:00:00.000Z'

const faultsArb = fc.array(
  fc.record({
    ticketId: fc.nat(30).map((n) => `t${n}`),
    createdAt: fc.integer({ min: -120, max: 2 }).map((days) => plusDays(NOW, days)),
  }),
  { maxLength: 30 },
)
const limitArb = fc.record({ threshold: fc.nat(8), windowDays: fc.integer({ min: 1, max: 100 }) })

it('the order in which faults are read does not matter, and only more than the threshold escalates', () => {
  const reached = new Set<string>()
  fc.assert(
    fc.property(
      faultsArb.chain((faults) =>
        fc.tuple(
          fc.constant(faults),
          fc.shuffledSubarray(faults, { minLength: faults.length, maxLength: faults.length }),
        ),
      ),
      limitArb,
      ([faults, shuffled], limit) => {
        const result = repeatFaults({ faults, limit, countingSince: null, now: NOW })
        reached.add(result.count === limit.threshold ? 'at the threshold' : result.type)
        expect(repeatFaults({ faults: shuffled, limit, countingSince: null, now: NOW })).toEqual(result)
        expect(result.type === 'escalate').toBe(result.count > limit.threshold)
        expect(result.contributing).toHaveLength(result.count)
      },
    ),
    { numRuns: 800 },
  )
  expect([...reached].toSorted()).toEqual(['at the threshold', 'below', 'escalate'])
})

it('after an escalation ended, only faults after its end are counted', () => {
  const reached = new Set<string>()
  fc.assert(
    fc.property(faultsArb, limitArb, fc.integer({ min: -110, max: 0 }), (faults, limit, ago) => {
      const countingSince = plusDays(NOW, ago)
      const { type, contributing } = repeatFaults({ faults, limit, countingSince, now: NOW })
      reached.add(type)
      const after = faults.filter(({ createdAt }) => createdAt > countingSince)
      expect(contributing.every((id) => after.some(({ ticketId }) => ticketId === id))).toBe(true)
      expect(repeatFaults({ faults: after, limit, countingSince: null, now: NOW }).contributing).toEqual(contributing)
    }),
    { numRuns: 500 },
  )
  expect([...reached].toSorted()).toEqual(['below', 'escalate'])
})

const statusArb = fc.constantFrom<FaultTicketStatus>(
  'open',
  'assigned',
  'in_progress',
  'on_hold',
  'pending_qa',
  'qa_in_progress',
  'qa_rejected',
  'qa_approved',
  'pending_handover',
  'handed_to_maintenance',
  'closed',
  'cancelled',
)
const ticketArb = fc.record({
  status: statusArb,
  deletedAt: fc.oneof({ weight: 9, arbitrary: fc.constant(null) }, fc.constant(AT)),
})
const moveArb = fc.oneof(
  ticketArb.map((ticket) => ({ kind: 'ticket' as const, ticket })),
  fc
    .record({
      ticket: ticketArb,
      notes: fc.constantFrom('', 'seen'),
      outcome: fc.constantFrom('resolved' as const, 'no_action' as const),
    })
    .map((command) => ({ kind: 'person' as const, ...command })),
  fc.nat(6).map((n) => ({ kind: 'fault' as const, ticketId: `t${n}` })),
)

const allowed = new Set(
  Object.values(escalationTransitions).flatMap(({ from, to }) => from.map((start) => `${start} ${to}`)),
)

it('no life of an escalation leaves its table, loses a fault or forgets who ended it', () => {
  const reached = new Set<string>()
  fc.assert(
    fc.property(fc.array(moveArb, { maxLength: 8 }), (moves) => {
      let now: Escalation = openOnPole()
      for (const move of moves) {
        const before: Escalation = now
        let events = 0
        if (move.kind === 'fault') {
          if (!isLive(before)) continue
          const [next, emitted]: EscalationDecision = joinFault({ ticketId: move.ticketId, at: LATER })(before)
          now = next
          events = emitted.length
        } else if (move.kind === 'ticket') {
          const [next, emitted]: EscalationDecision = followTicket({ ...move.ticket, at: LATER })(before)
          now = next
          events = emitted.length
        } else {
          const result = endEscalation({ ...move, by: 'manager-1', at: LATER })(before)
          if (E.isLeft(result)) reached.add(result.left.type)
          else {
            now = result.right[0]
            events = result.right[1].length
            reached.add(`person: ${now.status}`)
          }
        }
        reached.add(now.status)
        expect(events > 0).toBe(now !== before)
        expect(now.status === before.status || allowed.has(`${before.status} ${now.status}`)).toBe(true)
        expect(before.contributing.every((id) => now.contributing.includes(id))).toBe(true)
        expect(isLive(now) || now.ended.at === LATER).toBe(true)
      }
    }),
    { numRuns: 1500 },
  )
  expect([...reached].toSorted()).toEqual([
    'EscalationAlreadyEnded',
    'EscalationNotesMissing',
    'InfrastructureTicketStillRunning',
    'investigating',
    'no_action',
    'open',
    'person: no_action',
    'person: resolved',
    'resolved',
  ])
})
