import * as E from 'fp-ts/lib/Either.js'
import type { ProjectFacts } from '../readiness/readiness.ts'
import { currentPhoto, valueOfStep, valueProblem } from '../verification/complete-step.ts'
import { requiredSteps } from '../verification/required-steps.ts'
import { changingFacts } from './recheck.ts'
import { type Stamp, withWorker } from './transition.ts'

/** Completes all required steps, or says which cannot be and why; never half of them. */
export const completeSteps = (stamp: Stamp, facts: ProjectFacts) =>
  changingFacts(facts, stamp, 'completed steps', (ticket) => {
    const required = requiredSteps(ticket)
    const problems = required.flatMap((step) => {
      if (currentPhoto(ticket, step) === undefined) return [{ step, why: 'no photo' }]
      const why = valueProblem(step, valueOfStep(ticket, step))
      return why === null ? [] : [{ step, why }]
    })
    if (problems.length > 0) return E.left({ type: 'StepsIncomplete', steps: problems })
    const { at, by } = stamp
    const open = ticket.steps.filter((step) => required.includes(step.key) && !step.complete)
    if (open.length === 0) return E.right([ticket, []])
    const steps = ticket.steps.map((step) =>
      open.includes(step)
        ? {
            ...step,
            complete: true,
            doneAt: at,
            completedAt: at,
            completedBy: by,
            verdict: null,
            version: step.version + 1,
          }
        : step,
    )
    return E.right([
      { ...ticket, steps, workedBy: withWorker(ticket.workedBy, by) },
      open.map(({ key }) => ({
        type: 'StepRecorded',
        step: key,
        complete: true,
        doneAt: at,
        valueChanged: false,
        at,
        by,
      })),
    ])
  })
