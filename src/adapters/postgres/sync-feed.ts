import type { SyncHints } from '../../application/ports/sync-desk.ts'
import { CASE_SEEN, type Run, SYNC_ASKED, type SyncFeed } from '../../application/ports/sync-store.ts'
import { qcontactService } from '../../application/sync/setup.ts'
import { inTransaction, type Pool, type Queryable } from '../contract/pool.ts'
import { orUnavailable } from '../contract/sql-errors.ts'

/** A case on its way to whoever looks: events of one ticket are handled one at a time, so they name it. */
type Seen = { readonly case_id: string; readonly ticket_id: string }

const TELL = `
with told as (
  insert into outbox (event_id, type, ticket_id, body, at)
  select gen_random_uuid(), '${CASE_SEEN}', null, jsonb_build_object('type', '${CASE_SEEN}', 'caseId', s.case_id,
    'ticketId', s.ticket_id, 'runId', $2::text, 'repair', $3::boolean, 'at', $4::text), ($4::text)::timestamptz
  from jsonb_to_recordset($1::jsonb) as s (case_id text, ticket_id uuid)
)
insert into sync_run_cases (run_id, case_id)
select ($2::text)::uuid, s.case_id from jsonb_to_recordset($1::jsonb) as s (case_id text) where $2::text is not null
on conflict (run_id, case_id) do update set outcome = null, done_at = null, why = null`

const RECORD = `
with given as (
  select distinct on (g.case_id) g.* from jsonb_to_recordset($2::jsonb) as g (case_id text, fingerprint text, ticket_id uuid)
), before as (
  select s.case_id, s.fingerprint from sync_sightings s join given g on g.case_id = s.case_id
  where s.tenant = $1 and s.listed
), kept as (
  insert into sync_sightings (tenant, case_id, fingerprint, pass, seen_at)
  select $1, case_id, fingerprint, $3, $4 from given order by case_id
  on conflict (tenant, case_id) do update set fingerprint = excluded.fingerprint, pass = excluded.pass,
    seen_at = excluded.seen_at, listed = true
)
select g.case_id, coalesce(c.ticket_id, g.ticket_id) as ticket_id from given g
left join before b on b.case_id = g.case_id
left join sync_cases c on c.tenant = $1 and c.case_id = g.case_id
where b.fingerprint is distinct from g.fingerprint`

const VANISHED = `
with gone as (
  update sync_sightings set listed = false where tenant = $1 and listed and pass <> $2 returning case_id
)
select c.case_id, c.ticket_id from gone join sync_cases c on c.tenant = $1 and c.case_id = gone.case_id`

/** A round by the clock leaves out what is Solved on both sides and was in step within 30 days, and what is gone for longer. */
const EVERY = `
select coalesce(c.case_id, s.case_id) as case_id, c.ticket_id from sync_cases c
full join (select case_id from sync_sightings where tenant = $1 and listed) s on s.case_id = c.case_id and c.tenant = $1
where (c.tenant is null or c.tenant = $1)
  and ($3::boolean and (c.gone_at <= ($4::text)::timestamptz - interval '30 days'
    or (c.bases #>> '{status,agreed}' = 'Solved' and c.bases #>> '{status,seen}' = 'Solved'
      and c.bases #>> '{status,owed}' = 'false' and c.synced_at is not null
      and c.synced_at > ($4::text)::timestamptz - interval '30 days'
      and not exists (select from sync_troubles t where t.tenant = c.tenant and t.case_id = c.case_id)))) is not true
  and not exists (select from sync_run_cases r where r.run_id = $2 and r.case_id = coalesce(c.case_id, s.case_id))
order by 1`

const BEGIN = `
insert into sync_runs (id, tenant, kind, asked_by, asked_at, started_at) values ($1, $2, $3, $4, $5, $6)
on conflict (id) do update set started_at = coalesce(sync_runs.started_at, excluded.started_at), failure = null`

const DONE = `
insert into sync_run_cases (run_id, case_id, outcome, drift, why, done_at)
select id, $2, $3, $4, $5, $6 from sync_runs where id = $1
on conflict (run_id, case_id) do update set outcome = excluded.outcome, drift = excluded.drift, why = excluded.why,
  done_at = excluded.done_at`

export type FeedOptions = {
  readonly tenant: string
  readonly ticketIdOf: (caseId: string) => string
  readonly now: () => string
  readonly nudge: () => void
}

