import { describe, expect, it } from 'vitest'
import { tellPeople } from '../../../src/application/notification/notify.ts'
import { kindOf, TOLD_EVENTS, tellingOf } from '../../../src/application/notification/notify-table.ts'
import type { EscalationEvent } from '../../../src/domain/escalation/escalation.ts'
import { NOTIFICATION_KINDS } from '../../../src/domain/notification/notification.ts'
import type { TemplateKind } from '../../../src/domain/notification/template-kinds.ts'
import type { ToldEvent } from '../../../src/domain/notification/template-values.ts'
import { assign } from '../../../src/domain/ticket/assign.ts'
import { deleteTicket } from '../../../src/domain/ticket/delete-ticket.ts'
import type { TicketEvent } from '../../../src/domain/ticket/events.ts'
import { reject } from '../../../src/domain/ticket/reject.ts'
import type { Ticket } from '../../../src/domain/ticket/ticket.ts'
import { approvingWith, cancelling, rejecting, returning, starting, ticketIn } from '../../support/lifecycle.ts'
import { contractor, lead, manager, project, TEAM, team, technician, tellingWorld } from '../../support/telling.ts'
import { AT, begin, CONTRACTOR, LEAD, MANAGER, REVIEWER, stamp, TECHNICIAN, through } from '../../support/tickets.ts'

type Everything =
  | TicketEvent['type']
  | EscalationEvent['type']
  | 'SlaMarkReached'
  | 'RiskWarning'
  | 'FollowUpDue'
  | 'NoteAdded'
  | 'DocumentAdded'

/** What requirements section 14 wants told, of every event there is; what is empty is told to nobody. */
const SENDS: { readonly [E in Everything]: ReadonlyArray<TemplateKind> } = {
  TicketAssigned: ['assignment'],
  FellBackToInProgress: ['readiness_fallback'],
  TicketRejected: ['qa_rejection'],
  ReturnedFromGate: ['gate_return'],
  RectificationFlagged: ['rectification_flag'],
  SlaMarkReached: ['sla_warning', 'sla_breach'],
  RiskWarning: ['risk_warning'],
  RiskExpired: ['risk_expiry'],
  RiskEscalated: ['risk_escalation'],
  RepeatFaultEscalated: ['fault_escalation'],
  TicketCreated: [],
  WorkStarted: [],
  TicketHeld: [],
  TicketResumed: [],
  ReadinessChecked: [],
  SubmittedForQa: [],
  WithdrawnFromQa: [],
  QaStarted: [],
  ReviewTakenOver: [],
  TicketApproved: [],
  AsBuiltConfirmed: [],
  AsBuiltVoided: [],
  HandoverRequested: [],
  HandedToMaintenance: [],
  MaintenanceCompleted: [],
  TicketCancelled: [],
  MarkedDuplicate: [],
  UnmarkedDuplicate: [],
  TicketDeleted: [],
  FactsChanged: [],
  PlaceConfirmed: [],
  StepRecorded: [],
  PhotoAdded: [],
  VerdictOverridden: [],
  ReuseCleared: [],
  PhotoJudgedAgain: [],
  LookAlikeFound: [],
  FaultAttributed: [],
  RiskAccepted: [],
  RiskResolved: [],
  RiskReviewed: [],
  PlatformWaived: [],
  WaiverWithdrawn: [],
  BillingClassified: [],
  DuplicateJoined: [],
  DuplicateLeft: [],
  FaultJoinedEscalation: [],
  EscalationInvestigationStarted: [],
  EscalationEnded: [],
  FollowUpDue: [],
  NoteAdded: [],
  DocumentAdded: [],
}
const MARKS = ['50', '75', '90', 'breach'] as const
const told = (type: string): ReadonlyArray<string> => [
  ...new Set(
    MARKS.flatMap((mark) => {
      const telling = tellingOf({ type, mark } as unknown as ToldEvent)
      return telling === null ? [] : [telling.template]
    }),
  ),
]

