import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { AppError } from '../errors.ts'
import type { Schedule } from '../ports/job-queue.ts'
import { runRiskTimers, type TimerDeps } from './risk-timers.ts'
import { runSlaTimers } from './sla-timers.ts'

/** Dates of risks: warnings, expiry, escalation, reviews that are due. A run that was missed is caught up by the next. */
export const riskTimers = (deps: TimerDeps): Schedule => ({
  name: 'risk_timers',
  everySeconds: 300,
  run: () => asOfNow(deps, runRiskTimers),
})

/** SLA warnings and breaches, and due times that time alone has made wrong. */
export const slaTimers = (deps: TimerDeps): Schedule => ({
  name: 'sla_timers',
  everySeconds: 60,
  run: () => asOfNow(deps, runSlaTimers),
})

/** One moment for the whole run, so that it is one look. */
const asOfNow = async <A>(
  deps: TimerDeps,
  run: (deps: TimerDeps) => (now: string) => TE.TaskEither<AppError, A>,
): Promise<void> => {
  const now = deps.now()
  const answer = await run({ ...deps, now: () => now })(now)()
  if (E.isLeft(answer)) throw new Error(answer.left.type)
}
