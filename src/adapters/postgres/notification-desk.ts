import type { NotificationDesk } from '../../application/ports/notification-queries.ts'
import { inTransaction, type Pool } from '../contract/pool.ts'
import { orUnavailable } from '../contract/sql-errors.ts'
import { learnOf } from './notification-learn.ts'

const OF = 'select l.send_id from notification_ledger l where l.id = $1'
const LOCK_SEND = 'select 1 from whatsapp_sends where id = $1 for update'
const LOCK = 'select send_id, status from notification_ledger where id = $1 for update'

const NOTE = `
update notification_ledger set settled_by = $2, settled_at = $3,
  send_id = case when $4 then null else send_id end
where send_id = $1 and status = 'unknown'`

const SWITCH = `
update notification_control set sending = $1, switched_by = $2, switched_at = $3, switch_reason = $4, version = version + 1,
  paused_until = null, trouble_since = null, pauses = 0,
  restricted_until = case when $1 then null else restricted_until end,
  restricted_at = case when $1 then $3 else restricted_at end,
  restriction_steps = case when $1 then 0 else restriction_steps end
where version = $5`

/** What people do about messages, on PostgreSQL. */
export const postgresNotificationDesk = (pool: Pool): NotificationDesk => ({
  settle: (id, as, { userId, at }) =>
    orUnavailable(() =>
      inTransaction(pool, async (client) => {
        const [found] = (await client.query(OF, [id])).rows
        if (found === undefined) return null
        if (found.send_id !== null) await client.query(LOCK_SEND, [found.send_id])
        const [row] = (await client.query(LOCK, [id])).rows
        if (row.status !== 'unknown') return row.status
        if (row.send_id === null || row.send_id !== found.send_id) return 'waits'
        await client.query(NOTE, [row.send_id, userId, at, as === 'send_again'])
        if (as !== 'send_again')
          await learnOf(client, row.send_id, { evidence: [{ type: 'Settled', as, at }], messageId: null, over: true })
        return 'settled'
      }),
    ),
  switchTo: (on, { userId, at, reason, version }) =>
    orUnavailable(async () => (await pool.query(SWITCH, [on, userId, at, reason, version])).rowCount === 1),
})
