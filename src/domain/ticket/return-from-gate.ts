import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { checkGate, type GateFacts } from '../handover/gate.ts'
import type { QaDecision } from './ticket.ts'
import { enter, requireText, type Stamp, transition } from './transition.ts'

export type ReturnFromGate = Stamp & { readonly reason: string }

/** What the gate will not pass goes back to build, with the gate checks that fail now; no risk ends by it. */
export const returnFromGate = ({ id, at, by, reason }: ReturnFromGate, facts: GateFacts) =>
  transition('return_from_gate', (ticket) =>
    pipe(
      requireText('reason', reason),
      E.map((why) => {
        const failing = checkGate(ticket, facts, at).filter((result) => result.outcome === 'failed')
        const decision: QaDecision = {
          id,
          kind: 'returned_from_gate',
          at,
          by,
          codes: [],
          reason: why,
          verdicts: [],
          risks: [],
          gateFailures: failing.map((result) => result.check),
        }
        return [
          enter(
            ticket,
            'qa_rejected',
            at,
            { assignment: ticket.assignment, rejectedAt: at },
            { owner: 'build', qaReady: false, decisions: [...ticket.decisions, decision] },
          ),
          [{ type: 'ReturnedFromGate', decision, at, by }],
        ]
      }),
    ),
  )
