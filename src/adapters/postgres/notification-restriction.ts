import { believedUntil, restrictedFor } from '../../domain/notification/pace.ts'
import { plusDays, plusMs } from '../../domain/shared/time.ts'
import { isoInstant, type Queryable } from '../contract/pool.ts'

const LOCK = 'select restricted_until, restricted_at, restriction_steps from notification_control for update'
const KEEP = 'update notification_control set restricted_until = $1, restricted_at = $2, restriction_steps = $3'

const known = async (client: Queryable) => {
  const [row] = (await client.query(LOCK)).rows
  const at = (value: Date | string | null): string | null => (value === null ? null : isoInstant(value))
  return {
    until: at(row.restricted_until),
    at: at(row.restricted_at),
    steps: Number(row.restriction_steps),
  }
}

/** WhatsApp said that it takes no first message until then, or (null) that it takes them again; what it said last counts. */
export const restrict = async (client: Queryable, until: string | null, saidAt: string, heardAt: string) => {
  const before = await known(client)
  const at = saidAt < heardAt ? saidAt : heardAt
  if (before.at !== null && before.at > at) return
  await client.query(KEEP, [
    until === null ? null : believedUntil(until, heardAt),
    at,
    until === null ? 0 : before.steps,
  ])
}

/** WhatsApp took no first message and said no end: each time in a row the next is tried later. */
export const backOff = async (client: Queryable, at: string) => {
  const before = await known(client)
  if (before.at !== null && before.at >= at) return
  if (before.until !== null && before.until > at) return
  const isInARow = before.until !== null && plusDays(before.until, 1) > at
  const steps = isInARow ? before.steps + 1 : 1
  await client.query(KEEP, [plusMs(at, restrictedFor(steps)), at, steps])
}
