import * as E from 'fp-ts/lib/Either.js'
import { requiredSteps } from '../verification/required-steps.ts'
import type { Step, StepKey } from '../verification/steps.ts'
import type { TicketRefusal } from './refusals.ts'
import type { Ticket, VerdictOnStep } from './ticket.ts'
import type { Stamp } from './transition.ts'

/** The steps with the reviewer's verdicts laid over those kept from earlier reviews. */
export const judgeSteps = (
  ticket: Ticket,
  verdicts: ReadonlyArray<VerdictOnStep>,
  { at, by }: Pick<Stamp, 'at' | 'by'>,
): E.Either<TicketRefusal, ReadonlyArray<Step>> => {
  const twice = verdicts.find((verdict, i) => verdicts.findIndex((other) => other.step === verdict.step) !== i)
  if (twice !== undefined) return E.left({ type: 'StepJudgedTwice', step: twice.step })
  const uncommented = verdicts.find(
    (verdict) => verdict.outcome === 'incorrect' && (verdict.comment ?? '').trim() === '',
  )
  if (uncommented !== undefined) return E.left({ type: 'TextMissing', field: `verdicts.${uncommented.step}.comment` })
  return E.right(
    ticket.steps.map((step) => {
      const verdict = verdicts.find((candidate) => candidate.step === step.key)
      return verdict === undefined
        ? step
        : {
            ...step,
            verdict: { outcome: verdict.outcome, comment: verdict.comment, at, by },
            version: step.version + 1,
          }
    }),
  )
}

const requiredWhose = (
  ticket: Ticket,
  steps: ReadonlyArray<Step>,
  wanting: (step: Step | undefined) => boolean,
): ReadonlyArray<StepKey> => requiredSteps(ticket).filter((key) => wanting(steps.find((step) => step.key === key)))

/** Required steps that nobody has judged correct. */
export const notJudgedCorrect = (ticket: Ticket, steps: ReadonlyArray<Step>): ReadonlyArray<StepKey> =>
  requiredWhose(ticket, steps, (step) => step?.verdict?.outcome !== 'correct')

/** Required steps that nobody has judged at all. */
export const notJudged = (ticket: Ticket, steps: ReadonlyArray<Step>): ReadonlyArray<StepKey> =>
  requiredWhose(ticket, steps, (step) => step?.verdict == null)

/** The verdict of every judged step, as a decision keeps it. */
export const verdictsOn = (steps: ReadonlyArray<Step>): ReadonlyArray<VerdictOnStep> =>
  steps.flatMap((step) =>
    step.verdict === null ? [] : [{ step: step.key, outcome: step.verdict.outcome, comment: step.verdict.comment }],
  )
