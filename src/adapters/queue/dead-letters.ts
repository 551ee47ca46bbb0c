import type { DeadLetter, DeadLetterDetail, DeadLetters, Decided } from '../../application/ports/dead-letters.ts'
import { inTransaction, isoInstant, type Pool } from '../contract/pool.ts'
import { orUnavailable } from '../contract/sql-errors.ts'

const COLUMNS = `id, reaction, event_id, event_type, ticket_id, reason, attempts, event ->> 'at' as happened_at, died_at,
  retry_asked_at`
const MATCH = `
  ($1::text[] is null or reaction = any ($1)) and ($2::text[] is null or event_type = any ($2))
  and ($3::uuid is null or ticket_id = $3)`
const PAGE = `select ${COLUMNS} from dead_letters where ${MATCH} order by died_at desc, id desc limit $4 offset $5`
const COUNT = `select count(*)::int as total from dead_letters where ${MATCH}`
const ONE = `
select ${COLUMNS}, event, (
  select coalesce(json_agg(json_build_object('decision', decision, 'reason', d.reason, 'by', decided_by, 'at', decided_at)
    order by decided_at), '[]')
  from dead_letter_decisions d where d.dead_letter_id = dead_letters.id
) as decisions
from dead_letters where id = $1`

const LOCKED = 'select retry_asked_at is not null as retrying from dead_letters where id = $1 for update'
const DECIDED = `
insert into dead_letter_decisions
  (dead_letter_id, reaction, event_id, event_type, ticket_id, decision, reason, decided_by, decided_at)
select id, reaction, event_id, event_type, ticket_id, $2, $3, $4, $5 from dead_letters where id = $1`
const ASK = 'update dead_letters set retry_asked_at = $2 where id = $1'
const DROP = 'delete from dead_letters where id = $1'

// biome-ignore lint/suspicious/noExplicitAny: a row as the driver gives it
const deadLetterIn = (row: any): DeadLetter => ({
  id: row.id,
  reaction: row.reaction,
  eventId: row.event_id,
  eventType: row.event_type,
  ticketId: row.ticket_id,
  reason: row.reason,
  attempts: row.attempts,
  happenedAt: isoInstant(row.happened_at),
  diedAt: isoInstant(row.died_at),
  retryAskedAt: row.retry_asked_at === null ? null : isoInstant(row.retry_asked_at),
})

/** Dead letters in their own table, beside the queue. `nudge` runs after each decision to retry. */
export const postgresDeadLetters = (pool: Pool, nudge: () => void): DeadLetters => {
  const decide = (
    id: string,
    decision: 'retried' | 'dropped',
    { reason, by, at }: { readonly reason: string; readonly by: string; readonly at: string },
  ): Promise<Decided> =>
    inTransaction(pool, async (client) => {
      const [found] = (await client.query(LOCKED, [id])).rows
      if (found === undefined) return 'gone'
      if (found.retrying) return 'retrying'
      await client.query(DECIDED, [id, decision, reason, by, at])
      await (decision === 'retried' ? client.query(ASK, [id, at]) : client.query(DROP, [id]))
      return 'decided'
    })
  return {
    list: ({ reaction, eventType, ticketId }, { page, pageSize }) =>
      orUnavailable(async () => {
        const values = [reaction, eventType, ticketId]
        const { rows } = await pool.query(PAGE, [...values, pageSize, (page - 1) * pageSize])
        const { total } = (await pool.query(COUNT, values)).rows[0]
        return { rows: rows.map(deadLetterIn), total, totalIsEstimate: false }
      }),
    find: (id) =>
      orUnavailable(async (): Promise<DeadLetterDetail | null> => {
        const [row] = (await pool.query(ONE, [id])).rows
        if (row === undefined) return null
        const decisions = row.decisions.map((one: { readonly at: string }) => ({ ...one, at: isoInstant(one.at) }))
        return { ...deadLetterIn(row), event: row.event, decisions }
      }),
    retry: (id, by) =>
      orUnavailable(async () => {
        const decided = await decide(id, 'retried', by)
        if (decided === 'decided') nudge()
        return decided
      }),
    drop: (id, by) => orUnavailable(() => decide(id, 'dropped', by)),
  }
}
