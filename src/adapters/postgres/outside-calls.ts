import type { OutsideCalls } from '../../application/ports/outside-calls.ts'
import type { Pool } from '../contract/pool.ts'
import { orUnavailable } from '../contract/sql-errors.ts'

const BEGIN = 'insert into sync_tenants (tenant) values ($1) on conflict do nothing'

const TAKE = `
update sync_tenants set busy_by = $2::uuid, busy_until = now() + make_interval(secs => $3::float8 / 1000),
  minute = date_trunc('minute', now()),
  calls = case when minute = date_trunc('minute', now()) then calls + 1 else 1 end
where tenant = $1 and (busy_until is null or busy_until <= now()) and (paused_until is null or paused_until <= now())
  and (minute is distinct from date_trunc('minute', now()) or calls < $4::int)
returning access_token, client, uid`

const PROLONG = `
update sync_tenants set busy_until = now() + make_interval(secs => $3::float8 / 1000)
where tenant = $1 and busy_by = $2::uuid`

/** How long to wait at least; while somebody else is calling, a moment. */
const WAIT = `
select ceil(extract(epoch from greatest(
  coalesce(paused_until, now()),
  case when minute = date_trunc('minute', now()) and calls >= $2::int then minute + interval '1 minute' else now() end
) - now()) * 1000)::float8 as ms
from sync_tenants where tenant = $1`

const GIVE_BACK = `
with logged as (
  insert into qcontact_sync_log (ticket_id, qcontact_ticket_id, sync_direction, sync_type, request_payload,
    response_payload, status, error_message, synced_at)
  select c.ticket_id, e."caseId", e.direction, e.type, e.request, e.response, e.outcome, e.error, clock_timestamp()
  from jsonb_to_recordset($4::jsonb) as e ("caseId" text, direction text, type text, request jsonb, response jsonb,
    outcome text, error text)
  left join sync_cases c on c.tenant = $1::text and c.case_id = e."caseId"
  returning status, error_message
)
update sync_tenants set
  access_token = $3::jsonb ->> 'accessToken', client = $3::jsonb ->> 'client', uid = $3::jsonb ->> 'uid',
  session_at = now(), busy_by = null, busy_until = null,
  paused_until = case when $5::float8 is null then paused_until
    else greatest(coalesce(paused_until, now()), now() + make_interval(secs => $5::float8 / 1000)) end,
  last_success_at = case when exists (select from logged where status = 'success') then now() else last_success_at end,
  last_failure_at = case when exists (select from logged where status <> 'success') then now() else last_failure_at end,
  last_failure = coalesce((select max(error_message) from logged where status <> 'success'), last_failure)
where tenant = $1::text and busy_by = $2::uuid`

/** Turns, session and budget of a tenant in its one row; whoever's turn lapsed changes nothing any more. */
export const postgresOutsideCalls = (pool: Pool, tenant: string): OutsideCalls => {
  let begun = false
  return {
    take: (holder, leaseMs, perMinute) =>
      orUnavailable(async () => {
        if (!begun) await pool.query(BEGIN, [tenant])
        begun = true
        const { rows } = await pool.query(TAKE, [tenant, holder, leaseMs, perMinute])
        const [row] = rows
        if (row === undefined) {
          const { rows: waits } = await pool.query<{ ms: number }>(WAIT, [tenant, perMinute])
          return { type: 'wait', ms: waits[0]?.ms ?? 0 } as const
        }
        const { access_token: accessToken, client, uid } = row
        return { type: 'taken', session: accessToken === null ? null : { accessToken, client, uid } } as const
      }),
    prolong: (holder, leaseMs) =>
      orUnavailable(async () => {
        await pool.query(PROLONG, [tenant, holder, leaseMs])
      }),
    giveBack: (holder, { session, pauseMs, exchanges }) =>
      orUnavailable(async () => {
        await pool.query(GIVE_BACK, [tenant, holder, JSON.stringify(session), JSON.stringify(exchanges), pauseMs])
      }),
  }
}
