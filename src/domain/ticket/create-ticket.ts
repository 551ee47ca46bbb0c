import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import {
  type Attribution,
  attributionPending,
  type FaultCause,
  type FaultComponent,
  notAttributed,
} from '../fault/fault.ts'
import { needsAttribution } from '../fault/needs-attribution.ts'
import { dayInJohannesburg } from '../shared/time.ts'
import { STEP_KEYS, STEP_LIST_VERSION, type Step, type StepOverrides } from '../verification/steps.ts'
import { assignmentOf } from './assign.ts'
import type { TicketRefusal } from './refusals.ts'
import type { Assigned, Assignment, Common, Equipment, Open, Place, Priority, Source, TicketType } from './ticket.ts'
import { type Outcome, refuseIf, requireText, type Stamp } from './transition.ts'

export type NewTicket = {
  readonly id: string
  readonly uid: string | null
  readonly projectId: string
  readonly type: TicketType
  readonly source: Source
  readonly externalId: string | null
  readonly importKey: string | null
  readonly priority: Priority
  readonly title: string
  readonly description: string | null
  readonly address: string | null
  readonly gps: Common['gps']
  readonly place: Place
  readonly equipment: Omit<Equipment, 'ontSerialAt'>
  readonly cause: FaultCause | null
  readonly component: FaultComponent | null
  readonly causeDetails: string | null
  readonly paperwork: boolean
  readonly weeklyNote: number | null
  readonly followUpOf: string | null
  readonly assignment: Assignment | null
  readonly stepOverrides: StepOverrides
  readonly sourceCreatedAt: string | null
  /** Twelve ids, one a step, in the order of the list. */
  readonly stepIds: ReadonlyArray<string>
}

export type CreateTicket = Stamp & {
  readonly ticket: NewTicket
  /** The system and services are no persons: their word confirms no cause. */
  readonly byAPerson: boolean
}

/** What a person must say when logging a ticket; imports, QContact and the system may know less. */
export const saidByAPerson = (ticket: NewTicket): E.Either<TicketRefusal, NewTicket> =>
  pipe(
    refuseIf(ticket.type === 'infrastructure', {
      type: 'TypeIsFixed',
      from: 'infrastructure',
      to: 'infrastructure',
      why: 'infrastructure',
    }),
    E.tap(() =>
      refuseIf(ticket.place.dr === null && ticket.type !== 'incident', { type: 'DrRequired', ticketType: ticket.type }),
    ),
    E.tap(() =>
      refuseIf((ticket.type === 'maintenance' || ticket.type === 'incident') && ticket.cause === null, {
        type: 'CauseRequired',
        ticketType: ticket.type,
      }),
    ),
    E.map(() => ticket),
  )

/** A ticket begins: open, or assigned when someone is named with it, with its twelve steps. */
export const createTicket = ({
  ticket,
  byAPerson,
  at,
  by,
}: CreateTicket): E.Either<TicketRefusal, Outcome<Open | Assigned>> =>
  pipe(
    requireText('title', ticket.title),
    E.tap(() => refuseIf(ticket.cause === 'workmanship', { type: 'WorkmanshipOnlyByAttribution' })),
    E.tap(() =>
      refuseIf(ticket.cause === 'material_failure' && ticket.component === null, { type: 'ComponentMissing' }),
    ),
    E.bindTo('title'),
    E.bind('assignment', () => (ticket.assignment === null ? E.right(null) : assignmentOf(ticket.assignment))),
    E.map(({ title, assignment }) => begin({ ...ticket, title, assignment }, byAPerson ? { by, at } : null, at, by)),
  )

const begin = (
  ticket: NewTicket,
  confirmed: Attribution['confirmed'],
  at: string,
  by: string,
): Outcome<Open | Assigned> => {
  const { assignment, cause, component, causeDetails, stepIds, equipment, ...said } = ticket
  const common: Common = {
    ...said,
    equipment: { ...equipment, ontSerialAt: equipment.ontSerial === null ? null : at },
    fault: attributionAtCreation(ticket, confirmed),
    placeConfirmed: null,
    owner: 'build',
    qaReady: false,
    lastCheck: null,
    rectificationCount: 0,
    asBuilt: null,
    workedBy: [],
    stepListVersion: STEP_LIST_VERSION,
    steps: STEP_KEYS.map((key, index): Step => emptyStep(key, stepIds[index] ?? '')),
    photos: [],
    risks: [],
    waivers: [],
    decisions: [],
    history: [{ at, status: 'open' }],
    sla: { dueAt: null, responseDueAt: null, firstResponseAt: null, breached: false },
    guarantee: {
      status: 'pending_classification',
      expiresOn: null,
      billing: 'pending_classification',
      billable: null,
      decidedBy: 'cause_not_known',
      comparedDay: dayInJohannesburg(at),
    },
    billingByHand: null,
    createdAt: at,
    createdBy: by,
    deletedAt: null,
    erasedAt: null,
  }
  const created = { type: 'TicketCreated', source: ticket.source, followUpOf: ticket.followUpOf, at, by } as const
  return assignment === null
    ? [{ ...common, status: 'open' }, [created]]
    : [
        { ...common, status: 'assigned', assignment, history: [...common.history, { at, status: 'assigned' }] },
        [created, { type: 'TicketAssigned', from: null, to: assignment, at, by }],
      ]
}

const emptyStep = (key: Step['key'], id: string): Step => ({
  id,
  key,
  complete: false,
  doneAt: null,
  completedAt: null,
  completedBy: null,
  value: null,
  notes: null,
  verdict: null,
  version: 1,
})

/** A person's own word is a confirmed cause; `unknown` without details and whatever no person said is attribution pending. */
const attributionAtCreation = (ticket: NewTicket, byAPerson: Attribution['confirmed']): Attribution => {
  const { cause, component, source } = ticket
  const details = ticket.causeDetails?.trim() || null
  if (cause === null) return source === 'manual' ? notAttributed : attributionPendingFor(ticket)
  const confirmed = cause !== 'unknown' || details !== null ? byAPerson : null
  return { cause, component: cause === 'material_failure' ? component : null, details, confirmed }
}

const attributionPendingFor = (ticket: NewTicket): Attribution =>
  needsAttribution(ticket) ? attributionPending : notAttributed
