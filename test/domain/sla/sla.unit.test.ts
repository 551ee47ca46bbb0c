import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import type { SlaChange, SlaPriority, SlaStatus, SlaTerms } from '../../../src/domain/sla/sla.ts'
import { DEFAULT_SLA_POLICY } from '../../../src/domain/sla/sla.ts'
import { slaFigures, slaOf, slaWorking } from '../../../src/domain/sla/sla-of.ts'
import { slaTerms } from '../../../src/domain/sla/sla-terms.ts'
import { aroundTheClock } from '../../../src/domain/sla/working-calendar.ts'
import { emptyCalendar, johannesburgOffice, newYorkOffice, officeWithLunch } from './calendars.ts'

const HOUR = 3_600_000

const termsOver = (working_hours = johannesburgOffice): SlaTerms => {
  const terms = slaTerms(DEFAULT_SLA_POLICY, { around_the_clock: aroundTheClock, working_hours })
  if (E.isLeft(terms)) throw new Error(terms.left.type)
  return terms.right
}

/** Johannesburg wall time. */
const at = (time: string) => new Date(`${time}+02:00`).toISOString()
const change = (time: string, status: SlaStatus): SlaChange => ({ at: at(time), status })

const facts = (priority: SlaPriority, now: string, changes: ReadonlyArray<SlaChange>, terms = termsOver()) => ({
  createdAt: changes[0]?.at ?? at(now),
  priority,
  history: changes,
  deletedAt: null,
  terms,
  now: at(now),
})

// Monday 20 July 2026; no holiday near it.
const MONDAY_8 = '2026-07-20T08:00:00'
const created = change(MONDAY_8, 'open')

describe('due times of the default policy', () => {
  it.each([
    ['critical', '2026-07-20T09:30:00', '2026-07-20T14:00:00'],
    ['urgent', '2026-07-20T11:00:00', '2026-07-20T20:00:00'],
    ['high', '2026-07-20T10:30:00', '2026-07-20T18:00:00'],
    ['normal', '2026-07-20T15:30:00', '2026-07-22T18:00:00'],
    ['low', '2026-07-21T15:30:00', '2026-07-28T18:00:00'],
  ] as const)('%s is answered within a quarter and resolved in full', (priority, response, resolution) => {
    const sla = slaOf(facts(priority, MONDAY_8, [created]))
    expect([sla.response.dueAt, sla.resolution.dueAt]).toEqual([at(response), at(resolution)])
  })

  it('a working day runs to the same time of the next working day', () => {
    const sla = slaOf(facts('high', '2026-07-17T15:00:00', [change('2026-07-17T15:00:00', 'open')]))
    expect(sla.resolution.dueAt).toBe(at('2026-07-20T15:00:00'))
  })

  it('an evening ticket starts to count in the morning, a critical one at once', () => {
    const evening = [change('2026-07-20T18:00:00', 'open')]
    expect(slaOf(facts('high', '2026-07-20T18:00:00', evening)).resolution.dueAt).toBe(at('2026-07-21T18:00:00'))
    expect(slaOf(facts('critical', '2026-07-20T18:00:00', evening)).resolution.dueAt).toBe(at('2026-07-21T00:00:00'))
  })

  it('Easter is not counted, and is shown as the reason', () => {
    const easter = facts('high', '2026-04-02T15:00:00', [change('2026-04-02T15:00:00', 'open')])
    expect(slaOf(easter).resolution.dueAt).toBe(at('2026-04-07T15:00:00'))
    expect(slaWorking(easter).resolution.holidays).toEqual([
      { day: '2026-04-03', name: 'Good Friday' },
      { day: '2026-04-06', name: 'Family Day' },
    ])
    expect(slaWorking(easter).response.holidays).toEqual([])
  })

  it('lunch is not counted when the calendar has two intervals a day', () => {
    const sla = slaOf(
      facts('high', '2026-07-20T11:00:00', [change('2026-07-20T11:00:00', 'open')], termsOver(officeWithLunch)),
    )
    expect(sla.response.dueAt).toBe(at('2026-07-20T14:00:00'))
    expect(sla.resolution.dueAt).toBe(at('2026-07-21T11:00:00'))
  })

  it('the same moment is due at other times in another zone', () => {
    const sla = slaOf(facts('high', MONDAY_8, [created], termsOver(newYorkOffice)))
    expect(sla.resolution.dueAt).toBe('2026-07-20T23:00:00.000Z')
  })

  it('changing the priority counts again from creation', () => {
    const worked = [created, change('2026-07-20T09:00:00', 'assigned'), change('2026-07-20T12:00:00', 'in_progress')]
    expect(slaOf(facts('normal', '2026-07-20T15:00:00', worked)).resolution.breached).toBe(false)
    const urgent = slaOf(facts('critical', '2026-07-20T15:00:00', worked))
    expect(urgent.resolution).toMatchObject({ dueAt: at('2026-07-20T14:00:00'), breached: true, elapsedMs: 7 * HOUR })
    expect(urgent.response).toMatchObject({ state: 'ended', breached: true })
  })

  it('a calendar without work has no due time', () => {
    expect(slaWorking(facts('high', MONDAY_8, [created], termsOver(emptyCalendar))).resolution.counted).toEqual([])
    expect(slaOf(facts('high', MONDAY_8, [created], termsOver(emptyCalendar))).resolution.dueAt).toBeNull()
  })
})

