import { describe, expect, it } from 'vitest'
import { FIELD_RULES, type SyncField, type Value, type Values } from '../../../src/domain/sync/fields.ts'
import { joinCase } from '../../../src/domain/sync/join-case.ts'
import { planSync } from '../../../src/domain/sync/plan.ts'
import { spelledOut } from '../../../src/domain/ticket/qcontact-number.ts'
import type { TicketStatus } from '../../../src/domain/ticket/ticket.ts'

/** What the first look after they met calls for. */
const firstLook = (status: TicketStatus, local: Values, remote: Values, repair = false) => {
  const finished = status === 'handed_to_maintenance' || status === 'closed'
  const { bases, conflicts } = joinCase({ rules: FIELD_RULES, local, remote, finished })
  const plan = planSync({ rules: FIELD_RULES, bases, status, local, remote, authors: {}, knowsAssignee: true, repair })
  return { ...plan, conflicts: [...conflicts, ...plan.conflicts] }
}
const of = (field: SyncField, value: Value): Values => ({ [field]: value })

describe('A ticket that was here before its case', () => {
  it('tells the case how far it is and who has it', () => {
    const local: Values = { status: 'InProgress', assignee: '77' }
    expect(firstLook('in_progress', local, { status: 'Open', assignee: null })).toMatchObject({
      pushes: local,
      conflicts: [],
    })
  })

  it('hears what the case asks of it, and records what it cannot do', () => {
    expect(firstLook('open', of('status', 'Open'), of('status', 'Assigned')).command).toBe('assign')
    expect(firstLook('assigned', of('status', 'Assigned'), of('status', 'InProgress')).command).toBe('start_work')
    expect(firstLook('open', of('status', 'Open'), of('status', 'InReview'))).toMatchObject({
      command: null,
      pushes: { status: 'Open' },
      conflicts: [{ kind: 'status_refused', theirs: 'InReview' }],
    })
  })

  it('is not reopened when it is over, nor is the case closed', () => {
    for (const status of ['handed_to_maintenance', 'closed'] as const)
      expect(firstLook(status, of('status', 'Solved'), of('status', 'Open'), true)).toMatchObject({
        command: null,
        pushes: {},
        conflicts: [{ kind: 'reopened' }],
      })
  })

  it('takes who the client is, and what it did not know; what it knows better it keeps', () => {
    const taken = firstLook(
      'open',
      { client_name: 'N. Dlamini', client_phone: '0821', address: null, description: 'as reported', dr_number: 'DR1' },
      { client_name: 'Nomsa', client_phone: null, address: '1 Long St', description: 'as told', dr_number: 'DR2' },
    )
    expect(taken.takes).toEqual({ client_name: 'Nomsa', address: '1 Long St' })
    expect(taken.conflicts).toEqual([
      { field: 'dr_number', kind: 'both_changed', ours: 'DR1', theirs: 'DR2', winner: 'local' },
    ])
    expect(firstLook('open', of('dr_number', null), of('dr_number', 'DR2')).takes).toEqual({ dr_number: 'DR2' })
  })

  it('keeps its assignee over another of theirs, and says so', () => {
    const differ = firstLook('assigned', { status: 'Assigned', assignee: '77' }, { status: 'Assigned', assignee: '78' })
    expect(differ).toMatchObject({ pushes: { assignee: '77' }, conflicts: [{ field: 'assignee', winner: 'local' }] })
  })
})

describe('A number of QContact', () => {
  it('is FT and its digits however it is spelled, and nothing else is touched', () => {
    for (const spelled of ['FT657323', ' ft 657323 ', 'Ft657323']) expect(spelledOut(spelled)).toBe('FT657323')
    for (const other of ['INC 12', 'FT12', '40000000007', 'FT657323 and more']) expect(spelledOut(other)).toBe(other)
  })
})
