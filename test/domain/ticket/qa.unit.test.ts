import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { resolveRisk } from '../../../src/domain/risk/resolve-risk.ts'
import { approve } from '../../../src/domain/ticket/approve.ts'
import {
  type ApproveWithConditions,
  approveWithConditions,
} from '../../../src/domain/ticket/approve-with-conditions.ts'
import { assign } from '../../../src/domain/ticket/assign.ts'
import { didTheWork } from '../../../src/domain/ticket/did-the-work.ts'
import { type Reject, reject } from '../../../src/domain/ticket/reject.ts'
import { startQa } from '../../../src/domain/ticket/start-qa.ts'
import { takeOverReview } from '../../../src/domain/ticket/take-over-review.ts'
import type { Ticket } from '../../../src/domain/ticket/ticket.ts'
import type { StepKey } from '../../../src/domain/verification/steps.ts'
import {
  approving,
  approvingWith,
  judged,
  newRisk,
  rejecting,
  reviewing,
  starting,
  submitting,
  ticketIn,
} from '../../support/lifecycle.ts'
import {
  AT,
  adding,
  as,
  eventsOf,
  facts,
  LEAD,
  later,
  MANAGER,
  ok,
  photo,
  REVIEWER,
  recording,
  refused,
  stamp,
  TECHNICIAN,
  through,
} from '../../support/tickets.ts'

const verdictOf = (ticket: Ticket, key: StepKey) =>
  ticket.steps.find((step) => step.key === key)?.verdict?.outcome ?? null

describe('starting QA', () => {
  it('on a check that holds makes the ticket QA’s and names the reviewer', () => {
    const decided = reviewing()(ticketIn('pending_qa'))
    expect(ok(decided)).toMatchObject({
      status: 'qa_in_progress',
      owner: 'qa',
      reviewer: REVIEWER,
      lastCheck: { by: REVIEWER },
    })
    expect(eventsOf(decided)).toMatchObject([
      { type: 'ReadinessChecked', run: { passed: true } },
      {
        type: 'QaStarted',
        handover: 'build_to_qa',
        fromOwner: 'build',
        fromOwnerId: TECHNICIAN,
        toOwner: 'qa',
        toOwnerId: REVIEWER,
      },
    ])
  })

  it('that finds the check failing logs the run and falls back with its reasons', () => {
    const decided = startQa(stamp(REVIEWER), facts({ rxMax: -20 }))(ticketIn('pending_qa'))
    expect(ok(decided)).toMatchObject({
      status: 'in_progress',
      owner: 'build',
      qaReady: false,
      lastCheck: { passed: false },
    })
    expect(eventsOf(decided)).toMatchObject([
      { type: 'ReadinessChecked', by: REVIEWER, run: { passed: false } },
      { type: 'FellBackToInProgress', by: 'system', failures: ['ont_rx_within_limits'] },
    ])
  })

  it('by someone who did the work is refused first and writes nothing, even when the check fails', () => {
    for (const known of [facts(), facts({ rxMax: -20 })])
      expect(refused(startQa(stamp(TECHNICIAN), known)(ticketIn('pending_qa')))).toEqual({
        type: 'ReviewerDidTheWork',
        userId: TECHNICIAN,
      })
  })
})

