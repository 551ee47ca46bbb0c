import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { PRIORITIES } from '../../domain/ticket/ticket.ts'
import type { AppError } from '../errors.ts'
import { sightOf } from '../permissions.ts'
import type { Period, SlaRow } from '../ports/dashboard-queries.ts'
import { type DashboardDeps, type DashboardInput, mayReadDashboard } from './summary.ts'

type Figures = Omit<SlaRow, 'priority'> & {
  /** Whole percent of what was decided that was in time, rounded down; null when nothing is decided yet. */
  readonly compliance_percent: number | null
  readonly response_percent: number | null
}
export type SlaCompliance = {
  readonly all: Figures
  readonly by_priority: ReadonlyArray<Figures & Pick<SlaRow, 'priority'>>
}
export type ReadSlaCompliance = (input: DashboardInput & Period) => TE.TaskEither<AppError, SlaCompliance>

const NONE = { met: 0, breached: 0, running: 0, response_met: 0, response_late: 0, response_waiting: 0 }

/** How much was done in time, by priority: what is met, what is broken (also when still open), what still runs. */
export const readSlaCompliance =
  ({ dashboardQueries, now }: DashboardDeps): ReadSlaCompliance =>
  ({ principal, projects, from, before }) =>
    pipe(
      mayReadDashboard(principal),
      TE.flatMap(() =>
        dashboardQueries.slaCompliance({ sight: sightOf(principal), projects, now: now(), from, before }),
      ),
      TE.map((rows) => ({
        all: withPercent(rows.reduce(plus, NONE)),
        by_priority: PRIORITIES.toReversed().map((priority) => ({
          priority,
          ...withPercent(plus(NONE, rows.find((row) => row.priority === priority) ?? NONE)),
        })),
      })),
    )

const plus = (a: Omit<SlaRow, 'priority'>, b: Omit<SlaRow, 'priority'>): Omit<SlaRow, 'priority'> => ({
  met: a.met + b.met,
  breached: a.breached + b.breached,
  running: a.running + b.running,
  response_met: a.response_met + b.response_met,
  response_late: a.response_late + b.response_late,
  response_waiting: a.response_waiting + b.response_waiting,
})

const percent = (good: number, bad: number): number | null =>
  good + bad === 0 ? null : Math.floor((good * 100) / (good + bad))

const withPercent = (row: Omit<SlaRow, 'priority'>): Figures => ({
  ...row,
  compliance_percent: percent(row.met, row.breached),
  response_percent: percent(row.response_met, row.response_late),
})
