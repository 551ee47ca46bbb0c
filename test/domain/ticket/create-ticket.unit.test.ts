import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { createTicket, saidByAPerson } from '../../../src/domain/ticket/create-ticket.ts'
import { TICKET_TYPES } from '../../../src/domain/ticket/ticket.ts'
import { STEP_KEYS } from '../../../src/domain/verification/steps.ts'
import {
  AT,
  begin,
  CONTRACTOR,
  eventsOf,
  MANAGER,
  newTicket,
  ok,
  PLACE,
  refused,
  stamp,
  TECHNICIAN,
} from '../../support/tickets.ts'

const creating = (said: Parameters<typeof newTicket>[0]) =>
  createTicket({ ...stamp(), byAPerson: true, ticket: newTicket(said) })

it('a ticket begins open, build’s, not ready, with its twelve steps', () => {
  const decided = creating({})
  expect(ok(decided)).toMatchObject({
    status: 'open',
    owner: 'build',
    qaReady: false,
    createdBy: MANAGER,
    rectificationCount: 0,
  })
  expect(ok(decided).steps.map((step) => step.key)).toEqual(STEP_KEYS)
  expect(ok(decided).equipment.ontSerialAt).toBe(AT)
  expect(eventsOf(decided)).toMatchObject([{ type: 'TicketCreated', source: 'manual' }])
})

it('a ticket with an assignee begins assigned, and tells that it was open', () => {
  const decided = creating({ assignment: { technician: TECHNICIAN, contractor: CONTRACTOR, team: null } })
  expect(ok(decided)).toMatchObject({ status: 'assigned', history: [{ status: 'open' }, { status: 'assigned' }] })
  expect(eventsOf(decided).map((event) => event.type)).toEqual(['TicketCreated', 'TicketAssigned'])
  expect(refused(creating({ assignment: { technician: null, contractor: null, team: null } }))).toEqual({
    type: 'NoAssignee',
  })
})

it('a ticket has a title', () => {
  expect(refused(creating({ title: ' ' }))).toEqual({ type: 'TextMissing', field: 'title' })
  expect(begin({ title: '  No light ' }).title).toBe('No light')
})

describe('a person', () => {
  const noDr = { ...PLACE, dr: null }

  it('names a DR for every type but incident', () => {
    for (const type of TICKET_TYPES.filter((one) => one !== 'infrastructure')) {
      const said = saidByAPerson(newTicket({ type, place: noDr }))
      if (type === 'incident') expect(E.isRight(said)).toBe(true)
      else expect(said).toEqual(E.left({ type: 'DrRequired', ticketType: type }))
    }
  })

  it('names a cause for maintenance and incident, and for nothing else must', () => {
    for (const type of TICKET_TYPES.filter((one) => one !== 'infrastructure')) {
      const said = saidByAPerson(newTicket({ type, cause: null }))
      if (type === 'maintenance' || type === 'incident')
        expect(said).toEqual(E.left({ type: 'CauseRequired', ticketType: type }))
      else expect(E.isRight(said)).toBe(true)
    }
  })

  it('makes no infrastructure ticket', () => {
    expect(saidByAPerson(newTicket({ type: 'infrastructure' }))).toMatchObject({
      left: { type: 'TypeIsFixed', why: 'infrastructure' },
    })
  })
})

describe('the cause at creation', () => {
  it('is a person’s own word and so confirmed, unless it is `unknown` without details', () => {
    expect(begin({ cause: 'vandalism' }).fault).toMatchObject({
      cause: 'vandalism',
      confirmed: { by: MANAGER, at: AT },
    })
    expect(begin({ cause: 'unknown', causeDetails: 'No trace' }).fault.confirmed).not.toBe(null)
    expect(begin({ cause: 'unknown', causeDetails: null }).fault.confirmed).toBe(null)
    expect(begin({ cause: 'unknown', causeDetails: '  ' }).fault).toMatchObject({ details: null, confirmed: null })
  })

  it('of an import is nobody’s word: attribution pending', () => {
    const pending = { cause: 'unknown', component: null, details: null, confirmed: null }
    for (const source of ['weekly_report', 'qcontact'] as const) {
      expect(begin({ source, cause: 'vandalism' }, MANAGER, false).fault.confirmed).toBe(null)
      expect(begin({ source, cause: null }, MANAGER, false).fault).toEqual(pending)
    }
  })

  it('given by a service or the system is kept and confirmed by nobody, whatever source it names', () => {
    for (const source of ['manual', 'ad_hoc', 'incident'] as const) {
      expect(begin({ source, cause: 'vandalism' }, 'robot', false).fault).toMatchObject({
        cause: 'vandalism',
        confirmed: null,
      })
      expect(begin({ source, cause: 'vandalism' }, MANAGER, true).fault.confirmed).toEqual({ by: MANAGER, at: AT })
    }
  })

  it('is not asked where none is needed: other types, paperwork, and what the system makes', () => {
    expect(begin({ source: 'qcontact', type: 'ont_swap', cause: null }).fault.cause).toBe(null)
    expect(begin({ source: 'weekly_report', paperwork: true, weeklyNote: 2, cause: null }).fault.cause).toBe(null)
    expect(begin({ source: 'system', cause: null }).fault.cause).toBe(null)
    expect(begin({ type: 'ont_swap', cause: null }).fault.cause).toBe(null)
  })

  it('is never workmanship, and names the component of a material failure', () => {
    expect(refused(creating({ cause: 'workmanship' }))).toEqual({ type: 'WorkmanshipOnlyByAttribution' })
    expect(refused(creating({ cause: 'material_failure' }))).toEqual({ type: 'ComponentMissing' })
    expect(begin({ cause: 'material_failure', component: 'ont' }).fault.component).toBe('ont')
    expect(begin({ cause: 'vandalism', component: 'ont' }).fault.component).toBe(null)
  })
})
