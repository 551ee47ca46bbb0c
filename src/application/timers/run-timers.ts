import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Instant } from '../../domain/shared/time.ts'
import type { AppError } from '../errors.ts'
import { type RisksTimed, runRiskTimers, type TimerDeps } from './risk-timers.ts'
import { runSlaTimers, type SlaTimed } from './sla-timers.ts'

/** What one run did; a second run at the same moment does nothing. */
export type TimersRun = { readonly at: Instant; readonly risks: RisksTimed; readonly sla: SlaTimed }

/** Every rule that time alone sets off, as of `now`. Safe to run again, late, or in two processes at once. */
export const runTimers =
  (deps: TimerDeps) =>
  (now: Instant): TE.TaskEither<AppError, TimersRun> => {
    const asOf: TimerDeps = { ...deps, now: () => now }
    return pipe(
      runRiskTimers(asOf)(now),
      TE.bindTo('risks'),
      TE.bind('sla', () => runSlaTimers(asOf)(now)),
      TE.map((done) => ({ at: now, ...done })),
    )
  }