describe('breach', () => {
  it('is not yet there at the due time, and is there a moment later', () => {
    expect(slaOf(facts('critical', '2026-07-20T14:00:00', [created])).resolution).toMatchObject({
      breached: false,
      percent: 100,
      remainingMs: 0,
    })
    expect(slaOf(facts('critical', '2026-07-20T14:00:00.001', [created])).resolution).toMatchObject({
      breached: true,
      remainingMs: -1,
      dueAt: at('2026-07-20T14:00:00'),
    })
  })

  it('of a ticket due on Friday evening is there on Saturday, before work goes on', () => {
    const friday = [change('2026-07-17T08:00:00', 'open')]
    expect(slaOf(facts('high', '2026-07-18T09:00:00', friday)).resolution).toMatchObject({
      breached: true,
      elapsedMs: 10 * HOUR,
    })
  })

  it('stays after the ticket is submitted late', () => {
    const late = [created, change('2026-07-20T09:00:00', 'in_progress'), change('2026-07-20T15:00:00', 'pending_qa')]
    expect(slaOf(facts('critical', '2026-07-25T09:00:00', late)).resolution).toMatchObject({
      state: 'paused',
      breached: true,
    })
  })
})

describe('response', () => {
  it('stops at the first start work and stays met, whatever follows', () => {
    const answered = [
      created,
      change('2026-07-20T08:30:00', 'assigned'),
      change('2026-07-20T10:30:00', 'in_progress'),
      change('2026-07-21T10:00:00', 'pending_qa'),
      change('2026-07-22T10:00:00', 'qa_in_progress'),
      change('2026-07-22T11:00:00', 'qa_rejected'),
      change('2026-07-23T11:00:00', 'in_progress'),
    ]
    expect(slaOf(facts('high', '2026-08-20T08:00:00', answered)).response).toMatchObject({
      state: 'met',
      reachedAt: at('2026-07-20T10:30:00'),
      dueAt: at('2026-07-20T10:30:00'),
      elapsedMs: 2.5 * HOUR,
      breached: false,
    })
  })

  it('a moment too late is ended and breached', () => {
    const late = [created, change('2026-07-20T10:30:00.001', 'in_progress')]
    expect(slaOf(facts('high', '2026-07-20T12:00:00', late)).response).toMatchObject({ state: 'ended', breached: true })
  })

  it('waits while the ticket is on hold before work', () => {
    const held = [
      change('2026-07-20T08:00:00', 'open'),
      change('2026-07-20T08:00:00', 'assigned'),
      change('2026-07-20T09:00:00', 'on_hold'),
      change('2026-07-20T12:00:00', 'assigned'),
    ]
    expect(slaOf(facts('high', '2026-07-20T12:30:00', held)).response).toMatchObject({
      state: 'running',
      elapsedMs: 1.5 * HOUR,
      dueAt: at('2026-07-20T13:30:00'),
    })
  })
})

