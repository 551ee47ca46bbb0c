import type { Claim, MessengerEvent, SendingStore, ToLookUp } from '../../application/ports/sending-store.ts'
import { RESTRICTED } from '../../domain/notification/delivery.ts'
import { MOST_PARTS, type Waiting, type Words } from '../../domain/notification/digest.ts'
import { plusMs } from '../../domain/shared/time.ts'
import { inTransaction, isoInstant, type Pool, type Queryable } from '../contract/pool.ts'
import { orUnavailable } from '../contract/sql-errors.ts'
import { deliveryOf, learnOf } from './notification-learn.ts'
import { backOff, restrict } from './notification-restriction.ts'
import { noteUnclear } from './notification-trouble.ts'

// biome-ignore lint/suspicious/noExplicitAny: the driver's own row, read here
type Row = Record<string, any>

const orNull = (value: Date | string | null): string | null => (value === null ? null : isoInstant(value))

const NOW = 'select clock_timestamp() as now'
const CONTROL = 'select * from notification_control'

/** So many of each address: as many as one message can carry, so that none holds up another's. */
const WAITING = `
with open as (
  select l.id, l.kind, l.happened_at, w.recipient_phone as address
  from notification_ledger l join whatsapp_notifications w on w.id = l.id
  where l.send_id is null and l.status in ('pending', 'unknown')
    and w.recipient_phone is not null and w.message_content is not null
    and ($2 or w.recipient_phone not like '+%' or exists (select from whatsapp_contacts c
      where c.phone = w.recipient_phone and c.reached_at is not null))
), of_address as (
  select *, row_number() over (partition by address order by happened_at, id) as place,
    min(happened_at) over (partition by address) as since
  from open
), in_turn as (
  select *, dense_rank() over (order by since, address) as turn from of_address where place <= ${MOST_PARTS}
)
select id, kind, happened_at, address from in_turn where turn <= $1 order by happened_at, id`

const WORDS = `
select w.message_content, w.digest_line from unnest($1::uuid[]) with ordinality as a (id, n)
join whatsapp_notifications w on w.id = a.id order by a.n`

const SENT_SINCE = `
select w.recipient_phone as address, s.claimed_at
from whatsapp_sends s join whatsapp_send_parts p on p.send_id = s.id
join whatsapp_notifications w on w.id = p.notification_id
where s.claimed_at > $1 and s.state <> 'refused'
group by s.id, s.claimed_at, w.recipient_phone`

const UNDER_WAY = `
select distinct w.recipient_phone as address
from whatsapp_sends s join whatsapp_send_parts p on p.send_id = s.id
join whatsapp_notifications w on w.id = p.notification_id
where s.state = 'sending' and s.lease_until > $1`

const CONTACT = 'select * from whatsapp_contacts where phone = $1'
/** Of a number that was erased while WhatsApp was asked nothing is kept. */
const KEEP_CONTACT = `
insert into whatsapp_contacts (phone, on_whatsapp, chat_id, checked_at)
select $1, $2, $3, $4 from (
  select from whatsapp_notifications where recipient_phone = $1 limit 1 for key share
) as still_there
on conflict (phone) do update set on_whatsapp = $2, chat_id = $3, checked_at = $4`

/** One at a time: whoever holds the row decides alone. */
const TURN = `
select 1 from notification_control
where sending and (next_send_at is null or next_send_at <= $1) and (paused_until is null or paused_until <= $1)
for update`

const STILL_WAITING = `
select id from notification_ledger l
where id = any($1::uuid[]) and send_id is null and status in ('pending', 'unknown')
  and exists (select from whatsapp_notifications w
    where w.id = l.id and w.recipient_phone is not null and w.message_content is not null)
order by id for update`

const BUSY = `
select count(distinct s.id) filter (where s.claimed_at > $2) as recent,
  count(*) filter (where s.state = 'sending' and s.lease_until > $3) as under_way
from whatsapp_sends s join whatsapp_send_parts p on p.send_id = s.id
join whatsapp_notifications w on w.id = p.notification_id
where w.recipient_phone = $1 and s.state <> 'refused' and (s.claimed_at > $2 or s.state = 'sending')`

const BEGIN = `
with begun as (
  insert into whatsapp_sends (id, session, message_id, state, claimed_at, lease_until)
  values ($1, $2, $3, 'sending', $4, $5)
), carried as (
  insert into whatsapp_send_parts (send_id, notification_id) select $1, id from unnest($6::uuid[]) as p (id)
), paced as (
  update notification_control set next_send_at = $7
)
update notification_ledger set send_id = $1 where id = any($6::uuid[])`

const RELEASE = `
with over as (
  update whatsapp_sends set state = 'refused', look_up_at = null where id = $1 and state = 'sending' returning id
), uncarried as (
  delete from whatsapp_send_parts p using over where p.send_id = over.id
)
update notification_ledger l set send_id = null from over where l.send_id = over.id`

