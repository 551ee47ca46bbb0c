import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { attributeFault } from '../../../src/domain/fault/attribute-fault.ts'
import { classifyBilling } from '../../../src/domain/ticket/classify-billing.ts'
import { type Edit, editTicket } from '../../../src/domain/ticket/edit-ticket.ts'
import { afterOutsideChange } from '../../../src/domain/ticket/recheck.ts'
import { runReadinessCheck } from '../../../src/domain/ticket/run-readiness-check.ts'
import { FACTS_OPEN_IN, STATUSES, type Ticket } from '../../../src/domain/ticket/ticket.ts'
import { waivePlatform, withdrawWaiver } from '../../../src/domain/ticket/waive-platform.ts'
import { confirming, rejecting, starting, ticketIn } from '../../support/lifecycle.ts'
import {
  AT,
  begin,
  eventsOf,
  facts,
  LEAD,
  later,
  MANAGER,
  ok,
  PLACE,
  recording,
  refused,
  sowRow,
  stamp,
  through,
} from '../../support/tickets.ts'

const editing = (edit: Edit, known = facts()) => editTicket({ ...stamp(MANAGER), edit }, known)
const frozenIn = STATUSES.filter((status) => !(FACTS_OPEN_IN as ReadonlyArray<string>).includes(status))
const wrongPole: Edit = { place: { pole: 'LAW.P.A003' } }

describe('facts', () => {
  it('may change in open, assigned, in progress and on hold, and take readiness away until the next run', () => {
    for (const status of ['open', 'assigned', 'in_progress', 'on_hold'] as const) {
      const ready: Ticket = { ...ticketIn(status), qaReady: true }
      expect(ok(editing(wrongPole)(ready))).toMatchObject({ status, qaReady: false, place: { pole: 'LAW.P.A003' } })
    }
  })

  it('are frozen from QA in progress on, with the states in which they are not', () => {
    for (const status of frozenIn) {
      const frozen = { type: 'FactsFrozen', status, openIn: FACTS_OPEN_IN }
      expect(refused(editing(wrongPole)(ticketIn(status)))).toEqual(frozen)
      expect(refused(recording('house_front', { notes: 'x' })(ticketIn(status)))).toEqual(frozen)
      const blame = { cause: 'vandalism', component: null, details: null, reason: 'Seen' } as const
      expect(refused(attributeFault({ ...stamp(), ...blame }, facts())(ticketIn(status)))).toEqual(frozen)
    }
  })

  it('thaw when work starts again after a rejection', () => {
    expect(E.isRight(editing(wrongPole)(through(ticketIn('qa_rejected'), starting())))).toBe(true)
  })

  it('written as they are already change nothing, in any state', () => {
    for (const status of STATUSES) {
      const ticket = ticketIn(status)
      expect(editing({ place: PLACE, title: ticket.title, type: ticket.type })(ticket)).toEqual(E.right([ticket, []]))
    }
  })
})

describe('on a pending ticket', () => {
  it('a change that the check survives leaves it pending, checked again', () => {
    const decided = editing({ ontRx: -19 })(ticketIn('pending_qa'))
    expect(ok(decided)).toMatchObject({ status: 'pending_qa', qaReady: true })
    expect(eventsOf(decided).map((event) => event.type)).toEqual(['FactsChanged', 'ReadinessChecked'])
  })

  it('a change that the check does not survive sends it back to work, with reasons', () => {
    const decided = editing(wrongPole)(ticketIn('pending_qa'))
    expect(ok(decided)).toMatchObject({ status: 'in_progress', qaReady: false, lastCheck: { passed: false } })
    expect(eventsOf(decided)).toMatchObject([
      { type: 'FactsChanged', changes: [{ field: 'pole_number', from: PLACE.pole, to: 'LAW.P.A003' }] },
      { type: 'ReadinessChecked' },
      { type: 'FellBackToInProgress', failures: ['platforms_aligned'], because: 'edited facts' },
    ])
  })

  it('a platform import checks again, and elsewhere takes readiness away without a word', () => {
    const changed = afterOutsideChange(facts({ rows: [sowRow({ zone: '13' })] }), stamp('system'), 'platform import')
    expect(changed(ticketIn('pending_qa'))[0].status).toBe('in_progress')
    const unaffected = afterOutsideChange(facts(), stamp('system'), 'platform import')
    expect(unaffected(ticketIn('pending_qa'))[0].status).toBe('pending_qa')
    const ready: Ticket = { ...ticketIn('in_progress'), qaReady: true }
    expect(changed(ready)).toEqual([{ ...ready, qaReady: false }, []])
    const underReview = ticketIn('qa_in_progress')
    expect(changed(underReview)).toEqual([underReview, []])
  })
})