describe('resolution', () => {
  const submitted = [
    created,
    change('2026-07-20T09:00:00', 'in_progress'),
    change('2026-07-20T12:00:00', 'pending_qa'),
    change('2026-07-20T13:00:00', 'qa_in_progress'),
  ]

  it('stops while QA has the ticket and runs on from the rejection', () => {
    expect(slaOf(facts('high', '2026-07-21T12:00:00', submitted)).resolution).toMatchObject({
      state: 'paused',
      elapsedMs: 4 * HOUR,
      breached: false,
    })
    const rejected = [...submitted, change('2026-07-21T12:00:00', 'qa_rejected')]
    expect(slaOf(facts('high', '2026-07-21T13:00:00', rejected)).resolution).toMatchObject({
      state: 'running',
      elapsedMs: 5 * HOUR,
      dueAt: at('2026-07-21T18:00:00'),
    })
  })

  it('while paused is due as if it were resumed now', () => {
    expect(slaOf(facts('high', '2026-07-21T12:00:00', submitted)).resolution.dueAt).toBe(at('2026-07-21T18:00:00'))
    expect(slaOf(facts('high', '2026-07-22T12:00:00', submitted)).resolution.dueAt).toBe(at('2026-07-22T18:00:00'))
  })

  it('runs on from a return from the gate and is met by the hand over', () => {
    const handed = [
      ...submitted,
      change('2026-07-20T14:00:00', 'qa_approved'),
      change('2026-07-20T15:00:00', 'pending_handover'),
      change('2026-07-21T09:00:00', 'qa_rejected'),
      change('2026-07-21T10:00:00', 'in_progress'),
      change('2026-07-21T11:00:00', 'pending_qa'),
      change('2026-07-21T12:00:00', 'qa_in_progress'),
      change('2026-07-21T13:00:00', 'qa_approved'),
      change('2026-07-21T14:00:00', 'pending_handover'),
      change('2026-07-22T09:00:00', 'handed_to_maintenance'),
      change('2026-07-29T09:00:00', 'closed'),
    ]
    expect(slaOf(facts('high', '2026-08-01T09:00:00', handed)).resolution).toMatchObject({
      state: 'met',
      elapsedMs: 6 * HOUR,
      reachedAt: at('2026-07-22T09:00:00'),
      dueAt: at('2026-07-21T15:00:00'),
    })
    expect(slaWorking(facts('high', '2026-08-01T09:00:00', handed)).resolution.pauses).toEqual([
      { from: at('2026-07-20T12:00:00'), to: at('2026-07-21T09:00:00'), why: 'with_qa' },
      { from: at('2026-07-21T11:00:00'), to: at('2026-07-22T09:00:00'), why: 'with_qa' },
    ])
  })

  it('does not count a hold over a weekend and a holiday, and shows it', () => {
    const held = [
      change('2026-04-02T08:00:00', 'open'),
      change('2026-04-02T10:00:00', 'in_progress'),
      change('2026-04-02T16:00:00', 'on_hold'),
      change('2026-04-07T11:00:00', 'in_progress'),
    ]
    const working = slaWorking(facts('high', '2026-04-07T12:00:00', held)).resolution
    expect(slaOf(facts('high', '2026-04-07T12:00:00', held)).resolution).toMatchObject({
      elapsedMs: 9 * HOUR,
      dueAt: at('2026-04-07T13:00:00'),
    })
    expect(working.counted).toEqual([
      { from: at('2026-04-02T08:00:00'), to: at('2026-04-02T16:00:00') },
      { from: at('2026-04-07T11:00:00'), to: at('2026-04-07T12:00:00') },
    ])
    expect(working.pauses).toEqual([{ from: at('2026-04-02T16:00:00'), to: at('2026-04-07T11:00:00'), why: 'on_hold' }])
    expect(working.holidays.map(({ name }) => name)).toEqual(['Good Friday', 'Family Day'])
  })

  it('shows a hold that still lasts as a pause without end', () => {
    const held = [created, change('2026-07-20T09:00:00', 'assigned'), change('2026-07-20T10:00:00', 'on_hold')]
    expect(slaWorking(facts('high', '2026-07-20T12:00:00', held)).resolution.pauses).toEqual([
      { from: at('2026-07-20T10:00:00'), to: null, why: 'on_hold' },
    ])
    expect(slaWorking(facts('high', '2026-07-20T10:00:00', held)).resolution.pauses).toEqual([
      { from: at('2026-07-20T10:00:00'), to: null, why: 'on_hold' },
    ])
  })
})

