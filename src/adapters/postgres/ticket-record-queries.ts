import type {
  AttachmentRow,
  LinkRow,
  Look,
  ReadinessRow,
  TicketRecordQueries,
  TimelineRow,
} from '../../application/ports/ticket-record-queries.ts'
import type { Queryable } from '../contract/pool.ts'
import { orUnavailable } from '../contract/sql-errors.ts'
import { type Bind, binder, inSight, isUuid, viewsOf } from './queries-sight.ts'

type JsonRow = Readonly<Record<string, unknown>>

/** One statement over the ticket `t` when it is within sight: the rows that `from` selects as JSON, or null without it. */
export const rowsOfTicket = async (
  pool: Queryable,
  { sight, ticketId }: Look,
  from: (bind: Bind) => string,
): Promise<ReadonlyArray<JsonRow> | null> => {
  if (!isUuid(ticketId)) return null
  const { bind, values } = binder()
  const text = `select (select coalesce(json_agg(r), '[]') from (${from(bind)}) r) as rows
  from tickets t where t.id = ${bind(ticketId)}::uuid and ${inSight(sight, bind)}`
  const { rows } = await pool.query<{ readonly rows: ReadonlyArray<JsonRow> }>(text, values)
  return rows[0]?.rows ?? null
}

const ATTACHMENTS = `
select a.id, a.ticket_id, o.ticket_uid, a.filename, a.file_type, a.mime_type, a.file_size, a.sha256, a.storage_url,
  a.uploaded_by, a.uploaded_at, a.is_evidence, a.step_key, a.is_current, a.work_cycle, a.width, a.height, a.captured_at,
  a.done_at, a.verdicts, a.overrides, a.reuse_cleared
from (select t.id, t.ticket_uid union all
  select d.id, d.ticket_uid from tickets d where d.duplicate_of = t.id and d.deleted_at is null) o
join ticket_attachments a on a.ticket_id = o.id
order by a.uploaded_at, a.id`

/** The same tie said from both ends; a related ticket may be written down from either side or from both. */
const LINKED = `
select l.kind, l.other_id as id, min(l.linked_by) as linked_by, min(l.linked_at) as linked_at
from (select kind, other_id, linked_by, linked_at from ticket_links where ticket_id = o.id
  union all select kind, ticket_id, linked_by, linked_at from ticket_links where other_id = o.id) l group by 1, 2
union all select 'duplicate_of', o.duplicate_of, null, null
union all select 'follow_up_of', o.follow_up_of, null, null
union all select 'duplicate', d.id, null, null from tickets d where d.duplicate_of = o.id
union all select 'follow_up', f.id, null, null from tickets f where f.follow_up_of = o.id`

const links = async (pool: Queryable, { sight, ticketId }: Look): Promise<ReadonlyArray<JsonRow> | null> => {
  if (!isUuid(ticketId)) return null
  const { bind, values } = binder()
  const own = `select t.id, t.duplicate_of, t.follow_up_of from tickets t
    where t.id = ${bind(ticketId)}::uuid and ${inSight(sight, bind)}`
  const text = `select (select coalesce(json_agg(r), '[]') from (
    select k.kind, t.id as ticket_id, t.ticket_uid, t.status, k.linked_by, k.linked_at
    from (${LINKED}) k join tickets t on t.id = k.id where ${inSight(sight, bind)}
    order by k.kind, lpad(t.ticket_uid, 20)) r) as rows
  from (${own}) o`
  const { rows } = await pool.query<{ readonly rows: ReadonlyArray<JsonRow> }>(text, values)
  return rows[0]?.rows ?? null
}

/** What one ticket has gathered, each in one statement. */
export const postgresTicketRecordQueries = (pool: Queryable): TicketRecordQueries => {
  const read = <V>(rows: Promise<ReadonlyArray<JsonRow> | null>): Promise<ReadonlyArray<V> | null> =>
    rows.then((found) => (found === null ? null : viewsOf<V>(found)))
  return {
    timeline: (look, { before, limit, withWords }) =>
      orUnavailable(async () => {
        const found = await read<TimelineRow>(
          rowsOfTicket(
            pool,
            look,
            (bind) => `select n.id, n.seq, n.note_type,
              case when n.note_type = 'system' or ${bind(withWords)}::boolean then n.content end as content,
              n.created_by, n.created_at, n.system_event, case when ${bind(withWords)}::boolean then n.event_data end as event_data
            from ticket_notes n where n.ticket_id = t.id ${before === null ? '' : `and n.seq < ${bind(before)}::bigint`}
            order by n.seq desc limit ${bind(limit + 1)}::int`,
          ),
        )
        if (found === null) return null
        const rows = found.slice(0, limit)
        return { rows, next: found.length > limit ? (rows.at(-1)?.seq ?? null) : null }
      }),
    attachments: (look) => orUnavailable(() => read<AttachmentRow>(rowsOfTicket(pool, look, () => ATTACHMENTS))),
    links: (look) => orUnavailable(() => read<LinkRow>(links(pool, look))),
    readinessRuns: (look, limit) =>
      orUnavailable(() =>
        read<ReadinessRow>(
          rowsOfTicket(
            pool,
            look,
            (bind) => `select c.id, c.passed, c.checked_at, c.checked_by, c.results from qa_readiness_checks c
              where c.ticket_id = t.id order by c.checked_at desc, c.id desc limit ${bind(limit)}::int`,
          ),
        ),
      ),
  }
}
