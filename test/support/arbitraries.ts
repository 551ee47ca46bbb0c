import fc from 'fast-check'
import { attributeFault } from '../../src/domain/fault/attribute-fault.ts'
import { FAULT_CAUSES } from '../../src/domain/fault/fault.ts'
import { PLATFORMS } from '../../src/domain/readiness/readiness.ts'
import { acceptRisk } from '../../src/domain/risk/accept-risk.ts'
import { escalateRisk } from '../../src/domain/risk/escalate-risk.ts'
import { expireRisk } from '../../src/domain/risk/expire-risk.ts'
import type { NewRisk } from '../../src/domain/risk/new-risk.ts'
import { resolveRisk } from '../../src/domain/risk/resolve-risk.ts'
import { reviewRisk } from '../../src/domain/risk/review-risk.ts'
import { RISK_TYPES } from '../../src/domain/risk/risk.ts'
import { addDays, dayInJohannesburg } from '../../src/domain/shared/time.ts'
import { addPhoto } from '../../src/domain/ticket/add-photo.ts'
import { approve } from '../../src/domain/ticket/approve.ts'
import { approveWithConditions } from '../../src/domain/ticket/approve-with-conditions.ts'
import { assign } from '../../src/domain/ticket/assign.ts'
import { cancel } from '../../src/domain/ticket/cancel.ts'
import { classifyBilling } from '../../src/domain/ticket/classify-billing.ts'
import { completeMaintenance } from '../../src/domain/ticket/complete-maintenance.ts'
import { completeSteps } from '../../src/domain/ticket/complete-steps.ts'
import { confirmAsBuilt } from '../../src/domain/ticket/confirm-as-built.ts'
import { deleteTicket } from '../../src/domain/ticket/delete-ticket.ts'
import { type Edit, editTicket } from '../../src/domain/ticket/edit-ticket.ts'
import { handOver } from '../../src/domain/ticket/hand-over.ts'
import { hold } from '../../src/domain/ticket/hold.ts'
import { clearReuse, overrideVerdict } from '../../src/domain/ticket/judge-photo.ts'
import { markDuplicate } from '../../src/domain/ticket/mark-duplicate.ts'
import { recordStep } from '../../src/domain/ticket/record-step.ts'
import { reject } from '../../src/domain/ticket/reject.ts'
import { requestHandover } from '../../src/domain/ticket/request-handover.ts'
import { resume } from '../../src/domain/ticket/resume.ts'
import { returnFromGate } from '../../src/domain/ticket/return-from-gate.ts'
import { runReadinessCheck } from '../../src/domain/ticket/run-readiness-check.ts'
import { startQa } from '../../src/domain/ticket/start-qa.ts'
import { startWork } from '../../src/domain/ticket/start-work.ts'
import { submitForQa } from '../../src/domain/ticket/submit-for-qa.ts'
import { takeOverReview } from '../../src/domain/ticket/take-over-review.ts'
import { HOLD_REASONS, PRIORITIES, REJECT_CODES, TICKET_TYPES } from '../../src/domain/ticket/ticket.ts'
import type { Stamp } from '../../src/domain/ticket/transition.ts'
import { unmarkDuplicate } from '../../src/domain/ticket/unmark-duplicate.ts'
import { waivePlatform, withdrawWaiver } from '../../src/domain/ticket/waive-platform.ts'
import { withdraw } from '../../src/domain/ticket/withdraw.ts'
import { requiredSteps } from '../../src/domain/verification/required-steps.ts'
import { STEP_KEYS } from '../../src/domain/verification/steps.ts'
import { judged } from './lifecycle.ts'
import {
  CONTRACTOR,
  LEAD,
  MANAGER,
  PLACE,
  photo,
  REVIEWER,
  SERIAL,
  type Step,
  TECHNICIAN,
  TYPES_OF_WORK,
  verdicts,
  versionOf,
} from './tickets.ts'
import { gateOf, survivors, type World } from './world.ts'

const ACTORS = [TECHNICIAN, 'sipho', REVIEWER, LEAD, MANAGER] as const

/** One thing someone tries. `t` and `u` choose among its inputs, good and bad; `minutes` passes before the next. */
export type Move = {
  readonly command: MoveName
  readonly by: string
  readonly t: number
  readonly u: number
  readonly minutes: number
}

const pick = <A>(from: ReadonlyArray<A>, n: number): A => from[n % from.length] as A
const textOr = (t: number): string => (t % 5 === 0 ? '  ' : 'said so')

