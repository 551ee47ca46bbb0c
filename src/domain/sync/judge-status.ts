import type { TicketStatus } from '../ticket/ticket.ts'
import type { Value } from './fields.ts'

/** What a status that somebody set in QContact asks of the ticket. */
export type StatusAsked =
  | { readonly type: 'move'; readonly command: 'assign' | 'start_work' }
  /** A finished ticket is not reopened: the case stays open and the manager is offered a follow-up. */
  | { readonly type: 'reopened' }
  /** It moves nothing: recorded for the manager, and our status is written back. */
  | { readonly type: 'refused' }

const FINISHED: ReadonlyArray<TicketStatus> = ['handed_to_maintenance', 'closed', 'cancelled']

/** A status is a request, never a fact: only two of them move a ticket (requirements section 13). */
export const judgeStatus = (
  status: TicketStatus,
  { before, asked, knowsAssignee }: { readonly before: Value; readonly asked: Value; readonly knowsAssignee: boolean },
): StatusAsked => {
  if (asked === 'Assigned' && status === 'open' && knowsAssignee) return { type: 'move', command: 'assign' }
  if (asked === 'InProgress' && status === 'assigned') return { type: 'move', command: 'start_work' }
  return before === 'Solved' && FINISHED.includes(status) ? { type: 'reopened' } : { type: 'refused' }
}