const failing = (which: string) => `
with failed as (
  update notification_ledger set status = 'failed', error = $1
  where send_id is null and status in ('pending', 'unknown') and ${which}
  returning id
), shown as (
  update whatsapp_notifications w set status = 'failed', error_message = $1 from failed f where w.id = f.id
)
select count(*)::integer as count from failed`
const FAIL = failing('id = any($2::uuid[])')
const EXPIRE = failing('coalesce(settled_at, created_at) < $2')

const DEAD = `
select id from whatsapp_sends where state = 'sending' and lease_until < $1 order by id limit 100`

const TO_LOOK_UP = `
select s.*, (select max(w.recipient_phone) from whatsapp_send_parts p
  join whatsapp_notifications w on w.id = p.notification_id where p.send_id = s.id) as address
from whatsapp_sends s
where s.look_up_at <= $1 and s.state = 'answered' and s.message_id is not null
order by s.look_up_at, s.id
limit $2`

const KEEP_EVENT = `
insert into waha_events (event_id, event, session, message_id, ack, detail, until, at, received_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (event_id) do nothing`

const TO_APPLY = `
select event_id, event, session, message_id, until, detail, at, received_at
from waha_events e where done_at is null
order by event = 'Ack' and not exists (
  select from whatsapp_sends s where s.session = e.session and s.message_id = e.message_id), received_at, event_id
limit $1 for update skip locked`

const OF_MESSAGE = 'select id from whatsapp_sends where session = $1 and message_id = $2'

/** WAHA's clock is believed up to our own hearing: one that is ahead must not outlast what is seen later. */
const SEEN = `
update notification_control set session_status = $1, session_seen_at = least($2::timestamptz, $3::timestamptz)
where session_seen_at is null or session_seen_at < least($2::timestamptz, $3::timestamptz)`

/** PostgreSQL refuses a second attempt under a taken name; another name is asked for. */
const isTaken = (error: unknown): boolean =>
  (error as { constraint?: unknown } | null)?.constraint === 'uq_whatsapp_sends_message'

/** What sends and hears, on PostgreSQL. */
export const postgresSendingStore = (pool: Pool): SendingStore => {
  const run = (statement: string, ...values: unknown[]) =>
    orUnavailable(async () => {
      await pool.query(statement, values)
    })
  return {
    control: () =>
      orUnavailable(async () => {
        const [row] = (await pool.query<Row>(CONTROL)).rows
        return {
          on: row?.sending === true,
          nextSendAt: orNull(row?.next_send_at ?? null),
          pausedUntil: orNull(row?.paused_until ?? null),
          isTroubled: (row?.trouble_since ?? null) !== null,
          restrictedUntil: orNull(row?.restricted_until ?? null),
          sessionStatus: row?.session_status ?? null,
        }
      }),
    now: () => orUnavailable(async () => isoInstant((await pool.query<Row>(NOW)).rows[0]?.now)),
    waiting: ({ addresses, alsoFirst }) =>
      orUnavailable(async () =>
        (await pool.query<Row>(WAITING, [addresses, alsoFirst])).rows.map(
          (row): Waiting => ({ id: row.id, kind: row.kind, address: row.address, at: isoInstant(row.happened_at) }),
        ),
      ),
    words: (ids) =>
      orUnavailable(async () =>
        (await pool.query<Row>(WORDS, [ids])).rows.map(
          (row): Words => ({ text: row.message_content ?? '', digestLine: row.digest_line }),
        ),
      ),
    sentSince: (since) =>
      orUnavailable(async () => {
        const { rows } = await pool.query<Row>(SENT_SINCE, [since])
        const byAddress = Map.groupBy(rows, (row) => String(row.address))
        return new Map([...byAddress].map(([address, all]) => [address, all.map((row) => isoInstant(row.claimed_at))]))
      }),
    underWay: (now) =>
      orUnavailable(
        async () => new Set((await pool.query<Row>(UNDER_WAY, [now])).rows.map((row) => String(row.address))),
      ),
    contact: (phone) =>
      orUnavailable(async () => {
        const [row] = (await pool.query<Row>(CONTACT, [phone])).rows
        return row === undefined
          ? null
          : {
              onWhatsApp: row.on_whatsapp,
              chatId: row.chat_id,
              checkedAt: isoInstant(row.checked_at),
              reached: row.reached_at !== null,
            }
      }),
    forgetContact: (phone) => run('delete from whatsapp_contacts where phone = $1', phone),
    keepContact: (phone, { onWhatsApp, chatId, checkedAt }) => run(KEEP_CONTACT, phone, onWhatsApp, chatId, checkedAt),
    claim: (claim) =>
      orUnavailable(async () => {
        try {
          return await inTransaction(pool, (client) => begin(client, claim))
        } catch (error) {
          if (isTaken(error)) return false
          throw error
        }
      }),
    learn: (sendId, learnt) =>
      orUnavailable(() => inTransaction(pool, (client) => learnOf(client, sendId, { ...learnt, over: true }))),
    release: (sendId) => run(RELEASE, sendId),
    fail: (ids, error) => run(FAIL, error, ids),
    expire: (before) => orUnavailable(async () => (await pool.query(EXPIRE, ['expired', before])).rows[0]?.count ?? 0),
    abandon: (now) =>
      orUnavailable(async () => {
        const { rows } = await pool.query<Row>(DEAD, [now])
        for (const { id } of rows)
          await inTransaction(pool, (client) =>
            learnOf(client, id, {
              evidence: [{ type: 'Unclear', error: 'no_reply' }],
              messageId: null,
              lookUpAt: now,
              over: true,
            }),
          )
        return rows.length
      }),
    toLookUp: (now, limit) =>
      orUnavailable(async () =>
        (await pool.query<Row>(TO_LOOK_UP, [now, limit])).rows.map(
          (row): ToLookUp => ({
            sendId: row.id,
            messageId: row.message_id,
            address: row.address,
            lookUps: row.look_ups,
            delivery: deliveryOf(row, 'outcome'),
          }),
        ),
      ),
    lookedUp: (sendId, { evidence, lookUpAt }) =>
      orUnavailable(() =>
        inTransaction(pool, (client) =>
          learnOf(client, sendId, { evidence, messageId: null, lookUpAt, over: true, lookedUp: true }),
        ),
      ),
    noteUnclear: (sendId, at) => orUnavailable(() => inTransaction(pool, (client) => noteUnclear(client, sendId, at))),
    noteClear: () => run('update notification_control set trouble_since = null, pauses = 0, paused_until = null'),
    noteRestriction: (at) => orUnavailable(() => inTransaction(pool, (client) => backOff(client, at))),
    noteSession: (status, at) => run(SEEN, status, at, at),
    keepEvent: ({ eventId, session, at, news }, receivedAt) =>
      orUnavailable(async () => {
        const { rowCount } = await pool.query(KEEP_EVENT, [
          eventId,
          news.type,
          session,
          news.type === 'Ack' ? news.messageId : null,
          news.type === 'Ack' ? news.ack : null,
          news.type === 'Ack' ? news.error : news.type === 'Session' ? news.status : null,
          news.type === 'Restricted' ? news.until : news.type === 'Ack' ? news.restrictedUntil : null,
          at,
          receivedAt,
        ])
        return rowCount === 1
      }),
    applyEvents: (limit, unknownSince) =>
      orUnavailable(() => inTransaction(pool, (client) => apply(client, limit, unknownSince))),
    prune: (before) => run('delete from waha_events where received_at < $1 and done_at is not null', before),
  }
}