describe('a readiness run', () => {
  const run = (id: string, known = facts()) => runReadinessCheck({ id, at: later(1), by: MANAGER }, known)

  it('is logged, and says whether the ticket is ready', () => {
    const decided = run('r1')(ticketIn('in_progress'))
    expect(ok(decided)).toMatchObject({ qaReady: true, lastCheck: { id: 'r1', passed: true } })
    expect(ok(run('r1', facts({ rxMax: -20 }))(ticketIn('in_progress')))).toMatchObject({
      qaReady: false,
      status: 'in_progress',
    })
    expect(eventsOf(decided)).toHaveLength(1)
  })

  it('asked for twice by the same id is one run', () => {
    const once = through(ticketIn('in_progress'), run('r1'))
    expect(run('r1')(once)).toEqual(E.right([once, []]))
  })

  it('that fails on a pending ticket sends it back to work', () => {
    expect(ok(run('r1', facts({ rxMax: -20 }))(ticketIn('pending_qa'))).status).toBe('in_progress')
  })

  it('under review tells the reviewer and changes no readiness', () => {
    expect(ok(run('r1', facts({ rxMax: -20 }))(ticketIn('qa_in_progress')))).toMatchObject({
      qaReady: true,
      status: 'qa_in_progress',
    })
  })

  it('comes too late once maintenance has the ticket, or it is cancelled', () => {
    for (const status of ['handed_to_maintenance', 'closed', 'cancelled'] as const)
      expect(refused(run('r1')(ticketIn(status)))).toMatchObject({ type: 'FactsFrozen', status })
  })
})

describe('personal text', () => {
  it('stays correctable in every state, and is named but not copied into the history', () => {
    for (const status of STATUSES) {
      const decided = editing({
        title: ' No light at no. 4 ',
        address: null,
        gps: { lat: -26, lon: 27 },
        description: 'x',
      })(ticketIn(status))
      expect(ok(decided)).toMatchObject({ status, title: 'No light at no. 4', description: 'x' })
      expect(eventsOf(decided)).toEqual([
        {
          type: 'FactsChanged',
          changes: ['title', 'description', 'gps_coordinates'].map((field) => ({ field, from: null, to: null })),
          at: AT,
          by: MANAGER,
        },
      ])
    }
  })

  it('does not check a pending ticket again', () => {
    expect(ok(editing({ title: 'Other' })(ticketIn('pending_qa'))).lastCheck).toEqual(ticketIn('pending_qa').lastCheck)
  })

  it('never leaves a ticket without a title', () => {
    expect(refused(editing({ title: '  ' })(begin()))).toEqual({ type: 'TextMissing', field: 'title' })
  })

  it('in one edit with a frozen fact is refused with it', () => {
    expect(refused(editing({ title: 'Other', ...wrongPole })(ticketIn('qa_approved')))).toMatchObject({
      type: 'FactsFrozen',
    })
  })
})

it('priority and outside number change until maintenance has the ticket, and are no facts', () => {
  const edit: Edit = { priority: 'critical', externalId: 'QC-77' }
  for (const status of STATUSES) {
    const decided = editing(edit)(ticketIn(status))
    const late = ['handed_to_maintenance', 'closed', 'cancelled'].includes(status)
    expect(E.isLeft(decided)).toBe(late)
    if (late) expect(refused(decided)).toMatchObject({ type: 'FactsFrozen', status })
  }
  expect(eventsOf(editing(edit)(ticketIn('pending_qa'))).map((event) => event.type)).toEqual(['FactsChanged'])
})

