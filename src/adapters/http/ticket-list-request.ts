import { z } from 'zod'
import { MAX_PAGE_SIZE } from '../../application/list-cursor.ts'
import { TICKET_SORTS, type TicketFilters, type TicketSort } from '../../application/ports/ticket-queries.ts'
import { DEFAULT_SORT } from '../../application/ticket/list-tickets.ts'
import { FAULT_CAUSES } from '../../domain/fault/fault.ts'
import { READINESS_CHECKS } from '../../domain/readiness/readiness.ts'
import { OWNERS, PRIORITIES, SOURCES, STATUSES, TICKET_TYPES } from '../../domain/ticket/ticket.ts'
import { count, flag, given, instant, several, severalLines } from './fields.ts'
import { listWindow } from './list-window.ts'

const SORTS = TICKET_SORTS.flatMap((by) => [by, `-${by}`] as const) as unknown as readonly [string, ...string[]]
const severalIds = z
  .string()
  .max(2_000)
  .transform((value) => value.split(',').map((one) => one.trim().toLowerCase()))
  .pipe(z.array(z.uuid()).min(1).max(50))

/** Filters by the columns' names, several values each; `sort=-created_at` is the newest first; `cursor=` begins a walk. */
export const listQuery = {
  status: several(STATUSES).optional(),
  ticket_type: several(TICKET_TYPES).optional(),
  priority: several(PRIORITIES).optional(),
  source: several(SOURCES).optional(),
  owner_type: several(OWNERS).optional(),
  fault_cause: several(FAULT_CAUSES).optional(),
  project_id: severalLines(255).optional(),
  assigned_to: severalLines(255).optional(),
  assigned_contractor_id: severalLines(255).optional(),
  assigned_team: severalLines(100).optional(),
  dr_number: severalLines(50).optional(),
  pole_number: severalLines(50).optional(),
  pon_number: severalLines(50).optional(),
  zone_no: severalLines(50).optional(),
  weekly_report_id: severalIds.optional(),
  duplicate_of: severalIds.optional(),
  follow_up_of: severalIds.optional(),
  created_from: instant.optional(),
  created_before: instant.optional(),
  qa_ready: flag.optional(),
  paperwork: flag.optional(),
  overdue: flag.optional(),
  unassigned: flag.optional(),
  dr_unknown: flag.optional(),
  rejected_more_than: count(0, 1_000).optional(),
  failed_check: several(READINESS_CHECKS).optional(),
  q: z
    .string()
    .max(200)
    .refine(
      (typed) => typed.isWellFormed() && !/[\p{Cc}\ufffd]/u.test(typed),
      'must be text without control characters',
    )
    .optional(),
  sort: z.enum(SORTS).optional(),
  ...listWindow(MAX_PAGE_SIZE),
}
type ListQuery = z.output<z.ZodObject<typeof listQuery>>

export const filtersOf = (query: ListQuery): TicketFilters =>
  given({
    status: query.status,
    type: query.ticket_type,
    priority: query.priority,
    source: query.source,
    owner: query.owner_type,
    faultCause: query.fault_cause,
    project: query.project_id,
    assignee: query.assigned_to,
    contractor: query.assigned_contractor_id,
    team: query.assigned_team,
    dr: query.dr_number,
    pole: query.pole_number,
    pon: query.pon_number,
    zone: query.zone_no,
    weeklyReport: query.weekly_report_id,
    duplicateOf: query.duplicate_of,
    followUpOf: query.follow_up_of,
    createdFrom: query.created_from,
    createdBefore: query.created_before,
    qaReady: query.qa_ready,
    paperwork: query.paperwork,
    overdue: query.overdue,
    unassigned: query.unassigned,
    unknownDrop: query.dr_unknown,
    rejectedMoreThan: query.rejected_more_than,
    failedCheck: query.failed_check,
  })

export const sortOf = ({ sort }: ListQuery): TicketSort => {
  const by = TICKET_SORTS.find((one) => one === sort?.replace(/^-/, ''))
  return by === undefined ? DEFAULT_SORT : { by, direction: sort?.startsWith('-') === true ? 'desc' : 'asc' }
}