describe('Who is told what', () => {
  it('every event of the list is told by its template, and no other event sends anything', () => {
    for (const [type, templates] of Object.entries(SENDS)) expect([type, told(type)]).toEqual([type, templates])
    expect(TOLD_EVENTS.toSorted()).toEqual(
      Object.entries(SENDS)
        .filter(([, templates]) => templates.length > 0)
        .map(([type]) => type)
        .toSorted(),
    )
  })

  it('of the SLA only the breach is told as one', () => {
    expect(MARKS.map((mark) => tellingOf({ type: 'SlaMarkReached', mark } as unknown as ToldEvent)?.template)).toEqual([
      'sla_warning',
      'sla_warning',
      'sla_warning',
      'sla_breach',
    ])
  })

  it('every kind of message there is has a template or is written by a person', () => {
    expect([...new Set(Object.values(kindOf))].toSorted()).toEqual([...NOTIFICATION_KINDS].toSorted())
  })
})

const who = (rows: ReadonlyArray<{ readonly recipientType: string; readonly recipientId: string }>) =>
  rows.map(({ recipientType, recipientId }) => `${recipientType} ${recipientId}`).toSorted()

const ASSIGNEES = [`contractor ${CONTRACTOR}`, `technician ${TECHNICIAN}`]

describe('An assignment', () => {
  it('is told to each new assignee, and of a later change only to who is new', async () => {
    const world = tellingWorld()
    const ticket = await world.keep(begin())
    const by = (assignment: Parameters<typeof assign>[0]['assignment']) => assign({ ...stamp(), assignment })
    expect(who(await world.after(ticket, by({ technician: TECHNICIAN, contractor: CONTRACTOR })))).toEqual(ASSIGNEES)
    world.rows.length = 0
    expect(who(await world.after(ticket, by({ team: TEAM })))).toEqual([`team ${TEAM}`])
    world.rows.length = 0
    expect(await world.after(ticket, by({ technician: null }))).toEqual([])
  })

  it('says what is to be done, where, and for whom it counts', async () => {
    const world = tellingWorld()
    const ticket = await world.keep(begin({ title: 'No *light*\non ONT https://evil.example', priority: 'high' }))
    const [row] = await world.after(ticket, assign({ ...stamp(), assignment: { technician: TECHNICIAN } }))
    expect(row).toMatchObject({
      kind: 'assignment',
      ticketId: ticket.id,
      projectId: 'lawley',
      phoneOrGroup: technician.phone,
      name: 'Thandi',
      template: 'assignment',
      status: 'pending',
      at: AT,
      digestLine: `${ticket.uid} | DR1729500 | No ·light· on ONT https[:]//evil[.]example`,
    })
    expect(row?.text.split('\n').slice(0, 4)).toEqual([
      `*NEW WORK - ${ticket.uid}*`,
      'No ·light· on ONT https[:]//evil[.]example',
      'DR: DR1729500',
      'Pole: LAW.P.A002 | PON: 7 | Zone: 12',
    ])
  })

  it('goes to the person when it is urgent, else to the group where there is one', async () => {
    for (const [priority, number] of [
      ['critical', contractor.phone],
      ['high', contractor.phone],
      ['normal', contractor.groupId],
    ] as const) {
      const world = tellingWorld()
      const ticket = await world.keep(begin({ priority }))
      expect(await world.after(ticket, assign({ ...stamp(), assignment: { contractor: CONTRACTOR } }))).toMatchObject([
        { phoneOrGroup: number },
      ])
    }
  })

  it('is told once to a number that two of them share', async () => {
    const world = tellingWorld({
      contractors: [{ ...contractor, groupId: null, phone: '082 000 0004' }],
      teams: [{ ...team, groupId: null, phone: '+27820000004' }],
    })
    const ticket = await world.keep(begin())
    const rows = await world.after(ticket, assign({ ...stamp(), assignment: { contractor: CONTRACTOR, team: TEAM } }))
    expect(who(rows)).toEqual([`team ${TEAM}`])
  })

  it('fails in sight of people for whoever has no number or is in no directory', async () => {
    const world = tellingWorld({ people: [{ ...technician, phone: null }], contractors: [] })
    const ticket = await world.keep(begin())
    const rows = await world.after(
      ticket,
      assign({ ...stamp(), assignment: { technician: TECHNICIAN, contractor: CONTRACTOR } }),
    )
    expect(rows).toMatchObject([
      { recipientId: TECHNICIAN, name: 'Thandi', status: 'failed', error: 'no_number' },
      { recipientId: CONTRACTOR, name: null, status: 'failed', error: 'no_number' },
    ])
  })

  it('is told to nobody once the ticket is deleted', async () => {
    const world = tellingWorld()
    const ticket = await world.keep(ticketIn('cancelled'))
    await world.happen(ticket, deleteTicket({ ...stamp(), snapshots: 0, duplicates: [] }))
    await world.tell(world.eventOf(ticket, { type: 'TicketAssigned', from: null, to: { technician: TECHNICIAN } }))
    expect(world.rows).toEqual([])
  })
})

