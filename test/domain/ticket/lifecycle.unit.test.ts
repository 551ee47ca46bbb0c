import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { assign } from '../../../src/domain/ticket/assign.ts'
import { completeMaintenance } from '../../../src/domain/ticket/complete-maintenance.ts'
import { confirmAsBuilt } from '../../../src/domain/ticket/confirm-as-built.ts'
import { handOver } from '../../../src/domain/ticket/hand-over.ts'
import { hold } from '../../../src/domain/ticket/hold.ts'
import { requestHandover } from '../../../src/domain/ticket/request-handover.ts'
import { resume } from '../../../src/domain/ticket/resume.ts'
import { returnFromGate } from '../../../src/domain/ticket/return-from-gate.ts'
import { startWork } from '../../../src/domain/ticket/start-work.ts'
import { submitForQa } from '../../../src/domain/ticket/submit-for-qa.ts'
import { FACTS_OPEN_IN, STATUSES, SYSTEM, transitions } from '../../../src/domain/ticket/ticket.ts'
import { withdraw } from '../../../src/domain/ticket/withdraw.ts'
import {
  approvingWith,
  assigning,
  completing,
  confirming,
  handing,
  holding,
  rejecting,
  requesting,
  returning,
  reviewing,
  starting,
  submitting,
  ticketIn,
} from '../../support/lifecycle.ts'
import {
  AT,
  as,
  begin,
  CONTRACTOR,
  eventsOf,
  facts,
  gateFacts,
  LEAD,
  later,
  MANAGER,
  ok,
  REVIEWER,
  refused,
  stamp,
  TECHNICIAN,
  through,
} from '../../support/tickets.ts'

describe('assigning', () => {
  const to = (assignment: { technician?: string | null; contractor?: string | null; team?: string | null }) =>
    assign({ ...stamp(), assignment })

  it('moves an open ticket to assigned and tells the new assignee', () => {
    const decided = to({ technician: TECHNICIAN })(begin())
    expect(as('assigned', ok(decided)).assignment).toEqual({ technician: TECHNICIAN, contractor: null, team: null })
    expect(eventsOf(decided)).toMatchObject([{ type: 'TicketAssigned', from: null, to: { technician: TECHNICIAN } }])
  })

  it('needs a technician, a contractor or a team', () => {
    expect(refused(to({})(begin()))).toEqual({ type: 'NoAssignee' })
    expect(refused(to({ technician: null, contractor: null })(ticketIn('assigned')))).toEqual({ type: 'NoAssignee' })
    expect(E.isRight(to({ team: 'team-1' })(begin()))).toBe(true)
    expect(E.isRight(to({ contractor: CONTRACTOR })(begin()))).toBe(true)
  })

  it('keeps what is not mentioned', () => {
    const moved = to({ technician: 'sipho' })(ticketIn('in_progress'))
    expect(as('in_progress', ok(moved)).assignment).toEqual({
      technician: 'sipho',
      contractor: CONTRACTOR,
      team: null,
    })
  })

  it('to whoever has it already changes nothing and tells nobody', () => {
    const ticket = ticketIn('assigned')
    expect(to({ technician: TECHNICIAN })(ticket)).toEqual(E.right([ticket, []]))
  })

  it('leaves a ticket in its state everywhere but in open', () => {
    for (const status of transitions.assign.from.filter((one) => one !== 'open'))
      expect(ok(to({ team: 'team-9' })(ticketIn(status))).status).toBe(status)
  })
})

describe('starting work', () => {
  it('begins cycle 0 and remembers who began', () => {
    const decided = starting(stamp('sipho'))(ticketIn('assigned'))
    expect(ok(decided)).toMatchObject({ status: 'in_progress', rectificationCount: 0, workedBy: ['sipho'] })
    expect(eventsOf(decided)).toMatchObject([{ type: 'WorkStarted', cycle: 0 }])
  })

  it('after a rejection opens a rectification cycle and thaws the facts', () => {
    const again = ok(starting()(ticketIn('qa_rejected')))
    expect(again).toMatchObject({ status: 'in_progress', rectificationCount: 1, qaReady: false })
    expect(FACTS_OPEN_IN).toContain(again.status)
  })

  it('after a return from the gate opens one too', () => {
    expect(ok(starting()(through(ticketIn('qa_approved'), returning()))).rectificationCount).toBe(1)
  })

  it('of the third rectification flags the ticket, of the second does not, and each later one does', () => {
    const rejected = (count: number) => ({ ...ticketIn('qa_rejected'), rectificationCount: count })
    const flags = (count: number, at = 3) =>
      eventsOf(startWork({ ...stamp(TECHNICIAN), flagRectificationsAt: at })(rejected(count - 1)))
        .filter((event) => event.type === 'RectificationFlagged')
        .map((event) => event.cycles)
    expect([flags(2), flags(3), flags(4)]).toEqual([[], [3], [4]])
    expect([flags(1, 2), flags(2, 2)]).toEqual([[], [2]])
  })

  it('by the system is nobody’s work', () => {
    expect(ok(starting(stamp(SYSTEM))(ticketIn('assigned'))).workedBy).toEqual([])
  })
})

