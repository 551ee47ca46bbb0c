import { z } from 'zod'
import type {
  EscalationDetail,
  EscalationFilters,
  EscalationPosition,
  EscalationQueries,
  EscalationView,
  Pattern,
  TicketInShort,
} from '../../application/ports/escalation-store.ts'
import type { PageOf, PageWindow } from '../../application/ports/pages.ts'
import { ESCALATION_TYPES, type RepeatFaultSettings, SCOPES, type Scope } from '../../domain/escalation/escalation.ts'
import { plusDays } from '../../domain/shared/time.ts'
import { STATUSES } from '../../domain/ticket/ticket.ts'
import type { Pool, Queryable } from '../contract/pool.ts'
import { orUnavailable } from '../contract/sql-errors.ts'
import { COUNTS_AS_FAULT, columnOf } from './escalation-scopes.ts'
import { countedTo, estimateOf, pageOf } from './queries-total.ts'
import { instant } from './ticket-columns.ts'

const ESCALATION_STATUSES = ['open', 'investigating', 'resolved', 'no_action'] as const

const VIEW = `
select e.id, e.project_id, e.scope_type, e.scope_value, e.escalation_type, e.status, e.fault_count, e.fault_threshold,
  e.window_days, jsonb_array_length(e.contributing_tickets) as contributing_count, e.escalation_ticket_id,
  t.ticket_uid as escalation_ticket_uid, t.status as escalation_ticket_status, to_json(e.created_at) as created_at,
  to_json(e.investigating_since) as investigating_since, to_json(e.resolved_at) as resolved_at, e.resolved_by,
  e.resolution_notes, e.version`
const FROM = `
from repeat_fault_escalations e join tickets t on t.id = e.escalation_ticket_id`

const WANTED = `${FROM}
where ($1::text[] is null or e.status = any($1)) and ($2::text[] is null or e.scope_type = any($2))
  and ($3::text[] is null or e.project_id = any($3))`

const PAGE = `
select (select coalesce(json_agg(x), '[]') from (
    ${VIEW} ${WANTED} order by e.created_at desc, e.id desc limit $4 offset $5) x) as rows,
  ${countedTo(WANTED)} as total`

const LIST = `${VIEW} ${WANTED}
  and ($4::timestamptz is null or (e.created_at, e.id) < ($4, $5::uuid))
order by e.created_at desc, e.id desc
limit $6`

const DETAIL = `${VIEW}, e.contributing_tickets ${FROM} where e.id = $1`

const IN_SHORT = `
select id, ticket_uid, ticket_type, status, title, to_json(created_at) as created_at, to_json(deleted_at) as deleted_at
from tickets where id = any($1::uuid[]) order by tickets.created_at, id`

const patternsOf = (scope: Scope, n: number): string => `
select '${scope}'::text as scope, t.${columnOf[scope]}::text as value, count(*)::integer as count,
  max(t.created_at) as latest_at, count(*)::float / ($${n + 1}::integer + 1) as nearness
from tickets t left join spent s on s.scope_type = '${scope}' and s.scope_value = t.${columnOf[scope]}
where t.project_id = $1 and t.${columnOf[scope]} is not null and t.created_at between $${n} and $2
  and (s.since is null or t.created_at > s.since) and ${COUNTS_AS_FAULT}
group by 1, 2`

const NEAREST = `
with spent as (
  select scope_type, scope_value, max(resolved_at) as since from repeat_fault_escalations
  where project_id = $1 and resolved_at is not null group by 1, 2
), patterns as (${SCOPES.map((scope, i) => patternsOf(scope, 4 + 2 * i)).join('\nunion all')}
)
select p.scope, p.value, p.count, to_json(p.latest_at) as latest_at,
  (select json_build_object('id', e.id, 'status', e.status) from repeat_fault_escalations e
    where e.project_id = $1 and e.scope_type = p.scope and e.scope_value = p.value
      and e.status in ('open', 'investigating')) as live
from patterns p
order by p.nearness desc, p.latest_at desc, p.scope, p.value
limit $3`

