import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { endEscalation, followTicket } from '../../../src/domain/escalation/end-escalation.ts'
import { escalate, joinFault } from '../../../src/domain/escalation/escalate.ts'
import { escalationTypeOf } from '../../../src/domain/escalation/escalation.ts'
import { infrastructureTicket } from '../../../src/domain/escalation/infrastructure-ticket.ts'
import { AT, endedAs, investigated, LATER, openOnPole } from './escalations.ts'

describe('escalating', () => {
  it.each([
    ['dr', 'investigation'],
    ['pole', 'replacement'],
    ['pon', 'investigation'],
    ['zone', 'inspection'],
  ] as const)('a %s asks for %s', (scope, type) => {
    expect(escalationTypeOf[scope]).toBe(type)
  })

  it('opens with its faults, its ticket and what was exceeded', () => {
    const faults = {
      type: 'escalate',
      count: 4,
      threshold: 3,
      windowFrom: AT,
      contributing: ['a', 'b', 'c', 'd'],
    } as const
    const key = { projectId: 'lawley', scope: 'pole', value: 'P17' } as const
    const [escalation, events] = escalate({ id: 'e1', key, ticketId: 'infra-1', faults, at: AT })
    expect(escalation).toEqual({
      status: 'open',
      id: 'e1',
      key,
      type: 'replacement',
      ticketId: 'infra-1',
      faultCount: 4,
      threshold: 3,
      contributing: ['a', 'b', 'c', 'd'],
      createdAt: AT,
    })
    expect(events).toEqual([{ type: 'RepeatFaultEscalated', escalation, at: AT }])
  })

  it('a later fault joins, and joins once', () => {
    const [joined, events] = joinFault({ ticketId: 't5', at: LATER })(openOnPole())
    expect(joined).toMatchObject({ faultCount: 4, contributing: ['t1', 't2', 't3', 't4', 't5'] })
    expect(events).toEqual([{ type: 'FaultJoinedEscalation', escalationId: 'e1', ticketId: 't5', at: LATER }])
    expect(joinFault({ ticketId: 't5', at: LATER })(joined)).toEqual([joined, []])
  })
})

describe('an escalation moves with its ticket', () => {
  const moved = (status: Parameters<typeof followTicket>[0]['status'], deletedAt: string | null = null) =>
    followTicket({ status, deletedAt, at: LATER })

  it.each(['open', 'assigned', 'on_hold'] as const)('while that is %s it stays as it is', (status) => {
    expect(moved(status)(openOnPole())).toEqual([openOnPole(), []])
    expect(moved(status)(investigated())).toEqual([investigated(), []])
  })

  it('starting work makes it investigating, once', () => {
    const [escalation, events] = moved('in_progress')(openOnPole())
    expect(escalation).toMatchObject({ status: 'investigating', investigatingSince: LATER })
    expect(events).toEqual([{ type: 'EscalationInvestigationStarted', escalationId: 'e1', at: LATER }])
    expect(moved('pending_qa')(escalation)).toEqual([escalation, []])
  })

  it('closing resolves it, cancelling or deleting ends it without action', () => {
    const ended = { at: LATER, by: null, notes: null }
    for (const live of [openOnPole(), investigated()]) {
      expect(moved('closed')(live)[0]).toMatchObject({ status: 'resolved', ended })
      expect(moved('cancelled')(live)[0]).toMatchObject({ status: 'no_action', ended })
      expect(moved('open', LATER)(live)[0]).toMatchObject({ status: 'no_action', ended })
      expect(moved('closed')(live)[1]).toEqual([
        { type: 'EscalationEnded', escalationId: 'e1', outcome: 'resolved', ended, at: LATER },
      ])
    }
  })

  it('once ended, by its ticket or by a person, it stays ended', () => {
    for (const ended of [endedAs('resolved'), endedAs('no_action')]) {
      for (const status of ['in_progress', 'closed', 'cancelled'] as const)
        expect(moved(status)(ended)).toEqual([ended, []])
    }
  })
})

