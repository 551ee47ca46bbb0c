import type { NotificationStore } from '../../application/ports/notification-store.ts'
import type { Pool } from '../contract/pool.ts'
import { orUnavailable } from '../contract/sql-errors.ts'

/** What happened before a client was erased may have been put in words before, too: they are not kept, and nobody is told. */
const ADD = `
with given as (
  select * from jsonb_to_recordset($1::jsonb) as g (
    id uuid, event_id uuid, kind text, ticket_id uuid, project_id text, recipient_type text, recipient_id text,
    phone text, name text, template text, text text, digest_line text, at timestamptz, status text, error text)
), held as materialized (
  select id, erased_at from tickets where id in (select ticket_id from given) order by id for key share
), told as (
  select g.*, coalesce(g.at <= h.erased_at, false) as erased from given g left join held h on h.id = g.ticket_id
), added as (
  insert into notification_ledger
    (id, event_id, kind, recipient_type, recipient_id, ticket_id, project_id, happened_at, status, error)
  select id, event_id, kind, recipient_type, recipient_id, ticket_id, project_id, at,
    case when erased then 'failed' else status end, case when erased then 'erased' else error end
  from told order by event_id, kind, recipient_type, recipient_id
  on conflict on constraint uq_notification do nothing
  returning id, status, error, created_at
)
insert into whatsapp_notifications (id, ticket_id, recipient_type, recipient_phone, recipient_name, message_template,
  message_content, digest_line, status, error_message, created_at)
select g.id, g.ticket_id, g.recipient_type, w.phone, left(w.name, 255), left(g.template, 100), w.text, w.digest_line,
  a.status, a.error, a.created_at
from told g join added a using (id) left join given w on w.id = g.id and not g.erased
returning id`

/** What was to be told, on PostgreSQL. `addressOf` gives how a number or group is dialled, or null. */
export const postgresNotificationStore = (
  pool: Pool,
  { newId, addressOf }: { readonly newId: () => string; readonly addressOf: (phoneOrGroup: string) => string | null },
): NotificationStore => ({
  add: (rows) =>
    orUnavailable(async () => {
      if (rows.length === 0) return []
      const given = rows.map(({ phoneOrGroup, ...row }) => {
        const address = phoneOrGroup === null ? null : addressOf(phoneOrGroup)
        return {
          id: newId(),
          event_id: row.eventId,
          kind: row.kind,
          ticket_id: row.ticketId,
          project_id: row.projectId,
          recipient_type: row.recipientType,
          recipient_id: row.recipientId,
          phone: (address ?? phoneOrGroup)?.slice(0, 64) ?? null,
          name: row.name,
          template: row.template,
          text: row.text,
          digest_line: row.digestLine,
          at: row.at,
          status: address === null ? 'failed' : 'pending',
          error: address !== null ? null : phoneOrGroup === null ? 'no_number' : 'bad_number',
        }
      })
      const added = await pool.query<{ id: string }>(ADD, [JSON.stringify(given)])
      return added.rows.map(({ id }) => id)
    }),
})
