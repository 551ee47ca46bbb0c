import type {
  RiskFilters,
  RiskPosition,
  RiskQueries,
  RiskRow,
  WantedRisks,
} from '../../application/ports/risk-queries.ts'
import type { Queryable } from '../contract/pool.ts'
import { orUnavailable } from '../contract/sql-errors.ts'
import { type Bind, binder, inSight, isUuid, viewsOf } from './queries-sight.ts'
import { countedTo, estimateOf, pageOf } from './queries-total.ts'
import { rowsOfTicket } from './ticket-record-queries.ts'

/** What the date makes of a risk, before the nightly job has written it. */
const statusOn = (today: string): string =>
  `case when r.status = 'active' and r.risk_expiry_date < ${today} then 'expired' else r.status end`

const columns = (today: string): string => `r.id, r.ticket_id, t.ticket_uid, t.project_id, t.dr_number, r.risk_type,
  r.risk_description, r.conditions, r.steps, ${statusOn(today)} as status, r.risk_expiry_date,
  r.risk_expiry_date - ${today} as days_left, r.followup_date, r.accepted_by, r.accepted_at, r.resolved_by, r.resolved_at,
  r.resolution_notes, r.escalation_ticket_id, r.reviews`

const conditions = ({ sight, filters }: WantedRisks, today: string, bind: Bind): string => {
  const { status, project, expiringWithinDays: days, followUpDue }: RiskFilters = filters
  return [
    inSight(sight, bind),
    ...(status === undefined ? [] : [`${statusOn(today)} = any(${bind(status)}::text[])`]),
    // said twice, so that the index of unresolved risks is recognised
    ...(status?.includes('resolved') === false || days !== undefined || followUpDue === true
      ? [`r.status <> 'resolved'`]
      : []),
    ...(project === undefined ? [] : [`t.project_id = any(${bind(project)}::text[])`]),
    ...(days === undefined
      ? []
      : [`r.status = 'active' and r.risk_expiry_date between ${today} and ${today} + ${bind(days)}::int`]),
    ...(followUpDue === undefined
      ? []
      : [`${followUpDue ? '' : 'not '}coalesce(r.followup_date <= ${today} and r.status <> 'resolved', false)`]),
  ].join(' and ')
}

const dateSortedBy = ({ filters }: WantedRisks): 'followup_date' | 'risk_expiry_date' =>
  filters.followUpDue === true ? 'followup_date' : 'risk_expiry_date'

const FROM = 'from qa_risk_acceptances r join tickets t on t.id = r.ticket_id'

const estimate = (pool: Queryable, wanted: WantedRisks): Promise<number> => {
  const { bind, values } = binder()
  const today = `${bind(wanted.today)}::date`
  return estimateOf(pool, `select ${columns(today)} ${FROM} where ${conditions(wanted, today, bind)}`, values)
}

const positionAt = (wanted: WantedRisks, row: RiskRow): RiskPosition => ({
  key: row[dateSortedBy(wanted)] ?? row.risk_expiry_date,
  id: row.id,
})

type Listed = { readonly rows: ReadonlyArray<Readonly<Record<string, unknown>>> }

/** Risk acceptances, one statement each; a total beyond 10,000 costs one more that reads no table. */
export const postgresRiskQueries = (pool: Queryable): RiskQueries => ({
  page: (wanted, { page, pageSize }) =>
    orUnavailable(async () => {
      const { bind, values } = binder()
      const today = `${bind(wanted.today)}::date`
      const where = `where ${conditions(wanted, today, bind)}`
      const window = `limit ${bind(pageSize)}::int offset ${bind((page - 1) * pageSize)}::int`
      const text = `select (select coalesce(json_agg(x), '[]') from (
        select ${columns(today)} ${FROM} ${where} order by r.${dateSortedBy(wanted)}, r.id ${window}) x) as rows,
        ${countedTo(`${FROM} ${where}`)} as total`
      const found = await pool.query<Listed & { readonly total: number }>(text, values)
      const { rows, total } = found.rows[0] ?? { rows: [], total: 0 }
      return pageOf(viewsOf<RiskRow>(rows), total, () => estimate(pool, wanted))
    }),
  slice: (wanted, { after, limit }) =>
    orUnavailable(async () => {
      const { bind, values } = binder()
      const today = `${bind(wanted.today)}::date`
      const date = `r.${dateSortedBy(wanted)}`
      const past = after === null ? '' : `and (${date}, r.id) > (${bind(after.key)}::date, ${bind(after.id)}::uuid)`
      const text = `select coalesce(json_agg(x), '[]') as rows from (
        select ${columns(today)} ${FROM} where ${conditions(wanted, today, bind)} ${past}
        order by ${date}, r.id limit ${bind(limit + 1)}::int) x`
      const found = await pool.query<Listed>(text, values)
      const risks = viewsOf<RiskRow>(found.rows[0]?.rows ?? [])
      const rows = risks.slice(0, limit)
      const last = rows.at(-1)
      return { rows, next: risks.length > limit && last !== undefined ? positionAt(wanted, last) : null }
    }),
  ofTicket: (sight, ticketId, today) =>
    orUnavailable(async () => {
      const rows = await rowsOfTicket(pool, { sight, ticketId }, (bind) => {
        const on = `${bind(today)}::date`
        return `select ${columns(on)} from qa_risk_acceptances r where r.ticket_id = t.id order by r.accepted_at, r.id`
      })
      return rows === null ? null : viewsOf<RiskRow>(rows)
    }),
  ticketOf: (sight, riskId) =>
    orUnavailable(async () => {
      if (!isUuid(riskId)) return null
      const { bind, values } = binder()
      const text = `select r.ticket_id from qa_risk_acceptances r join tickets t on t.id = r.ticket_id
        where r.id = ${bind(riskId)}::uuid and ${inSight(sight, bind)}`
      const found = await pool.query<{ readonly ticket_id: string }>(text, values)
      return found.rows[0]?.ticket_id ?? null
    }),
})
