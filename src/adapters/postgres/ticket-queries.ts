import type { TicketQueries, TicketRow, Wanted } from '../../application/ports/ticket-queries.ts'
import type { Queryable } from '../contract/pool.ts'
import { orUnavailable } from '../contract/sql-errors.ts'
import { type Bind, binder, viewsOf } from './queries-sight.ts'
import { isWanted, RUNS } from './queries-ticket-filters.ts'
import { sortings } from './queries-ticket-sorts.ts'
import { countedTo, estimateOf, pageOf } from './queries-total.ts'
import type { SowSource } from './ticket-context.ts'

const COLUMNS = [
  'id',
  'ticket_uid',
  'source',
  'external_id',
  'title',
  'ticket_type',
  'priority',
  'status',
  'owner_type',
  'project_id',
  'dr_number',
  'pole_number',
  'pon_number',
  'zone_no',
  'assigned_to',
  'assigned_contractor_id',
  'assigned_team',
  'qa_ready',
  'fault_cause',
  'guarantee_status',
  'billing_classification',
  'rectification_count',
  'paperwork',
  'weekly_note',
  'duplicate_of',
  'follow_up_of',
  'sla_due_at',
  'sla_response_due_at',
  'sla_first_response_at',
  'sla_breached',
  'created_at',
  'updated_at',
  'version',
]
  .map((column) => `t.${column}`)
  .join(', ')

const PROGRESS = `cross join lateral (
    select (count(*) filter (where is_complete))::int as steps_completed,
      (count(*) filter (where photo_required))::int as required_steps,
      (count(*) filter (where photo_required and is_complete))::int as required_completed,
      count(*) filter (where is_complete) || '/' || count(*) as progress
    from verification_steps v where v.ticket_id = t.id) s`

const CLIENT_COLUMNS = `, t.address, c.name as client_name, c.phone as client_phone, c.email as client_email,
    case when t.gps_coordinates is not null then
      json_build_object('lat', t.gps_coordinates[1], 'lon', t.gps_coordinates[0]) end as gps_coordinates`

type Window = { readonly limit: number; readonly offset: number; readonly after: string | null }

/** The ids of one page along the sort's index, and only for those everything a row shows. */
const pageSql = (
  { sort, client, now, words }: Wanted,
  where: string,
  bind: Bind,
  { limit, offset, after }: Window,
): string => {
  const { key, asText } = sortings[sort.by]
  // The planner knows nothing of beginnings of words: left the choice it walks the sort's index past every ticket, so it is hidden.
  const sorted = words.length === 0 ? key : `(select ${key})`
  const order = `order by ${sorted} ${sort.direction}, t.id ${sort.direction}`
  return `select ${COLUMNS}, s.*, ${RUNS} and coalesce(t.sla_due_at < ${bind(now)}::timestamptz, false) as overdue,
    ${asText} as sort_key${client ? CLIENT_COLUMNS : ''}
  from (select t.id from tickets t where ${where}${after === null ? '' : `\n    and ${after}`}
    ${order} limit ${bind(limit)}::int offset ${bind(offset)}::int) page
  join tickets t on t.id = page.id
  ${client ? 'left join ticket_clients c on c.ticket_id = t.id' : ''}
  ${PROGRESS}
  ${order}`
}

type Listed = Readonly<Record<string, unknown>> & { readonly id: string; readonly sort_key: string }

const withoutKey = ({ sort_key: _, ...row }: Listed): Readonly<Record<string, unknown>> => row

/** No statistics are kept of the words without the description's: a search among those is counted to its end. */
const estimate = async (pool: Queryable, wanted: Wanted, sow: SowSource): Promise<number> => {
  const { bind, values } = binder()
  const from = `from tickets t where ${isWanted(wanted, sow, bind)}`
  if (wanted.client || wanted.words.length === 0) return estimateOf(pool, `select ${from}`, values)
  const { rows } = await pool.query<{ readonly total: number }>(`select count(*)::int as total ${from}`, values)
  return rows[0]?.total ?? 0
}

/** The statement of a page and its values, apart so that its plan can be looked at. */
export const pageStatement = (
  wanted: Wanted,
  { page, pageSize }: Parameters<TicketQueries['page']>[1],
  sow: SowSource,
) => {
  const { bind, values } = binder()
  const where = isWanted(wanted, sow, bind)
  const rows = pageSql(wanted, where, bind, { limit: pageSize, offset: (page - 1) * pageSize, after: null })
  const text = `select (select coalesce(json_agg(r), '[]') from (${rows}) r) as rows,
  ${countedTo(`from tickets t where ${where}`)} as total`
  return { text, values }
}

/** The statement of the tickets after a position, and its values. */
export const sliceStatement = (
  wanted: Wanted,
  { after, limit }: Parameters<TicketQueries['slice']>[1],
  sow: SowSource,
) => {
  const { bind, values } = binder()
  const where = isWanted(wanted, sow, bind)
  const { key, cast } = sortings[wanted.sort.by]
  const beyond = wanted.sort.direction === 'asc' ? '>' : '<'
  const past = after === null ? null : `(${key}, t.id) ${beyond} (${bind(after.key)}${cast}, ${bind(after.id)}::uuid)`
  const rows = pageSql(wanted, where, bind, { limit: limit + 1, offset: 0, after: past })
  return { text: `select coalesce(json_agg(r), '[]') as rows from (${rows}) r`, values }
}

/** Lists of tickets, each in one statement; a total beyond 10,000 costs one more that reads no table. */
export const postgresTicketQueries = (pool: Queryable, sow: SowSource): TicketQueries => ({
  page: (wanted, window) =>
    orUnavailable(async () => {
      const { text, values } = pageStatement(wanted, window, sow)
      const { rows } = await pool.query<{ readonly rows: ReadonlyArray<Listed>; readonly total: number }>(text, values)
      const [{ rows: listed, total } = { rows: [], total: 0 }] = rows
      return pageOf(viewsOf<TicketRow>(listed.map(withoutKey)), total, () => estimate(pool, wanted, sow))
    }),
  slice: (wanted, window) =>
    orUnavailable(async () => {
      const { text, values } = sliceStatement(wanted, window, sow)
      const { rows } = await pool.query<{ readonly rows: ReadonlyArray<Listed> }>(text, values)
      const listed = rows[0]?.rows ?? []
      const kept = listed.slice(0, window.limit)
      const last = kept.at(-1)
      return {
        rows: viewsOf<TicketRow>(kept.map(withoutKey)),
        next: listed.length > window.limit && last !== undefined ? { key: last.sort_key, id: last.id } : null,
      }
    }),
})
