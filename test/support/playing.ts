import type { Action } from '../../src/application/permissions.ts'
import { blockingVerdicts } from '../../src/domain/evidence/blocking.ts'
import { checkGate } from '../../src/domain/handover/gate.ts'
import { checkReadiness } from '../../src/domain/readiness/check-readiness.ts'
import { resolveRisk } from '../../src/domain/risk/resolve-risk.ts'
import { dayInJohannesburg } from '../../src/domain/shared/time.ts'
import { didTheWork } from '../../src/domain/ticket/did-the-work.ts'
import { afterOutsideChange } from '../../src/domain/ticket/recheck.ts'
import { takeOverReview } from '../../src/domain/ticket/take-over-review.ts'
import { SYSTEM, type Ticket } from '../../src/domain/ticket/ticket.ts'
import type { Decided } from '../../src/domain/ticket/transition.ts'
import { type CommandName, commandOf, isCommand, type Move, type MoveName } from './arbitraries.ts'
import {
  approving,
  approvingWith,
  assigning,
  completing,
  confirming,
  rejecting,
  requesting,
  returning,
  reviewing,
  starting,
  submitting,
} from './lifecycle.ts'
import { adding, LEAD, MANAGER, makingReady, photo, REVIEWER, type Step, stamp } from './tickets.ts'
import { gateOf, outsideChanges, settled, type World, wellKnown } from './world.ts'

/** A reviewer who never touches anything else, and someone with a manager's rights who only does the work. */
const FRESH = 'quinn'
export const FOREMAN = 'fundi'
const REVIEWERS: ReadonlyArray<string> = [REVIEWER, LEAD, FRESH]

type Turn = {
  readonly action: Action
  readonly by: string
  readonly step: (world: World) => Step
  /** Part of one sitting: the next turn follows at the same moment. */
  readonly atOnce: boolean
}
const turn = (action: Action, by: string, step: (by: ReturnType<typeof stamp>, world: World) => Step): Turn => ({
  action,
  by,
  step: (world) => step(stamp(by, world.now, `id-${world.moves}`), world),
  atOnce: false,
})

const reviewerFor = (ticket: Ticket): string => [REVIEWER, LEAD].find((who) => !didTheWork(ticket, who)) ?? FRESH

const preparing = ({ ticket, known, now }: World): ReadonlyArray<Turn> => {
  const steps = [
    ...ticket.photos
      .filter((one) => one.current && blockingVerdicts(one).length > 0)
      .map((one) => adding(photo(one.step, `again-${one.id}`), FOREMAN, now, known)),
    ...makingReady(ticket, FOREMAN, now, known),
  ]
  return steps.map((step) => ({ ...turn('edit_ticket', FOREMAN, () => step), atOnce: true }))
}

/** Readiness does not compare the scan with the typed serial; the gate does. */
const isMisscanned = ({ steps, equipment }: Ticket): boolean => {
  const scanned = steps.find((step) => step.key === 'ont_barcode')?.value ?? null
  return scanned !== null && scanned !== equipment.ontSerial
}

const REPAIRED_AT_THE_GATE: ReadonlyArray<string> = ['as_built_confirmed', 'contractor_assigned', 'no_expired_risk']

/** What a suitable person does next so that the ticket comes further; `u` chooses where there is a choice. */
export const nextTurns = (world: World, u: number): ReadonlyArray<Turn> => {
  const { ticket, known, now } = world
  switch (ticket.status) {
    case 'open':
      return [turn('assign', MANAGER, assigning)]
    case 'assigned':
    case 'qa_rejected':
      return [turn('start_work', FOREMAN, (by) => starting(by, world.flagRectificationsAt))]
    case 'on_hold':
      return [turn('resume', MANAGER, (by, now) => commandOf('resume', now, { by: by.by, t: 0, u: 0 }))]
    case 'in_progress':
      return checkReadiness(ticket, known).passed && !isMisscanned(ticket)
        ? [turn('submit_for_qa', FOREMAN, (by) => submitting(by, known))]
        : preparing(world)
    case 'pending_qa':
      return [turn('start_qa', reviewerFor(ticket), (by) => reviewing(by, known))]
    case 'qa_in_progress': {
      const { reviewer } = ticket
      if (!REVIEWERS.includes(reviewer))
        return [turn('take_over_review', reviewerFor(ticket), (by) => takeOverReview(by))]
      if (u % 5 === 0) return [turn('reject', reviewer, (by) => rejecting(['work_area_final'], by))]
      if (u % 5 !== 1) return [turn('approve', reviewer, approving)]
      const condition = { id: `condition-${world.moves}`, expiresOn: dayInJohannesburg(now) }
      return [
        turn('approve_with_conditions', reviewer, (by) =>
          approvingWith(condition, ['work_area_final', 'ont_barcode'], by),
        ),
      ]
    }
    case 'qa_approved':
      return [turn('confirm_as_built', MANAGER, confirming), turn('request_handover', MANAGER, requesting)]
    case 'pending_handover': {
      const failing = checkGate(ticket, gateOf(world), now).filter((result) => result.outcome === 'failed')
      if (failing.length === 0)
        return [turn('hand_over', MANAGER, (by, then) => commandOf('hand_over', then, { by: by.by, t: 0, u: 0 }))]
      return failing.every((result) => REPAIRED_AT_THE_GATE.includes(result.check))
        ? [turn('assign', MANAGER, assigning), turn('confirm_as_built', MANAGER, confirming), ...resolving(ticket)]
        : [turn('return_from_gate', MANAGER, returning)]
    }
    case 'handed_to_maintenance':
      return [...resolving(ticket), turn('complete_maintenance', MANAGER, completing)]
    case 'cancelled':
      return ticket.because.kind === 'duplicate'
        ? [
            turn('unmark_duplicate', MANAGER, (by, then) =>
              commandOf('unmark_duplicate', then, { by: by.by, t: 0, u: 0 }),
            ),
          ]
        : []
    case 'closed':
      return []
  }
}

