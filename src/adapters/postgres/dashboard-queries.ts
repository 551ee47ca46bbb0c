import type {
  DashboardQueries,
  Period,
  Scope,
  SlaRow,
  SummaryFigures,
  TrendDimension,
  TrendRow,
  WantedTrends,
  WorkloadRow,
} from '../../application/ports/dashboard-queries.ts'
import { BEFORE_QA, LIVE_STATES } from '../../application/ticket/clock-states.ts'
import { dayInJohannesburg } from '../../domain/shared/time.ts'
import type { Queryable } from '../contract/pool.ts'
import { orUnavailable } from '../contract/sql-errors.ts'
import { type Bind, binder, inSight, quoted, withInstants } from './queries-sight.ts'
import { REJECTIONS, RUNS, UNASSIGNED } from './queries-ticket-filters.ts'

const LIVE = `t.status in (${quoted(LIVE_STATES)})`
const NOT_READY = `not t.qa_ready and t.status in (${quoted(BEFORE_QA)})`
const OVER = `t.status in ('handed_to_maintenance', 'closed')`
const overdue = (now: string): string => `${RUNS} and t.sla_due_at < ${now}`

const inScope = ({ sight, projects }: Scope, bind: Bind): string =>
  `${inSight(sight, bind)}${projects.length === 0 ? '' : ` and t.project_id = any(${bind(projects)}::text[])`}`

const inPeriod = (moment: string, { from, before }: Period, bind: Bind): string =>
  `${from === null ? '' : ` and ${moment} >= ${bind(from)}::timestamptz`}${
    before === null ? '' : ` and ${moment} < ${bind(before)}::timestamptz`
  }`

const list = (rows: string): string => `(select coalesce(json_agg(r), '[]') from (${rows}) r)`

const summaryText = (scope: Scope, office: boolean, riskDays: number, bind: Bind): string => {
  const now = `${bind(scope.now)}::timestamptz`
  const today = `${bind(dayInJohannesburg(scope.now))}::date`
  const among = inScope(scope, bind)
  const ofProject = scope.projects.length === 0 ? 'true' : `project_id = any(${bind(scope.projects)}::text[])`
  const officeOnly = (figure: string): string => (office ? figure : 'null')
  return `select ${list(`select t.status, t.ticket_type, t.priority, t.source, count(*)::int as tickets,
    (count(*) filter (where ${overdue(now)}))::int as overdue,
    (count(*) filter (where ${UNASSIGNED}))::int as unassigned,
    (count(*) filter (where ${NOT_READY}))::int as not_ready,
    (count(*) filter (where ${LIVE} and ${REJECTIONS} > 2))::int as rejected_often
    from tickets t where ${among} group by 1, 2, 3, 4`)} as groups,
  ${list(`select coalesce(f.check, case when t.last_check is null then 'not_checked' else 'check_outdated' end) as check,
    count(*)::int as tickets
    from tickets t left join lateral (select c ->> 'check' as check from jsonb_array_elements(t.last_check -> 'results') c
      where c ->> 'outcome' = 'failed') f on true
    where ${among} and ${NOT_READY} group by 1 order by 2 desc, 1`)} as not_ready,
  (select count(*)::int from qa_risk_acceptances r join tickets t on t.id = r.ticket_id where ${among}
    and r.status = 'active' and r.risk_expiry_date between ${today} and ${today} + ${bind(riskDays)}::int) as risks_expiring,
  ${officeOnly(`(select count(*)::int from repeat_fault_escalations
    where status in ('open', 'investigating') and ${ofProject})`)} as open_escalations,
  ${officeOnly(`(select to_json(r) from (select id as report_id, report_uid, project_id, imported_at, imported_count,
    skipped_count, error_count from weekly_reports where status = 'completed' and ${ofProject}
    order by imported_at desc, id desc limit 1) r)`)} as last_import,
  ${officeOnly(`(select to_json(r) from (select synced_at, sync_direction, sync_type, status from qcontact_sync_log
    order by synced_at desc, id desc limit 1) r)`)} as last_sync`
}

