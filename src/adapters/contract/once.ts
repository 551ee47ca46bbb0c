import { inTransaction, type Pool, type Queryable } from './pool.ts'

const HANDLED = `
insert into handled_events (handler, event_id, at) values ($1, $2, now())
on conflict (handler, event_id) do nothing`

/**
 * Whether this handler has not done it for this event yet; from now on it has. Belongs inside the transaction that keeps
 * the effect, so that both or neither are kept; a second caller waits for the first to commit.
 */
export const isFirstTime = async (client: Queryable, handler: string, eventId: string): Promise<boolean> =>
  (await client.query(HANDLED, [handler, eventId])).rowCount !== 0

/**
 * Runs `work` unless this handler has already done it for this event, and says whether it ran, inside the caller's
 * transaction.
 */
export const once = async (
  client: Queryable,
  handler: string,
  eventId: string,
  work: () => Promise<void>,
): Promise<boolean> => {
  if (!(await isFirstTime(client, handler, eventId))) return false
  await work()
  return true
}

/** {@link once} in a transaction of its own. */
export const onceInTransaction = (
  pool: Pool,
  handler: string,
  eventId: string,
  work: (client: Queryable) => Promise<void>,
): Promise<boolean> => inTransaction(pool, (client) => once(client, handler, eventId, () => work(client)))