describe('did the work', () => {
  const pending = () => ticketIn('pending_qa')

  it('whoever started work, completed a step or submitted, and whoever is assigned', () => {
    const reassigned = through(pending(), adding(photo('green_lights', 'p2'), 'sipho'))
    expect(didTheWork(through(ticketIn('assigned'), starting(stamp('ann'))), 'ann')).toBe(true)
    expect(
      didTheWork(through(ticketIn('in_progress'), recording('house_front', { complete: true }, 'ben')), 'ben'),
    ).toBe(true)
    expect(didTheWork(through(ticketIn('in_progress'), submitting(stamp('cat'))), 'cat')).toBe(true)
    expect(
      didTheWork(through(ticketIn('assigned'), assign({ ...stamp(), assignment: { technician: 'dan' } })), 'dan'),
    ).toBe(true)
    expect(didTheWork(reassigned, 'sipho')).toBe(true)
  })

  it('a photo that was replaced before QA saw it is nobody’s work, and one that QA saw stays it', () => {
    const replacedAtOnce = through(
      pending(),
      adding(photo('green_lights', 'p2'), MANAGER),
      adding(photo('green_lights', 'p3')),
    )
    expect(didTheWork(replacedAtOnce, MANAGER)).toBe(false)
    const seen = through(pending(), adding(photo('green_lights', 'p2'), MANAGER), reviewing(), rejecting(), starting())
    expect(didTheWork(through(seen, adding(photo('green_lights', 'p3'))), MANAGER)).toBe(true)
  })

  it('those who only judged, assigned, noted or confirmed the as-built did not', () => {
    const ticket = ticketIn('pending_handover')
    expect([REVIEWER, MANAGER].map((who) => didTheWork(ticket, who))).toEqual([false, false])
  })

  it('in an earlier cycle counts, after the ticket went to someone else', () => {
    const handedOn = through(
      ticketIn('qa_rejected'),
      assign({ ...stamp(), assignment: { technician: 'sipho' } }),
      starting(stamp('sipho')),
      submitting(stamp('sipho')),
    )
    expect(refused(reviewing(stamp(TECHNICIAN))(handedOn))).toMatchObject({ type: 'ReviewerDidTheWork' })
  })

  it('once, a manager or an admin does not review either', () => {
    const byTheAdmin = through(ticketIn('assigned'), starting(stamp('the-admin')))
    expect(didTheWork(byTheAdmin, 'the-admin')).toBe(true)
    const ready = through(ticketIn('in_progress'), submitting(stamp('the-admin')))
    expect(refused(reviewing(stamp('the-admin'))(ready))).toEqual({ type: 'ReviewerDidTheWork', userId: 'the-admin' })
  })
})

describe('taking over a review', () => {
  it('makes the one who takes over the only one to decide', () => {
    const taken = through(ticketIn('qa_in_progress'), takeOverReview(stamp(LEAD)))
    expect(as('qa_in_progress', taken).reviewer).toBe(LEAD)
    expect(refused(approving(stamp(REVIEWER))(taken))).toEqual({ type: 'NotTheReviewer', reviewer: LEAD })
    expect(E.isRight(approving(stamp(LEAD))(taken))).toBe(true)
  })

  it('is not for those who did the work, and nothing new for the reviewer', () => {
    const ticket = ticketIn('qa_in_progress')
    expect(refused(takeOverReview(stamp(TECHNICIAN))(ticket))).toEqual({
      type: 'ReviewerDidTheWork',
      userId: TECHNICIAN,
    })
    expect(takeOverReview(stamp(REVIEWER))(ticket)).toEqual(E.right([ticket, []]))
  })
})

describe('approving', () => {
  const ticket = ticketIn('qa_in_progress')
  const by = (who: string, verdicts = judged(ticket)) => approve({ ...stamp(who), verdicts, note: null })(ticket)

  it('needs every required step judged correct', () => {
    expect(ok(by(REVIEWER))).toMatchObject({ status: 'qa_approved', approvedBy: REVIEWER, owner: 'qa' })
    expect(refused(by(REVIEWER, judged(ticket, ['green_lights'])))).toEqual({
      type: 'StepsNotJudgedCorrect',
      steps: ['green_lights'],
    })
    expect(refused(by(REVIEWER, []))).toEqual({
      type: 'StepsNotJudgedCorrect',
      steps: ['work_area_final', 'power_meter_reading', 'green_lights'],
    })
  })

  it('is for the reviewer alone', () => {
    expect(refused(by(LEAD))).toEqual({ type: 'NotTheReviewer', reviewer: REVIEWER })
  })

  it('judges no step twice', () => {
    const twice = [...judged(ticket), ...judged(ticket).slice(0, 1)]
    expect(refused(by(REVIEWER, twice))).toEqual({ type: 'StepJudgedTwice', step: 'work_area_final' })
  })
})

