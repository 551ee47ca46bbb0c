import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { type AttributeFault, attributeFault } from '../../../src/domain/fault/attribute-fault.ts'
import { FAULT_CAUSES } from '../../../src/domain/fault/fault.ts'
import type { Ticket } from '../../../src/domain/ticket/ticket.ts'
import { assigning, starting, ticketIn } from '../../support/lifecycle.ts'
import {
  AT,
  adding,
  begin,
  eventsOf,
  facts,
  MANAGER,
  ok,
  photo,
  refused,
  stamp,
  through,
} from '../../support/tickets.ts'

const saying = (said: Partial<AttributeFault>) =>
  attributeFault(
    { ...stamp(), cause: 'vandalism', component: null, details: null, reason: 'Site visit', ...said },
    facts(),
  )
const imported = () => begin({ source: 'qcontact', cause: null })

it('every change keeps who, when, from, to and why', () => {
  const decided = saying({ cause: 'environmental', details: ' Lightning ' })(imported())
  const to = { cause: 'environmental', component: null, details: 'Lightning', confirmed: { by: MANAGER, at: AT } }
  expect(ok(decided).fault).toEqual(to)
  expect(eventsOf(decided)).toEqual([
    { type: 'FaultAttributed', from: imported().fault, to, reason: 'Site visit', at: AT, by: MANAGER },
  ])
  expect(refused(saying({ reason: ' ' })(imported()))).toEqual({ type: 'TextMissing', field: 'reason' })
})

describe('workmanship', () => {
  const blame = (ticket: Ticket, details: string | null = 'Splice not closed') =>
    saying({ cause: 'workmanship', details })(ticket)

  it('needs details, an evidence photo and a contractor, and names what is missing', () => {
    expect(refused(blame(begin(), ' '))).toEqual({
      type: 'WorkmanshipNeeds',
      missing: ['details', 'evidence_photo', 'contractor'],
    })
    const assigned = through(begin(), assigning(), starting())
    expect(refused(blame(assigned))).toEqual({ type: 'WorkmanshipNeeds', missing: ['evidence_photo'] })
    expect(refused(blame(through(begin(), adding(photo('work_area_final')))))).toEqual({
      type: 'WorkmanshipNeeds',
      missing: ['contractor'],
    })
    expect(ok(blame(through(assigned, adding(photo('work_area_final'))))).fault.cause).toBe('workmanship')
  })
})

it('a material failure names its component, and no other cause keeps one', () => {
  expect(refused(saying({ cause: 'material_failure' })(imported()))).toEqual({ type: 'ComponentMissing' })
  expect(ok(saying({ cause: 'material_failure', component: 'gizzu' })(imported())).fault.component).toBe('gizzu')
  expect(ok(saying({ cause: 'vandalism', component: 'gizzu' })(imported())).fault.component).toBe(null)
})

it('an unknown cause says why', () => {
  expect(refused(saying({ cause: 'unknown', details: '  ' })(imported()))).toEqual({ type: 'UnknownNeedsDetails' })
  expect(E.isRight(saying({ cause: 'unknown', details: 'No trace found' })(imported()))).toBe(true)
})

it('every cause can be confirmed on a ticket with its evidence', () => {
  for (const cause of FAULT_CAUSES)
    expect(ok(saying({ cause, component: 'ont', details: 'Seen' })(ticketIn('in_progress'))).fault).toMatchObject({
      cause,
      confirmed: { by: MANAGER },
    })
})
