import type { Either } from 'fp-ts/lib/Either.js'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { NewRisk } from '../../domain/risk/new-risk.ts'
import { approve } from '../../domain/ticket/approve.ts'
import { approveWithConditions } from '../../domain/ticket/approve-with-conditions.ts'
import { type AssignmentChange, assign } from '../../domain/ticket/assign.ts'
import { cancel } from '../../domain/ticket/cancel.ts'
import { completeMaintenance } from '../../domain/ticket/complete-maintenance.ts'
import { confirmAsBuilt } from '../../domain/ticket/confirm-as-built.ts'
import { deleteTicket } from '../../domain/ticket/delete-ticket.ts'
import type { TicketEvent } from '../../domain/ticket/events.ts'
import { handOver } from '../../domain/ticket/hand-over.ts'
import { hold } from '../../domain/ticket/hold.ts'
import { markDuplicate } from '../../domain/ticket/mark-duplicate.ts'
import { failuresOf } from '../../domain/ticket/recheck.ts'
import type { TicketRefusal } from '../../domain/ticket/refusals.ts'
import { reject } from '../../domain/ticket/reject.ts'
import { requestHandover } from '../../domain/ticket/request-handover.ts'
import { resume } from '../../domain/ticket/resume.ts'
import { returnFromGate } from '../../domain/ticket/return-from-gate.ts'
import { startQa } from '../../domain/ticket/start-qa.ts'
import { startWork } from '../../domain/ticket/start-work.ts'
import { submitForQa } from '../../domain/ticket/submit-for-qa.ts'
import { takeOverReview } from '../../domain/ticket/take-over-review.ts'
import type { HoldReason, RejectCode, Ticket, TicketId, VerdictOnStep } from '../../domain/ticket/ticket.ts'
import type { Stamp } from '../../domain/ticket/transition.ts'
import { unmarkDuplicate } from '../../domain/ticket/unmark-duplicate.ts'
import { withdraw } from '../../domain/ticket/withdraw.ts'
import {
  type ChangeDeps,
  type ChangeOptions,
  changeTicket,
  type Gather,
  nothingMore,
  type Target,
  toChange,
} from '../change.ts'
import type { AppError } from '../errors.ts'
import type { Action } from '../permissions.ts'
import type { Change, Stored } from '../ports/ticket-store.ts'
import { type AssigneeDeps, checkAssignees } from './check-assignees.ts'
import { type GateDeps, gatherGate } from './gather-gate.ts'

/** What `POST /tickets/{id}/transitions` takes: a command of the lifecycle table with its own data. */
export type LifecycleCommand =
  | { readonly command: 'assign'; readonly assignment: AssignmentChange }
  | { readonly command: 'start_work' }
  | { readonly command: 'hold'; readonly reason: HoldReason; readonly note: string | null }
  | { readonly command: 'resume' }
  | { readonly command: 'submit_for_qa' }
  | { readonly command: 'withdraw'; readonly reason: string }
  | { readonly command: 'start_qa' }
  | { readonly command: 'approve'; readonly verdicts: ReadonlyArray<VerdictOnStep>; readonly note: string | null }
  | {
      readonly command: 'approve_with_conditions'
      readonly verdicts: ReadonlyArray<VerdictOnStep>
      readonly note: string | null
      readonly existingRisks: ReadonlyArray<string>
      readonly newRisks: ReadonlyArray<NewRisk>
    }
  | {
      readonly command: 'reject'
      readonly codes: ReadonlyArray<RejectCode>
      readonly reason: string | null
      readonly verdicts: ReadonlyArray<VerdictOnStep>
    }
  | { readonly command: 'take_over_review' }
  | { readonly command: 'confirm_as_built'; readonly confirmedAt: string; readonly document: string }
  | { readonly command: 'request_handover' }
  | { readonly command: 'return_from_gate'; readonly reason: string }
  | { readonly command: 'hand_over' }
  | { readonly command: 'complete_maintenance' }
  | { readonly command: 'cancel'; readonly reason: string }
  | { readonly command: 'mark_duplicate'; readonly survivor: TicketId; readonly reason: string | null }
  | { readonly command: 'unmark_duplicate' }
  | { readonly command: 'delete' }

export type LifecycleDeps = ChangeDeps & GateDeps & AssigneeDeps

type Decided = Either<TicketRefusal, readonly [Ticket, ReadonlyArray<TicketEvent>]>
type Decide<F> = (stored: Stored, stamp: Stamp, found: F) => (ticket: Ticket) => Decided

const simply = <F>(action: Action, decide: Decide<F>, gather: Gather<F>): ChangeOptions<F> => ({
  action,
  gather,
  decide: (stored, stamp, found) => decide(stored, stamp, found)(stored.ticket),
})
const alone = (action: Action, decide: (stored: Stored, stamp: Stamp) => (ticket: Ticket) => Decided) =>
  simply<null>(action, decide, nothingMore)

/** The other ticket of a duplicate mark; null when it is not there. Its version moves too, so that both stay true together. */
const otherTicket =
  ({ tickets }: ChangeDeps, id: TicketId): Gather<Stored | null> =>
  () =>
    pipe(
      tickets.load([id]),
      TE.map(([other]) => other ?? null),
    )

const touch = (deps: ChangeDeps, other: Stored | null, event: TicketEvent): ReadonlyArray<Change> =>
  other === null ? [] : [toChange(deps, other, [other.ticket, [event]], event.at)]

