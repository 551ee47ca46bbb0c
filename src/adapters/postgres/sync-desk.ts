import * as E from 'fp-ts/lib/Either.js'
import type { ConflictRow, RunRow, SyncDesk, SyncLogRow, SyncStanding } from '../../application/ports/sync-desk.ts'
import { isoInstant, type Pool } from '../contract/pool.ts'
import { orUnavailable } from '../contract/sql-errors.ts'
import { countedTo, estimateOf, pageOf } from './queries-total.ts'

const RUN = `
select r.id, r.kind, r.asked_by, r.asked_at, r.started_at, r.failure, n.*,
  case when r.failure is not null then 'failed'
    when r.started_at is null then 'waiting'
    when r.listed_at is null or n.done < n.cases then 'running'
    else 'finished' end as state,
  case when r.listed_at is not null and n.done = n.cases then greatest(r.listed_at, n.last_at) end as finished_at
from sync_runs r, lateral (
  select count(*)::int as cases, count(done_at)::int as done, max(done_at) as last_at,
    coalesce(sum(drift), 0)::int as drift,
    count(*) filter (where outcome = 'in_step')::int as in_step,
    count(*) filter (where outcome = 'repaired')::int as repaired,
    count(*) filter (where outcome = 'conflict')::int as conflicts,
    count(*) filter (where outcome = 'created')::int as created,
    count(*) filter (where outcome = 'skipped')::int as skipped,
    count(*) filter (where outcome = 'waiting')::int as waiting,
    count(*) filter (where outcome = 'failed')::int as failed
  from sync_run_cases c where c.run_id = r.id
) n`

const STANDING = `
select
  (select count(*)::int from sync_cases) as linked,
  (select count(*)::int from sync_cases c where not exists
    (select from sync_troubles t where t.tenant = c.tenant and t.case_id = c.case_id)) as in_step,
  (select count(*)::int from sync_notes where sent_at is null and given_up_at is null) as notes_waiting,
  (select count(*)::int from sync_conflicts where resolved_at is null) as open_conflicts,
  max(last_success_at) as last_success_at, max(last_failure_at) as last_failure_at,
  max(last_failure) as last_failure, max(paused_until) as paused_until
from sync_tenants`

const PROBLEMS = `
select c.ticket_id, k.ticket_uid, t.case_id as qcontact_ticket_id, t.problem, t.attempts, t.since
from sync_troubles t
left join sync_cases c on c.tenant = t.tenant and c.case_id = t.case_id
left join tickets k on k.id = c.ticket_id
order by t.since limit 100`

const LOG = `from qcontact_sync_log l
where ($1::uuid is null or l.ticket_id = $1) and ($2::text is null or l.sync_direction = $2)
  and ($3::text[] is null or l.status = any($3))`

const CONFLICTS = `from sync_conflicts c join tickets t on t.id = c.ticket_id
where ($1::boolean is null or (c.resolved_at is null) = $1) and ($2::uuid is null or c.ticket_id = $2)`

const CONFLICT = `
select c.id, c.ticket_id, t.ticket_uid, c.case_id as qcontact_ticket_id, c.field, c.kind, c.ours, c.theirs, c.winner, c.times,
  c.found_at, c.latest_at, c.resolved_at, c.resolved_by, c.resolution, c.resolution_notes, c.follow_up_id, c.version`

const RESOLVE = `
update sync_conflicts set resolved_at = $3, resolved_by = $4, resolution = $5, resolution_notes = $6, follow_up_id = $7,
  version = version + 1
where id = $1 and version = $2 and resolved_at is null`

const moment = (value: Date | string | null): string | null => (value === null ? null : isoInstant(value))

// biome-ignore lint/suspicious/noExplicitAny: the drivers' own row type
type Raw = any

const toRun = ({ last_at: _, ...row }: Raw): RunRow => ({
  ...row,
  asked_at: isoInstant(row.asked_at),
  started_at: moment(row.started_at),
  finished_at: moment(row.finished_at),
})

const toConflict = (row: Raw): ConflictRow => ({
  ...row,
  found_at: isoInstant(row.found_at),
  latest_at: isoInstant(row.latest_at),
  resolved_at: moment(row.resolved_at),
})

const toLog = ({ counted: _, ...row }: Raw): SyncLogRow => ({ ...row, synced_at: isoInstant(row.synced_at) })

/** What people see of the exchange on PostgreSQL. */
export const postgresSyncDesk = (pool: Pool): SyncDesk => {
  const lastRun = async (kind: 'changes' | 'full'): Promise<RunRow | null> => {
    const { rows } = await pool.query(`${RUN} where r.kind = $1 order by r.asked_at desc, r.id desc limit 1`, [kind])
    return rows[0] === undefined ? null : toRun(rows[0])
  }
  return {
    standing: () =>
      orUnavailable(async (): Promise<SyncStanding> => {
        const { rows } = await pool.query(STANDING)
        const problems = await pool.query(PROBLEMS)
        const { last_success_at, last_failure_at, paused_until, ...counts } = rows[0]
        return {
          ...counts,
          last_success_at: moment(last_success_at),
          last_failure_at: moment(last_failure_at),
          paused_until: moment(paused_until),
          problems: problems.rows.map((row) => ({ ...row, since: isoInstant(row.since) })),
          last_changes_run: await lastRun('changes'),
          last_full_run: await lastRun('full'),
        }
      }),
    run: (id) =>
      orUnavailable(async () => {
        const { rows } = await pool.query(`${RUN} where r.id = $1`, [id])
        return rows[0] === undefined ? null : toRun(rows[0])
      }),
    log: (filters, { page, pageSize }) =>
      orUnavailable(async () => {
        const values = [filters.ticketId ?? null, filters.direction ?? null, filters.status ?? null]
        const { rows } = await pool.query(`select l.* ${LOG} order by l.synced_at desc, l.id desc limit $4 offset $5`, [
          ...values,
          pageSize,
          (page - 1) * pageSize,
        ])
        const { rows: totals } = await pool.query(`select ${countedTo(`1 ${LOG}`)} as total`, values)
        return pageOf(rows.map(toLog), totals[0].total, () => estimateOf(pool, `select 1 ${LOG}`, values))
      }),
    conflicts: ({ open, ticketId }, { page, pageSize }) =>
      orUnavailable(async () => {
        const values = [open, ticketId]
        const { rows } = await pool.query(
          `${CONFLICT} ${CONFLICTS} order by c.latest_at desc, c.id desc limit $3 offset $4`,
          [...values, pageSize, (page - 1) * pageSize],
        )
        const { rows: totals } = await pool.query(`select ${countedTo(`1 ${CONFLICTS}`)} as total`, values)
        return pageOf(rows.map(toConflict), totals[0].total, () => estimateOf(pool, `select 1 ${CONFLICTS}`, values))
      }),
    conflict: (id) =>
      orUnavailable(async () => {
        const { rows } = await pool.query(
          `${CONFLICT} from sync_conflicts c join tickets t on t.id = c.ticket_id where c.id = $1`,
          [id],
        )
        return rows[0] === undefined ? null : toConflict(rows[0])
      }),
    resolve:
      (id, version, { resolution, notes, by, at, followUpId }) =>
      async () => {
        const answer = await orUnavailable(() =>
          pool.query(RESOLVE, [id, version, at, by, resolution, notes, followUpId]),
        )()
        if (E.isLeft(answer)) return answer
        return answer.right.rowCount === 1 ? E.right(undefined) : E.left({ type: 'Stale', id, version: null })
      },
  }
}
