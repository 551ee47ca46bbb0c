import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { acceptedRisk, type NewRisk } from '../risk/new-risk.ts'
import { isPast } from '../risk/past.ts'
import type { Risk } from '../risk/risk.ts'
import { didTheWork } from './did-the-work.ts'
import { judgeSteps, notJudgedCorrect, verdictsOn } from './judge-steps.ts'
import type { TicketRefusal } from './refusals.ts'
import type { QaDecision, QaInProgress, VerdictOnStep } from './ticket.ts'
import { enter, refuseIf, type Stamp, transition } from './transition.ts'

export type ApproveWithConditions = Stamp & {
  readonly verdicts: ReadonlyArray<VerdictOnStep>
  readonly note: string | null
  /** Risks on the ticket already that this approval rests on. */
  readonly existingRisks: ReadonlyArray<string>
  readonly newRisks: ReadonlyArray<NewRisk>
  readonly maxRiskDays: number
}

/** QA passes the work with documented exceptions: each required step not judged correct is named by an active risk. */
export const approveWithConditions = (command: ApproveWithConditions) =>
  transition('approve_with_conditions', (ticket) =>
    pipe(
      refuseIf(ticket.reviewer !== command.by, { type: 'NotTheReviewer', reviewer: ticket.reviewer }),
      E.tap(() => refuseIf(didTheWork(ticket, command.by), { type: 'AcceptorDidTheWork', userId: command.by })),
      E.flatMap(() => conditionsOf(ticket, command)),
      E.bindTo('conditions'),
      E.bind('steps', () => judgeSteps(ticket, command.verdicts, command)),
      E.tap(({ conditions, steps }) => {
        const named = conditions.flatMap((risk) => risk.steps)
        const uncovered = notJudgedCorrect(ticket, steps).filter((key) => !named.includes(key))
        return refuseIf(uncovered.length > 0, { type: 'StepsWithoutRisk', steps: uncovered })
      }),
      E.map(({ conditions, steps }) => {
        const { id, at, by, note } = command
        const added = conditions.filter((risk) => !ticket.risks.some((known) => known.id === risk.id))
        const decision: QaDecision = {
          id,
          kind: 'approved_with_conditions',
          at,
          by,
          codes: [],
          reason: note,
          verdicts: verdictsOn(steps),
          risks: conditions.map((risk) => risk.id),
          gateFailures: [],
        }
        const approved = { approvedBy: by, approvedAt: at, conditions: decision.risks }
        return [
          enter(
            ticket,
            'qa_approved',
            at,
            { assignment: ticket.assignment, ...approved },
            { steps, risks: [...ticket.risks, ...added], decisions: [...ticket.decisions, decision] },
          ),
          [
            ...added.map((risk) => ({ type: 'RiskAccepted', risk, at, by }) as const),
            { type: 'TicketApproved', decision, at, by },
          ],
        ]
      }),
    ),
  )

const conditionsOf = (
  ticket: QaInProgress,
  command: ApproveWithConditions,
): E.Either<TicketRefusal, ReadonlyArray<Risk>> => {
  const { existingRisks, newRisks, at, by, maxRiskDays } = command
  if (existingRisks.length + newRisks.length === 0) return E.left({ type: 'NoConditions' })
  const known = (riskId: string): Risk | undefined => ticket.risks.find((risk) => risk.id === riskId)
  const still = (risk: Risk): E.Either<TicketRefusal, Risk> =>
    risk.status !== 'active' || isPast(risk, at)
      ? E.left({
          type: 'RiskNotActive',
          riskId: risk.id,
          status: risk.status === 'active' ? 'expired' : risk.status,
        })
      : E.right(risk)
  const existing = [...new Set(existingRisks)].map((riskId): E.Either<TicketRefusal, Risk> => {
    const risk = known(riskId)
    return risk === undefined ? E.left({ type: 'RiskUnknown', riskId }) : still(risk)
  })
  const carried = newRisks
    .filter(({ id }, i) => newRisks.findIndex((other) => other.id === id) === i && !existingRisks.includes(id))
    .map((risk) => {
      const before = known(risk.id)
      return before === undefined ? acceptedRisk(risk, { at, by }, maxRiskDays) : still(before)
    })
  return E.sequenceArray([...existing, ...carried])
}