const viewRow = z.object({
  id: z.string(),
  project_id: z.string(),
  scope_type: z.enum(SCOPES),
  scope_value: z.string(),
  escalation_type: z.enum(ESCALATION_TYPES),
  status: z.enum(ESCALATION_STATUSES),
  fault_count: z.number(),
  fault_threshold: z.number(),
  window_days: z.number(),
  contributing_count: z.number(),
  escalation_ticket_id: z.string(),
  escalation_ticket_uid: z.string(),
  escalation_ticket_status: z.enum(STATUSES),
  created_at: instant,
  investigating_since: instant.nullable(),
  resolved_at: instant.nullable(),
  resolved_by: z.string().nullable(),
  resolution_notes: z.string().nullable(),
  version: z.number(),
}) satisfies z.ZodType<EscalationView>

const shortRow = z.object({
  id: z.string(),
  ticket_uid: z.string(),
  ticket_type: z.string(),
  status: z.enum(STATUSES),
  title: z.string(),
  created_at: instant,
  deleted_at: instant.nullable(),
}) satisfies z.ZodType<TicketInShort>

const patternRow = z.object({
  scope: z.enum(SCOPES),
  value: z.string(),
  count: z.number(),
  latest_at: instant,
  live: z.object({ id: z.string(), status: z.enum(ESCALATION_STATUSES) }).nullable(),
})

const page = async (
  client: Queryable,
  { status, scope, project }: EscalationFilters,
  { page, pageSize }: PageWindow,
): Promise<PageOf<EscalationView>> => {
  const filters = [status ?? null, scope ?? null, project ?? null]
  const { rows } = await client.query(PAGE, [...filters, pageSize, (page - 1) * pageSize])
  const found = z.object({ rows: z.array(viewRow), total: z.number() }).parse(rows[0])
  return pageOf(found.rows, found.total, () => estimateOf(client, `select ${WANTED}`, filters))
}

const list = async (
  client: Queryable,
  { status, scope, project }: EscalationFilters,
  after: EscalationPosition | null,
  limit: number,
) => {
  const values = [status ?? null, scope ?? null, project ?? null, after?.key ?? null, after?.id ?? null, limit + 1]
  const { rows } = await client.query(LIST, values)
  const found = rows.map((row) => viewRow.parse(row))
  const shown = found.slice(0, limit)
  const last = shown.at(-1)
  const next = found.length > limit && last !== undefined ? { key: last.created_at, id: last.id } : null
  return { rows: shown, next }
}

const inShort = async (client: Queryable, ids: ReadonlyArray<string>): Promise<ReadonlyArray<TicketInShort>> =>
  ids.length === 0 ? [] : (await client.query(IN_SHORT, [ids])).rows.map((row) => shortRow.parse(row))

const detail = async (client: Queryable, id: string): Promise<EscalationDetail | null> => {
  const { rows } = await client.query(DETAIL, [id])
  if (rows[0] === undefined) return null
  const view = viewRow.parse(rows[0])
  const contributing = z.array(z.string()).parse(rows[0].contributing_tickets)
  const tickets = await inShort(client, [view.escalation_ticket_id, ...contributing])
  const ticket = tickets.find((one) => one.id === view.escalation_ticket_id)
  if (ticket === undefined) throw new Error(`escalation ${id} has no ticket`)
  return { ...view, ticket, contributing_tickets: tickets.filter((one) => contributing.includes(one.id)) }
}

const nearest = async (
  client: Queryable,
  projectId: string,
  limits: RepeatFaultSettings,
  now: string,
  limit: number,
): Promise<ReadonlyArray<Pattern>> => {
  const perScope = SCOPES.flatMap((scope) => [plusDays(now, -limits[scope].windowDays), limits[scope].threshold])
  const { rows } = await client.query(NEAREST, [projectId, now, limit, ...perScope])
  return rows.map((row) => {
    const { latest_at, ...pattern } = patternRow.parse(row)
    return { ...pattern, latestAt: latest_at }
  })
}

/** Escalations as they are read, straight from the tables. */
export const postgresEscalationQueries = (pool: Pool): EscalationQueries => ({
  page: (filters, window) => orUnavailable(() => page(pool, filters, window)),
  list: (filters, { after, limit }) => orUnavailable(() => list(pool, filters, after, limit)),
  detail: (id) => orUnavailable(() => detail(pool, id)),
  inShort: (ids) => orUnavailable(() => inShort(pool, ids)),
  nearest: (projectId, limits, now, limit) => orUnavailable(() => nearest(pool, projectId, limits, now, limit)),
})
