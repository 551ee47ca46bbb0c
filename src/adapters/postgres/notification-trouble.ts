import { pausedUntil } from '../../domain/notification/pace.ts'
import { isoInstant, type Queryable } from '../contract/pool.ts'

const LOCK = 'select trouble_since, pauses, paused_until from notification_control for update'
const UNCLEAR = 'update whatsapp_sends set unclear_at = $2 where id = $1'
const RECIPIENTS = `
select count(distinct w.recipient_phone)::integer as recipients
from whatsapp_sends s join whatsapp_send_parts p on p.send_id = s.id
join whatsapp_notifications w on w.id = p.notification_id
where s.unclear_at >= $1`
const KEEP = 'update notification_control set trouble_since = $1, pauses = $2, paused_until = $3'

/** Nobody knows what became of one more attempt; at a few recipients in a row everything waits. */
export const noteUnclear = async (client: Queryable, sendId: string, at: string): Promise<void> => {
  const [before] = (await client.query(LOCK)).rows
  await client.query(UNCLEAR, [sendId, at])
  const since = before.trouble_since ?? at
  const [{ recipients }] = (await client.query(RECIPIENTS, [since])).rows
  const isPaused = before.paused_until !== null && isoInstant(before.paused_until) > at
  const until = isPaused ? null : pausedUntil(at, recipients, before.pauses)
  await client.query(KEEP, [since, before.pauses + (until === null ? 0 : 1), until ?? before.paused_until])
}