describe('holding and resuming', () => {
  it('remembers the reason and goes back to where the ticket came from', () => {
    for (const from of ['assigned', 'in_progress'] as const) {
      const held = hold({ ...stamp(), reason: 'awaiting_access', note: null })(ticketIn(from))
      expect(as('on_hold', ok(held))).toMatchObject({ resumesTo: from, hold: { reason: 'awaiting_access', since: AT } })
      const resumed = resume(stamp(MANAGER, later(5)))(ok(held))
      expect(ok(resumed).status).toBe(from)
      expect(eventsOf(resumed)).toMatchObject([{ type: 'TicketResumed', to: from }])
    }
  })

  it('keeps an assignment that was made meanwhile', () => {
    const held = through(ticketIn('on_hold'), assign({ ...stamp(), assignment: { technician: 'sipho' } }))
    expect(as('in_progress', ok(resume(stamp())(held))).assignment.technician).toBe('sipho')
  })
})

describe('submitting for QA', () => {
  it('passes only when the readiness check passes at this moment', () => {
    const ready = ticketIn('in_progress')
    const decided = submitForQa(stamp(TECHNICIAN), facts())(ready)
    expect(ok(decided)).toMatchObject({ status: 'pending_qa', qaReady: true, lastCheck: { passed: true } })
    expect(eventsOf(decided).map((event) => event.type)).toEqual(['ReadinessChecked', 'SubmittedForQa'])
    expect(refused(submitForQa(stamp(TECHNICIAN), facts({ rxMax: -20 }))(ready))).toMatchObject({
      type: 'NotReady',
      failures: [{ check: 'ont_rx_within_limits', actual: '-18.25 dBm', expected: '-25 to -20 dBm' }],
    })
  })

  it('counts the submitter and the assigned technician among those who did the work', () => {
    const submitted = through(ticketIn('in_progress'), submitting(stamp('sipho')))
    expect(submitted.workedBy).toEqual(expect.arrayContaining(['sipho', TECHNICIAN]))
  })

  it('can be withdrawn, with a reason', () => {
    const pending = ticketIn('pending_qa')
    expect(ok(withdraw({ ...stamp(), reason: ' wrong photo ' })(pending))).toMatchObject({ status: 'in_progress' })
    expect(eventsOf(withdraw({ ...stamp(), reason: ' wrong photo ' })(pending))).toMatchObject([
      { type: 'WithdrawnFromQa', reason: 'wrong photo' },
    ])
    expect(refused(withdraw({ ...stamp(), reason: '  ' })(pending))).toEqual({ type: 'TextMissing', field: 'reason' })
  })
})

describe('the as-built', () => {
  it('is confirmed with who, when and which document', () => {
    const decided = confirmAsBuilt({ ...stamp(REVIEWER), confirmedAt: AT, document: ' AB-114 ' })(
      ticketIn('qa_approved'),
    )
    expect(ok(decided).asBuilt).toEqual({ by: REVIEWER, at: AT, document: 'AB-114' })
  })

  it('names a document, and no moment that is yet to come', () => {
    const confirm = (confirmedAt: string, document: string) =>
      confirmAsBuilt({ ...stamp(), confirmedAt, document })(ticketIn('qa_approved'))
    expect(refused(confirm(AT, ' '))).toEqual({ type: 'TextMissing', field: 'document' })
    expect(refused(confirm(later(1), 'AB-114'))).toEqual({ type: 'AsBuiltInFuture', at: later(1) })
    expect(E.isRight(confirm(AT, 'AB-114'))).toBe(true)
  })

  it('confirmed again in the same words is nothing new', () => {
    const confirmed = through(ticketIn('in_progress'), confirming())
    expect(confirming()(confirmed)).toEqual(E.right([confirmed, []]))
  })

  it('can be confirmed in every state from in progress to the gate', () => {
    for (const status of transitions.confirm_as_built.from)
      expect(ok(confirming()(ticketIn(status)))).toMatchObject({ status, asBuilt: { by: REVIEWER } })
  })
})

