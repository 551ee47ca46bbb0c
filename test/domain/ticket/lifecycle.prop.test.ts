import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isWithin, reachOf } from '../../../src/application/permissions.ts'
import { checkReadiness } from '../../../src/domain/readiness/check-readiness.ts'
import { riskTransitions } from '../../../src/domain/risk/risk.ts'
import { didTheWork } from '../../../src/domain/ticket/did-the-work.ts'
import type { TicketEvent } from '../../../src/domain/ticket/events.ts'
import type { TicketRefusal } from '../../../src/domain/ticket/refusals.ts'
import {
  type Command,
  FACTS_OPEN_IN,
  STATUSES,
  SYSTEM,
  TICKET_TYPES,
  type Ticket,
  transitions,
} from '../../../src/domain/ticket/ticket.ts'
import { beginningArb, COMMANDS, type Move, moveArb } from '../../support/arbitraries.ts'
import { cancelling, returning, ticketIn } from '../../support/lifecycle.ts'
import { arrows } from '../../support/lifecycle-page.ts'
import { lives } from '../../support/lives.ts'
import { FOREMAN, inOrder, nextTurns, pausing, play, type Seen, turnBy } from '../../support/playing.ts'
import { begin, MANAGER, TYPES_OF_WORK, through } from '../../support/tickets.ts'
import { type World, worldOf } from '../../support/world.ts'

/** Few while watching; `PROPERTY_RUNS=5000` for a long look. */
const RUNS = Number(process.env.PROPERTY_RUNS ?? 300)

/** Where each refusal is made: `application` ones need more than one ticket, or the caller's past, to be known. */
const refusals: { readonly [T in TicketRefusal['type']]: 'ticket' | 'creation' | 'application' } = {
  TransitionNotAllowed: 'ticket',
  FactsFrozen: 'ticket',
  HandedOverAlready: 'application',
  NoAssignee: 'ticket',
  TextMissing: 'ticket',
  NotReady: 'ticket',
  ReviewerDidTheWork: 'ticket',
  NotTheReviewer: 'ticket',
  StepsNotJudgedCorrect: 'ticket',
  NoConditions: 'ticket',
  StepsWithoutRisk: 'ticket',
  RiskUnknown: 'ticket',
  RiskNotActive: 'ticket',
  RiskTransitionNotAllowed: 'ticket',
  RiskNotYetDue: 'ticket',
  RiskExpiryInPast: 'ticket',
  RiskExpiryTooFar: 'ticket',
  FollowUpAfterExpiry: 'ticket',
  NextReviewInPast: 'ticket',
  ReviewIdTaken: 'ticket',
  AcceptorDidTheWork: 'ticket',
  RiskNotAcceptedHere: 'ticket',
  RisksUnresolved: 'ticket',
  NoRejectCode: 'ticket',
  StepsNotJudged: 'ticket',
  StepJudgedTwice: 'ticket',
  GateFailed: 'ticket',
  AsBuiltInFuture: 'ticket',
  InfrastructureIsNeverDuplicate: 'ticket',
  SurvivorNotSuitable: 'ticket',
  NamedAsSurvivor: 'ticket',
  NotADuplicate: 'ticket',
  FaultOpenElsewhere: 'ticket',
  HasSnapshot: 'ticket',
  TypeIsFixed: 'ticket',
  DrRequired: 'ticket',
  CauseRequired: 'creation',
  StepNeedsPhoto: 'ticket',
  StepNeedsValue: 'ticket',
  StepTakesNoValue: 'ticket',
  StepChanged: 'ticket',
  StepsIncomplete: 'ticket',
  PhotoTooLate: 'ticket',
  PhotoOfAnotherStep: 'ticket',
  TicketStorageFull: 'ticket',
  WorkmanshipNeeds: 'ticket',
  WorkmanshipOnlyByAttribution: 'creation',
  ComponentMissing: 'ticket',
  UnknownNeedsDetails: 'ticket',
  PhotoUnknown: 'ticket',
  NothingToOverride: 'ticket',
  NoReuseToClear: 'ticket',
  PhotoIsNotCurrent: 'ticket',
  AlreadyWaived: 'ticket',
  NotWaived: 'ticket',
  PlaceIncomplete: 'ticket',
  LinkToItself: 'application',
  SubjectErased: 'application',
}

