import type { Learnt } from '../../application/ports/sending-store.ts'
import { type Delivery, type Evidence, isHeardOf, join, learn } from '../../domain/notification/delivery.ts'
import { isoInstant, type Queryable } from '../contract/pool.ts'

// biome-ignore lint/suspicious/noExplicitAny: the driver's own row, read here
type Row = Record<string, any>

const orNull = (value: Date | string | null): string | null => (value === null ? null : isoInstant(value))

export const deliveryOf = (row: Row, status: string): Delivery => ({
  status: row[status],
  sentAt: orNull(row.sent_at),
  deliveredAt: orNull(row.delivered_at),
  readAt: orNull(row.read_at),
  error: row.error,
})

const SEND = 'select * from whatsapp_sends where id = $1 for update'

const RENAME = `
update whatsapp_sends s set message_id = $2
where id = $1 and not exists (select from whatsapp_sends o
  where o.session = s.session and o.message_id = $2 and o.id <> s.id)`

/** WAHA's clock is believed between our own sending and our own hearing. */
const HEARD = `
select e.ack, e.detail, greatest(s.claimed_at, least(e.at, e.received_at)) as at
from whatsapp_sends s join waha_events e on e.session = s.session and e.message_id = s.message_id
where s.id = $1 and e.ack is not null`

/** What has no name cannot be asked for. */
const KEEP_SEND = `
update whatsapp_sends set outcome = $2, sent_at = $3, delivered_at = $4, read_at = $5, error = $6,
  state = case when $7 and state = 'sending' then 'answered' else state end,
  look_up_at = case when message_id is null then null else $8::timestamptz end, look_ups = look_ups + $9
where id = $1`

const PARTS = `
select l.* from whatsapp_send_parts p join notification_ledger l on l.id = p.notification_id
where p.send_id = $1 order by l.id for update of l`

const KEEP_PARTS = `
with given as (
  select * from jsonb_to_recordset($1::jsonb) as g (
    id uuid, status text, sent_at timestamptz, delivered_at timestamptz, read_at timestamptz, error text)
), kept as (
  update notification_ledger l set status = g.status, sent_at = g.sent_at, delivered_at = g.delivered_at,
    read_at = g.read_at, error = g.error
  from given g where l.id = g.id
)
update whatsapp_notifications w set status = g.status, sent_at = g.sent_at, delivered_at = g.delivered_at,
  read_at = g.read_at, error_message = g.error, waha_message_id = coalesce($2, w.waha_message_id)
from given g where w.id = g.id`

const REACHED = `
update whatsapp_contacts c set reached_at = $2
from whatsapp_send_parts p join whatsapp_notifications w on w.id = p.notification_id
where p.send_id = $1 and c.phone = w.recipient_phone and c.reached_at is null`

/** What is learnt of an attempt; without `lookUpAt` the next look-up stays as planned. */
type News = Pick<Learnt, 'evidence' | 'messageId'> & {
  readonly lookUpAt?: string | null
  /** Whether the attempt is over: answered, or given up. */
  readonly over: boolean
  readonly lookedUp?: boolean
}

/** Adds to what is known of an attempt and of all it carried, with every ack that was kept of it; inside a transaction. */
export const learnOf = async (client: Queryable, sendId: string, news: News): Promise<Delivery> => {
  const [row] = (await client.query<Row>(SEND, [sendId])).rows
  if (row === undefined) throw new Error('an attempt to send is missing')
  if (news.messageId !== null && news.messageId !== row.message_id) await client.query(RENAME, [sendId, news.messageId])
  const heard = (await client.query<Row>(HEARD, [sendId])).rows.map(
    (one): Evidence => ({ type: 'Acked', ack: one.ack, at: isoInstant(one.at), error: one.detail }),
  )
  const known = [...heard, ...news.evidence].reduce(learn, deliveryOf(row, 'outcome'))
  const planned = news.lookUpAt === undefined ? orNull(row.look_up_at) : news.lookUpAt
  await client.query(KEEP_SEND, [
    sendId,
    known.status,
    known.sentAt,
    known.deliveredAt,
    known.readAt,
    known.error,
    news.over,
    isHeardOf(known) ? null : planned,
    news.lookedUp === true ? 1 : 0,
  ])
  const parts = (await client.query<Row>(PARTS, [sendId])).rows
  await keepParts(
    client,
    parts.map((part) => ({ id: part.id, delivery: join(deliveryOf(part, 'status'), known) })),
    news.messageId ?? row.message_id,
  )
  if (isHeardOf(known) && known.status !== 'failed') await client.query(REACHED, [sendId, known.sentAt])
  return known
}

type Part = { readonly id: string; readonly delivery: Delivery }

/** Writes what is known of notifications, here and in the rows that people read. */
const keepParts = async (client: Queryable, parts: ReadonlyArray<Part>, messageId: string | null): Promise<void> => {
  const given = parts.map(({ id, delivery }) => ({
    id,
    status: delivery.status,
    sent_at: delivery.sentAt,
    delivered_at: delivery.deliveredAt,
    read_at: delivery.readAt,
    error: delivery.error,
  }))
  if (given.length > 0) await client.query(KEEP_PARTS, [JSON.stringify(given), messageId])
}
