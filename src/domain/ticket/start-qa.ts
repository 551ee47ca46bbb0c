import * as E from 'fp-ts/lib/Either.js'
import type { ProjectFacts } from '../readiness/readiness.ts'
import { currentUploaders, didTheWork } from './did-the-work.ts'
import { fallBack, runCheck } from './recheck.ts'
import type { InProgress, QaInProgress } from './ticket.ts'
import { enter, type Stamp, transition, withWorker } from './transition.ts'

/**
 * A reviewer who did not do the work opens the review, on a check that holds now. The one command that writes although
 * it is refused: when the check fails, the run is logged and the ticket falls back (an outcome in `in_progress`).
 */
export const startQa = (stamp: Stamp, facts: ProjectFacts) =>
  transition<'start_qa', QaInProgress | InProgress>('start_qa', (ticket) => {
    const { at, by } = stamp
    if (didTheWork(ticket, by)) return E.left({ type: 'ReviewerDidTheWork', userId: by })
    const run = runCheck(ticket, facts, stamp)
    if (!run.passed) return E.right(fallBack(ticket, run, 'start of QA'))
    return E.right([
      enter(
        ticket,
        'qa_in_progress',
        at,
        {
          assignment: ticket.assignment,
          submittedBy: ticket.submittedBy,
          submittedAt: ticket.submittedAt,
          reviewer: by,
          reviewStartedAt: at,
        },
        {
          owner: 'qa',
          qaReady: true,
          lastCheck: run,
          workedBy: withWorker(ticket.workedBy, ...currentUploaders(ticket)),
        },
      ),
      [
        { type: 'ReadinessChecked', run, at, by },
        {
          type: 'QaStarted',
          reviewer: by,
          handover: 'build_to_qa',
          fromOwner: ticket.owner,
          fromOwnerId: ticket.submittedBy,
          toOwner: 'qa',
          toOwnerId: by,
          at,
          by,
        },
      ],
    ])
  })