/** Where each event is made: `application` ones are written on the other ticket of a pair. */
const events: { readonly [T in TicketEvent['type']]: 'ticket' | 'creation' | 'application' } = {
  TicketCreated: 'creation',
  TicketAssigned: 'ticket',
  WorkStarted: 'ticket',
  RectificationFlagged: 'ticket',
  TicketHeld: 'ticket',
  TicketResumed: 'ticket',
  ReadinessChecked: 'ticket',
  SubmittedForQa: 'ticket',
  WithdrawnFromQa: 'ticket',
  FellBackToInProgress: 'ticket',
  QaStarted: 'ticket',
  ReviewTakenOver: 'ticket',
  TicketApproved: 'ticket',
  TicketRejected: 'ticket',
  AsBuiltConfirmed: 'ticket',
  AsBuiltVoided: 'ticket',
  HandoverRequested: 'ticket',
  ReturnedFromGate: 'ticket',
  HandedToMaintenance: 'ticket',
  MaintenanceCompleted: 'ticket',
  TicketCancelled: 'ticket',
  MarkedDuplicate: 'ticket',
  UnmarkedDuplicate: 'ticket',
  TicketDeleted: 'ticket',
  FactsChanged: 'ticket',
  PlaceConfirmed: 'ticket',
  StepRecorded: 'ticket',
  PhotoAdded: 'ticket',
  VerdictOverridden: 'ticket',
  ReuseCleared: 'ticket',
  LookAlikeFound: 'application',
  PhotoJudgedAgain: 'application',
  FaultAttributed: 'ticket',
  RiskAccepted: 'ticket',
  RiskResolved: 'ticket',
  RiskReviewed: 'ticket',
  RiskExpired: 'ticket',
  RiskEscalated: 'ticket',
  PlatformWaived: 'ticket',
  WaiverWithdrawn: 'ticket',
  BillingClassified: 'ticket',
  DuplicateJoined: 'application',
  DuplicateLeft: 'application',
}

const madeBy = (record: Readonly<Record<string, string>>, where: string): ReadonlyArray<string> =>
  Object.keys(record).filter((type) => record[type] === where)

const reached = {
  statuses: new Set<string>(),
  refusals: new Set<string>(),
  events: new Set<string>(),
  types: new Set<string>(),
  commands: new Set<string>(),
}

const walked = new Set<string>()

/** A decision that changed what it was given would throw here. */
const frozenDeep = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const part of Object.values(value)) frozenDeep(part)
  }
  return value
}

const isOneOf = (list: ReadonlyArray<string>, value: string): boolean => list.includes(value)
const moversOfOwnership = ['QaStarted', 'HandedToMaintenance', 'TicketRejected', 'ReturnedFromGate']
const factsOf = (t: Ticket) => [
  t.place,
  t.equipment,
  t.photos,
  t.steps.map((s) => [s.complete, s.value]),
  t.fault,
  t.type,
]

