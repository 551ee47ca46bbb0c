import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { AppError } from '../errors.ts'
import { sightOf } from '../permissions.ts'
import type { WorkloadRow } from '../ports/dashboard-queries.ts'
import { type DashboardDeps, type DashboardInput, mayReadDashboard } from './summary.ts'

export type ReadWorkload = (input: DashboardInput) => TE.TaskEither<AppError, ReadonlyArray<WorkloadRow>>

/** Who carries how much; a ticket counts for each of its technician, contractor and team. */
export const readWorkload =
  ({ dashboardQueries, now }: DashboardDeps): ReadWorkload =>
  ({ principal, projects }) =>
    pipe(
      mayReadDashboard(principal),
      TE.flatMap(() => dashboardQueries.workload({ sight: sightOf(principal), projects, now: now() })),
    )
