import * as E from 'fp-ts/lib/Either.js'
import type { ProjectFacts } from '../readiness/readiness.ts'
import type { Step } from '../verification/steps.ts'
import { failuresOf, runCheck } from './recheck.ts'
import { enter, type Stamp, transition, withWorker } from './transition.ts'

/** A verdict that passed is kept; one that did not is asked for again, whether or not anything was done about it. */
const resubmitted = (step: Step): Step =>
  step.verdict === null || step.verdict.outcome === 'correct'
    ? step
    : { ...step, verdict: null, version: step.version + 1 }

/** The work is offered to QA: only when the readiness check passes at this moment. */
export const submitForQa = (stamp: Stamp, facts: ProjectFacts) =>
  transition('submit_for_qa', (ticket) => {
    const { at, by } = stamp
    const run = runCheck(ticket, facts, stamp)
    if (!run.passed) return E.left({ type: 'NotReady', failures: failuresOf(run) })
    const workedBy = withWorker(ticket.workedBy, by, ticket.assignment.technician)
    return E.right([
      enter(
        ticket,
        'pending_qa',
        at,
        { assignment: ticket.assignment, submittedBy: by, submittedAt: at },
        { qaReady: true, lastCheck: run, workedBy, steps: ticket.steps.map(resubmitted) },
      ),
      [
        { type: 'ReadinessChecked', run, at, by },
        { type: 'SubmittedForQa', at, by },
      ],
    ])
  })
