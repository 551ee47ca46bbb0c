import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Stale, Unavailable } from '../../application/errors.ts'
import type { Learnt, SyncedCase, SyncNotes, SyncStore, WaitingNote } from '../../application/ports/sync-store.ts'
import { qcontactService } from '../../application/sync/setup.ts'
import { ERASED } from '../../domain/handover/personal-words.ts'
import { isPersonal, type SyncField } from '../../domain/sync/fields.ts'
import type { Bases, FoundConflict } from '../../domain/sync/plan.ts'
import { isoInstant, type Pool } from '../contract/pool.ts'
import { orUnavailable } from '../contract/sql-errors.ts'

const CASE = `
select c.case_id, c.ticket_id, c.bases || coalesce(p.bases, '{}') as bases, p.ticket_id is not null as personal,
  c.last_change_id, c.gone_at is not null as gone, c.version, coalesce(t.attempts, 0) as attempts, t.problem
from sync_cases c
left join sync_personal p on p.ticket_id = c.ticket_id
left join sync_troubles t on t.tenant = c.tenant and t.case_id = c.case_id`

/** Waits for an erasure under way: what was read before it is not kept after it. */
const HELD = `
  held as materialized (select id, erased_at is not null as erased from tickets where id = $3::uuid for key share)`

/** The conflicts found, and those that are over: both sides agree again, or the case is there again (`isThere`). */
const CONFLICTS = (cases: string, isThere: string): string => `
  found as (
    insert into sync_conflicts (id, tenant, case_id, ticket_id, field, kind, ours, theirs, winner, found_at, latest_at)
    select gen_random_uuid(), c.tenant, c.case_id, c.ticket_id, n.field, n.kind, n.ours, n.theirs, n.winner, $7, $7
    from ${cases} c, held, jsonb_to_recordset($5::jsonb) as n (
      field text, kind text, ours text, theirs text, winner text, personal boolean)
    where not (held.erased and n.personal)
    on conflict (ticket_id, coalesce(field, ''), kind) where resolved_at is null
    do update set ours = excluded.ours, theirs = excluded.theirs, winner = excluded.winner, latest_at = excluded.latest_at,
      times = sync_conflicts.times + 1, version = sync_conflicts.version + 1
    returning id
  ), over as (
    update sync_conflicts o set resolved_at = $7, resolution = 'agreed', version = o.version + 1
    from ${cases} c
    where o.ticket_id = c.ticket_id and o.resolved_at is null
      and (o.field = any($6::text[]) or (o.kind = 'gone' and ${isThere}))
      and not exists (select from jsonb_to_recordset($5::jsonb) as n (field text) where n.field = o.field)
    returning o.id
  )`

const LINK = `
with ${HELD}, linked as (
  insert into sync_cases (tenant, case_id, ticket_id, bases, last_change_id, linked_at)
  select $1, $2, held.id, $4::jsonb, $8, $7 from held
  on conflict (tenant, case_id) do update set ticket_id = excluded.ticket_id, bases = excluded.bases,
    last_change_id = excluded.last_change_id, linked_at = excluded.linked_at, gone_at = null, version = sync_cases.version + 1
  where sync_cases.ticket_id <> excluded.ticket_id
  returning *
), kept as (
  insert into sync_personal (ticket_id, bases) select ticket_id, $9::jsonb from linked, held where not held.erased
  on conflict (ticket_id) do update set bases = excluded.bases
), ${CONFLICTS('linked', 'true')}
select count(*) from linked, found, over`

const LEARN = `
with ${HELD}, learnt as (
  update sync_cases set bases = $4::jsonb, last_change_id = $8, version = version + 1,
    gone_at = case when $11::boolean then coalesce(gone_at, $7) end
  from held where tenant = $1 and case_id = $2 and ticket_id = held.id and version = $10
  returning sync_cases.*
), kept as (
  update sync_personal p set bases = $9::jsonb from learnt l where p.ticket_id = l.ticket_id
), ${CONFLICTS('learnt', 'not $11::boolean')}
select version, (select count(*) from found) as found, (select count(*) from over) as over from learnt`

const WELL = `
with well as (delete from sync_troubles where tenant = $1 and case_id = $2)
update sync_cases set synced_at = $3 where tenant = $1 and case_id = $2`

const TROUBLE = `
insert into sync_troubles (tenant, case_id, problem, counts, since, latest_at)
select $1::text, $2::text, $3::text, jsonb_build_object($5::text, 1), ($4::text)::timestamptz, ($4::text)::timestamptz
on conflict (tenant, case_id) do update set problem = excluded.problem, latest_at = excluded.latest_at,
  attempts = sync_troubles.attempts + 1, counts = sync_troubles.counts
    || jsonb_build_object($5::text, coalesce((sync_troubles.counts ->> $5::text)::int, 0) + 1)
returning (counts ->> $5::text)::int as times, exists (
  select from sync_cases c where c.tenant = $1::text and c.case_id <> $2::text and c.synced_at > sync_troubles.since
) as others`

/** Also those made of a case with which they are not linked yet. */
const LINKED = `
select ticket_id from sync_cases where tenant = $1 and ticket_id = any($2::uuid[])
union
select t.id from tickets t
where t.id = any($2::uuid[]) and t.created_by = $3 and t.source = 'qcontact'
  and not exists (select from sync_cases c where c.tenant = $1 and c.case_id = t.external_id)`

