import { describe, expect, it } from 'vitest'
import {
  type Action,
  isAllowed,
  isOwn,
  isWithin,
  permissions,
  type Reach,
  reachOf,
  sightOf,
} from '../../src/application/permissions.ts'
import { type Principal, ROLES, type Role, systemPrincipal } from '../../src/application/principal.ts'
import { assign } from '../../src/domain/ticket/assign.ts'
import { ticketIn } from '../support/lifecycle.ts'
import { begin, CONTRACTOR, stamp, TECHNICIAN, through } from '../support/tickets.ts'

const principal = (role: Role | 'system', more: Partial<Principal> = {}): Principal => ({
  userId: `the-${role}`,
  role,
  contractorId: null,
  teams: [],
  ...more,
})
const granted = (role: Role | 'system', reach: Reach): ReadonlyArray<string> =>
  Object.entries(permissions[role])
    .filter(([, one]) => one === reach)
    .map(([action]) => action)
    .toSorted()
const sorted = (...actions: ReadonlyArray<Action>): ReadonlyArray<string> => actions.toSorted()

const READING: ReadonlyArray<Action> = ['read_ticket', 'read_client', 'add_note', 'verify_snapshots']
const FIELD: ReadonlyArray<Action> = [
  'start_work',
  'hold',
  'resume',
  'record_step',
  'add_photo',
  'add_attachment',
  'run_readiness',
  'submit_for_qa',
  'withdraw',
  'confirm_as_built',
  'attribute_fault',
]
const OFFICE: ReadonlyArray<Action> = [
  'lookup_drop',
  'read_directory',
  'read_dashboard',
  'read_escalations',
  'read_settings',
  'read_reports',
  'read_notifications',
]
const QA: ReadonlyArray<Action> = [
  'run_readiness',
  'attribute_fault',
  'attribute_workmanship',
  'start_qa',
  'approve',
  'reject',
  'confirm_as_built',
  'request_handover',
  'add_attachment',
]
const LEADS: ReadonlyArray<Action> = [
  'approve_with_conditions',
  'accept_risk',
  'resolve_risk',
  'review_risk',
  'clear_reuse',
  'override_verdict',
  'waive_platform',
  'take_over_review',
  'return_from_gate',
]
const MANAGERS: ReadonlyArray<Action> = [
  'create_ticket',
  'edit_ticket',
  'assign',
  'cancel',
  'mark_duplicate',
  'unmark_duplicate',
  'link_ticket',
  'hand_over',
  'complete_maintenance',
  'classify_billing',
  'set_installation_date',
  'import_reports',
  'import_platforms',
  'change_settings',
  'change_templates',
  'send_notification',
  'settle_notification',
  'switch_notifications',
  'change_directory',
  'end_escalation',
  'bulk',
  'run_timers',
  'run_sync',
  'read_sync',
  'resolve_sync_conflict',
  'take_from_qcontact',
]

