import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Instant } from '../../domain/shared/time.ts'
import { PRIORITIES, SOURCES, STATUSES, TICKET_TYPES } from '../../domain/ticket/ticket.ts'
import type { AppError } from '../errors.ts'
import { isAllowed, reachOf, sightOf } from '../permissions.ts'
import type { DashboardQueries, SummaryFigures, TicketGroup } from '../ports/dashboard-queries.ts'
import type { Principal } from '../principal.ts'

const RISK_DAYS = 14

type Counts = Readonly<Record<string, number>>
export type DashboardSummary = Omit<SummaryFigures, 'groups' | 'not_ready'> & {
  readonly tickets: number
  readonly by_status: Counts
  readonly by_type: Counts
  readonly by_priority: Counts
  readonly by_source: Counts
  readonly overdue: number
  readonly unassigned: number
  readonly rejected_more_than_twice: number
  readonly pending_handovers: number
  readonly not_qa_ready: { readonly tickets: number; readonly by_check: Counts }
}

export type DashboardDeps = { readonly dashboardQueries: DashboardQueries; readonly now: () => Instant }
export type DashboardInput = { readonly principal: Principal; readonly projects: ReadonlyArray<string> }
export type ReadDashboardSummary = (input: DashboardInput) => TE.TaskEither<AppError, DashboardSummary>

/** Whether the principal may see figures at all; which tickets they count is a matter of its sight. */
export const mayReadDashboard = (principal: Principal): TE.TaskEither<AppError, null> =>
  reachOf(principal, 'read_dashboard') === null
    ? TE.left({ type: 'NotAllowed', action: 'read_dashboard', role: principal.role })
    : TE.right(null)

/** Where the work stands now: what waits, what is late, what is missing. */
export const readDashboardSummary =
  ({ dashboardQueries, now }: DashboardDeps): ReadDashboardSummary =>
  ({ principal, projects }) =>
    pipe(
      mayReadDashboard(principal),
      TE.flatMap(() =>
        dashboardQueries.summary(
          { sight: sightOf(principal), projects, now: now() },
          isAllowed(principal, 'read_escalations'),
          RISK_DAYS,
        ),
      ),
      TE.map(summaryOf),
    )

const summaryOf = ({ groups, not_ready, ...rest }: SummaryFigures): DashboardSummary => {
  const sum = (figure: (group: TicketGroup) => number): number =>
    groups.reduce((total, group) => total + figure(group), 0)
  const countBy = (of: 'status' | 'ticket_type' | 'priority' | 'source', values: ReadonlyArray<string>): Counts =>
    Object.fromEntries(values.map((value) => [value, sum((group) => (group[of] === value ? group.tickets : 0))]))
  const byStatus = countBy('status', STATUSES)
  return {
    ...rest,
    tickets: sum((group) => group.tickets),
    by_status: byStatus,
    by_type: countBy('ticket_type', TICKET_TYPES),
    by_priority: countBy('priority', PRIORITIES),
    by_source: countBy('source', SOURCES),
    overdue: sum((group) => group.overdue),
    unassigned: sum((group) => group.unassigned),
    rejected_more_than_twice: sum((group) => group.rejected_often),
    pending_handovers: byStatus.pending_handover ?? 0,
    not_qa_ready: {
      tickets: sum((group) => group.not_ready),
      by_check: Object.fromEntries(not_ready.map(({ check, tickets }) => [check, tickets])),
    },
  }
}
