import { z } from 'zod'
import type {
  NotificationQueries,
  NotificationRow,
  SendingState,
} from '../../application/ports/notification-queries.ts'
import { complianceOf, PROMPT_MS } from '../../domain/notification/compliance.ts'
import { DELIVERY_STATUSES, type DeliveryStatus } from '../../domain/notification/delivery.ts'
import { NOTIFICATION_KINDS, RECIPIENT_TYPES } from '../../domain/notification/notification.ts'
import { plusMs } from '../../domain/shared/time.ts'
import { isoInstant, type Pool } from '../contract/pool.ts'
import { orUnavailable } from '../contract/sql-errors.ts'
import { instant } from './ticket-columns.ts'

const VIEW = `
select l.id, l.event_id, l.kind, l.ticket_id, t.ticket_uid, l.project_id, l.recipient_type, l.recipient_id,
  w.recipient_phone, w.recipient_name, w.message_template, w.message_content, l.status, l.error as error_message,
  l.send_id is null and l.status in ('pending', 'unknown') as waits,
  w.recipient_phone like '+%' and not exists (select from whatsapp_contacts c
    where c.phone = w.recipient_phone and c.reached_at is not null) as is_first, coalesce(s.message_id, w.waha_message_id) as waha_message_id,
  to_json(l.happened_at) as happened_at, to_json(l.created_at) as created_at, to_json(l.sent_at) as sent_at,
  to_json(l.delivered_at) as delivered_at, to_json(l.read_at) as read_at, l.settled_by, to_json(l.settled_at) as settled_at
from notification_ledger l
left join whatsapp_notifications w on w.id = l.id
left join whatsapp_sends s on s.id = l.send_id
left join tickets t on t.id = l.ticket_id`

const LIST = `
select x.*, to_char(x.made at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as key from (
  select v.*, l.created_at as made from (${VIEW}) v join notification_ledger l on l.id = v.id
  where ($1::uuid is null or l.ticket_id = $1) and ($2::text[] is null or l.status = any($2))
    and ($3::text[] is null or l.kind = any($3)) and ($4::text[] is null or l.project_id = any($4))
    and ($5::timestamptz is null or l.happened_at >= $5) and ($6::timestamptz is null or l.happened_at < $6)
    and ($7::timestamptz is null or (l.created_at, l.id) < ($7, $8::uuid))
  order by l.created_at desc, l.id desc
  limit $9) x
order by x.made desc, x.id desc`

const COMPLIANCE = `
select status, count(*)::integer as count,
  (count(*) filter (where sent_at - happened_at <= make_interval(secs => $5)))::integer as prompt
from notification_ledger
where happened_at >= $1 and happened_at < $2 and happened_at <= $3 and kind <> 'message'
  and ($4::text[] is null or project_id = any($4))
group by status`

const SENDING = `
select c.*, (select count(*)::integer from notification_ledger where send_id is null and status in ('pending', 'unknown')) as waiting,
  (select count(*)::integer from notification_ledger where status = 'unknown') as unknown
from notification_control c`

const notificationRow = z.object({
  id: z.string(),
  event_id: z.string(),
  kind: z.enum(NOTIFICATION_KINDS),
  ticket_id: z.string().nullable(),
  ticket_uid: z.string().nullable(),
  project_id: z.string().nullable(),
  recipient_type: z.enum(RECIPIENT_TYPES),
  recipient_id: z.string(),
  recipient_phone: z.string().nullable(),
  recipient_name: z.string().nullable(),
  message_template: z.string().nullable(),
  message_content: z.string().nullable(),
  status: z.enum(DELIVERY_STATUSES),
  error_message: z.string().nullable(),
  waits: z.boolean(),
  is_first: z.boolean().nullable(),
  waha_message_id: z.string().nullable(),
  happened_at: instant,
  created_at: instant,
  sent_at: instant.nullable(),
  delivered_at: instant.nullable(),
  read_at: instant.nullable(),
  settled_by: z.string().nullable(),
  settled_at: instant.nullable(),
}) satisfies z.ZodType<NotificationRow>

const OUT: ReadonlyArray<DeliveryStatus> = ['sent', 'delivered', 'read']

/** What was told and what became of it, on PostgreSQL. */
export const postgresNotificationQueries = (pool: Pool): NotificationQueries => ({
  list: ({ ticketId, status, kind, project, from, to }, { after, limit }) =>
    orUnavailable(async () => {
      const { rows } = await pool.query(LIST, [
        ticketId ?? null,
        status ?? null,
        kind ?? null,
        project ?? null,
        from ?? null,
        to ?? null,
        after?.key ?? null,
        after?.id ?? null,
        limit + 1,
      ])
      const shown = rows.slice(0, limit)
      const last = rows.length > limit ? shown.at(-1) : undefined
      return {
        rows: shown.map((row) => notificationRow.parse(row)),
        next: last === undefined ? null : { key: String(last.key), id: String(last.id) },
      }
    }),
  ofEvent: (eventId) =>
    orUnavailable(async () => {
      const { rows } = await pool.query(`${VIEW} where l.event_id = $1`, [eventId])
      return rows.map((row) => notificationRow.parse(row))
    }),
  one: (id) =>
    orUnavailable(async () => {
      const [row] = (await pool.query(`${VIEW} where l.id = $1`, [id])).rows
      return row === undefined ? null : notificationRow.parse(row)
    }),
  compliance: ({ from, to, project }, now) =>
    orUnavailable(async () => {
      const { rows } = await pool.query(COMPLIANCE, [from, to, plusMs(now, -PROMPT_MS), project, PROMPT_MS / 1_000])
      const byStatus = Object.fromEntries(
        DELIVERY_STATUSES.map((status) => [status, Number(rows.find((row) => row.status === status)?.count ?? 0)]),
      ) as Record<DeliveryStatus, number>
      const events = rows.reduce((sum, row) => sum + Number(row.count), 0)
      const prompt = rows.reduce((sum, row) => sum + (OUT.includes(row.status) ? Number(row.prompt) : 0), 0)
      return { ...complianceOf(events, prompt), byStatus }
    }),
  sending: () =>
    orUnavailable(async (): Promise<SendingState> => {
      const [row] = (await pool.query(SENDING)).rows
      const at = (value: Date | string | null) => (value === null ? null : isoInstant(value))
      return {
        on: row.sending,
        switchedBy: row.switched_by,
        switchedAt: at(row.switched_at),
        switchReason: row.switch_reason,
        pausedUntil: at(row.paused_until),
        restrictedUntil: at(row.restricted_until),
        sessionStatus: row.session_status,
        sessionSeenAt: at(row.session_seen_at),
        version: row.version,
        waiting: row.waiting,
        unknown: row.unknown,
      }
    }),
})