describe('the permission table', () => {
  it('a technician does the field work of own tickets, any fault cause but workmanship', () => {
    expect(granted('technician', 'own')).toEqual(sorted(...READING, ...FIELD))
    expect(granted('technician', 'any')).toEqual(sorted('lookup_drop', 'read_directory', 'read_dashboard'))
    expect(reachOf(principal('technician'), 'attribute_workmanship')).toBe(null)
  })

  it('a contractor does the same, and assigns', () => {
    expect(granted('contractor', 'own')).toEqual(sorted(...READING, ...FIELD, 'assign'))
    expect(granted('contractor', 'any')).toEqual(granted('technician', 'any'))
  })

  it('QA reads everything, checks, reviews, approves, rejects and asks for the handover', () => {
    expect(granted('qa', 'any')).toEqual(sorted(...READING, ...OFFICE, ...QA))
  })

  it('a QA lead does what QA does, and takes exceptions', () => {
    expect(granted('qa_lead', 'any')).toEqual(sorted(...READING, ...OFFICE, ...QA, ...LEADS))
  })

  it('a manager does what a QA lead does, the field work of any ticket, and runs the office', () => {
    const everything = [...READING, ...OFFICE, ...QA, ...LEADS, ...FIELD, ...MANAGERS]
    expect(granted('manager', 'any')).toEqual([...new Set(everything)].toSorted())
  })

  it('an admin does what a manager does, and deletes', () => {
    expect(granted('admin', 'any')).toEqual(
      [...granted('manager', 'any'), 'delete_ticket', 'handle_dead_letters'].toSorted(),
    )
    expect(isAllowed(principal('manager'), 'delete_ticket')).toBe(false)
  })

  it('a viewer reads without client data, and writes nothing', () => {
    expect(granted('viewer', 'any')).toEqual(sorted(...OFFICE, 'read_ticket'))
    for (const action of ['read_client', 'add_note', 'verify_snapshots'] as const)
      expect(isAllowed(principal('viewer'), action)).toBe(false)
  })

  it('a service creates and imports, and reads, notes and verifies what it made', () => {
    expect(granted('service', 'made')).toEqual(sorted(...READING, 'read_reports', 'take_from_qcontact'))
    expect(granted('service', 'any')).toEqual(
      sorted(
        'create_ticket',
        'import_reports',
        'import_platforms',
        'lookup_drop',
        'read_directory',
        'run_sync',
        'read_sync',
      ),
    )
  })

  it('the system does exactly what reactions and schedules need', () => {
    expect(granted('system', 'any')).toEqual(
      sorted(
        'read_ticket',
        'recheck',
        'expire_risk',
        'escalate_risk',
        'escalate_fault',
        'move_escalation',
        'note_likeness',
        'judge_photo_again',
        'assign',
        'start_work',
      ),
    )
  })

  it('nobody but the system expires, escalates or rechecks by hand', () => {
    for (const role of ROLES)
      for (const action of [
        'recheck',
        'expire_risk',
        'escalate_risk',
        'escalate_fault',
        'move_escalation',
        'note_likeness',
        'judge_photo_again',
      ] as const)
        expect(isAllowed(principal(role), action)).toBe(false)
  })

  it('whoever may read a ticket, viewer excepted, may add notes to it and verify its snapshots, just as far', () => {
    for (const role of ROLES.filter((one) => one !== 'viewer')) {
      const reach = reachOf(principal(role), 'read_ticket')
      expect([reachOf(principal(role), 'add_note'), reachOf(principal(role), 'verify_snapshots')]).toEqual([
        reach,
        reach,
      ])
    }
  })

  it('lets nobody do to a ticket what they may not read', () => {
    for (const role of ROLES) {
      const reads = reachOf(principal(role), 'read_ticket')
      if (reads === 'own') expect(granted(role, 'made')).toEqual([])
      if (reads === 'any') expect([...granted(role, 'own'), ...granted(role, 'made')]).toEqual([])
    }
  })
})

describe('an own ticket', () => {
  const assigned = ticketIn('assigned')

  it('is assigned to me, to my contractor or to one of my teams', () => {
    const ofTeam = through(begin(), assign({ ...stamp(), assignment: { team: 'team-1' } }))
    expect(isOwn(principal('technician', { userId: TECHNICIAN }), assigned)).toBe(true)
    expect(isOwn(principal('contractor', { contractorId: CONTRACTOR }), assigned)).toBe(true)
    expect(isOwn(principal('technician', { teams: ['team-0', 'team-1'] }), ofTeam)).toBe(true)
    expect(isOwn(principal('technician', { contractorId: 'contractor-2', teams: ['team-1'] }), assigned)).toBe(false)
  })

  it('is nobody’s as long as it is open, or was cancelled unassigned', () => {
    const nobody = principal('technician')
    expect([isOwn(nobody, begin()), isOwn(nobody, ticketIn('cancelled'))]).toEqual([false, false])
  })

  it('is not mine because neither of us has a contractor or a team', () => {
    expect(isOwn(principal('technician'), through(begin(), assign({ ...stamp(), assignment: { team: 't' } })))).toBe(
      false,
    )
    expect(
      isOwn(principal('contractor'), through(begin(), assign({ ...stamp(), assignment: { technician: 'x' } }))),
    ).toBe(false)
  })

  it('stays so once handed over', () => {
    expect(isOwn(principal('technician', { userId: TECHNICIAN }), ticketIn('closed'))).toBe(true)
  })
})

it('a reach covers any ticket, one’s own, or what one made; no reach covers none', () => {
  const ticket = ticketIn('assigned')
  const owner = principal('technician', { userId: TECHNICIAN })
  const maker = principal('service', { userId: ticket.createdBy })
  const stranger = principal('technician')
  expect([isWithin('any', stranger, ticket), isWithin(null, owner, ticket)]).toEqual([true, false])
  expect([isWithin('own', owner, ticket), isWithin('own', stranger, ticket)]).toEqual([true, false])
  expect([isWithin('made', maker, ticket), isWithin('made', owner, ticket)]).toEqual([true, false])
})

it('sight is all, one’s own, what one made, or none', () => {
  const mine = { contractorId: CONTRACTOR, teams: ['team-1'] }
  for (const role of ['qa', 'qa_lead', 'manager', 'admin', 'viewer'] as const)
    expect(sightOf(principal(role))).toEqual({ type: 'all' })
  for (const role of ['technician', 'contractor'] as const)
    expect(sightOf(principal(role, mine))).toEqual({ type: 'own', userId: `the-${role}`, ...mine })
  expect(sightOf(principal('service'))).toEqual({ type: 'made', userId: 'the-service' })
  expect(sightOf(systemPrincipal)).toEqual({ type: 'all' })
})