const slaText = (scope: Scope & Period, bind: Bind): string => {
  const now = `${bind(scope.now)}::timestamptz`
  const late = `(t.sla_breached or (${overdue(now)}))`
  const waits = `${LIVE} and t.sla_first_response_at is null`
  return `select t.priority,
    (count(*) filter (where ${OVER} and not ${late}))::int as met,
    (count(*) filter (where ${late}))::int as breached,
    (count(*) filter (where not ${OVER} and not ${late}))::int as running,
    (count(*) filter (where t.sla_first_response_at <= t.sla_response_due_at))::int as response_met,
    (count(*) filter (where t.sla_first_response_at > t.sla_response_due_at
      or (${waits} and ${RUNS} and t.sla_response_due_at < ${now})))::int as response_late,
    (count(*) filter (where ${waits} and not (${RUNS} and coalesce(t.sla_response_due_at < ${now}, false))))::int
      as response_waiting
  from tickets t where ${inScope(scope, bind)}${inPeriod('t.created_at', scope, bind)} and t.status <> 'cancelled'
  group by 1`
}

const workloadText = (scope: Scope, bind: Bind): string => {
  const now = `${bind(scope.now)}::timestamptz`
  return `select a.kind, a.id, count(*)::int as open,
    (count(*) filter (where ${overdue(now)}))::int as overdue,
    (count(*) filter (where t.status in ('pending_qa', 'qa_in_progress')))::int as in_qa,
    (count(*) filter (where t.status = 'qa_rejected'))::int as rejected
  from tickets t cross join lateral (values ('technician', t.assigned_to), ('contractor', t.assigned_contractor_id),
    ('team', t.assigned_team::text)) a (kind, id)
  where ${inScope(scope, bind)} and ${LIVE} and a.id is not null
  group by 1, 2 order by 3 desc, 1, a.id collate "C"`
}

/** When the fault began, as far as its source says. */
const BEGAN = 'coalesce(t.source_created_at, t.created_at)'
const EVIDENCE = `exists (select from ticket_attachments a where a.ticket_id = t.id and a.is_evidence and a.file_type = 'photo')`

const dimension: { readonly [D in TrendDimension]: string } = {
  fault_cause: 't.fault_cause',
  project_id: 't.project_id',
  zone_no: 't.zone_no',
  pon_number: 't.pon_number',
  pole_number: 't.pole_number',
  dr_number: 't.dr_number',
  assigned_contractor_id: 't.assigned_contractor_id',
  month: `to_char(${BEGAN} at time zone 'Africa/Johannesburg', 'YYYY-MM')`,
}

const trendsText = (wanted: WantedTrends, bind: Bind): string => {
  const { by, causes, limit } = wanted
  return `select ${by.map((each) => `${dimension[each]} as ${each}`).join(', ')}, count(*)::int as faults,
    (count(*) filter (where t.fault_cause = 'workmanship'))::int as workmanship,
    (count(*) filter (where t.fault_cause = 'workmanship' and ${EVIDENCE}))::int as workmanship_with_evidence
  from tickets t where ${inScope(wanted, bind)}${inPeriod(BEGAN, wanted, bind)}
    and t.fault_cause is not null and not t.paperwork and t.status <> 'cancelled' and t.source <> 'system'
    ${causes.length === 0 ? '' : `and t.fault_cause = any(${bind(causes)}::text[])`}
  group by ${by.map((_, i) => i + 1).join(', ')}
  order by faults desc, ${by.map((each) => `${dimension[each]} collate "C" nulls last`).join(', ')} limit ${bind(limit)}::int`
}

/** Figures for the dashboard, one statement each. */
export const postgresDashboardQueries = (pool: Queryable): DashboardQueries => {
  const rows = async <R>(text: (bind: Bind) => string): Promise<ReadonlyArray<R>> => {
    const { bind, values } = binder()
    return (await pool.query(text(bind), values)).rows as ReadonlyArray<R>
  }
  return {
    summary: (scope, office, riskDays) =>
      orUnavailable(async () => {
        const [figures] = await rows<SummaryFigures>((bind) => summaryText(scope, office, riskDays, bind))
        if (figures === undefined) throw new Error('a statement without from answers one row')
        const { last_import, last_sync } = figures
        return {
          ...figures,
          last_import: last_import === null ? null : (withInstants(last_import) as typeof last_import),
          last_sync: last_sync === null ? null : (withInstants(last_sync) as typeof last_sync),
        }
      }),
    slaCompliance: (scope) => orUnavailable(() => rows<SlaRow>((bind) => slaText(scope, bind))),
    workload: (scope) => orUnavailable(() => rows<WorkloadRow>((bind) => workloadText(scope, bind))),
    faultTrends: (wanted) => orUnavailable(() => rows<TrendRow>((bind) => trendsText(wanted, bind))),
  }
}