it('billing is classified in every state, with a reason', () => {
  for (const status of STATUSES) {
    const decided = classifyBilling({ ...stamp(), billing: 'billable_client', reason: ' Quote signed ' })(
      ticketIn(status),
    )
    expect(ok(decided).billingByHand).toMatchObject({ billing: 'billable_client', reason: 'Quote signed', by: MANAGER })
    expect(eventsOf(decided)).toMatchObject([{ type: 'BillingClassified', billable: true }])
  }
  expect(refused(classifyBilling({ ...stamp(), billing: 'internal', reason: '' })(begin()))).toMatchObject({
    type: 'TextMissing',
  })
})

describe('the as-built', () => {
  const confirmed = () => through(ticketIn('in_progress'), confirming())

  it('is void as soon as DR, pole, PON, zone or serial change', () => {
    const places: ReadonlyArray<readonly [Edit, string]> = [
      [{ place: { dr: 'DR1729501' } }, 'dr_number'],
      [{ place: { pole: 'LAW.P.A003' } }, 'pole_number'],
      [{ place: { pon: '8' } }, 'pon_number'],
      [{ place: { zone: '13' } }, 'zone_no'],
      [{ ontSerial: 'HWTC12345678' }, 'ont_serial'],
    ]
    for (const [edit, field] of places) {
      const decided = editing(edit)(confirmed())
      expect(ok(decided).asBuilt).toBe(null)
      expect(eventsOf(decided)).toContainEqual({ type: 'AsBuiltVoided', because: [field], at: AT, by: MANAGER })
    }
    const scanned = recording('ont_barcode', { value: '(S)HWTC12345678(P)x' })
    const untyped = through(confirmed(), editing({ ontSerial: null }), confirming())
    expect(ok(scanned(untyped))).toMatchObject({ asBuilt: null, equipment: { ontSerial: 'HWTC12345678' } })
  })

  it('stands when anything else changes', () => {
    expect(ok(editing({ ontRx: -20, title: 'x', priority: 'low' })(confirmed())).asBuilt).not.toBe(null)
  })
})

describe('a place confirmed by hand', () => {
  const nowhere = facts({ rows: [] })
  const byHand = (edit: Edit, on: Ticket = begin()) => editing(edit, nowhere)(on)

  it('names DR, pole, PON and zone, with a reason', () => {
    const decided = byHand({ confirmPlace: ' Walked the line ' })
    expect(ok(decided).placeConfirmed).toEqual({ by: MANAGER, at: AT, reason: 'Walked the line' })
    expect(eventsOf(decided)).toMatchObject([{ type: 'PlaceConfirmed', reason: 'Walked the line' }])
    expect(refused(byHand({ confirmPlace: ' ' }))).toEqual({ type: 'TextMissing', field: 'confirm_place' })
    expect(refused(byHand({ place: { pon: null, zone: null }, confirmPlace: 'x' }))).toEqual({
      type: 'PlaceIncomplete',
      missing: ['pon', 'zone'],
    })
  })

  it('makes a ticket with an unknown DR ready', () => {
    const work = through(ticketIn('in_progress'), (ticket) => E.right([ticket, []]))
    expect(ok(runReadinessCheck(stamp(), nowhere)(work)).qaReady).toBe(false)
    expect(
      ok(runReadinessCheck(stamp(MANAGER, AT, 'r2'), nowhere)(ok(byHand({ confirmPlace: 'Walked' }, work)))).qaReady,
    ).toBe(true)
  })

  it('no longer counts when the place changes', () => {
    const confirmed = ok(byHand({ confirmPlace: 'Walked' }))
    expect(ok(byHand({ place: { zone: '13' } }, confirmed)).placeConfirmed).toBe(null)
  })
})

