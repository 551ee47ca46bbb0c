import type { Instant } from '../shared/time.ts'
import type { TicketStatus } from '../ticket/ticket.ts'

export const SCOPES = ['dr', 'pole', 'pon', 'zone'] as const
export type Scope = (typeof SCOPES)[number]

/** What faults are counted over; a pole, PON or zone is itself only within its project. */
export type ScopeKey = { readonly projectId: string; readonly scope: Scope; readonly value: string }

export type RepeatFaultLimit = {
  /** Escalates when there are more faults than this. */
  readonly threshold: number
  /** Rolling, in times of 24 hours. */
  readonly windowDays: number
}
export type RepeatFaultSettings = { readonly [S in Scope]: RepeatFaultLimit }

export const DEFAULT_REPEAT_FAULT_SETTINGS: RepeatFaultSettings = {
  dr: { threshold: 2, windowDays: 90 },
  pole: { threshold: 3, windowDays: 90 },
  pon: { threshold: 5, windowDays: 30 },
  zone: { threshold: 15, windowDays: 30 },
}

export const ESCALATION_TYPES = ['replacement', 'investigation', 'inspection'] as const
export type EscalationType = (typeof ESCALATION_TYPES)[number]

export const escalationTypeOf: { readonly [S in Scope]: EscalationType } = {
  dr: 'investigation',
  pole: 'replacement',
  pon: 'investigation',
  zone: 'inspection',
}

type Common = {
  readonly id: string
  readonly key: ScopeKey
  readonly type: EscalationType
  /** The infrastructure ticket it made. */
  readonly ticketId: string
  /** Faults counted when it escalated; later ones only join `contributing`. */
  readonly faultCount: number
  readonly threshold: number
  readonly contributing: ReadonlyArray<string>
  readonly createdAt: Instant
}

/** `by` and `notes` are null when the escalation followed its ticket. */
export type Ending = { readonly at: Instant; readonly by: string | null; readonly notes: string | null }

export type OpenEscalation = Common & { readonly status: 'open' }
export type Investigating = Common & { readonly status: 'investigating'; readonly investigatingSince: Instant }
export type Resolved = Common & { readonly status: 'resolved'; readonly ended: Ending }
export type NoAction = Common & { readonly status: 'no_action'; readonly ended: Ending }
export type LiveEscalation = OpenEscalation | Investigating
export type Escalation = LiveEscalation | Resolved | NoAction
export type EscalationStatus = Escalation['status']

/** The whole life of an escalation: a transition that is not in this table does not exist. */
export const escalationTransitions = {
  investigate: { from: ['open'], to: 'investigating' },
  resolve: { from: ['open', 'investigating'], to: 'resolved' },
  no_action: { from: ['open', 'investigating'], to: 'no_action' },
} as const satisfies Record<string, { readonly from: ReadonlyArray<EscalationStatus>; readonly to: EscalationStatus }>
export type EscalationOutcome = 'resolved' | 'no_action'

/** The states of a ticket, as far as escalations look at them. */
export type FaultTicketStatus = TicketStatus

export type EscalationEvent =
  | { readonly type: 'RepeatFaultEscalated'; readonly escalation: OpenEscalation; readonly at: Instant }
  | {
      readonly type: 'FaultJoinedEscalation'
      readonly escalationId: string
      readonly ticketId: string
      readonly at: Instant
    }
  | { readonly type: 'EscalationInvestigationStarted'; readonly escalationId: string; readonly at: Instant }
  | {
      readonly type: 'EscalationEnded'
      readonly escalationId: string
      readonly outcome: EscalationOutcome
      readonly ended: Ending
      readonly at: Instant
    }

export type EscalationError =
  | { readonly type: 'EscalationAlreadyEnded'; readonly status: EscalationOutcome; readonly ended: Ending }
  | { readonly type: 'EscalationNotesMissing' }
  | {
      readonly type: 'InfrastructureTicketStillRunning'
      readonly ticketId: string
      readonly ticketStatus: FaultTicketStatus
    }

export type EscalationDecision<S extends Escalation = Escalation> = readonly [S, ReadonlyArray<EscalationEvent>]

export const isLive = (escalation: Escalation): escalation is LiveEscalation =>
  escalationTransitions.resolve.from.some((live) => live === escalation.status)