describe('approving with conditions', () => {
  const ticket = ticketIn('qa_in_progress')
  const wrong: ReadonlyArray<StepKey> = ['work_area_final', 'green_lights']
  const conditionally = (changed: Partial<ApproveWithConditions>, on: Ticket = ticket) =>
    approveWithConditions({
      ...stamp(REVIEWER),
      verdicts: judged(ticket, wrong),
      note: null,
      existingRisks: [],
      newRisks: [newRisk({ steps: wrong })],
      maxRiskDays: 90,
      ...changed,
    })(on)

  it('carries the risks it rests on', () => {
    const decided = conditionally({})
    expect(as('qa_approved', ok(decided))).toMatchObject({
      conditions: ['risk-1'],
      risks: [{ id: 'risk-1', status: 'active', acceptedBy: REVIEWER }],
    })
    expect(eventsOf(decided).map((event) => event.type)).toEqual(['RiskAccepted', 'TicketApproved'])
  })

  it('keeps the risks that were there', () => {
    const risks = ok(conditionally({ newRisks: [newRisk({ id: 'risk-0', steps: wrong })] })).risks
    expect(ok(conditionally({}, { ...ticket, risks })).risks.map((risk) => risk.id)).toEqual(['risk-0', 'risk-1'])
  })

  it('needs at least one risk', () => {
    expect(refused(conditionally({ newRisks: [] }))).toEqual({ type: 'NoConditions' })
  })

  it('names each required step that is not judged correct', () => {
    expect(refused(conditionally({ newRisks: [newRisk({ steps: ['green_lights'] })] }))).toEqual({
      type: 'StepsWithoutRisk',
      steps: ['work_area_final'],
    })
    expect(refused(conditionally({ verdicts: [], newRisks: [newRisk({ steps: wrong })] }))).toEqual({
      type: 'StepsWithoutRisk',
      steps: ['power_meter_reading'],
    })
  })

  it('may rest on an active risk that is there already, not on one that ended or whose date is past', () => {
    const withRisk = through(ticket, approvingWith({ steps: wrong, expiresOn: '2026-03-14' }, wrong), (approved) =>
      E.right([{ ...ticket, risks: approved.risks }, []]),
    )
    const existing = { existingRisks: ['risk-1'], newRisks: [] }
    expect(E.isRight(conditionally({ ...existing, at: '2026-03-14T21:59:59.999Z' }, withRisk))).toBe(true)
    expect(refused(conditionally({ ...existing, at: '2026-03-14T22:00:00.000Z' }, withRisk))).toEqual({
      type: 'RiskNotActive',
      riskId: 'risk-1',
      status: 'expired',
    })
    const resolved = through(withRisk, resolveRisk({ ...stamp(LEAD), riskId: 'risk-1', notes: 'Cover fitted' }))
    expect(refused(conditionally(existing, resolved))).toEqual({
      type: 'RiskNotActive',
      riskId: 'risk-1',
      status: 'resolved',
    })
    expect(refused(conditionally({ existingRisks: ['risk-9'], newRisks: [] }))).toEqual({
      type: 'RiskUnknown',
      riskId: 'risk-9',
    })
    // The id of a risk that ended does not come back to life by carrying it in the request again.
    expect(refused(conditionally({}, resolved))).toEqual({
      type: 'RiskNotActive',
      riskId: 'risk-1',
      status: 'resolved',
    })
  })

  it('counts a risk once, however often it is named', () => {
    const twice = conditionally({ newRisks: [newRisk({ steps: wrong }), newRisk({ steps: [] })] })
    expect(ok(twice).risks.map((risk) => risk.id)).toEqual(['risk-1'])
  })

  it('is for the reviewer, and never for one who did the work', () => {
    expect(refused(conditionally({ by: LEAD }))).toEqual({ type: 'NotTheReviewer', reviewer: REVIEWER })
    const own: Ticket = { ...ticket, workedBy: [...ticket.workedBy, REVIEWER] }
    expect(refused(conditionally({}, own))).toEqual({ type: 'AcceptorDidTheWork', userId: REVIEWER })
  })
})