describe('A rejection', () => {
  it('lists just what is missing or wrong, step by step, with what the reviewer said', async () => {
    const world = tellingWorld()
    const ticket = await world.keep(ticketIn('qa_in_progress'))
    const rows = await world.after(
      ticket,
      reject({
        ...stamp(REVIEWER),
        codes: ['missing_photos', 'photo_quality'],
        reason: 'By daylight, please',
        verdicts: [
          { step: 'green_lights', outcome: 'missing', comment: null },
          { step: 'work_area_final', outcome: 'correct', comment: null },
          { step: 'power_meter_reading', outcome: 'incorrect', comment: 'The *screen*\ncannot be read' },
        ],
      }),
    )
    expect(who(rows)).toEqual(ASSIGNEES)
    expect(rows[0]?.text).toBe(
      [
        `*QA REVIEW INCOMPLETE - ${ticket.uid}*`,
        'No light on the ONT',
        'DR: DR1729500',
        'To be put right:',
        '• Power meter reading: incorrect - The ·screen· cannot be read',
        '• Green lights: missing',
        'Because of: missing photos, photo quality',
        'Reviewer: By daylight, please',
        'Steps not named here passed and stay as they are.',
      ].join('\n'),
    )
  })

  it('is listed beside others with its steps', async () => {
    const world = tellingWorld()
    const ticket = await world.keep(ticketIn('qa_in_progress'))
    const rows = await world.after(ticket, rejecting(['work_area_final', 'green_lights']))
    expect(rows[0]?.digestLine).toBe(`${ticket.uid} | DR1729500 | Work area final incorrect, Green lights incorrect`)
  })

  it('that finds each step correct names its reasons', async () => {
    const world = tellingWorld()
    const ticket = await world.keep(ticketIn('qa_in_progress'))
    const rows = await world.after(ticket, (now) => rejecting([])(now))
    expect(rows[0]?.text).toContain('To be put right:\n• photo quality\n')
  })
})