/** Any command of the lifecycle table on one ticket: the one path for single, bulk and background use. */
export const runCommand =
  (deps: LifecycleDeps) =>
  (target: Target, command: LifecycleCommand): TE.TaskEither<AppError, Stored> => {
    const change = changeTicket(deps)
    switch (command.command) {
      case 'assign':
        return change(target, {
          action: 'assign',
          gather: checkAssignees(deps, target.principal, command.assignment),
          decide: (stored, stamp) => assign({ ...stamp, assignment: command.assignment })(stored.ticket),
        })
      case 'start_work':
        return change(
          target,
          alone('start_work', ({ settings }, stamp) =>
            startWork({ ...stamp, flagRectificationsAt: settings.flagRectificationsAt }),
          ),
        )
      case 'hold':
        return change(
          target,
          alone('hold', (_, stamp) => hold({ ...stamp, reason: command.reason, note: command.note })),
        )
      case 'resume':
        return change(
          target,
          alone('resume', (_, stamp) => resume(stamp)),
        )
      case 'submit_for_qa':
        return change(
          target,
          alone('submit_for_qa', ({ facts }, stamp) => submitForQa(stamp, facts)),
        )
      case 'withdraw':
        return change(
          target,
          alone('withdraw', (_, stamp) => withdraw({ ...stamp, reason: command.reason })),
        )
      case 'start_qa':
        return pipe(
          change(
            target,
            alone('start_qa', ({ facts }, stamp) => startQa(stamp, facts)),
          ),
          TE.flatMap(refusedWhenItFellBack),
        )
      case 'approve':
        return change(
          target,
          alone('approve', (_, stamp) => approve({ ...stamp, verdicts: command.verdicts, note: command.note })),
        )
      case 'approve_with_conditions':
        return change(
          target,
          alone('approve_with_conditions', ({ settings }, stamp) =>
            approveWithConditions({ ...command, ...stamp, maxRiskDays: settings.maxRiskDays }),
          ),
        )
      case 'reject':
        return change(
          target,
          alone('reject', (_, stamp) => reject({ ...command, ...stamp })),
        )
      case 'take_over_review':
        return change(
          target,
          alone('take_over_review', (_, stamp) => takeOverReview(stamp)),
        )
      case 'confirm_as_built':
        return change(
          target,
          alone('confirm_as_built', (_, stamp) =>
            confirmAsBuilt({ ...stamp, confirmedAt: command.confirmedAt, document: command.document }),
          ),
        )
      case 'request_handover':
        return change(
          target,
          alone('request_handover', (_, stamp) => requestHandover(stamp)),
        )
      case 'return_from_gate':
        return change(
          target,
          simply(
            'return_from_gate',
            (_, stamp, gate) => returnFromGate({ ...stamp, reason: command.reason }, gate),
            gatherGate(deps),
          ),
        )
      case 'hand_over':
        return change(
          target,
          simply('hand_over', (_, stamp, gate) => handOver(stamp, gate), gatherGate(deps)),
        )
      case 'complete_maintenance':
        return change(
          target,
          alone('complete_maintenance', (_, stamp) => completeMaintenance(stamp)),
        )
      case 'cancel':
        return change(
          target,
          alone('cancel', ({ duplicates }, stamp) => cancel({ ...stamp, reason: command.reason, duplicates })),
        )
      case 'mark_duplicate':
        return change(target, {
          action: 'mark_duplicate',
          gather: otherTicket(deps, command.survivor),
          decide: (stored, stamp, survivor) =>
            markDuplicate({
              ...stamp,
              survivorId: command.survivor,
              survivor: survivor?.ticket ?? null,
              reason: command.reason,
              duplicates: stored.duplicates,
            })(stored.ticket),
          also: ({ ticket }, { at, by }, survivor) =>
            touch(deps, survivor, { type: 'DuplicateJoined', duplicate: ticket.id, at, by }),
        })
      case 'unmark_duplicate':
        return change(target, {
          action: 'unmark_duplicate',
          gather: (stored) => {
            const survivor = survivorOf(stored.ticket)
            const { projectId, importKey } = stored.ticket
            return pipe(
              TE.Do,
              TE.apSW('survivor', survivor === null ? TE.right(null) : otherTicket(deps, survivor)(stored)),
              TE.apSW(
                'openForSameFault',
                importKey === null ? TE.right(null) : deps.tickets.openForFault(projectId, importKey),
              ),
            )
          },
          decide: (stored, stamp, { openForSameFault }) =>
            unmarkDuplicate({ ...stamp, openForSameFault })(stored.ticket),
          also: ({ ticket }, { at, by }, { survivor }) =>
            touch(deps, survivor, { type: 'DuplicateLeft', duplicate: ticket.id, at, by }),
        })
      case 'delete':
        return change(
          target,
          alone('delete_ticket', ({ snapshots, duplicates }, stamp) =>
            deleteTicket({ ...stamp, snapshots, duplicates }),
          ),
        )
    }
  }

const survivorOf = (ticket: Ticket): TicketId | null =>
  ticket.status === 'cancelled' && ticket.because.kind === 'duplicate' ? ticket.because.survivor : null

/** The one refusal that writes: the run is logged and the ticket fell back, and the reviewer is told why QA did not start. */
const refusedWhenItFellBack = (stored: Stored): TE.TaskEither<AppError, Stored> =>
  TE.fromEither(
    stored.ticket.status === 'in_progress' && stored.ticket.lastCheck !== null
      ? E.left({ type: 'NotReady', failures: failuresOf(stored.ticket.lastCheck) })
      : E.right(stored),
  )
