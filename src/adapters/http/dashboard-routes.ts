import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { z } from 'zod'
import type { ReadFaultTrends } from '../../application/dashboard/fault-trends.ts'
import type { ReadSlaCompliance } from '../../application/dashboard/sla-compliance.ts'
import type { ReadDashboardSummary } from '../../application/dashboard/summary.ts'
import type { ReadWorkload } from '../../application/dashboard/workload.ts'
import { TREND_DIMENSIONS } from '../../application/ports/dashboard-queries.ts'
import { FAULT_CAUSES } from '../../domain/fault/fault.ts'
import { PRIORITIES } from '../../domain/ticket/ticket.ts'
import { body } from './answer.ts'
import { instant, several, severalLines } from './fields.ts'
import { type Route, route } from './route.ts'

export type DashboardRoutesDeps = {
  readonly summary: ReadDashboardSummary
  readonly slaCompliance: ReadSlaCompliance
  readonly workload: ReadWorkload
  readonly faultTrends: ReadFaultTrends
}

const counts = z.record(z.string(), z.int())

const summaryShape = z
  .object({
    tickets: z.int(),
    by_status: counts,
    by_type: counts,
    by_priority: counts,
    by_source: counts,
    overdue: z.int(),
    unassigned: z.int(),
    rejected_more_than_twice: z.int(),
    pending_handovers: z.int(),
    not_qa_ready: z.object({ tickets: z.int(), by_check: counts }),
    risks_expiring: z.int(),
    open_escalations: z.int().nullable(),
    last_import: z
      .looseObject({ report_id: z.string(), report_uid: z.string(), project_id: z.string(), imported_at: z.string() })
      .nullable(),
    last_sync: z.looseObject({ synced_at: z.string(), status: z.string() }).nullable(),
  })
  .meta({ id: 'DashboardSummary' })

const slaFigures = {
  met: z.int(),
  breached: z.int(),
  running: z.int(),
  response_met: z.int(),
  response_late: z.int(),
  response_waiting: z.int(),
  compliance_percent: z.int().nullable(),
  response_percent: z.int().nullable(),
}
const slaShape = z
  .object({
    all: z.object(slaFigures),
    by_priority: z.array(z.object({ priority: z.enum(PRIORITIES), ...slaFigures })),
  })
  .meta({ id: 'SlaCompliance' })

const workloadShape = z
  .object({
    kind: z.enum(['technician', 'contractor', 'team']),
    id: z.string(),
    open: z.int(),
    overdue: z.int(),
    in_qa: z.int(),
    rejected: z.int(),
  })
  .meta({ id: 'Workload' })

const trendShape = z
  .looseObject({
    faults: z.int(),
    workmanship: z.int(),
    workmanship_with_evidence: z.int(),
    workmanship_evidence_share: z.number().min(0).max(1).nullable(),
  })
  .meta({ id: 'FaultTrend' })

const project_id = severalLines(255).optional()
const period = { from: instant.optional(), before: instant.optional() }
const common = { method: 'get', may: 'read_dashboard', status: 200 } as const

export const dashboardRoutes = (deps: DashboardRoutesDeps): ReadonlyArray<Route> => [
  route({
    ...common,
    path: '/dashboard/summary',
    name: 'getDashboardSummary',
    tag: 'Dashboard',
    summary: 'Where the work stands now, of the tickets the caller may see',
    query: { project_id },
    answers: { type: 'body', schema: summaryShape },
    handle: ({ query }, principal) =>
      pipe(deps.summary({ principal, projects: query.project_id ?? [] }), TE.map(asBody)),
  }),
  route({
    ...common,
    path: '/dashboard/sla',
    name: 'getSlaCompliance',
    tag: 'Dashboard',
    summary: 'How much was done in time, by priority; the period is that of creation',
    query: { project_id, ...period },
    answers: { type: 'body', schema: slaShape },
    handle: ({ query }, principal) =>
      pipe(deps.slaCompliance({ principal, projects: query.project_id ?? [], ...periodOf(query) }), TE.map(asBody)),
  }),
  route({
    ...common,
    path: '/dashboard/workload',
    name: 'getWorkload',
    tag: 'Dashboard',
    summary: 'Who carries how much live work, the most first',
    query: { project_id },
    answers: { type: 'body', schema: z.array(workloadShape) },
    handle: ({ query }, principal) =>
      pipe(deps.workload({ principal, projects: query.project_id ?? [] }), TE.map(asBody)),
  }),
  route({
    ...common,
    path: '/fault-trends',
    name: 'getFaultTrends',
    tag: 'Faults',
    summary: 'What breaks, by up to three dimensions, with the share of workmanship that had evidence',
    query: {
      by: several(TREND_DIMENSIONS).optional(),
      cause: several(FAULT_CAUSES).optional(),
      project_id,
      ...period,
    },
    answers: { type: 'body', schema: z.array(trendShape) },
    handle: ({ query }, principal) =>
      pipe(
        deps.faultTrends({
          principal,
          projects: query.project_id ?? [],
          causes: query.cause ?? [],
          by: query.by ?? [],
          ...periodOf(query),
        }),
        TE.map(asBody),
      ),
  }),
]

const asBody = (data: unknown) => body(data)

const periodOf = ({ from, before }: { readonly from?: string | undefined; readonly before?: string | undefined }) => ({
  from: from ?? null,
  before: before ?? null,
})
