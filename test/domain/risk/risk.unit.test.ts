import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { acceptRisk } from '../../../src/domain/risk/accept-risk.ts'
import { escalateRisk } from '../../../src/domain/risk/escalate-risk.ts'
import { expireRisk } from '../../../src/domain/risk/expire-risk.ts'
import type { NewRisk } from '../../../src/domain/risk/new-risk.ts'
import { isOverdue, isPast, riskTimer } from '../../../src/domain/risk/past.ts'
import { resolveRisk } from '../../../src/domain/risk/resolve-risk.ts'
import { reviewRisk } from '../../../src/domain/risk/review-risk.ts'
import { RISK_STATUSES, type Risk, type RiskStatus, riskTransitions } from '../../../src/domain/risk/risk.ts'
import { STATUSES, type Ticket } from '../../../src/domain/ticket/ticket.ts'
import { cancelling, newRisk, rejecting, returning, ticketIn } from '../../support/lifecycle.ts'
import { AT, eventsOf, LEAD, ok, refused, stamp, TECHNICIAN, through } from '../../support/tickets.ts'

const TODAY = '2026-03-02'
const accepting = (risk: Partial<NewRisk> = {}, by = LEAD, maxRiskDays = 90) =>
  acceptRisk({ ...stamp(by), risk: newRisk(risk), maxRiskDays })
const reviewed = ticketIn('qa_in_progress')
const withRisk = (risk: Partial<NewRisk> = {}) => through(reviewed, accepting(risk))
const risked = (ticket: Ticket, status: RiskStatus): Ticket => ({
  ...ticket,
  risks: withRisk().risks.map((risk) => ({ ...risk, status })),
})
const riskOf = (ticket: Ticket): Risk => {
  const [risk] = ticket.risks
  if (risk === undefined) throw new Error('no risk')
  return risk
}
const END_OF_14TH = '2026-03-14T21:59:59.999Z'
const START_OF_15TH = '2026-03-14T22:00:00.000Z'

describe('accepting a risk', () => {
  it('adds it to a ticket under review, approved or at the gate, and approves nothing', () => {
    for (const status of STATUSES) {
      const decided = accepting()(ticketIn(status))
      if (['qa_in_progress', 'qa_approved', 'pending_handover'].includes(status))
        expect(ok(decided)).toMatchObject({ status, risks: [{ status: 'active', acceptedBy: LEAD, acceptedAt: AT }] })
      else expect(refused(decided)).toEqual({ type: 'RiskNotAcceptedHere', status })
    }
    expect(eventsOf(accepting()(reviewed)).map((event) => event.type)).toEqual(['RiskAccepted'])
  })

  it('is not for one who did the work', () => {
    expect(refused(accepting({}, TECHNICIAN)(reviewed))).toEqual({ type: 'AcceptorDidTheWork', userId: TECHNICIAN })
  })

  it('says what the risk is', () => {
    expect(refused(accepting({ description: ' ' })(reviewed))).toEqual({
      type: 'TextMissing',
      field: 'risk_description',
    })
    expect(riskOf(withRisk({ description: ' Loose duct ' })).description).toBe('Loose duct')
  })

  it('may expire today, not yesterday', () => {
    expect(E.isRight(accepting({ expiresOn: TODAY })(reviewed))).toBe(true)
    expect(refused(accepting({ expiresOn: '2026-03-01' })(reviewed))).toEqual({
      type: 'RiskExpiryInPast',
      expiresOn: '2026-03-01',
      today: TODAY,
    })
  })

  it('may expire 90 days ahead, not 91, or as many as the project allows', () => {
    expect(E.isRight(accepting({ expiresOn: '2026-05-31' })(reviewed))).toBe(true)
    expect(refused(accepting({ expiresOn: '2026-06-01' })(reviewed))).toEqual({
      type: 'RiskExpiryTooFar',
      expiresOn: '2026-06-01',
      maxDays: 90,
    })
    expect(E.isRight(accepting({ expiresOn: '2026-03-12' }, LEAD, 10)(reviewed))).toBe(true)
    expect(refused(accepting({ expiresOn: '2026-03-13' }, LEAD, 10)(reviewed))).toMatchObject({
      type: 'RiskExpiryTooFar',
      maxDays: 10,
    })
  })

  it('is followed up on the day it expires at the latest', () => {
    expect(E.isRight(accepting({ followUpOn: '2026-03-14' })(reviewed))).toBe(true)
    expect(refused(accepting({ followUpOn: '2026-03-15' })(reviewed))).toEqual({
      type: 'FollowUpAfterExpiry',
      followUpOn: '2026-03-15',
      expiresOn: '2026-03-14',
    })
  })

  it('by the same id is the same risk', () => {
    const once = withRisk()
    expect(accepting({ description: 'Another' })(once)).toEqual(E.right([once, []]))
  })
})