type Row = {
  readonly case_id: string
  readonly ticket_id: string
  readonly bases: Bases
  readonly personal: boolean
  readonly last_change_id: string | null
  readonly gone: boolean
  readonly version: number
  readonly attempts: number
  readonly problem: string | null
}

const toCase = (row: Row): SyncedCase => ({
  caseId: row.case_id,
  ticketId: row.ticket_id,
  bases: row.bases,
  personal: row.personal,
  lastChangeId: row.last_change_id,
  attempts: row.attempts,
  problem: row.problem,
  gone: row.gone,
  version: row.version,
})

const part = (bases: Bases, personal: boolean): string =>
  JSON.stringify(
    Object.fromEntries(Object.entries(bases).filter(([field]) => isPersonal(field as SyncField) === personal)),
  )

/** Of several of one kind about one field the last. */
const each = (conflicts: ReadonlyArray<FoundConflict>): string =>
  JSON.stringify(
    [...new Map(conflicts.map((one) => [`${one.field}/${one.kind}`, one])).values()].map((one) => ({
      ...one,
      personal: one.field !== null && isPersonal(one.field),
    })),
  )

const valuesOf = (
  tenant: string,
  { caseId, ticketId }: Pick<SyncedCase, 'caseId' | 'ticketId'>,
  { bases, conflicts, agreed, lastChangeId }: Learnt,
  at: string,
): unknown[] => [
  tenant,
  caseId,
  ticketId,
  part(bases, false),
  each(conflicts),
  agreed,
  at,
  lastChangeId,
  part(bases, true),
]

/** What is remembered of a tenant's cases on PostgreSQL; each step is one statement. */
export const postgresSyncStore = (pool: Pool, tenant: string): SyncStore => {
  const find: SyncStore['find'] = (by) =>
    orUnavailable(async () => {
      const [column, value] = 'caseId' in by ? ['case_id', by.caseId] : ['ticket_id', by.ticketId]
      const { rows } = await pool.query<Row>(`${CASE} where c.tenant = $1 and c.${column} = $2`, [tenant, value])
      return rows[0] === undefined ? null : toCase(rows[0])
    })
  return {
    find,
    link: (caseId, ticketId, learnt, at) =>
      pipe(
        orUnavailable(() => pool.query(LINK, valuesOf(tenant, { caseId, ticketId }, learnt, at))),
        TE.flatMap(() => find({ caseId })),
        TE.map((linked) => {
          if (linked === null) throw new Error('a case that was just linked is not there')
          return linked
        }),
      ),
    learn:
      (before, learnt, at): TE.TaskEither<Stale | Unavailable, SyncedCase> =>
      async () => {
        const values = [...valuesOf(tenant, before, learnt, at), before.version, learnt.gone]
        const answer = await orUnavailable(() => pool.query<{ version: number }>(LEARN, values))()
        if (E.isLeft(answer)) return answer
        const version = answer.right.rows[0]?.version
        if (version === undefined) return E.left({ type: 'Stale', id: before.ticketId, version: null })
        const { bases, lastChangeId, gone } = learnt
        return E.right({ ...before, bases, lastChangeId, gone, version })
      },
    settle: (caseId, trouble, at) =>
      orUnavailable(async () => {
        if (trouble === null) {
          await pool.query(WELL, [tenant, caseId, at])
          return { times: 0, othersWentWell: true }
        }
        const { rows } = await pool.query(TROUBLE, [tenant, caseId, trouble.why.slice(0, 500), at, trouble.type])
        return { times: rows[0]?.times ?? 1, othersWentWell: rows[0]?.others === true }
      }),
    linked: (ticketIds) =>
      orUnavailable(async () => {
        const { rows } = await pool.query<{ ticket_id: string }>(LINKED, [tenant, ticketIds, qcontactService.userId])
        return new Set(rows.map((row) => row.ticket_id))
      }),
  }
}

const WAITING = `
select w.id, w.sentence, nullif(n.content, '${ERASED}') as text, w.queued_at from sync_notes w
left join ticket_notes n on n.id = w.id and n.note_type = 'client'
where w.ticket_id = $1 and w.sent_at is null and w.given_up_at is null order by w.seq`

/** Notes on their way out, by the id of the note or of the event that called for them. */
export const postgresSyncNotes = (pool: Pool): SyncNotes => ({
  queue: (id, ticketId, sentence, at) =>
    orUnavailable(async () => {
      await pool.query(
        `insert into sync_notes (id, ticket_id, sentence, queued_at) values ($1, $2, $3, $4)
         on conflict (id) do update set given_up_at = null where sync_notes.given_up_at is not null`,
        [id, ticketId, sentence, at],
      )
    }),
  waiting: (ticketId) =>
    orUnavailable(async () =>
      (await pool.query(WAITING, [ticketId])).rows.map(
        ({ id, text, sentence, queued_at: queuedAt }): WaitingNote => ({
          id,
          text,
          sentence,
          queuedAt: isoInstant(queuedAt),
        }),
      ),
    ),
  giveUp: (id, at) =>
    orUnavailable(async () => {
      await pool.query('update sync_notes set given_up_at = $2 where id = $1 and sent_at is null', [id, at])
    }),
  sent: (id, remoteId, at) =>
    orUnavailable(async () => {
      await pool.query('update sync_notes set sent_at = $2, remote_id = $3 where id = $1 and sent_at is null', [
        id,
        at,
        remoteId,
      ])
    }),
})
