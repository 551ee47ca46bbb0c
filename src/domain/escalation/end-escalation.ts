import type { Either } from 'fp-ts/lib/Either.js'
import * as E from 'fp-ts/lib/Either.js'
import type { Instant } from '../shared/time.ts'
import type {
  Ending,
  Escalation,
  EscalationDecision,
  EscalationError,
  EscalationOutcome,
  FaultTicketStatus,
  LiveEscalation,
} from './escalation.ts'
import { isLive } from './escalation.ts'

/** What a state of the infrastructure ticket makes of its escalation; null leaves it as it is. */
const asItsTicket = {
  open: null,
  assigned: null,
  on_hold: null,
  in_progress: 'investigating',
  pending_qa: 'investigating',
  qa_in_progress: 'investigating',
  qa_rejected: 'investigating',
  qa_approved: 'investigating',
  pending_handover: 'investigating',
  handed_to_maintenance: 'investigating',
  closed: 'resolved',
  cancelled: 'no_action',
} as const satisfies { readonly [S in FaultTicketStatus]: 'investigating' | EscalationOutcome | null }

/** Past QA a ticket can no longer be cancelled, so nobody is asked to end it first. */
const NEED_NOT_END_FIRST: ReadonlyArray<FaultTicketStatus> = [
  'qa_approved',
  'pending_handover',
  'handed_to_maintenance',
  'closed',
  'cancelled',
]

const end = (escalation: LiveEscalation, outcome: EscalationOutcome, ended: Ending): EscalationDecision => {
  const { id, key, type, ticketId, faultCount, threshold, contributing, createdAt } = escalation
  return [
    { status: outcome, id, key, type, ticketId, faultCount, threshold, contributing, createdAt, ended },
    [{ type: 'EscalationEnded', escalationId: id, outcome, ended, at: ended.at }],
  ]
}

export type TicketMoved = {
  readonly status: FaultTicketStatus
  readonly deletedAt: Instant | null
  readonly at: Instant
}

/** An escalation moves with its ticket: work started, closed, cancelled or deleted. Told twice or late, it stays. */
export const followTicket =
  ({ status, deletedAt, at }: TicketMoved) =>
  (escalation: Escalation): EscalationDecision => {
    const next = deletedAt === null ? asItsTicket[status] : 'no_action'
    if (!isLive(escalation) || next === null || next === escalation.status) return [escalation, []]
    if (next !== 'investigating') return end(escalation, next, { at, by: null, notes: null })
    return [
      { ...escalation, status: next, investigatingSince: at },
      [{ type: 'EscalationInvestigationStarted', escalationId: escalation.id, at }],
    ]
  }

export type EndEscalation = {
  readonly outcome: EscalationOutcome
  readonly notes: string
  readonly by: string
  readonly at: Instant
  /** Its infrastructure ticket as it stands. */
  readonly ticket: { readonly status: FaultTicketStatus; readonly deletedAt: Instant | null }
}

/** A person ends an escalation with notes, after its ticket was closed or cancelled, or once it is past QA. */
export const endEscalation =
  ({ outcome, notes, by, at, ticket }: EndEscalation) =>
  (escalation: Escalation): Either<EscalationError, EscalationDecision> => {
    if (!isLive(escalation)) {
      return E.left({ type: 'EscalationAlreadyEnded', status: escalation.status, ended: escalation.ended })
    }
    if (notes.trim() === '') return E.left({ type: 'EscalationNotesMissing' })
    if (ticket.deletedAt === null && !NEED_NOT_END_FIRST.includes(ticket.status)) {
      const { ticketId } = escalation
      return E.left({ type: 'InfrastructureTicketStillRunning', ticketId, ticketStatus: ticket.status })
    }
    return E.right(end(escalation, outcome, { at, by, notes: notes.trim() }))
  }
