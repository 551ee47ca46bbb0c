import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { judgeSteps, notJudged, verdictsOn } from './judge-steps.ts'
import type { QaDecision, RejectCode, VerdictOnStep } from './ticket.ts'
import { enter, refuseIf, requireText, type Stamp, transition } from './transition.ts'

export type Reject = Stamp & {
  readonly codes: ReadonlyArray<RejectCode>
  readonly reason: string | null
  readonly verdicts: ReadonlyArray<VerdictOnStep>
}

/** QA sends the work back, with a verdict on every required step so that the assignee is told exactly what is wrong. */
export const reject = ({ id, at, by, codes, reason, verdicts }: Reject) =>
  transition('reject', (ticket) =>
    pipe(
      refuseIf(ticket.reviewer !== by, { type: 'NotTheReviewer', reviewer: ticket.reviewer }),
      E.tap(() => refuseIf(codes.length === 0, { type: 'NoRejectCode' })),
      E.tap(() => (codes.includes('other') ? requireText('reason', reason) : E.right(''))),
      E.flatMap(() => judgeSteps(ticket, verdicts, { at, by })),
      E.tap((steps) => {
        const unjudged = notJudged(ticket, steps)
        return refuseIf(unjudged.length > 0, { type: 'StepsNotJudged', steps: unjudged })
      }),
      E.map((steps) => {
        const decision: QaDecision = {
          id,
          kind: 'rejected',
          at,
          by,
          codes: [...new Set(codes)],
          reason: reason?.trim() || null,
          verdicts: verdictsOn(steps),
          risks: [],
          gateFailures: [],
        }
        return [
          enter(
            ticket,
            'qa_rejected',
            at,
            { assignment: ticket.assignment, rejectedAt: at },
            { owner: 'build', qaReady: false, steps, decisions: [...ticket.decisions, decision] },
          ),
          [{ type: 'TicketRejected', decision, at, by }],
        ]
      }),
    ),
  )