describe('a risk that expires on the 14th', () => {
  const risk = riskOf(withRisk({ expiresOn: '2026-03-14' }))

  it('is good until the end of the 14th in Johannesburg', () => {
    expect([isPast(risk, END_OF_14TH), isPast(risk, START_OF_15TH)]).toEqual([false, true])
    expect([isOverdue(risk, END_OF_14TH), isOverdue(risk, START_OF_15TH)]).toEqual([false, true])
  })

  const on = (day: string, told: ReadonlyArray<number> = [], status: RiskStatus = 'active') =>
    riskTimer({ ...risk, expiresOn: '2026-03-20', status }, told, `2026-03-${day}T10:00:00.000Z`)
  const warn = (warning: number, daysLeft = warning) => ({ type: 'warn', warning, daysLeft })

  it('is announced 14, 7 and 1 days before, each once', () => {
    expect([on('05'), on('06'), on('07', [14])]).toEqual([null, warn(14), null])
    expect([on('12', [14]), on('13', [14]), on('14', [14, 7])]).toEqual([null, warn(7), null])
    expect([on('18', [14, 7]), on('19', [14, 7]), on('20', [14, 7, 1])]).toEqual([null, warn(1), null])
  })

  it('makes up for the latest of the warnings that were missed', () => {
    expect([on('07'), on('14'), on('20')]).toEqual([warn(14, 13), warn(7, 6), warn(1, 0)])
  })

  it('expires when its day is over and escalates 3 days later', () => {
    expect([on('20', [1]), on('21')]).toEqual([null, { type: 'expire' }])
    expect([on('22', [], 'expired'), on('23', [], 'expired')]).toEqual([null, { type: 'escalate' }])
    expect([on('23', [], 'escalated'), on('23', [], 'resolved'), on('19', [], 'expired')]).toEqual([null, null, null])
  })

  it('expires once its day is over', () => {
    const expiring = (at: string) => expireRisk({ ...stamp('system', at), riskId: 'risk-1' })(withRisk())
    expect(refused(expiring(END_OF_14TH))).toEqual({ type: 'RiskNotYetDue', riskId: 'risk-1', dueOn: '2026-03-14' })
    expect(riskOf(ok(expiring(START_OF_15TH))).status).toBe('expired')
    expect(eventsOf(expiring(START_OF_15TH))).toMatchObject([{ type: 'RiskExpired', acceptedBy: LEAD }])
  })

  it('escalates on the 17th and makes a ticket, unless its own is cancelled', () => {
    const escalating = (at: string, ticket: Ticket = risked(reviewed, 'expired')) =>
      escalateRisk({ ...stamp('system', at), riskId: 'risk-1', followUpId: 'follow-up' })(ticket)
    expect(refused(escalating('2026-03-16T21:59:59.999Z'))).toEqual({
      type: 'RiskNotYetDue',
      riskId: 'risk-1',
      dueOn: '2026-03-17',
    })
    expect(riskOf(ok(escalating('2026-03-16T22:00:00.000Z')))).toMatchObject({
      status: 'escalated',
      escalationTicket: 'follow-up',
    })
    const cancelled = escalating('2026-03-17T08:00:00.000Z', risked(ticketIn('cancelled'), 'expired'))
    expect(eventsOf(cancelled)).toMatchObject([{ type: 'RiskEscalated', ticketId: null }])
    expect(riskOf(ok(cancelled)).escalationTicket).toBe(null)
  })
})

it('a risk moves only along its own table', () => {
  const at = '2026-04-01T08:00:00.000Z'
  const moves = {
    resolved: resolveRisk({ ...stamp(LEAD, at), riskId: 'risk-1', notes: 'Done' }),
    expired: expireRisk({ ...stamp('system', at), riskId: 'risk-1' }),
    escalated: escalateRisk({ ...stamp('system', at), riskId: 'risk-1', followUpId: 'f' }),
  } as const
  for (const from of RISK_STATUSES)
    for (const to of ['resolved', 'expired', 'escalated'] as const) {
      const decided = moves[to](risked(reviewed, from))
      if ((riskTransitions[from] as ReadonlyArray<RiskStatus>).includes(to)) expect(riskOf(ok(decided)).status).toBe(to)
      else expect(refused(decided)).toEqual({ type: 'RiskTransitionNotAllowed', riskId: 'risk-1', from, to })
    }
})