describe('the type', () => {
  it('may change until work starts, also on hold before that', () => {
    const held = ticketIn('on_hold')
    const heldBefore: Ticket = {
      ...held,
      resumesTo: 'assigned',
      history: held.history.filter((one) => one.status !== 'in_progress'),
    }
    for (const ticket of [begin(), ticketIn('assigned'), heldBefore])
      expect(ok(editing({ type: 'ont_swap' })(ticket)).type).toBe('ont_swap')
    for (const ticket of [ticketIn('in_progress'), held, ticketIn('qa_approved')])
      expect(refused(editing({ type: 'ont_swap' })(ticket))).toEqual({
        type: 'TypeIsFixed',
        from: 'maintenance',
        to: 'ont_swap',
        why: 'work_started',
      })
    expect(refused(editing({ type: 'ont_swap' })(ticketIn('cancelled')))).toMatchObject({ type: 'FactsFrozen' })
  })

  it('is never changed to or from infrastructure', () => {
    expect(refused(editing({ type: 'infrastructure' })(begin()))).toMatchObject({
      type: 'TypeIsFixed',
      why: 'infrastructure',
    })
    expect(refused(editing({ type: 'maintenance' })(begin({ type: 'infrastructure', cause: null })))).toMatchObject({
      why: 'infrastructure',
    })
  })

  it('other than incident keeps its DR, and an incident gains one before it becomes something else', () => {
    const incident = begin({ type: 'incident', place: { ...PLACE, dr: null } })
    expect(refused(editing({ place: { dr: null } })(begin()))).toEqual({
      type: 'DrRequired',
      ticketType: 'maintenance',
    })
    expect(E.isRight(editing({ place: { dr: null } })(begin({ type: 'incident' })))).toBe(true)
    expect(refused(editing({ type: 'maintenance' })(incident))).toEqual({
      type: 'DrRequired',
      ticketType: 'maintenance',
    })
    expect(E.isRight(editing({ type: 'maintenance', place: { dr: PLACE.dr } })(incident))).toBe(true)
  })

  it('of an imported ticket without a DR may change, and its other facts too', () => {
    const imported = begin({ source: 'qcontact', place: { dr: null, pole: null, pon: null, zone: null } })
    expect(E.isRight(editing({ type: 'modification', ontRx: -12 })(imported))).toBe(true)
  })
})

describe('waivers', () => {
  const waive = waivePlatform({ ...stamp(LEAD), platform: 'sow', reason: 'SOW is being redrawn' }, facts())
  const takeBack = withdrawWaiver({ ...stamp(LEAD), platform: 'sow', reason: 'Redrawn' }, facts())

  it('are given in any state before maintenance has the ticket', () => {
    for (const status of STATUSES) {
      const late = ['handed_to_maintenance', 'closed', 'cancelled'].includes(status)
      expect(E.isLeft(waive(ticketIn(status)))).toBe(late)
    }
  })

  it('carry who, when and why, once per platform, and can be taken back', () => {
    const waived = through(ticketIn('qa_approved'), waive)
    expect(waived.waivers).toEqual([{ platform: 'sow', by: LEAD, at: AT, reason: 'SOW is being redrawn' }])
    expect(refused(waive(waived))).toEqual({ type: 'AlreadyWaived', platform: 'sow' })
    expect(through(waived, takeBack).waivers).toEqual([])
    expect(refused(takeBack(ticketIn('qa_approved')))).toEqual({ type: 'NotWaived', platform: 'sow' })
    expect(refused(waivePlatform({ ...stamp(LEAD), platform: 'sow', reason: ' ' }, facts())(begin()))).toMatchObject({
      type: 'TextMissing',
    })
  })

  it('taken back on a pending ticket have it checked again', () => {
    const elsewhere = facts({ rows: [sowRow({ pole: 'LAW.P.B9' })] })
    const pending = through(ticketIn('pending_qa'), waive)
    expect(pending).toMatchObject({ status: 'pending_qa' })
    expect(ok(withdrawWaiver({ ...stamp(LEAD), platform: 'sow', reason: 'x' }, elsewhere)(pending)).status).toBe(
      'in_progress',
    )
    const ready: Ticket = { ...begin(), qaReady: true }
    expect(ok(waive(ready)).qaReady).toBe(false)
  })
})

it('another reading voids the verdict on the one before', () => {
  const rejected = through(ticketIn('qa_in_progress'), rejecting(), starting())
  const verdict = (ticket: Ticket) => ticket.steps.find((step) => step.key === 'power_meter_reading')?.verdict ?? null
  expect(verdict(rejected)).not.toBe(null)
  expect(verdict(ok(editing({ ontRx: -24 })(rejected)))).toBe(null)
  expect(verdict(ok(editing({ ontModel: 'EG8145' })(rejected)))).not.toBe(null)
})
