import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { FaultCause } from '../../domain/fault/fault.ts'
import type { AppError } from '../errors.ts'
import { sightOf } from '../permissions.ts'
import type { Period, TrendDimension, TrendRow } from '../ports/dashboard-queries.ts'
import { type DashboardDeps, type DashboardInput, mayReadDashboard } from './summary.ts'

const MAX_DIMENSIONS = 3
const MAX_ROWS = 500

/** Part of workmanship that had an evidence photo, 0 to 1; null where there was no workmanship. */
export type FaultTrend = TrendRow & { readonly workmanship_evidence_share: number | null }
export type ReadFaultTrends = (
  input: DashboardInput &
    Period & { readonly by: ReadonlyArray<TrendDimension>; readonly causes: ReadonlyArray<FaultCause> },
) => TE.TaskEither<AppError, ReadonlyArray<FaultTrend>>

const PLACES: ReadonlyArray<TrendDimension> = ['zone_no', 'pon_number', 'pole_number', 'dr_number']

/** A pole, PON, zone or drop is itself only within its project. */
const keyed = (by: ReadonlyArray<TrendDimension>): ReadonlyArray<TrendDimension> => [
  ...new Set<TrendDimension>([...(by.some((each) => PLACES.includes(each)) ? (['project_id'] as const) : []), ...by]),
]

/** What breaks, where, when and through whom; by its cause when nothing else is asked. */
export const readFaultTrends =
  ({ dashboardQueries, now }: DashboardDeps): ReadFaultTrends =>
  ({ principal, projects, from, before, by, causes }) =>
    by.length > MAX_DIMENSIONS
      ? TE.left({ type: 'TooMany', field: 'by', max: MAX_DIMENSIONS, actual: by.length })
      : pipe(
          mayReadDashboard(principal),
          TE.flatMap(() =>
            dashboardQueries.faultTrends({
              sight: sightOf(principal),
              projects,
              now: now(),
              from,
              before,
              causes,
              by: by.length === 0 ? ['fault_cause'] : keyed(by),
              limit: MAX_ROWS,
            }),
          ),
          TE.map((rows) =>
            rows.map((row) => ({
              ...row,
              workmanship_evidence_share:
                row.workmanship === 0 ? null : row.workmanship_with_evidence / row.workmanship,
            })),
          ),
        )
