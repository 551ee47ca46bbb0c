import type { TicketSort } from '../../application/ports/ticket-queries.ts'
import { PRIORITIES, STATUSES } from '../../domain/ticket/ticket.ts'

type Sorting = { readonly key: string; readonly asText: string; readonly cast: string }

const moment = (key: string): Sorting => ({
  key,
  asText: `to_char(${key} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`,
  cast: '::timestamptz',
})
const rank = (words: ReadonlyArray<string>, column: string): Sorting => {
  const key = `array_position('{${words.join(',')}}', t.${column}::text)`
  return { key, asText: `${key}::text`, cast: '::int' }
}
const text = (key: string): Sorting => ({ key: `${key} collate "C"`, asText: key, cast: '::text collate "C"' })

/** What each order sorts by; each has its index in the migrations, by the same expression. */
export const sortings: { readonly [S in TicketSort['by']]: Sorting } = {
  created_at: moment('t.created_at'),
  updated_at: moment('t.updated_at'),
  sla_due_at: moment(`coalesce(t.sla_due_at, '9999-12-31T00:00:00Z')`),
  priority: rank(PRIORITIES, 'priority'),
  status: rank(STATUSES, 'status'),
  ticket_uid: text('lpad(t.ticket_uid, 20)'),
  dr_number: text(`coalesce(t.dr_number, '~')`),
}