describe('the gate', () => {
  it('is asked for by a request that changes nothing else', () => {
    const approved = ticketIn('qa_approved')
    expect(as('pending_handover', ok(requestHandover(stamp(REVIEWER))(approved)))).toMatchObject({
      approvedBy: approved.approvedBy,
      conditions: [],
      requestedBy: REVIEWER,
      owner: 'qa',
    })
  })

  it('refuses with every check that fails, at once', () => {
    const unconfirmed = through(ticketIn('qa_approved'), requesting())
    const known = { contractorKnown: false, technicianIsOurOwn: false, teamIsOurOwn: false }
    const decided = handOver(stamp(), gateFacts(unconfirmed, { archive: [], assignment: known }))(unconfirmed)
    expect(refused(decided)).toMatchObject({
      type: 'GateFailed',
      failures: [{ check: 'as_built_confirmed' }, { check: 'photos_archived' }, { check: 'contractor_assigned' }],
    })
  })

  it('makes the ticket maintenance’s, from the one who approved it', () => {
    const decided = handing()(ticketIn('pending_handover'))
    expect(ok(decided)).toMatchObject({ status: 'handed_to_maintenance', owner: 'maintenance', handedBy: MANAGER })
    expect(eventsOf(decided)).toMatchObject([
      { handover: 'qa_to_maintenance', fromOwner: 'qa', fromOwnerId: REVIEWER, toOwner: 'maintenance', by: MANAGER },
    ])
  })

  it('sends back to build with a reason and the checks that fail now, if any', () => {
    const unconfirmed = through(ticketIn('qa_approved'), requesting())
    const back = (reason: string) => returnFromGate({ ...stamp(LEAD), reason }, gateFacts(unconfirmed))(unconfirmed)
    expect(ok(back('No as-built'))).toMatchObject({
      status: 'qa_rejected',
      owner: 'build',
      qaReady: false,
      decisions: [{}, { kind: 'returned_from_gate', reason: 'No as-built', gateFailures: ['as_built_confirmed'] }],
    })
    expect(refused(back(''))).toEqual({ type: 'TextMissing', field: 'reason' })
    const whole = through(ticketIn('qa_approved'), confirming(), returning())
    expect(whole.decisions.at(-1)?.gateFailures).toEqual([])
  })
})

describe('completing maintenance', () => {
  const handedWithRisk = () =>
    through(ticketIn('qa_in_progress'), approvingWith(), confirming(), requesting(), handing())

  it('closes the ticket and seals that maintenance is done', () => {
    const decided = completing()(ticketIn('handed_to_maintenance'))
    expect(ok(decided)).toMatchObject({ status: 'closed', owner: 'maintenance', closedBy: MANAGER })
    expect(eventsOf(decided)).toMatchObject([{ handover: 'maintenance_complete', toOwnerId: MANAGER }])
  })

  it('waits for every unresolved risk and names it', () => {
    expect(refused(completeMaintenance(stamp())(handedWithRisk()))).toEqual({
      type: 'RisksUnresolved',
      risks: ['risk-1'],
    })
  })
})

it('a command in a state that the table does not name is refused with the states it is for', () => {
  const attempts = {
    start_work: starting(),
    hold: holding(),
    submit_for_qa: submitting(),
    start_qa: reviewing(),
    reject: rejecting(),
    request_handover: requesting(),
    hand_over: handing(),
    complete_maintenance: completing(),
    assign: assigning(),
  } as const
  for (const [command, attempt] of Object.entries(attempts)) {
    const { from } = transitions[command as keyof typeof attempts]
    for (const status of STATUSES.filter((one) => !(from as ReadonlyArray<string>).includes(one)))
      expect(refused(attempt(ticketIn(status)))).toEqual({
        type: 'TransitionNotAllowed',
        command,
        status,
        allowedFrom: from,
      })
  }
})

it('the history tells every state and when the ticket entered it', () => {
  const at = [5, 10, 15].map(later)
  const ticket = through(
    begin(),
    assigning(stamp(MANAGER, at[0])),
    starting(stamp(TECHNICIAN, at[1])),
    holding(stamp(TECHNICIAN, at[2])),
  )
  expect(ticket.history).toEqual([
    { at: AT, status: 'open' },
    { at: at[0], status: 'assigned' },
    { at: at[1], status: 'in_progress' },
    { at: at[2], status: 'on_hold' },
  ])
})

it('a finished life of every type of work ends closed, owned by maintenance', () => {
  const ticket = ticketIn('closed', { type: 'new_installation', cause: null, causeDetails: null })
  expect(ticket).toMatchObject({ owner: 'maintenance', qaReady: true })
  expect(ticket.photos).toHaveLength(12)
})
