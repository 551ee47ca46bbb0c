import * as E from 'fp-ts/lib/Either.js'
import { z } from 'zod'
import type {
  Notice,
  RiskOnDate,
  SlaDue,
  SlaFactsOfTicket,
  SlaLook,
  TimerQueries,
} from '../../application/ports/timer-queries.ts'
import { RISK_STATUSES } from '../../domain/risk/risk.ts'
import { PRIORITIES, STATUSES } from '../../domain/ticket/ticket.ts'
import type { Pool, Queryable } from '../contract/pool.ts'
import { orUnavailable } from '../contract/sql-errors.ts'
import { inOneTransaction } from './platform-transaction.ts'
import { instant } from './ticket-columns.ts'

const RISKS = `
select r.ticket_id, t.ticket_uid, t.project_id, r.id, r.status, r.risk_expiry_date::text, r.followup_date::text,
  r.accepted_by, to_json(r.accepted_at) as accepted_at,
  (select coalesce(json_agg(m.mark), '[]') from timed_marks m
    where m.ticket_id = r.ticket_id and m.mark like 'risk:' || r.id || ':%') as told
from qa_risk_acceptances r join tickets t on t.id = r.ticket_id and t.deleted_at is null
where (r.status = 'active' and r.risk_expiry_date <= $2::date)
  or (r.status = 'expired' and r.risk_expiry_date <= $3::date)
  or (r.status <> 'resolved' and r.followup_date <= $1::date)
order by r.risk_expiry_date, r.id`

const MARKED = (from: string): string => `
marked as (
  insert into timed_marks (ticket_id, mark, at)
  select n.ticket_id, n.mark, n.at from ${from} order by n.ticket_id, n.mark
  on conflict do nothing returning ticket_id, mark
), told as (
  insert into outbox (event_id, type, ticket_id, body, at)
  select n.event_id, n.type, n.ticket_id, n.body, n.at
  from ${from} join marked m on m.ticket_id = n.ticket_id and m.mark = n.mark
  order by n.ticket_id, n.mark
)`
const NOTICE = 'ticket_id uuid, mark text, event_id uuid, type text, body jsonb, at timestamptz'
const TELL = `
with n as (select * from jsonb_to_recordset($1::jsonb) as x (${NOTICE})), ${MARKED('n')}
select count(*)::integer as told from marked`

const SLA_DUE = `
select t.id, t.project_id, coalesce(p.version, 0) as settings_version
from tickets t
left join sla_watch w on w.ticket_id = t.id
left join project_settings p on p.project_id = t.project_id
where t.deleted_at is null
  and (w.ticket_id is null or w.ticket_version <> t.version or w.settings_version <> coalesce(p.version, 0)
    or w.next_at <= $1)
order by t.id`

const SLA_FACTS = `
select t.id, t.ticket_uid, t.project_id, t.version, t.priority, to_json(t.created_at) as created_at, t.status_history,
  to_json(t.sla_due_at) as due_at, to_json(t.sla_response_due_at) as response_due_at,
  to_json(t.sla_first_response_at) as first_response_at, t.sla_breached,
  (select coalesce(json_agg(m.mark), '[]') from timed_marks m
    where m.ticket_id = t.id and m.mark like 'sla:%') as sent
from tickets t where t.id = any($1::uuid[]) and t.deleted_at is null`

/** Those being changed right now are left to the next run, so that a request never waits for a timer. */
const HOLD = `
select t.id from tickets t
join jsonb_to_recordset($1::jsonb) as l (ticket_id uuid, version integer) on l.ticket_id = t.id and l.version = t.version
where t.deleted_at is null
order by t.id for no key update of t skip locked`

const KEEP = `
with l as (
  select * from jsonb_to_recordset($1::jsonb) as x (ticket_id uuid, version integer, settings_version integer,
    next_at timestamptz, stale boolean, due_at timestamptz, response_due_at timestamptz, first_response_at timestamptz,
    breached boolean)
), refreshed as (
  update tickets t set sla_due_at = l.due_at, sla_response_due_at = l.response_due_at,
    sla_first_response_at = l.first_response_at, sla_breached = l.breached
  from l where l.ticket_id = t.id and l.stale
  returning t.id
), watched as (
  insert into sla_watch (ticket_id, ticket_version, settings_version, next_at)
  select ticket_id, version, settings_version, next_at from l order by ticket_id
  on conflict (ticket_id) do update set ticket_version = excluded.ticket_version,
    settings_version = excluded.settings_version, next_at = excluded.next_at
), n as (
  select * from jsonb_to_recordset($2::jsonb) as x (${NOTICE})
), ${MARKED('n')}
select (select count(*)::integer from refreshed) as refreshed, (select count(*)::integer from marked) as told`