/** Whatever is decided, in whatever state, all of this holds. */
const judge = ({ command, by, before, decided }: Seen): void => {
  const was = before.ticket
  reached.commands.add(command)
  if (command in transitions) {
    const { from } = transitions[command as Command]
    const refusedByTable = decided._tag === 'Left' && decided.left.type === 'TransitionNotAllowed'
    expect(refusedByTable).toBe(!isOneOf(from, was.status))
  }
  if (decided._tag === 'Left') {
    reached.refusals.add(decided.left.type)
    expect(JSON.parse(JSON.stringify(decided.left))).toEqual(decided.left)
    return
  }
  const [is, happened] = decided.right
  frozenDeep(is)
  for (const event of happened) {
    reached.events.add(event.type)
    expect(event.at).toBe(before.now)
    expect(event.by).toBe(event.type === 'FellBackToInProgress' ? SYSTEM : by)
  }
  reached.statuses.add(is.status)
  reached.types.add(is.type)
  const types = happened.map((event) => event.type)

  // State changes iff events are emitted; that the outside changed only takes readiness away.
  if (happened.length > 0) expect(JSON.stringify(is)).not.toBe(JSON.stringify(was))
  else if (command === 'outside') expect({ ...was, qaReady: is.qaReady && was.qaReady }).toEqual(is)
  else expect(is).toBe(was)

  // Status moves only along the arrows of the table; a change of facts can only send a pending ticket back.
  if (is.status !== was.status) {
    const moved = isOneOf(types, 'FellBackToInProgress') ? 'fall_back' : command
    expect(arrows).toContainEqual({ command: moved, from: was.status, to: is.status })
    expect(is.history).toEqual([...was.history, { at: before.now, status: is.status }])
    walked.add(`${moved}: ${was.status} -> ${is.status}`)
  } else expect(is.history).toBe(was.history)

  // No history reaches QA with a failed or stale check, and none stays before it.
  const waitsOrEnters = is.status === 'pending_qa' ? !before.unseen : is.status === 'qa_in_progress'
  if (waitsOrEnters && (is.status === 'pending_qa' || was.status !== is.status)) {
    expect(checkReadiness(is, before.known).passed).toBe(true)
    expect(is.qaReady).toBe(true)
  }
  if (is.status === 'qa_in_progress') {
    expect(didTheWork(is, is.reviewer)).toBe(false)
    if (was.status !== is.status) expect(is.lastCheck).toMatchObject({ at: before.now, passed: true })
  }

  // Ownership changes only by hand over, rejection or return.
  expect(is.owner !== was.owner).toBe(types.some((type) => moversOfOwnership.includes(type)))

  // Nothing leaves handed_to_maintenance backwards.
  if (was.status === 'handed_to_maintenance') expect(['handed_to_maintenance', 'closed']).toContain(is.status)
  if (was.status === 'closed') expect(is.status).toBe('closed')

  // Facts are frozen from the start of QA until work starts again.
  if (!isOneOf(FACTS_OPEN_IN, was.status)) expect(factsOf(is)).toEqual(factsOf(was))

  // No risk is ever lost, and its status moves only along its own table.
  for (const risk of was.risks) {
    const now = is.risks.find((one) => one.id === risk.id)
    const moves: ReadonlyArray<string> = [risk.status, ...riskTransitions[risk.status]]
    expect(moves).toContain(now?.status)
    expect(now).toMatchObject({ description: risk.description, acceptedBy: risk.acceptedBy, expiresOn: risk.expiresOn })
  }
  expect(is.risks.length - was.risks.length).toBe(types.filter((type) => type === 'RiskAccepted').length)
  expect(new Set(is.risks.map((risk) => risk.id)).size).toBe(is.risks.length)

  // Photos and decisions are only added, one photo of a step is current, twelve steps stay twelve.
  expect(is.photos.map((photo) => photo.id).slice(0, was.photos.length)).toEqual(was.photos.map((photo) => photo.id))
  const current = is.photos.filter((photo) => photo.current).map((photo) => photo.step)
  expect(new Set(current).size).toBe(current.length)
  expect(is.decisions.slice(0, was.decisions.length)).toEqual(was.decisions)
  expect(is.steps).toHaveLength(12)
  for (const worker of was.workedBy) expect(is.workedBy).toContain(worker)

  // A rectification cycle is counted when work starts after a rejection, and never else.
  const cycles = was.status === 'qa_rejected' && types.includes('WorkStarted') ? 1 : 0
  expect(is.rectificationCount).toBe(was.rectificationCount + cycles)
}