describe('rejecting', () => {
  const ticket = ticketIn('qa_in_progress')
  const no = (changed: Partial<Reject>) =>
    reject({
      ...stamp(REVIEWER),
      codes: ['wrong_photo'],
      reason: null,
      verdicts: judged(ticket, ['green_lights']),
      ...changed,
    })(ticket)

  it('gives the work back to build and says exactly what is wrong', () => {
    const decided = no({ codes: ['wrong_photo', 'photo_quality', 'wrong_photo'], reason: ' Night photo ' })
    expect(ok(decided)).toMatchObject({ status: 'qa_rejected', owner: 'build', qaReady: false })
    expect(eventsOf(decided)).toMatchObject([
      {
        type: 'TicketRejected',
        decision: {
          codes: ['wrong_photo', 'photo_quality'],
          reason: 'Night photo',
          verdicts: [
            { step: 'work_area_final', outcome: 'correct' },
            { step: 'power_meter_reading', outcome: 'correct' },
            { step: 'green_lights', outcome: 'incorrect', comment: 'green_lights is wrong' },
          ],
        },
      },
    ])
  })

  it('needs a code, a text with `other`, and a comment with `incorrect`', () => {
    expect(refused(no({ codes: [] }))).toEqual({ type: 'NoRejectCode' })
    expect(refused(no({ codes: ['other'], reason: ' ' }))).toEqual({ type: 'TextMissing', field: 'reason' })
    expect(E.isRight(no({ codes: ['other'], reason: 'Dog in the yard' }))).toBe(true)
    expect(refused(no({ verdicts: [{ step: 'green_lights', outcome: 'incorrect', comment: ' ' }] }))).toEqual({
      type: 'TextMissing',
      field: 'verdicts.green_lights.comment',
    })
  })

  it('needs a verdict on every required step; on the others it is welcome', () => {
    expect(refused(no({ verdicts: judged(ticket).slice(1) }))).toEqual({
      type: 'StepsNotJudged',
      steps: ['work_area_final'],
    })
    const more = [
      ...judged(ticket, ['green_lights']),
      { step: 'house_front', outcome: 'missing', comment: null } as const,
    ]
    expect(E.isRight(no({ verdicts: more }))).toBe(true)
  })

  it('is for the reviewer alone', () => {
    expect(refused(no({ by: LEAD }))).toEqual({ type: 'NotTheReviewer', reviewer: REVIEWER })
  })
})

describe('a resubmission', () => {
  const resubmit = (ticket: Ticket, ...work: ReadonlyArray<ReturnType<typeof adding>>) =>
    through(
      ticket,
      starting(),
      ...work,
      submitting(stamp(TECHNICIAN, later(60))),
      reviewing(stamp(REVIEWER, later(90))),
    )
  const rejected = ticketIn('qa_rejected')

  it('keeps the verdict of a step that passed and whose photo did not change', () => {
    expect(verdictOf(resubmit(rejected), 'green_lights')).toBe('correct')
  })

  it('asks again for the verdict of a step that did not pass, even when nothing was done about it', () => {
    expect(verdictOf(rejected, 'work_area_final')).toBe('incorrect')
    expect(verdictOf(resubmit(rejected), 'work_area_final')).toBe(null)
    expect(
      refused(reject({ ...stamp(REVIEWER), codes: ['photo_quality'], reason: null, verdicts: [] })(resubmit(rejected))),
    ).toEqual({
      type: 'StepsNotJudged',
      steps: ['work_area_final'],
    })
  })

  it('asks again for the verdict of a step that passed and has a new photo or another reading', () => {
    expect(verdictOf(resubmit(rejected, adding(photo('green_lights', 'p2'))), 'green_lights')).toBe(null)
    expect(
      verdictOf(resubmit(rejected, recording('power_meter_reading', { value: '-19' })), 'power_meter_reading'),
    ).toBe(null)
  })

  it('is approved on the verdicts it kept and those given now', () => {
    const again = resubmit(rejected, adding(photo('work_area_final', 'p2')))
    const only = [{ step: 'work_area_final', outcome: 'correct', comment: null }] as const
    expect(E.isRight(approve({ ...stamp(REVIEWER, later(99)), verdicts: only, note: null })(again))).toBe(true)
    expect(AT < later(99)).toBe(true)
  })
})