const riskRow = z.object({
  ticket_id: z.string(),
  ticket_uid: z.string(),
  project_id: z.string(),
  id: z.string(),
  status: z.enum(RISK_STATUSES),
  risk_expiry_date: z.string(),
  followup_date: z.string().nullable(),
  accepted_by: z.string(),
  accepted_at: instant,
  told: z.array(z.string()),
})

const slaRow = z.object({
  id: z.string(),
  ticket_uid: z.string(),
  project_id: z.string(),
  version: z.number(),
  priority: z.enum(PRIORITIES),
  created_at: instant,
  status_history: z.array(z.object({ at: z.string(), status: z.enum(STATUSES) })),
  due_at: instant.nullable(),
  response_due_at: instant.nullable(),
  first_response_at: instant.nullable(),
  sla_breached: z.boolean(),
  sent: z.array(z.string()),
})

const slaMark = z.tuple([
  z.literal('sla'),
  z.enum(['response', 'resolution']),
  z.enum(PRIORITIES),
  z.enum(['50', '75', '90', 'breach']),
])

const toRisk = (found: unknown): RiskOnDate => {
  const row = riskRow.parse(found)
  return {
    ticketId: row.ticket_id,
    ticketUid: row.ticket_uid,
    projectId: row.project_id,
    riskId: row.id,
    status: row.status,
    expiresOn: row.risk_expiry_date,
    followUpOn: row.followup_date,
    acceptedBy: row.accepted_by,
    acceptedAt: row.accepted_at,
    told: row.told,
  }
}

const toFacts = (found: unknown): SlaFactsOfTicket => {
  const row = slaRow.parse(found)
  return {
    ticketId: row.id,
    ticketUid: row.ticket_uid,
    projectId: row.project_id,
    version: row.version,
    priority: row.priority,
    createdAt: row.created_at,
    history: row.status_history,
    figures: {
      dueAt: row.due_at,
      responseDueAt: row.response_due_at,
      firstResponseAt: row.first_response_at,
      breached: row.sla_breached,
    },
    sent: row.sent.map((text) => {
      const [, clock, priority, mark] = slaMark.parse(text.split(':'))
      return { clock, priority, mark }
    }),
  }
}

const noticeRow = ({ ticketId, mark, event }: Notice) => ({
  ticket_id: ticketId,
  mark,
  event_id: event.id,
  type: event.type,
  body: event.body,
  at: event.at,
})

const lookRow = ({ ticketId, version, settingsVersion, nextAt, figures }: SlaLook) => ({
  ticket_id: ticketId,
  version,
  settings_version: settingsVersion,
  next_at: nextAt,
  stale: figures !== null,
  due_at: figures?.dueAt ?? null,
  response_due_at: figures?.responseDueAt ?? null,
  first_response_at: figures?.firstResponseAt ?? null,
  breached: figures?.breached ?? null,
})

const saysNothing = ({ figures, notices }: SlaLook): boolean => figures === null && notices.length === 0

const keep = async (client: Queryable, looks: ReadonlyArray<SlaLook>) => {
  // A look that found nothing needs no lock: its row says by which version it looked.
  const telling = looks.filter((look) => !saysNothing(look))
  const held = telling.length === 0 ? [] : (await client.query(HOLD, [JSON.stringify(telling.map(lookRow))])).rows
  const unmoved = new Set(held.map(({ id }) => id))
  const kept = looks.filter((look) => saysNothing(look) || unmoved.has(look.ticketId))
  const { rows } = await client.query<{ refreshed: number; told: number }>(KEEP, [
    JSON.stringify(kept.map(lookRow)),
    JSON.stringify(kept.flatMap(({ notices }) => notices.map(noticeRow))),
  ])
  return rows[0] ?? { refreshed: 0, told: 0 }
}

/** What timed rules look at on PostgreSQL; `nudge` runs after each commit that may have told something. */
export const postgresTimerQueries = (pool: Pool, nudge: () => void): TimerQueries => ({
  risksOnDate: ({ today, warnUntil, escalateUntil }) =>
    orUnavailable(async () => (await pool.query(RISKS, [today, warnUntil, escalateUntil])).rows.map(toRisk)),

  tell: (notices) =>
    orUnavailable(async () => {
      if (notices.length === 0) return 0
      const { rows } = await pool.query<{ told: number }>(TELL, [JSON.stringify(notices.map(noticeRow))])
      nudge()
      return rows[0]?.told ?? 0
    }),

  slaDue: (now) =>
    orUnavailable(async () =>
      (await pool.query(SLA_DUE, [now])).rows.map(
        (row): SlaDue => ({ ticketId: row.id, projectId: row.project_id, settingsVersion: row.settings_version }),
      ),
    ),

  slaFacts: (ids) => orUnavailable(async () => (await pool.query(SLA_FACTS, [ids])).rows.map(toFacts)),

  keepLooks: (looks) =>
    inOneTransaction<never, { readonly refreshed: number; readonly told: number }>(pool, nudge, async (client) =>
      E.right(await keep(client, looks)),
    ),
})
