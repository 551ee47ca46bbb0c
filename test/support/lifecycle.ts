import type { NewRisk } from '../../src/domain/risk/new-risk.ts'
import { approve } from '../../src/domain/ticket/approve.ts'
import { approveWithConditions } from '../../src/domain/ticket/approve-with-conditions.ts'
import { assign } from '../../src/domain/ticket/assign.ts'
import { cancel } from '../../src/domain/ticket/cancel.ts'
import { completeMaintenance } from '../../src/domain/ticket/complete-maintenance.ts'
import { confirmAsBuilt } from '../../src/domain/ticket/confirm-as-built.ts'
import type { NewTicket } from '../../src/domain/ticket/create-ticket.ts'
import { handOver } from '../../src/domain/ticket/hand-over.ts'
import { hold } from '../../src/domain/ticket/hold.ts'
import { reject } from '../../src/domain/ticket/reject.ts'
import { requestHandover } from '../../src/domain/ticket/request-handover.ts'
import { returnFromGate } from '../../src/domain/ticket/return-from-gate.ts'
import { startQa } from '../../src/domain/ticket/start-qa.ts'
import { startWork } from '../../src/domain/ticket/start-work.ts'
import { submitForQa } from '../../src/domain/ticket/submit-for-qa.ts'
import type { In, Ticket, TicketStatus, VerdictOnStep } from '../../src/domain/ticket/ticket.ts'
import type { Stamp } from '../../src/domain/ticket/transition.ts'
import { requiredSteps } from '../../src/domain/verification/required-steps.ts'
import type { StepKey } from '../../src/domain/verification/steps.ts'
import {
  AT,
  as,
  begin,
  CONTRACTOR,
  facts,
  gateFacts,
  LEAD,
  MANAGER,
  makingReady,
  REVIEWER,
  type Step,
  stamp,
  TECHNICIAN,
  through,
} from './tickets.ts'

/** The commands of an uneventful life, each by whom it usually is. */
export const assigning = (by: Stamp = stamp(MANAGER)): Step =>
  assign({ ...by, assignment: { technician: TECHNICIAN, contractor: CONTRACTOR } })
export const starting = (by: Stamp = stamp(TECHNICIAN), flagRectificationsAt = 3): Step =>
  startWork({ ...by, flagRectificationsAt })
export const holding = (by: Stamp = stamp(TECHNICIAN)): Step =>
  hold({ ...by, reason: 'awaiting_material', note: 'No pigtails left' })
export const submitting = (by: Stamp = stamp(TECHNICIAN), known = facts()): Step => submitForQa(by, known)
export const reviewing = (by: Stamp = stamp(REVIEWER), known = facts()): Step => startQa(by, known)

export const judged = (ticket: Ticket, wrong: ReadonlyArray<StepKey> = []): ReadonlyArray<VerdictOnStep> =>
  requiredSteps(ticket).map((step) =>
    wrong.includes(step)
      ? { step, outcome: 'incorrect', comment: `${step} is wrong` }
      : { step, outcome: 'correct', comment: null },
  )
export const approving =
  (by: Stamp = stamp(REVIEWER)): Step =>
  (ticket) =>
    approve({ ...by, verdicts: judged(ticket), note: null })(ticket)
export const rejecting =
  (wrong: ReadonlyArray<StepKey> = ['work_area_final'], by: Stamp = stamp(REVIEWER)): Step =>
  (ticket) =>
    reject({ ...by, codes: ['photo_quality'], reason: null, verdicts: judged(ticket, wrong) })(ticket)

export const newRisk = (risk: Partial<NewRisk> = {}): NewRisk => ({
  id: 'risk-1',
  type: 'minor_defect',
  description: 'Duct cover missing',
  conditions: null,
  steps: [],
  expiresOn: '2026-03-14',
  followUpOn: null,
  ...risk,
})
export const approvingWith =
  (
    risk: Partial<NewRisk> = {},
    wrong: ReadonlyArray<StepKey> = ['work_area_final'],
    by: Stamp = stamp(REVIEWER),
  ): Step =>
  (ticket) =>
    approveWithConditions({
      ...by,
      verdicts: judged(ticket, wrong),
      note: null,
      existingRisks: [],
      newRisks: [newRisk({ steps: wrong, ...risk })],
      maxRiskDays: 90,
    })(ticket)

export const confirming = (by: Stamp = stamp(REVIEWER)): Step =>
  confirmAsBuilt({ ...by, confirmedAt: AT, document: 'AB-2026-114 rev B' })
export const requesting = (by: Stamp = stamp(REVIEWER)): Step => requestHandover(by)
export const returning =
  (by: Stamp = stamp(LEAD)): Step =>
  (ticket) =>
    returnFromGate({ ...by, reason: 'The as-built is of another pole' }, gateFacts(ticket))(ticket)
export const handing =
  (by: Stamp = stamp(MANAGER)): Step =>
  (ticket) =>
    handOver(by, gateFacts(ticket))(ticket)
export const completing = (by: Stamp = stamp(MANAGER)): Step => completeMaintenance(by)
export const cancelling = (by: Stamp = stamp(MANAGER)): Step =>
  cancel({ ...by, reason: 'Logged by mistake', duplicates: [] })

const preparing: Step = (ticket) => {
  const ready = through(ticket, ...makingReady(ticket))
  return { _tag: 'Right', right: [ready, []] }
}

const worked: ReadonlyArray<Step> = [assigning(), starting(), preparing]
const reviewed: ReadonlyArray<Step> = [...worked, submitting(), reviewing()]
const approved: ReadonlyArray<Step> = [...reviewed, approving()]
const atGate: ReadonlyArray<Step> = [...approved, confirming(), requesting()]

/** How a ticket usually comes to each state. */
const ways: { readonly [S in TicketStatus]: ReadonlyArray<Step> } = {
  open: [],
  assigned: [assigning()],
  in_progress: worked,
  on_hold: [...worked, holding()],
  pending_qa: [...worked, submitting()],
  qa_in_progress: reviewed,
  qa_rejected: [...reviewed, rejecting()],
  qa_approved: approved,
  pending_handover: atGate,
  handed_to_maintenance: [...atGate, handing()],
  closed: [...atGate, handing(), completing()],
  cancelled: [cancelling()],
}

/** A ticket that came to this state by its own commands, with all its evidence. */
export const ticketIn = <S extends TicketStatus>(status: S, said: Partial<NewTicket> = {}): In<S> =>
  as(status, through(begin(said), ...ways[status]))