const riskOf = ({ ticket, now }: World, t: number, u: number): NewRisk => {
  const today = dayInJohannesburg(now)
  const expiresOn = addDays(today, pick([0, 1, 2, 30, 90, 91, -1], t))
  return {
    id: `risk-${ticket.risks.length - (u % 6 === 5 ? 1 : 0)}`,
    type: pick(RISK_TYPES, u),
    description: textOr(u),
    conditions: null,
    steps: u % 3 === 0 ? requiredSteps(ticket).slice(1) : requiredSteps(ticket),
    expiresOn,
    followUpOn: u % 4 === 0 ? addDays(expiresOn, pick([-1, 0, 1], t)) : null,
  }
}
const riskIdOf = ({ ticket }: World, t: number): string => ticket.risks[t % (ticket.risks.length + 1)]?.id ?? 'risk-x'
const reviewIdOf = ({ ticket }: World): string | undefined => ticket.risks.flatMap((risk) => risk.reviews).at(-1)?.id
const photoIdOf = ({ ticket }: World, t: number): string => ticket.photos[t % (ticket.photos.length + 1)]?.id ?? 'none'
const verdictsOf = ({ ticket }: World, t: number) => {
  const all = judged(ticket, t % 3 === 0 ? [] : requiredSteps(ticket).slice(0, t % 4))
  if (t % 7 === 0) return all.slice(1)
  if (t % 11 === 0) return [...all, ...all.slice(0, 1)]
  return t % 13 === 0 ? all.map((verdict) => ({ ...verdict, comment: null })) : all
}

const edits: ReadonlyArray<Edit> = [
  { title: 'Another title', address: '4 Protea St', gps: { lat: -26.4, lon: 27.8 }, description: 'Gate code 1' },
  { title: ' ' },
  { description: null },
  { priority: 'urgent', externalId: 'QC-1' },
  { place: { pole: 'LAW.P.A003' } },
  { place: { dr: 'DR1729501' } },
  { place: { dr: null } },
  { place: PLACE, ontSerial: SERIAL, ontRx: -18.25 },
  { ontRx: -25.001 },
  { ontSerial: 'HWTC12345678', ontModel: 'EG8145', upsSerial: null },
  { confirmPlace: 'Walked the line' },
  { confirmPlace: '  ' },
  { place: { zone: null }, confirmPlace: 'Walked the line' },
  {},
]

