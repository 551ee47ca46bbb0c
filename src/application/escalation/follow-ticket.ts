import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { followTicket as decide, type TicketMoved } from '../../domain/escalation/end-escalation.ts'
import type { Escalation, EscalationDecision } from '../../domain/escalation/escalation.ts'
import type { Instant } from '../../domain/shared/time.ts'
import type { TicketEvent } from '../../domain/ticket/events.ts'
import type { TicketId } from '../../domain/ticket/ticket.ts'
import { allowed } from '../allowed.ts'
import type { ChangeDeps } from '../change.ts'
import type { AppError } from '../errors.ts'
import type { EscalationStore } from '../ports/escalation-store.ts'
import { systemPrincipal } from '../principal.ts'

export type FollowDeps = Pick<ChangeDeps, 'newId'> & { readonly escalations: EscalationStore }

/** What each event leaves its ticket in; told twice or late, the escalation stays where it is. */
export const MOVES = {
  WorkStarted: 'in_progress',
  MaintenanceCompleted: 'closed',
  TicketCancelled: 'cancelled',
  MarkedDuplicate: 'cancelled',
  TicketDeleted: 'deleted',
} as const satisfies { readonly [T in TicketEvent['type']]?: TicketMoved['status'] | 'deleted' }
export type Move = keyof typeof MOVES
export const isMove = (type: string): type is Move => Object.hasOwn(MOVES, type)

const movedBy = (type: Move, at: Instant): TicketMoved => {
  const to = MOVES[type]
  return to === 'deleted' ? { status: 'cancelled', deletedAt: at, at } : { status: to, deletedAt: null, at }
}

/** An escalation moves with its infrastructure ticket; null when the ticket is no escalation's. */
export const followTicket =
  ({ escalations, newId }: FollowDeps) =>
  (
    event: { readonly type: Move; readonly at: Instant },
    ticketId: TicketId,
  ): TE.TaskEither<AppError, Escalation | null> =>
    pipe(
      TE.fromEither<AppError, null>(allowed(systemPrincipal, 'move_escalation')),
      TE.flatMap(() => escalations.follow(ticketId, decide(movedBy(event.type, event.at)), recordedWith(newId))),
    )

/** Events of an escalation, each with an id of its own. */
export const recordedWith =
  (newId: () => string) =>
  ([, events]: EscalationDecision) =>
    events.map((event) => ({ ...event, id: newId() }))
