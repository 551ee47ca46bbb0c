import * as E from 'fp-ts/lib/Either.js'
import type { TicketEvent } from '../ticket/events.ts'
import type { TicketRefusal } from '../ticket/refusals.ts'
import type { Ticket } from '../ticket/ticket.ts'
import type { Decided } from '../ticket/transition.ts'
import { type Risk, type RiskStatus, riskTransitions } from './risk.ts'

export const findRisk = (ticket: Ticket, riskId: string): E.Either<TicketRefusal, Risk> => {
  const risk = ticket.risks.find((known) => known.id === riskId)
  return risk === undefined ? E.left({ type: 'RiskUnknown', riskId }) : E.right(risk)
}

/** One arrow of the risk's own table; anything else is refused. */
export const moveRisk =
  (
    riskId: string,
    to: RiskStatus,
    change: (risk: Risk) => E.Either<TicketRefusal, readonly [Partial<Risk>, TicketEvent]>,
  ) =>
  (ticket: Ticket): Decided => {
    const found = findRisk(ticket, riskId)
    if (E.isLeft(found)) return found
    const risk = found.right
    if (!(riskTransitions[risk.status] as ReadonlyArray<RiskStatus>).includes(to))
      return E.left({ type: 'RiskTransitionNotAllowed', riskId, from: risk.status, to })
    return E.map(
      ([changed, event]: readonly [Partial<Risk>, TicketEvent]) =>
        [withRisk(ticket, { ...risk, ...changed, status: to }), [event]] as const,
    )(change(risk))
  }

export const withRisk = (ticket: Ticket, risk: Risk): Ticket => ({
  ...ticket,
  risks: ticket.risks.map((known) => (known.id === risk.id ? risk : known)),
})