describe('Other events', () => {
  it('a return from the gate tells the assignees why, and which checks fail', async () => {
    const world = tellingWorld()
    const ticket = await world.keep(ticketIn('qa_approved'))
    const rows = await world.after(ticket, returning())
    expect(who(rows)).toEqual(ASSIGNEES)
    expect(rows[0]?.text).toContain('Reason: The as-built is of another pole\n• as built confirmed: failed')
  })

  it('a readiness fallback tells the assignees what fails, with what was found', async () => {
    const world = tellingWorld()
    const ticket = await world.keep(ticketIn('in_progress'))
    const run = {
      id: 'run-1',
      at: AT,
      by: MANAGER,
      passed: false,
      results: [
        {
          check: 'photos_exist',
          outcome: 'failed' as const,
          expected: '',
          actual: 'green_lights: no photo',
          sentence: '1 of 3 required steps are not complete.',
        },
      ],
    }
    const event = { type: 'FellBackToInProgress', failures: ['photos_exist', 'pon_populated'], because: '', at: AT }
    const stored = await world.keep({ ...ticket, lastCheck: run } as Ticket)
    await world.tell(world.eventOf(stored, event))
    expect(who(world.rows)).toEqual(ASSIGNEES)
    expect(world.rows[0]?.text).toContain(
      '• 1 of 3 required steps are not complete. green lights: no photo\n• pon populated: failed',
    )
  })

  it('a third rectification tells the manager', async () => {
    const world = tellingWorld()
    const ticket = await world.keep(ticketIn('qa_rejected'))
    const rows = await world.after(ticket, starting(stamp(TECHNICIAN), 1))
    expect(who(rows)).toEqual([`manager ${MANAGER}`])
    expect(rows[0]).toMatchObject({ phoneOrGroup: manager.phone, kind: 'rectification_flag' })
    expect(rows[0]?.text).toContain('Rectification cycles: 1')
  })

  const mark = (said: object) => ({
    type: 'SlaMarkReached',
    clock: 'resolution',
    priority: 'normal',
    mark: '75',
    percent: 76,
    dueAt: '2026-03-05T08:30:00.000Z',
    at: AT,
    ...said,
  })

  it('an SLA mark tells who is nearest to the work, the breach the manager too', async () => {
    const world = tellingWorld()
    const ticket = await world.keep(ticketIn('in_progress'))
    await world.tell(world.eventOf(ticket, mark({})))
    expect(who(world.rows)).toEqual([`technician ${TECHNICIAN}`])
    expect(world.rows[0]?.text).toContain('76 % of the resolution time is used.')
    expect(world.rows[0]?.text).toContain('Due: 2026-03-05 10:30')
    await world.tell(world.eventOf(ticket, mark({ mark: 'breach', clock: 'response', percent: 100 })))
    expect(who(world.rows.slice(1))).toEqual([`manager ${MANAGER}`, `technician ${TECHNICIAN}`])
    expect(world.rows[1]?.text).toContain('SLA BREACHED')
  })

  it('an SLA mark of a ticket that nobody has tells the manager, once', async () => {
    const world = tellingWorld()
    const ticket = await world.keep(begin())
    await world.tell(world.eventOf(ticket, mark({ mark: 'breach' })))
    expect(who(world.rows)).toEqual([`manager ${MANAGER}`])
  })

  it('a risk that comes to its date tells its acceptor, then the manager too', async () => {
    const world = tellingWorld()
    const ticket = await world.keep(
      through(ticketIn('qa_in_progress'), (now) => approvingWith({}, ['work_area_final'], stamp(REVIEWER))(now)),
    )
    const [risk] = ticket.risks
    const said = { riskId: risk?.id, at: AT }
    await world.tell(world.eventOf(ticket, { ...said, type: 'RiskWarning', daysLeft: 7, expiresOn: '2026-03-14' }))
    expect(who(world.rows)).toEqual([`qa ${REVIEWER}`])
    expect(world.rows[0]?.text).toContain('Risk: minor defect, good until 2026-03-14, days left: 7')
    await world.tell(world.eventOf(ticket, { ...said, type: 'RiskExpired', acceptedBy: REVIEWER }))
    await world.tell(world.eventOf(ticket, { ...said, type: 'RiskEscalated', ticketId: null }))
    expect(who(world.rows.slice(1, 3))).toEqual([`manager ${MANAGER}`, `qa ${REVIEWER}`])
    expect(world.rows.slice(1).map(({ kind, template }) => [kind, template])).toEqual([
      ['risk_expiry', 'risk_expiry'],
      ['risk_expiry', 'risk_expiry'],
      ['escalation', 'risk_escalation'],
      ['escalation', 'risk_escalation'],
    ])
  })

  it('a manager who accepted the risk is told once', async () => {
    const world = tellingWorld({ people: [lead, manager], projects: [{ ...project, managerId: LEAD }] })
    const accepted = through(ticketIn('qa_in_progress'), approvingWith())
    const ticket = await world.keep({
      ...accepted,
      risks: accepted.risks.map((one) => ({ ...one, acceptedBy: LEAD })),
    } as Ticket)
    await world.tell(
      world.eventOf(ticket, { type: 'RiskExpired', riskId: ticket.risks[0]?.id, acceptedBy: LEAD, at: AT }),
    )
    expect(world.rows).toMatchObject([{ phoneOrGroup: lead.phone }])
  })

  const escalated = {
    type: 'RepeatFaultEscalated',
    escalation: {
      id: 'e',
      key: { projectId: 'lawley', scope: 'pole', value: 'LAW.P.A002' },
      type: 'replacement',
      faultCount: 4,
      threshold: 3,
    },
    at: AT,
  }

  it('repeat faults that escalate tell the manager of the infrastructure ticket', async () => {
    const world = tellingWorld()
    const ticket = await world.keep(begin({ type: 'infrastructure', source: 'system' }))
    await world.tell(world.eventOf(ticket, escalated))
    expect(who(world.rows)).toEqual([`manager ${MANAGER}`])
    expect(world.rows[0]?.text).toBe(
      `*REPEAT FAULTS - pole LAW.P.A002*\n4 faults, more than 3\nProject: Lawley\n${ticket.uid} asks for: replacement`,
    )
  })

  it('where a project has no manager its group is told, and where it has neither that is seen as a failure', async () => {
    const group = '120363000000000009@g.us'
    for (const [groupId, expected] of [
      [group, { phoneOrGroup: group, status: 'pending' }],
      [null, { phoneOrGroup: null, status: 'failed', recipientId: 'lawley', name: 'Lawley' }],
    ] as const) {
      const world = tellingWorld({ projects: [{ ...project, managerId: null, groupId }] })
      const ticket = await world.keep(begin({ type: 'infrastructure', source: 'system' }))
      await world.tell(world.eventOf(ticket, escalated))
      expect(world.rows).toMatchObject([{ recipientType: 'manager', ...expected }])
    }
  })
})

