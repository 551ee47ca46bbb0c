import type { Instant } from '../shared/time.ts'
import type { EscalationDecision, LiveEscalation, OpenEscalation, ScopeKey } from './escalation.ts'
import { escalationTypeOf } from './escalation.ts'
import type { RepeatFaults } from './repeat-faults.ts'

export type Escalate = {
  readonly id: string
  readonly key: ScopeKey
  /** The infrastructure ticket made with it. */
  readonly ticketId: string
  readonly faults: RepeatFaults & { readonly type: 'escalate' }
  readonly at: Instant
}

/** More faults than the threshold open one escalation for their scope. */
export const escalate = ({ id, key, ticketId, faults, at }: Escalate): EscalationDecision<OpenEscalation> => {
  const escalation: OpenEscalation = {
    status: 'open',
    id,
    key,
    type: escalationTypeOf[key.scope],
    ticketId,
    faultCount: faults.count,
    threshold: faults.threshold,
    contributing: faults.contributing,
    createdAt: at,
  }
  return [escalation, [{ type: 'RepeatFaultEscalated', escalation, at }]]
}

/** While an escalation lives, a further fault of its scope joins it; joining twice changes nothing. */
export const joinFault =
  ({ ticketId, at }: { readonly ticketId: string; readonly at: Instant }) =>
  <S extends LiveEscalation>(escalation: S): EscalationDecision<S> =>
    escalation.contributing.includes(ticketId)
      ? [escalation, []]
      : [
          { ...escalation, contributing: [...escalation.contributing, ticketId] },
          [{ type: 'FaultJoinedEscalation', escalationId: escalation.id, ticketId, at }],
        ]
