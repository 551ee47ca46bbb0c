import type { NotificationKind } from '../../domain/notification/notification.ts'
import type { TemplateKind } from '../../domain/notification/template-kinds.ts'
import type { ToldEvent } from '../../domain/notification/template-values.ts'
import type { Mark } from '../../domain/sla/sla.ts'

/**
 * Who can be told. `new_assignees`: those of technician, contractor and team who were not named before. `assignees`: all
 * three. `nearest`: the technician, else the team, else the contractor; the manager where nobody is assigned.
 * `manager`: the project's. `acceptor`: who took the risk.
 */
export type Audience = 'new_assignees' | 'assignees' | 'nearest' | 'manager' | 'acceptor'

type Telling = {
  readonly event: ToldEvent['type']
  /** Of an SLA mark only these. */
  readonly marks?: ReadonlyArray<Mark>
  readonly template: Exclude<TemplateKind, 'client_update'>
  readonly to: ReadonlyArray<Audience>
}

/** Who is told what of which event: no other event sends a message. */
const tellings: ReadonlyArray<Telling> = [
  { event: 'TicketAssigned', template: 'assignment', to: ['new_assignees'] },
  { event: 'FellBackToInProgress', template: 'readiness_fallback', to: ['assignees'] },
  { event: 'TicketRejected', template: 'qa_rejection', to: ['assignees'] },
  { event: 'ReturnedFromGate', template: 'gate_return', to: ['assignees'] },
  { event: 'RectificationFlagged', template: 'rectification_flag', to: ['manager'] },
  { event: 'SlaMarkReached', marks: ['50', '75', '90'], template: 'sla_warning', to: ['nearest'] },
  { event: 'SlaMarkReached', marks: ['breach'], template: 'sla_breach', to: ['nearest', 'manager'] },
  { event: 'RiskWarning', template: 'risk_warning', to: ['acceptor'] },
  { event: 'RiskExpired', template: 'risk_expiry', to: ['acceptor', 'manager'] },
  { event: 'RiskEscalated', template: 'risk_escalation', to: ['acceptor', 'manager'] },
  { event: 'RepeatFaultEscalated', template: 'fault_escalation', to: ['manager'] },
]

/** What the messages of a template are counted and gathered as; those of one kind for one recipient become one. */
export const kindOf: { readonly [T in TemplateKind]: NotificationKind } = {
  assignment: 'assignment',
  readiness_fallback: 'readiness_fallback',
  qa_rejection: 'qa_rejection',
  gate_return: 'gate_return',
  rectification_flag: 'rectification_flag',
  sla_warning: 'sla_warning',
  sla_breach: 'sla_warning',
  risk_warning: 'risk_expiry',
  risk_expiry: 'risk_expiry',
  risk_escalation: 'escalation',
  fault_escalation: 'escalation',
  client_update: 'message',
}

export const TOLD_EVENTS: ReadonlyArray<string> = [...new Set(tellings.map(({ event }) => event))]

/** What is said of this event, to whom; null for an event nobody is told of. */
export const tellingOf = (event: ToldEvent): Telling | null =>
  tellings.find(
    ({ event: type, marks }) =>
      type === event.type && (marks === undefined || (event.type === 'SlaMarkReached' && marks.includes(event.mark))),
  ) ?? null
