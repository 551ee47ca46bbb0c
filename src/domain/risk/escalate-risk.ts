import * as E from 'fp-ts/lib/Either.js'
import { dayInJohannesburg } from '../shared/time.ts'
import type { Ticket } from '../ticket/ticket.ts'
import type { Stamp } from '../ticket/transition.ts'
import { moveRisk } from './move-risk.ts'
import { escalatesOn } from './past.ts'

export type EscalateRisk = Stamp & { readonly riskId: string; readonly followUpId: string }

/** Three days past its date an unresolved risk makes a maintenance ticket; on a cancelled ticket it makes none. */
export const escalateRisk =
  ({ riskId, followUpId, at, by }: EscalateRisk) =>
  (ticket: Ticket) => {
    const ticketId = ticket.status === 'cancelled' ? null : followUpId
    return moveRisk(riskId, 'escalated', (risk) => {
      const dueOn = escalatesOn(risk)
      return dayInJohannesburg(at) < dueOn
        ? E.left({ type: 'RiskNotYetDue', riskId, dueOn })
        : E.right([{ escalationTicket: ticketId }, { type: 'RiskEscalated', riskId, ticketId, at, by }])
    })(ticket)
  }