describe('cancelling', () => {
  const cancelledOnHold = [
    created,
    change('2026-07-20T09:00:00', 'assigned'),
    change('2026-07-20T10:00:00', 'on_hold'),
    change('2026-07-20T11:00:00', 'cancelled'),
  ]

  it('from hold closes the pause and ends both clocks', () => {
    const late = facts('critical', '2026-08-20T12:00:00', cancelledOnHold)
    const sla = slaOf(late)
    expect([sla.response.state, sla.resolution.state]).toEqual(['ended', 'ended'])
    expect(sla.resolution).toMatchObject({ elapsedMs: 2 * HOUR, breached: false, reachedAt: null })
    expect(slaFigures(sla).firstResponseAt).toBeNull()
    expect(slaWorking(late).resolution.pauses).toEqual([
      { from: at('2026-07-20T10:00:00'), to: at('2026-07-20T11:00:00'), why: 'on_hold' },
    ])
  })

  it('as a duplicate and unmarked runs on without the time as duplicate', () => {
    const unmarked = [created, change('2026-07-20T10:00:00', 'cancelled'), change('2026-07-22T10:00:00', 'open')]
    const sla = slaOf(facts('high', '2026-07-22T11:00:00', unmarked))
    expect(sla.resolution).toMatchObject({ state: 'running', elapsedMs: 3 * HOUR, dueAt: at('2026-07-22T18:00:00') })
    expect(slaWorking(facts('high', '2026-07-22T11:00:00', unmarked)).resolution.pauses).toEqual([
      { from: at('2026-07-20T10:00:00'), to: at('2026-07-22T10:00:00'), why: 'cancelled' },
    ])
  })

  it('by deletion ends the clocks too', () => {
    const deleted = { ...facts('high', '2026-07-22T11:00:00', [created]), deletedAt: at('2026-07-20T09:00:00') }
    for (const history of [[created], []]) {
      expect(slaOf({ ...deleted, history }).resolution).toMatchObject({
        state: 'ended',
        elapsedMs: HOUR,
        breached: false,
      })
    }
  })
})

describe('odd histories', () => {
  it('a field time before the last change counts from the last change', () => {
    const backwards = [created, change('2026-07-20T10:00:00', 'on_hold'), change('2026-07-20T09:00:00', 'in_progress')]
    expect(slaOf(facts('high', '2026-07-20T11:00:00', backwards)).resolution.elapsedMs).toBe(3 * HOUR)
  })

  it('a change after now has not happened yet', () => {
    const ahead = [created, change('2026-07-20T10:00:00', 'on_hold')]
    expect(slaOf(facts('high', '2026-07-20T09:00:00', ahead)).resolution).toMatchObject({
      state: 'running',
      elapsedMs: HOUR,
    })
  })

  it('a ticket without history has been open since creation, also when the clock of now is behind', () => {
    const none = { ...facts('high', MONDAY_8, []), createdAt: at('2026-07-20T09:00:00') }
    expect(slaOf(none).resolution).toMatchObject({ state: 'running', elapsedMs: 0, dueAt: at('2026-07-21T09:00:00') })
  })
})

describe('terms', () => {
  const calendars = { around_the_clock: aroundTheClock, working_hours: johannesburgOffice }

  it('a response time of its own replaces the quarter', () => {
    const own = { ...DEFAULT_SLA_POLICY, high: { ...DEFAULT_SLA_POLICY.high, response: { hours: 1 } } }
    expect(slaTerms(own, calendars)).toMatchObject({ right: { high: { responseMs: HOUR, resolutionMs: 10 * HOUR } } })
  })

  it.each(['nowhere', 'constructor'])('a calendar nobody defined (%s) is refused by name', (calendar) => {
    const lost = { ...DEFAULT_SLA_POLICY, low: { ...DEFAULT_SLA_POLICY.low, calendar } }
    expect(slaTerms(lost, calendars)).toEqual(E.left({ type: 'CalendarUnknown', priority: 'low', calendar }))
  })

  it.each([0, -1, Number.NaN])('a length of %d hours is refused, for resolution and for response', (hours) => {
    const none = { ...DEFAULT_SLA_POLICY, high: { ...DEFAULT_SLA_POLICY.high, resolution: { hours } } }
    expect(slaTerms(none, calendars)).toEqual(
      E.left({ type: 'SlaLengthNotPositive', priority: 'high', of: 'resolution' }),
    )
    const silent = { ...DEFAULT_SLA_POLICY, high: { ...DEFAULT_SLA_POLICY.high, response: { hours } } }
    expect(slaTerms(silent, calendars)).toEqual(
      E.left({ type: 'SlaLengthNotPositive', priority: 'high', of: 'response' }),
    )
  })
})

it('a ticket born on hold never ran', () => {
  const held = facts('high', '2026-07-20T12:00:00', [change(MONDAY_8, 'on_hold')])
  expect(slaOf(held).resolution).toMatchObject({ state: 'paused', elapsedMs: 0, dueAt: at('2026-07-21T12:00:00') })
})

it('the stored figures are the resolution clock and both due times', () => {
  const sla = slaOf(facts('high', '2026-07-20T12:00:00', [created, change('2026-07-20T09:00:00', 'in_progress')]))
  expect(slaFigures(sla)).toEqual({
    dueAt: at('2026-07-20T18:00:00'),
    responseDueAt: at('2026-07-20T10:30:00'),
    firstResponseAt: at('2026-07-20T09:00:00'),
    breached: false,
  })
})
