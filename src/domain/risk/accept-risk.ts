import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { didTheWork } from '../ticket/did-the-work.ts'
import type { Ticket } from '../ticket/ticket.ts'
import { type Decided, refuseIf, type Stamp } from '../ticket/transition.ts'
import { acceptedRisk, type NewRisk } from './new-risk.ts'

export type AcceptRisk = Stamp & { readonly risk: NewRisk; readonly maxRiskDays: number }

const ACCEPTED_IN = ['qa_in_progress', 'qa_approved', 'pending_handover']

/** A QA lead, manager or admin who did not do the work takes a risk on; it approves nothing by itself. */
export const acceptRisk =
  ({ risk, at, by, maxRiskDays }: AcceptRisk) =>
  (ticket: Ticket): Decided =>
    pipe(
      refuseIf(!ACCEPTED_IN.includes(ticket.status), { type: 'RiskNotAcceptedHere', status: ticket.status }),
      E.tap(() => refuseIf(didTheWork(ticket, by), { type: 'AcceptorDidTheWork', userId: by })),
      E.flatMap(() => acceptedRisk(risk, { at, by }, maxRiskDays)),
      E.map((accepted) =>
        ticket.risks.some((known) => known.id === accepted.id)
          ? [ticket, []]
          : [{ ...ticket, risks: [...ticket.risks, accepted] }, [{ type: 'RiskAccepted', risk: accepted, at, by }]],
      ),
    )