describe('resolving a risk', () => {
  const resolving = (notes: string, riskId = 'risk-1') => resolveRisk({ ...stamp(LEAD), riskId, notes })

  it('works in every state of its ticket, with notes', () => {
    for (const status of STATUSES)
      expect(riskOf(ok(resolving(' Cover fitted ')(risked(ticketIn(status), 'active'))))).toMatchObject({
        status: 'resolved',
        resolvedBy: LEAD,
        resolution: 'Cover fitted',
      })
    expect(refused(resolving('')(withRisk()))).toEqual({ type: 'TextMissing', field: 'resolution_notes' })
    expect(refused(resolving('x', 'risk-9')(withRisk()))).toEqual({ type: 'RiskUnknown', riskId: 'risk-9' })
  })
})

describe('a follow-up review', () => {
  const reviewing = (outcome: string, nextOn: string | null, riskId = 'risk-1', id = 'review-1', by = LEAD) =>
    reviewRisk({ ...stamp(by), id, riskId, outcome, nextOn })

  it('is kept with who, when, outcome and the next date', () => {
    const decided = reviewing(' Still waiting for parts ', '2026-03-09')(withRisk())
    expect(riskOf(ok(decided))).toMatchObject({
      followUpOn: '2026-03-09',
      reviews: [{ id: 'review-1', at: AT, by: LEAD, outcome: 'Still waiting for parts', nextOn: '2026-03-09' }],
    })
    expect(eventsOf(decided)).toMatchObject([{ type: 'RiskReviewed', riskId: 'risk-1' }])
    expect(riskOf(ok(reviewing('x', null)(withRisk()))).followUpOn).toBe(null)
  })

  it('has an outcome, a next date that is not past, and a risk that still runs', () => {
    expect(refused(reviewing(' ', null)(withRisk()))).toEqual({ type: 'TextMissing', field: 'outcome' })
    expect(E.isRight(reviewing('x', TODAY)(withRisk()))).toBe(true)
    expect(refused(reviewing('x', '2026-03-01')(withRisk()))).toEqual({
      type: 'NextReviewInPast',
      nextOn: '2026-03-01',
      today: TODAY,
    })
    expect(refused(reviewing('x', null, 'risk-9')(withRisk()))).toEqual({ type: 'RiskUnknown', riskId: 'risk-9' })
    expect(refused(reviewing('x', null)(risked(reviewed, 'resolved')))).toMatchObject({
      type: 'RiskTransitionNotAllowed',
      from: 'resolved',
    })
    expect(E.isRight(reviewing('x', null)(risked(reviewed, 'escalated')))).toBe(true)
  })

  it('sent again by its id is one review, also when the risk is resolved by then', () => {
    const once = ok(reviewing('Still waiting', '2026-03-09')(withRisk()))
    const later = ok(resolveRisk({ ...stamp(LEAD), riskId: 'risk-1', notes: 'Cover fitted' })(once))
    expect(reviewing(' Still waiting ', '2026-03-09')(once)).toEqual(E.right([once, []]))
    expect(reviewing('Still waiting', '2026-03-09')(later)).toEqual(E.right([later, []]))
    expect(riskOf(ok(reviewing('Still waiting', null, 'risk-1', 'review-2')(once))).reviews).toHaveLength(2)
  })

  it('is never taken for another one that has its id', () => {
    const once = ok(reviewing('Still waiting', null)(withRisk()))
    const taken = { type: 'ReviewIdTaken', reviewId: 'review-1' }
    expect(refused(reviewing('Parts came', null)(once))).toEqual(taken)
    expect(refused(reviewing('Still waiting', null, 'risk-1', 'review-1', TECHNICIAN)(once))).toEqual(taken)
    expect(refused(reviewing('Still waiting', '2026-03-09')(once))).toEqual(taken)
    expect(refused(reviewing('Still waiting', null, 'risk-9')(once))).toEqual(taken)
  })
})

it('rejection, return and cancel leave risks running', () => {
  const rejected = through(withRisk(), rejecting())
  expect(riskOf(rejected).status).toBe('active')
  expect(riskOf(through(rejected, cancelling())).status).toBe('active')
  expect(riskOf(through(risked(ticketIn('qa_approved'), 'expired'), returning())).status).toBe('expired')
})