const lived = (ticket: Ticket, moves: ReadonlyArray<Move>): World => {
  const world = worldOf(frozenDeep(ticket))
  reached.statuses.add(ticket.status)
  return moves.reduce((now, move) => play(now, move, judge), world)
}

/** Whoever acts must also be allowed to: the manager does the work, a reviewer who touched nothing judges it. */
const isSuitable = (world: World, { action, by }: ReturnType<typeof nextTurns>[number]): boolean => {
  const role = by === MANAGER || by === FOREMAN ? ('manager' as const) : ('qa_lead' as const)
  const principal = { userId: by, role, contractorId: null, teams: [] }
  return isWithin(reachOf(principal, action), principal, world.ticket)
}

const finish = (from: World): World => {
  let world = inOrder(from, judge)
  for (let turns = 0; turns < 40 && nextTurns(world, 2).length > 0; turns += 1) {
    for (const next of nextTurns(world, 2)) {
      expect(isSuitable(world, next)).toBe(true)
      world = turnBy(world, next, judge)
    }
    world = pausing(world)
  }
  return world
}

it('whatever people do, every rule of the lifecycle holds, and the work can still be finished', () => {
  const ends = new Set<string>()
  fc.assert(
    fc.property(beginningArb, fc.array(moveArb, { minLength: 25, maxLength: 60 }), (said, moves) => {
      const world = lived(begin(said), moves)
      if (world.ticket.deletedAt !== null) return
      const { status } = finish(world).ticket
      ends.add(status)
      expect(status).toBe(world.ticket.status === 'cancelled' && status === 'cancelled' ? 'cancelled' : 'closed')
    }),
    {
      numRuns: lives.length + RUNS,
      examples: lives.map(({ said, moves }): [typeof said, Move[]] => [said, [...moves]]),
    },
  )
  expect([...ends].toSorted()).toEqual(['cancelled', 'closed'])
}, 120_000)

it('every kind of work can be finished from every state it can be in', () => {
  for (const said of TYPES_OF_WORK)
    for (const status of STATUSES.filter((one) => one !== 'cancelled')) {
      const finished = finish(worldOf(frozenDeep(ticketIn(status, said))))
      expect([said.type, status, finished.ticket.status]).toEqual([said.type, status, 'closed'])
    }
})

it('every arrow of the table that changes the state was walked', () => {
  const moving = arrows.filter((arrow) => arrow.from !== arrow.to)
  expect(
    moving.map(({ command, from, to }) => `${command}: ${from} -> ${to}`).filter((arrow) => !walked.has(arrow)),
  ).toEqual([])
})

it('every kind of work that can still be cancelled can be, and what cannot be can be returned first', () => {
  for (const said of TYPES_OF_WORK)
    for (const status of STATUSES.filter((one) => !['cancelled', 'closed', 'handed_to_maintenance'].includes(one))) {
      const ticket = ticketIn(status, said)
      const cancellable = isOneOf(transitions.cancel.from, status) ? ticket : through(ticket, returning())
      expect(through(cancellable, cancelling()).status).toBe('cancelled')
    }
})

it('the histories reached every state, every type, every command, every refusal and every event', () => {
  expect([...reached.statuses].toSorted()).toEqual([...STATUSES].toSorted())
  expect([...reached.types].toSorted()).toEqual([...TICKET_TYPES].toSorted())
  expect(COMMANDS.filter((command) => !reached.commands.has(command))).toEqual([])
  expect(madeBy(refusals, 'ticket').filter((type) => !reached.refusals.has(type))).toEqual([])
  expect([...reached.refusals].filter((type) => !isOneOf(madeBy(refusals, 'ticket'), type))).toEqual([])
  expect(madeBy(events, 'ticket').filter((type) => !reached.events.has(type))).toEqual([])
})