/** Every command there is, with inputs drawn from `t` and `u`. */
const commands = {
  assign: (_, s, t) =>
    assign({
      ...s,
      assignment: pick(
        [
          { technician: TECHNICIAN, contractor: CONTRACTOR },
          { team: 'team-1' },
          { technician: 'sipho' },
          {},
          { technician: null, contractor: null, team: null },
        ],
        t,
      ),
    }),
  start_work: (w, s) => startWork({ ...s, flagRectificationsAt: w.flagRectificationsAt }),
  hold: (_, s, t) => hold({ ...s, reason: pick(HOLD_REASONS, t), note: null }),
  resume: (_, s) => resume(s),
  submit_for_qa: (w, s) => submitForQa(s, w.known),
  withdraw: (_, s, t) => withdraw({ ...s, reason: textOr(t) }),
  start_qa: (w, s) => startQa(s, w.known),
  approve: (w, s, t) => approve({ ...s, verdicts: verdictsOf(w, t), note: null }),
  approve_with_conditions: (w, s, t, u) =>
    approveWithConditions({
      ...s,
      verdicts: verdictsOf(w, t),
      note: null,
      existingRisks: u % 2 === 0 ? w.ticket.risks.map((risk) => risk.id) : u % 9 === 0 ? ['risk-x'] : [],
      newRisks: u % 5 === 0 ? [] : [riskOf(w, t, u)],
      maxRiskDays: 90,
    }),
  reject: (w, s, t, u) =>
    reject({
      ...s,
      codes: u % 5 === 0 ? [] : [pick(REJECT_CODES, u)],
      reason: u % 3 === 0 ? null : 'Look at the photos',
      verdicts: verdictsOf(w, t),
    }),
  take_over_review: (_, s) => takeOverReview(s),
  confirm_as_built: (w, s, t) =>
    confirmAsBuilt({ ...s, confirmedAt: t % 5 === 1 ? '2099-01-01T00:00:00.000Z' : w.now, document: textOr(t) }),
  request_handover: (_, s) => requestHandover(s),
  return_from_gate: (w, s, t) => returnFromGate({ ...s, reason: textOr(t) }, gateOf(w)),
  hand_over: (w, s) => handOver(s, gateOf(w)),
  complete_maintenance: (_, s) => completeMaintenance(s),
  cancel: (w, s, t) => cancel({ ...s, reason: textOr(t), duplicates: w.duplicates }),
  mark_duplicate: (w, s, t) => {
    const survivor = pick([survivors.good, survivors.good, survivors.ofAnotherProject, survivors.nobody, w.ticket], t)
    return markDuplicate({ ...s, survivorId: survivor?.id ?? 'gone', survivor, reason: null, duplicates: w.duplicates })
  },
  unmark_duplicate: (_, s, t) => unmarkDuplicate({ ...s, openForSameFault: t % 9 === 8 ? 'FT1000042' : null }),
  delete: (w, s) => deleteTicket({ ...s, snapshots: w.snapshots, duplicates: w.duplicates }),
  edit: (w, s, t) => editTicket({ ...s, edit: pick(edits, t) }, w.known),
  edit_type: (w, s, t, u) =>
    editTicket({ ...s, edit: { type: pick(TICKET_TYPES, t), priority: pick(PRIORITIES, u) } }, w.known),
  record_step: (w, s, t, u) => {
    const step = pick(u % 2 === 0 ? requiredSteps(w.ticket) : STEP_KEYS, t)
    const value = pick(
      [undefined, undefined, 'x', '-18.2', `(S)${SERIAL}(P)login`, 'GU18W12V12345678', 'A. Client', null],
      u,
    )
    return recordStep(
      {
        ...s,
        step,
        version: versionOf(w.ticket, step) - (t % 17 === 16 ? 1 : 0),
        complete: t % 3 !== 0,
        ...(value === undefined ? {} : { value }),
      },
      w.known,
    )
  },
  complete_steps: (w, s) => completeSteps(s, w.known),
  add_photo: (w, s, t, u) =>
    addPhoto(
      {
        ...s,
        photo: {
          ...photo(
            pick(u % 2 === 0 ? requiredSteps(w.ticket) : STEP_KEYS, t),
            u % 7 === 1 ? photoIdOf(w, t) : `p-${w.moves}`,
          ),
          verdicts: verdicts(u % 3 === 0 ? 'block' : 'pass', u % 5 === 0 ? 'block' : 'pass', w.now),
        },
        limitBytes: 300_000_000,
        usedBytes: t % 19 === 18 ? 300_000_000 : 0,
      },
      w.known,
    ),
  override_verdict: (w, s, t, u) =>
    overrideVerdict({ ...s, photoId: photoIdOf(w, t), check: pick(['size', 'reuse'], u), reason: textOr(u) }, w.known),
  clear_reuse: (w, s, t, u) => clearReuse({ ...s, photoId: photoIdOf(w, t), reason: textOr(u) }, w.known),
  run_readiness: (w, s) => runReadinessCheck(s, w.known),
  attribute_fault: (w, s, t, u) =>
    attributeFault(
      {
        ...s,
        cause: pick(FAULT_CAUSES, t),
        component: u % 2 === 0 ? 'ont' : null,
        details: u % 3 === 0 ? null : 'Kinked at the wall',
        reason: textOr(u),
      },
      w.known,
    ),
  accept_risk: (w, s, t, u) => acceptRisk({ ...s, risk: riskOf(w, t, u), maxRiskDays: 90 }),
  resolve_risk: (w, s, t, u) => resolveRisk({ ...s, riskId: riskIdOf(w, t), notes: textOr(u) }),
  review_risk: (w, s, t, u) =>
    reviewRisk({
      ...s,
      id: (u % 2 === 1 ? reviewIdOf(w) : undefined) ?? s.id,
      riskId: riskIdOf(w, t),
      outcome: textOr(u),
      nextOn: addDays(dayInJohannesburg(w.now), pick([-1, 0, 7], t)),
    }),
  expire_risk: (w, s, t) => expireRisk({ ...s, riskId: riskIdOf(w, t) }),
  escalate_risk: (w, s, t) => escalateRisk({ ...s, riskId: riskIdOf(w, t), followUpId: `follow-up-${w.moves}` }),
  waive_platform: (w, s, t, u) => waivePlatform({ ...s, platform: pick(PLATFORMS, t), reason: textOr(u) }, w.known),
  withdraw_waiver: (w, s, t, u) => withdrawWaiver({ ...s, platform: pick(PLATFORMS, t), reason: textOr(u) }, w.known),
  classify_billing: (_, s, t) => classifyBilling({ ...s, billing: 'internal', reason: textOr(t) }),
} as const satisfies Record<string, (world: World, by: Stamp, t: number, u: number) => Step>
export type CommandName = keyof typeof commands

/** What is no command of the ticket's: the next good step of its life, time passing, the outside changing. */
export const OTHER_MOVES = [
  'advance',
  'wait',
  'outside',
  'outside_unseen',
  'joined_by_duplicate',
  'left_by_duplicate',
  'storage',
] as const
export type MoveName = CommandName | (typeof OTHER_MOVES)[number]
export const COMMANDS = Object.keys(commands) as ReadonlyArray<CommandName>

export const isCommand = (name: MoveName): name is CommandName => name in commands

export const commandOf = (name: CommandName, world: World, { by, t, u }: Pick<Move, 'by' | 't' | 'u'>): Step =>
  commands[name](world, { id: `id-${world.moves}`, at: world.now, by }, t, u)

/** What a ticket can begin as: every type, source and kind of paperwork that differs in its rules. */
export const beginningArb = fc.constantFrom(...TYPES_OF_WORK)

const move = (command: fc.Arbitrary<MoveName>): fc.Arbitrary<Move> =>
  fc.record({
    command,
    by: fc.constantFrom(...ACTORS),
    t: fc.nat(60),
    u: fc.nat(60),
    minutes: fc.integer({ min: 1, max: 600 }),
  })

export const moveArb: fc.Arbitrary<Move> = fc.oneof(
  { weight: 6, arbitrary: move(fc.constant('advance')) },
  { weight: 5, arbitrary: move(fc.constantFrom(...COMMANDS)) },
  { weight: 1, arbitrary: move(fc.constantFrom(...OTHER_MOVES)) },
)