describe('An event that comes again', () => {
  it('tells nobody twice, also when only a part was told before a crash', async () => {
    const world = tellingWorld()
    const ticket = await world.keep(ticketIn('qa_in_progress'))
    const [event] = (await world.happen(ticket, rejecting())).filter(({ type }) => type === 'TicketRejected')
    if (event === undefined) throw new Error('was not rejected')
    await world.tell(event)
    const once = [...world.rows]
    expect(once).toHaveLength(2)
    await world.tell(event)
    expect(world.rows).toEqual(once)
    world.rows.length = 1
    await world.tell(event)
    expect(world.rows.map(({ id: _, ...row }) => row)).toEqual(once.map(({ id: _, ...row }) => row))
  })

  it('is given back to be tried again while the database is away', async () => {
    const world = tellingWorld()
    const ticket = await world.keep(ticketIn('qa_in_progress'))
    const away = { type: 'Unavailable', what: 'database' } as const
    const reaction = tellPeople({
      ...world.deps,
      notifications: { add: () => async () => ({ _tag: 'Left', left: away }) },
    })
    const [event] = (await world.happen(ticket, rejecting())).filter(({ type }) => type === 'TicketRejected')
    if (event === undefined) throw new Error('was not rejected')
    await expect(reaction.handle(event, new AbortController().signal)).rejects.toThrow('Unavailable')
  })
})

describe('A project with words of its own', () => {
  it('has them sent, and named with their version', async () => {
    const world = tellingWorld()
    await world.deps.templates.save({
      projectId: 'lawley',
      version: 0,
      own: { assignment: 'Go: {{ticket_uid}}' },
      by: MANAGER,
      at: AT,
    })()
    const ticket = await world.keep(begin())
    expect(await world.after(ticket, assign({ ...stamp(), assignment: { technician: TECHNICIAN } }))).toMatchObject([
      { text: `Go: ${ticket.uid}`, template: 'assignment v1' },
    ])
    await world.after(ticket, cancelling())
    expect(world.rows).toHaveLength(1)
  })

  it('is served by the built-in ones where a text of an earlier version cannot be sent any more', async () => {
    const world = tellingWorld()
    const own = { assignment: 'Go: {{variable_of_old}}' }
    await world.deps.templates.save({ projectId: 'lawley', version: 0, own, by: MANAGER, at: AT })()
    const ticket = await world.keep(begin())
    const [row] = await world.after(ticket, assign({ ...stamp(), assignment: { technician: TECHNICIAN } }))
    expect(row?.text).toContain('NEW WORK')
  })
})