const begin = async (client: Queryable, claim: Claim): Promise<boolean> => {
  const { sendId, session, messageId, address, notificationIds, at, leaseUntil, nextSendAt } = claim
  if ((await client.query(TURN, [at])).rows.length === 0) return false
  const [busy] = (await client.query<Row>(BUSY, [address, plusMs(at, -60_000), at])).rows
  if (Number(busy?.recent) >= claim.perRecipientPerMinute || Number(busy?.under_way) > 0) return false
  const { rows } = await client.query(STILL_WAITING, [notificationIds])
  if (rows.length !== notificationIds.length) return false
  await client.query(BEGIN, [sendId, session, messageId, at, leaseUntil, notificationIds, nextSendAt])
  return true
}

const apply = async (client: Queryable, limit: number, unknownSince: string): Promise<number> => {
  const { rows } = await client.query<Row>(TO_APPLY, [limit])
  const done: string[] = []
  for (const row of rows) await applyRestriction(client, row)
  for (const row of rows.toSorted(inLockingOrder)) {
    const known = await applyOne(client, row)
    if (known || isoInstant(row.received_at) < unknownSince) done.push(row.event_id)
  }
  await client.query('update waha_events set done_at = now() where event_id = any($1)', [done])
  return done.length
}

const applyRestriction = async (client: Queryable, { event, until, detail, at, received_at }: Row): Promise<void> => {
  const heardAt = isoInstant(received_at)
  if (event === 'Restricted' || until !== null)
    await restrict(client, until === null ? null : isoInstant(until), isoInstant(at), heardAt)
  else if (event === 'Ack' && detail === RESTRICTED) await backOff(client, heardAt)
}

/** As a claim does: the one row of control first; then attempts, in one order for all. */
const inLockingOrder = (a: Row, b: Row): number => {
  const [one, other] = [String(a.message_id ?? ''), String(b.message_id ?? '')]
  return one < other ? -1 : one > other ? 1 : 0
}

/** False where it is of a message that nobody here knows. */
const applyOne = async (client: Queryable, row: Row): Promise<boolean> => {
  const type: MessengerEvent['news']['type'] = row.event
  if (type === 'Session') await client.query(SEEN, [row.detail, row.at, row.received_at])
  if (type !== 'Ack') return true
  const [send] = (await client.query<Row>(OF_MESSAGE, [row.session, row.message_id])).rows
  if (send !== undefined) await learnOf(client, send.id, { evidence: [], messageId: null, over: false })
  return send !== undefined
}