const resolving = (ticket: Ticket): ReadonlyArray<Turn> =>
  ticket.risks
    .filter((risk) => risk.status !== 'resolved')
    .map((risk) => turn('resolve_risk', MANAGER, (by) => resolveRisk({ ...by, riskId: risk.id, notes: 'Put right' })))

/** One decision as it was taken: by whom, on what, and what came of it. */
export type Seen = {
  readonly command: CommandName | Action | 'outside'
  readonly by: string
  readonly before: World
  readonly decided: Decided
}

const decide = (
  world: World,
  command: Seen['command'],
  by: string,
  step: Step,
  minutes: number,
  see: (seen: Seen) => void,
): World => {
  const decided = step(world.ticket)
  see({ command, by, before: world, decided })
  return decided._tag === 'Left' ? world : settled(world, decided.right[0], decided.right[1], minutes)
}

/** The outside changed: in the same transaction the ticket is checked again. */
const withOutside = (world: World, change: World['known'], see: (seen: Seen) => void): World => {
  const known: World = { ...world, known: change, unseen: false }
  const by = stamp(SYSTEM, world.now, `id-${world.moves}`)
  return decide(
    known,
    'outside',
    SYSTEM,
    (ticket) => ({ _tag: 'Right', right: afterOutsideChange(change, by, 'platform import')(ticket) }),
    0,
    see,
  )
}

export const turnBy = (world: World, next: Turn, see: (seen: Seen) => void): World =>
  decide(world, next.action, next.by, next.step(world), next.atOnce ? 0 : 1, see)

/** A ticket that was deleted is there for nobody any more. */
const isGone = (world: World): boolean => world.ticket.deletedAt !== null

/** One move of a generated history, with every decision it takes shown to `see`. */
export const play = (world: World, move: Move, see: (seen: Seen) => void): World => {
  if (isGone(world)) return world
  const { command, by, u, t, minutes } = move
  if (isCommand(command)) return decide(world, command, by, commandOf(command, world, move), minutes, see)
  return others[command](world, t, u, see)
}

export const pausing = (world: World): World => settled(world, world.ticket, [], 1)

const others: {
  readonly [M in Exclude<MoveName, CommandName>]: (w: World, t: number, u: number, see: (seen: Seen) => void) => World
} = {
  advance: (world, _, u, see) => pausing(nextTurns(world, u).reduce((now, next) => turnBy(now, next, see), world)),
  wait: (world, t) => settled(world, world.ticket, [], (t % 5) * 24 * 60),
  outside: (world, t, _, see) =>
    withOutside(world, { ...world.known, ...outsideChanges[t % outsideChanges.length] }, see),
  outside_unseen: (world, t) => ({
    ...world,
    known: { ...world.known, ...outsideChanges[t % outsideChanges.length] },
    unseen: true,
  }),
  joined_by_duplicate: (world) =>
    world.ticket.status === 'cancelled' ? world : { ...world, duplicates: ['FT1000777'] },
  left_by_duplicate: (world) => ({ ...world, duplicates: [] }),
  storage: (world, t) => ({ ...world, damaged: t % 2 === 0, contractorKnown: t % 3 !== 0 }),
}

/** Storage, directory and platforms as they are when everything outside is in order. */
export const inOrder = (world: World, see: (seen: Seen) => void): World =>
  withOutside(
    { ...world, damaged: false, contractorKnown: true, duplicates: [] },
    { ...world.known, ...wellKnown },
    see,
  )