/** What its list showed, on PostgreSQL: what is new is told in the transaction that remembers it. */
export const postgresSyncFeed = (pool: Pool, { tenant, ticketIdOf, now, nudge }: FeedOptions): SyncFeed & SyncHints => {
  const tell = async (client: Queryable, seen: ReadonlyArray<Seen>, run: Run | null): Promise<void> => {
    if (seen.length === 0) return
    await client.query(TELL, [JSON.stringify(seen), run?.id ?? null, run !== null && run.kind !== 'changes', now()])
  }
  const written = (work: (client: Queryable) => Promise<void>) =>
    orUnavailable(async () => {
      await inTransaction(pool, work)
      nudge()
    })
  const ticketOf = async (client: Queryable, caseId: string): Promise<Seen> => {
    const { rows } = await client.query('select ticket_id from sync_cases where tenant = $1 and case_id = $2', [
      tenant,
      caseId,
    ])
    return { case_id: caseId, ticket_id: rows[0]?.ticket_id ?? ticketIdOf(caseId) }
  }
  return {
    ask: (run, caseId) =>
      written(async (client) => {
        const begun = caseId === null ? null : run.at
        await client.query(BEGIN, [run.id, tenant, run.kind, run.askedBy, run.at, begun])
        if (caseId !== null) {
          await tell(client, [await ticketOf(client, caseId)], run)
          await client.query('update sync_runs set listed_at = $2 where id = $1', [run.id, run.at])
          return
        }
        await client.query(
          `insert into outbox (event_id, type, ticket_id, body, at)
           values (gen_random_uuid(), '${SYNC_ASKED}', null, $1::jsonb, $2)`,
          [
            JSON.stringify({ type: SYNC_ASKED, runId: run.id, kind: run.kind, askedBy: run.askedBy, at: run.at }),
            run.at,
          ],
        )
      }),
    begin: (run) =>
      orUnavailable(async () => {
        await pool.query(BEGIN, [run.id, tenant, run.kind, run.askedBy, run.at, now()])
        await pool.query("delete from sync_runs where asked_at < ($1::text)::timestamptz - interval '90 days'", [
          run.at,
        ])
      }),
    record: (run, pass, rows) =>
      written(async (client) => {
        if (rows.length === 0) return
        const given = rows.map(({ caseId, fingerprint }) => ({
          case_id: caseId,
          fingerprint,
          ticket_id: ticketIdOf(caseId),
        }))
        const { rows: seen } = await client.query<Seen>(RECORD, [tenant, JSON.stringify(given), pass, now()])
        await tell(client, seen, run)
      }),
    finish: (run, pass) =>
      written(async (client) => {
        const { rows: vanished } = await client.query<Seen>(VANISHED, [tenant, pass])
        await tell(client, vanished, run)
        if (run.kind === 'full') {
          const { rows: every } = await client.query<{ case_id: string; ticket_id: string | null }>(EVERY, [
            tenant,
            run.id,
            run.askedBy === qcontactService.userId,
            run.at,
          ])
          const seen = every.map(({ case_id, ticket_id }) => ({ case_id, ticket_id: ticket_id ?? ticketIdOf(case_id) }))
          await tell(client, seen, run)
        }
        await client.query('update sync_runs set listed_at = $2 where id = $1', [run.id, now()])
      }),
    fail: (runId, why) =>
      orUnavailable(async () => {
        await pool.query('update sync_runs set failure = $2 where id = $1', [runId, why.slice(0, 500)])
      }),
    done: (runId, caseId, { outcome, drift, why }, at) =>
      orUnavailable(async () => {
        const over = outcome === 'waiting' ? null : at
        await pool.query(DONE, [runId, caseId, outcome, drift, why?.slice(0, 500) ?? null, over])
      }),
    receive: (id, caseId, at) =>
      orUnavailable(async () => {
        const fresh = await inTransaction(pool, async (client) => {
          const { rowCount } = await client.query(
            'insert into sync_hints (id, received_at) values ($1, $2) on conflict do nothing',
            [id, at],
          )
          if (rowCount === 0) return false
          // One that old is refused by its time.
          await client.query("delete from sync_hints where received_at < ($1::text)::timestamptz - interval '1 day'", [
            at,
          ])
          await tell(client, [await ticketOf(client, caseId)], null)
          return true
        })
        nudge()
        return fresh
      }),
  }
}
