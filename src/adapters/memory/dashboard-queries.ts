import * as TE from 'fp-ts/lib/TaskEither.js'
import type {
  DashboardQueries,
  Period,
  Scope,
  SlaRow,
  SummaryFigures,
  TicketGroup,
  TrendDimension,
  TrendRow,
  WorkloadRow,
} from '../../application/ports/dashboard-queries.ts'
import { BEFORE_QA, CLOCK_RUNS_IN, LIVE_STATES } from '../../application/ticket/clock-states.ts'
import { dayInJohannesburg, daysBetween } from '../../domain/shared/time.ts'
import { PRIORITIES, type Ticket, type TicketStatus } from '../../domain/ticket/ticket.ts'
import { assignmentOf, compare, ticketsInSight } from './queries-sight.ts'
import { isOverdue, rejectionsOf } from './ticket-queries.ts'
import type { MemoryState } from './ticket-state.ts'

type Office = Pick<SummaryFigures, 'open_escalations' | 'last_import' | 'last_sync'>
export type MemoryDashboardOptions = {
  readonly state: MemoryState
  /** What other adapters in memory know, for the projects asked for; none means all. */
  readonly office?: (projects: ReadonlyArray<string>) => Office
}

const NOTHING: Office = { open_escalations: null, last_import: null, last_sync: null }

const isIn = (states: ReadonlyArray<TicketStatus>, { status }: Ticket): boolean => states.includes(status)
const isNotReady = (ticket: Ticket): boolean => !ticket.qaReady && isIn(BEFORE_QA, ticket)
const count = (tickets: ReadonlyArray<Ticket>, holds: (ticket: Ticket) => boolean): number =>
  tickets.filter(holds).length
const isWithin = (moment: string, { from, before }: Period): boolean =>
  (from === null || moment >= from) && (before === null || moment < before)

const groupsOf = <T>(items: ReadonlyArray<T>, key: (item: T) => ReadonlyArray<string | null>) => [
  ...Map.groupBy(items, (item) => JSON.stringify(key(item))).values(),
]

const failedChecks = ({ lastCheck }: Ticket): ReadonlyArray<string> => {
  if (lastCheck === null) return ['not_checked']
  const failed = lastCheck.results.filter(({ outcome }) => outcome === 'failed').map(({ check }) => check)
  return failed.length === 0 ? ['check_outdated'] : failed
}

const slaRow = (tickets: ReadonlyArray<Ticket>, now: string): Omit<SlaRow, 'priority'> => {
  const isOver = ({ status }: Ticket): boolean => status === 'handed_to_maintenance' || status === 'closed'
  const isLate = (ticket: Ticket): boolean => ticket.sla.breached || isOverdue(ticket, now)
  const waits = (ticket: Ticket): boolean => isIn(LIVE_STATES, ticket) && ticket.sla.firstResponseAt === null
  const isLateToStart = (ticket: Ticket): boolean =>
    waits(ticket) && isIn(CLOCK_RUNS_IN, ticket) && ticket.sla.responseDueAt !== null && ticket.sla.responseDueAt < now
  const answered = (ticket: Ticket, inTime: boolean): boolean => {
    const { firstResponseAt: at, responseDueAt: due } = ticket.sla
    return at !== null && due !== null && at <= due === inTime
  }
  return {
    met: count(tickets, (ticket) => isOver(ticket) && !isLate(ticket)),
    breached: count(tickets, isLate),
    running: count(tickets, (ticket) => !isOver(ticket) && !isLate(ticket)),
    response_met: count(tickets, (ticket) => answered(ticket, true)),
    response_late: count(tickets, (ticket) => answered(ticket, false) || isLateToStart(ticket)),
    response_waiting: count(tickets, (ticket) => waits(ticket) && !isLateToStart(ticket)),
  }
}

const began = (ticket: Ticket): string => ticket.sourceCreatedAt ?? ticket.createdAt

const dimension: { readonly [D in TrendDimension]: (ticket: Ticket) => string | null } = {
  fault_cause: (ticket) => ticket.fault.cause,
  project_id: (ticket) => ticket.projectId,
  zone_no: (ticket) => ticket.place.zone,
  pon_number: (ticket) => ticket.place.pon,
  pole_number: (ticket) => ticket.place.pole,
  dr_number: (ticket) => ticket.place.dr,
  assigned_contractor_id: (ticket) => assignmentOf(ticket).contractor,
  month: (ticket) => dayInJohannesburg(began(ticket)).slice(0, 7),
}

const isTrend = (ticket: Ticket): boolean =>
  ticket.fault.cause !== null && !ticket.paperwork && ticket.status !== 'cancelled' && ticket.source !== 'system'

