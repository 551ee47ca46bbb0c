import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { judgeSteps, notJudgedCorrect, verdictsOn } from './judge-steps.ts'
import type { QaDecision, VerdictOnStep } from './ticket.ts'
import { enter, refuseIf, type Stamp, transition } from './transition.ts'

export type Approve = Stamp & { readonly verdicts: ReadonlyArray<VerdictOnStep>; readonly note: string | null }

/** QA finds every required step correct. Only the reviewer who started, or took over, decides. */
export const approve = ({ id, at, by, verdicts, note }: Approve) =>
  transition('approve', (ticket) =>
    pipe(
      refuseIf(ticket.reviewer !== by, { type: 'NotTheReviewer', reviewer: ticket.reviewer }),
      E.flatMap(() => judgeSteps(ticket, verdicts, { at, by })),
      E.tap((steps) => {
        const wanting = notJudgedCorrect(ticket, steps)
        return refuseIf(wanting.length > 0, { type: 'StepsNotJudgedCorrect', steps: wanting })
      }),
      E.map((steps) => {
        const decision: QaDecision = {
          id,
          kind: 'approved',
          at,
          by,
          codes: [],
          reason: note,
          verdicts: verdictsOn(steps),
          risks: [],
          gateFailures: [],
        }
        const approved = { approvedBy: by, approvedAt: at, conditions: [] }
        return [
          enter(
            ticket,
            'qa_approved',
            at,
            { assignment: ticket.assignment, ...approved },
            { steps, decisions: [...ticket.decisions, decision] },
          ),
          [{ type: 'TicketApproved', decision, at, by }],
        ]
      }),
    ),
  )