describe('a person ends an escalation', () => {
  const command = { outcome: 'resolved', notes: ' pole replaced ', by: 'manager-1', at: LATER } as const

  it.each(['qa_approved', 'pending_handover', 'handed_to_maintenance', 'closed', 'cancelled'] as const)(
    'when its ticket is %s',
    (status) => {
      const result = endEscalation({ ...command, ticket: { status, deletedAt: null } })(openOnPole())
      expect(result).toMatchObject(
        E.right([
          { status: 'resolved', ended: { at: LATER, by: 'manager-1', notes: 'pole replaced' } },
          [{ type: 'EscalationEnded' }],
        ]),
      )
    },
  )

  it.each(['open', 'assigned', 'in_progress', 'on_hold', 'pending_qa', 'qa_in_progress', 'qa_rejected'] as const)(
    'not while its ticket is %s',
    (status) => {
      const result = endEscalation({ ...command, ticket: { status, deletedAt: null } })(investigated())
      expect(result).toEqual(
        E.left({ type: 'InfrastructureTicketStillRunning', ticketId: 'infra-1', ticketStatus: status }),
      )
    },
  )

  it('when its ticket was deleted, also without action', () => {
    const deleted = { status: 'open', deletedAt: AT } as const
    const result = endEscalation({ ...command, outcome: 'no_action', ticket: deleted })(investigated())
    expect(result).toMatchObject(E.right([{ status: 'no_action' }, [{ outcome: 'no_action' }]]))
  })

  it('with notes, and once', () => {
    const ticket = { status: 'closed', deletedAt: null } as const
    expect(endEscalation({ ...command, notes: ' ', ticket })(openOnPole())).toEqual(
      E.left({ type: 'EscalationNotesMissing' }),
    )
    expect(endEscalation({ ...command, ticket })(endedAs('no_action'))).toEqual(
      E.left({
        type: 'EscalationAlreadyEnded',
        status: 'no_action',
        ended: { at: AT, by: 'manager-1', notes: 'done' },
      }),
    )
  })
})

describe('the infrastructure ticket', () => {
  const limit = { threshold: 2, windowDays: 90 }
  const here = { dr: 'DR1', pole: 'P17', pon: '12', zone: '3' }
  const on = (
    scope: 'dr' | 'pole' | 'pon' | 'zone',
    places: ReadonlyArray<typeof here | (Omit<typeof here, 'pon'> & { pon: null })>,
  ) => infrastructureTicket({ key: { projectId: 'lawley', scope, value: here[scope] }, limit, places })

  it('is high, owned by build, made by the system, and says what happened where', () => {
    expect(on('pole', [here, here, here])).toEqual({
      type: 'infrastructure',
      source: 'system',
      priority: 'high',
      owner: 'build',
      projectId: 'lawley',
      title: 'Repeat faults, pole P17: replacement',
      description: '3 faults in 90 days on pole P17, more than the 2 allowed. Consider replacing it.',
      place: { dr: null, pole: 'P17', pon: '12', zone: '3' },
    })
  })

  it.each([
    ['dr', here],
    ['pole', { ...here, dr: null }],
    ['pon', { ...here, dr: null, pole: null }],
    ['zone', { ...here, dr: null, pole: null, pon: null }],
  ] as const)('on a %s carries what that hangs on', (scope, place) => {
    expect(on(scope, [here, here, here]).place).toEqual(place)
  })

  it('leaves out what the faults disagree about, or one of them does not know', () => {
    expect(on('pole', [here, { ...here, pon: '13' }, here]).place).toMatchObject({ pon: null, zone: '3' })
    expect(on('pole', [{ ...here, pon: null }, here, here]).place).toMatchObject({ pon: null, zone: '3' })
    expect(on('pole', []).place).toEqual({ dr: null, pole: 'P17', pon: null, zone: null })
  })
})
