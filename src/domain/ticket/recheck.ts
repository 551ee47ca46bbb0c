import * as E from 'fp-ts/lib/Either.js'
import { checkReadiness } from '../readiness/check-readiness.ts'
import type { ProjectFacts } from '../readiness/readiness.ts'
import type { TicketRefusal } from './refusals.ts'
import {
  type Common,
  FACTS_OPEN_IN,
  type FactsOpen,
  type In,
  type InProgress,
  type PendingQa,
  type ReadinessRun,
  SYSTEM,
  type Ticket,
} from './ticket.ts'
import { type Decided, enter, type Outcome, type Stamp } from './transition.ts'

/** One run of the readiness check. */
export const runCheck = (ticket: Common, facts: ProjectFacts, { id, at, by }: Stamp): ReadinessRun => {
  const { passed, results } = checkReadiness(ticket, facts)
  return { id, at, by, passed, results }
}

export const failuresOf = (run: ReadinessRun): ReadinessRun['results'] =>
  run.results.filter((result) => result.outcome === 'failed')

/** A ticket whose check no longer holds is not QA ready: it goes back to work with the reasons. */
export const fallBack = (ticket: PendingQa, run: ReadinessRun, because: string): Outcome<InProgress> => [
  enter(ticket, 'in_progress', run.at, { assignment: ticket.assignment }, { qaReady: false, lastCheck: run }),
  [
    { type: 'ReadinessChecked', run, at: run.at, by: run.by },
    { type: 'FellBackToInProgress', failures: failuresOf(run).map((f) => f.check), because, at: run.at, by: SYSTEM },
  ],
]

/** Runs the check again on a pending ticket, in the transaction of whatever changed a fact it depends on. */
export const recheck =
  (facts: ProjectFacts, stamp: Stamp, because: string) =>
  (ticket: PendingQa): Outcome<PendingQa | InProgress> => {
    const run = runCheck(ticket, facts, stamp)
    return run.passed
      ? [{ ...ticket, lastCheck: run }, [{ type: 'ReadinessChecked', run, at: run.at, by: run.by }]]
      : fallBack(ticket, run, because)
  }

/** After a fact outside the ticket changed (a platform import, settings): pending tickets are checked, others lose `qaReady`. */
export const afterOutsideChange =
  (facts: ProjectFacts, stamp: Stamp, because: string) =>
  (ticket: Ticket): Outcome => {
    if (ticket.status === 'pending_qa') return recheck(facts, stamp, because)(ticket)
    return isOpenToFacts(ticket) && ticket.qaReady ? [{ ...ticket, qaReady: false }, []] : [ticket, []]
  }

export const isOpenToFacts = (ticket: Ticket): ticket is In<FactsOpen> =>
  (FACTS_OPEN_IN as ReadonlyArray<string>).includes(ticket.status)

/** Facts and photos change only before QA; the check runs again on a pending ticket and `qaReady` falls on the others. */
export const changingFacts =
  (facts: ProjectFacts, stamp: Stamp, because: string, change: (ticket: In<FactsOpen>) => Decided) =>
  (ticket: Ticket): Decided => {
    if (!isOpenToFacts(ticket)) return E.left(frozen(ticket))
    const decided = change(ticket)
    if (E.isLeft(decided)) return decided
    const [next, events] = decided.right
    if (events.length === 0) return decided
    const [settled, more] =
      next.status === 'pending_qa' ? recheck(facts, stamp, because)(next) : [{ ...next, qaReady: false }, []]
    return E.right([settled, [...events, ...more]])
  }

export const frozen = (ticket: Ticket): TicketRefusal => ({
  type: 'FactsFrozen',
  status: ticket.status,
  openIn: FACTS_OPEN_IN,
})