const nullsLast = (a: string | null | undefined, b: string | null | undefined): number =>
  compare(Number(a === null), Number(b === null)) || compare(a ?? '', b ?? '')

/** Figures for the dashboard, counted in memory. */
export const memoryDashboardQueries = ({ state, office = () => NOTHING }: MemoryDashboardOptions): DashboardQueries => {
  const inScope = ({ sight, projects }: Scope): ReadonlyArray<Ticket> =>
    ticketsInSight(state, sight)
      .map(({ ticket }) => ticket)
      .filter(({ projectId }) => projects.length === 0 || projects.includes(projectId))
  return {
    summary: (scope, seesOffice, riskDays) =>
      TE.fromIO(() => {
        const tickets = inScope(scope)
        const today = dayInJohannesburg(scope.now)
        const reasons = Map.groupBy(tickets.filter(isNotReady).flatMap(failedChecks), (check) => check)
        return {
          groups: groupsOf(tickets, (t) => [t.status, t.type, t.priority, t.source]).flatMap((alike) =>
            alike.slice(0, 1).map(
              ({ status, type, priority, source }): TicketGroup => ({
                status,
                ticket_type: type,
                priority,
                source,
                tickets: alike.length,
                overdue: count(alike, (ticket) => isOverdue(ticket, scope.now)),
                unassigned: count(alike, (ticket) => ticket.status === 'open'),
                not_ready: count(alike, isNotReady),
                rejected_often: count(alike, (ticket) => isIn(LIVE_STATES, ticket) && rejectionsOf(ticket) > 2),
              }),
            ),
          ),
          not_ready: [...reasons]
            .map(([check, found]) => ({ check, tickets: found.length }))
            .toSorted((a, b) => b.tickets - a.tickets || compare(a.check, b.check)),
          risks_expiring: tickets
            .flatMap(({ risks }) => risks)
            .filter(({ status, expiresOn }) => {
              const left = daysBetween(today, expiresOn)
              return status === 'active' && left >= 0 && left <= riskDays
            }).length,
          ...(seesOffice ? office(scope.projects) : NOTHING),
        }
      }),
    slaCompliance: (scope) =>
      TE.fromIO(() => {
        const tickets = inScope(scope).filter(
          ({ status, createdAt }) => status !== 'cancelled' && isWithin(createdAt, scope),
        )
        return PRIORITIES.flatMap((priority) => {
          const alike = tickets.filter((ticket) => ticket.priority === priority)
          return alike.length === 0 ? [] : [{ priority, ...slaRow(alike, scope.now) }]
        })
      }),
    workload: (scope) =>
      TE.fromIO(() => {
        const live = inScope(scope).filter((ticket) => isIn(LIVE_STATES, ticket))
        const carried = (['technician', 'contractor', 'team'] as const).flatMap((kind) =>
          live.flatMap((ticket) => {
            const id = assignmentOf(ticket)[kind]
            return id === null ? [] : [{ kind, id, ticket }]
          }),
        )
        return groupsOf(carried, ({ kind, id }) => [kind, id])
          .flatMap((alike) => {
            const tickets = alike.map(({ ticket }) => ticket)
            return alike.slice(0, 1).map(
              ({ kind, id }): WorkloadRow => ({
                kind,
                id,
                open: tickets.length,
                overdue: count(tickets, (ticket) => isOverdue(ticket, scope.now)),
                in_qa: count(tickets, (ticket) => isIn(['pending_qa', 'qa_in_progress'], ticket)),
                rejected: count(tickets, (ticket) => ticket.status === 'qa_rejected'),
              }),
            )
          })
          .toSorted((a, b) => b.open - a.open || compare(a.kind, b.kind) || compare(a.id, b.id))
      }),
    faultTrends: ({ by, causes, limit, ...scope }) =>
      TE.fromIO(() => {
        const faults = inScope(scope).filter(
          (ticket) =>
            isTrend(ticket) &&
            isWithin(began(ticket), scope) &&
            (causes.length === 0 || (ticket.fault.cause !== null && causes.includes(ticket.fault.cause))),
        )
        return groupsOf(faults, (ticket) => by.map((each) => dimension[each](ticket)))
          .flatMap((alike) =>
            alike.slice(0, 1).map((first): TrendRow => {
              const blamed = alike.filter(({ fault }) => fault.cause === 'workmanship')
              return {
                ...Object.fromEntries(by.map((each) => [each, dimension[each](first)])),
                faults: alike.length,
                workmanship: blamed.length,
                workmanship_with_evidence: count(blamed, ({ photos }) => photos.length > 0),
              }
            }),
          )
          .toSorted(
            (a, b) => b.faults - a.faults || by.reduce((order, each) => order || nullsLast(a[each], b[each]), 0),
          )
          .slice(0, limit)
      }),
  }
}
