import type pg from 'pg'
import type { StandIn } from '../../src/adapters/qcontact/stand-in/server.ts'
import type { WahaStandIn } from '../../src/adapters/waha/stand-in/server.ts'
import type { SyncField, Values } from '../../src/domain/sync/fields.ts'
import { inRemoteAlphabet, STATUS_MAPS } from '../../src/domain/sync/status-map.ts'
import type { TicketStatus } from '../../src/domain/ticket/ticket.ts'
import {
  disagreements,
  type Fate,
  lost,
  namedTooOften,
  neverArrived,
  toldTwice,
  unheard,
  withoutEffect,
} from './fault-agreement.ts'
import { CANARY, type Journal, MANAGER, MANAGER_PHONE, type World } from './fault-drive.ts'

export type Looked = { readonly wrong: ReadonlyArray<string>; readonly figures: { readonly [what: string]: number } }

/** Looks at both sides and at everything that was written down on the way, by ways of its own. */
export const findings = async ({
  pool,
  standIn,
  waha,
  world,
  journal,
  lines,
  fields,
}: {
  readonly pool: pg.Pool
  readonly standIn: StandIn
  readonly waha: WahaStandIn
  readonly world: World
  readonly journal: Journal
  readonly lines: ReadonlyArray<string>
  /** In these both sides must agree by now. */
  readonly fields: ReadonlyArray<SyncField>
}): Promise<Looked> => {
  const { rows: tickets } = await pool.query(`
    select t.id, t.ticket_uid, t.version, t.status, t.assigned_to, t.dr_number, t.ont_serial, t.address, t.description, t.status_history,
      c.name, c.phone, c.email
    from tickets t left join ticket_clients c on c.ticket_id = t.id`)
  const { rows: conflicts } = await pool.query('select ticket_id, field, kind, theirs, resolved_at from sync_conflicts')
  const { rows: told } = await pool.query(
    `select ticket_id, id, note_type, system_event, event_data from ticket_notes order by seq`,
  )
  const remoteOf = new Map(world.technicians.map(({ id, remote }) => [id, remote]))
  const notesOf = Map.groupBy(told, ({ ticket_id: id }) => id as string)
  const ticketOf = new Map(tickets.map((row) => [row.id as string, row]))
  const isOfAPair = new Set(world.pairs.map(({ ticketId }) => ticketId))
  const conflictsOf = Map.groupBy(conflicts, ({ ticket_id: id }) => id as string)

  const fates = new Map<string, Fate>()
  const kept = new Map()
  for (const { caseId, ticketId } of world.pairs) {
    const row = ticketOf.get(ticketId)
    if (row === undefined) continue
    const there = standIn.cases.known(caseId)
    const notes = notesOf.get(ticketId) ?? []
    const happened = (type: string) =>
      notes.filter(({ system_event: event }) => event === type).map(({ event_data: event }) => event)
    const statuses = (row.status_history as ReadonlyArray<{ status: TicketStatus }>).map(({ status }) => status)
    const assigned = happened('TicketAssigned').map(({ to }) => to.technician as string | null)
    const facts = happened('FactsChanged').flatMap(
      ({ changes }) => changes as ReadonlyArray<{ field: string; to: unknown }>,
    )
    const factsOf = (field: string) => facts.flatMap((one) => (one.field === field ? [String(one.to)] : []))
    const theirs: Values = {
      status: there.fields.status === null ? null : inRemoteAlphabet(STATUS_MAPS, String(there.fields.status)),
      assignee: there.relationships.assigned_to === null ? null : String(there.relationships.assigned_to?.id),
      client_name: there.relationships.contact?.label ?? null,
      client_phone: (there.fields.telephone as string | null) ?? null,
      client_email: (there.fields.email as string | null) ?? null,
      address: (there.fields.address as string | null) ?? null,
      description: (there.fields.description as string | null) ?? null,
      dr_number: there.relationships.c__dr_number?.label ?? null,
      ont_serial: (there.fields.c__serial_number as string | null | undefined) ?? null,
    }
    fates.set(caseId, {
      caseId,
      status: row.status,
      ours: {
        status: STATUS_MAPS.out[row.status as TicketStatus],
        assignee: row.assigned_to === null ? null : (remoteOf.get(row.assigned_to) ?? 'nobody known'),
        client_name: row.name,
        client_phone: row.phone,
        client_email: row.email,
        address: row.address,
        description: row.description,
        dr_number: row.dr_number,
        ont_serial: row.ont_serial,
      },
      theirs,
      recorded: (conflictsOf.get(ticketId) ?? []).map(({ field, kind, theirs: value, resolved_at: at }) => ({
        field,
        kind,
        theirs: value,
        open: at === null,
      })),
      ourFacts: journal.facts.get(ticketId) ?? {},
      had: {
        status: statuses.map((status) => STATUS_MAPS.out[status]),
        assignee: assigned.map((technician) => remoteOf.get(technician ?? '') ?? null),
        dr_number: factsOf('dr_number'),
        ont_serial: factsOf('ont_serial'),
      },
    })
    kept.set(ticketId, {
      version: row.version,
      statuses,
      assigned,
      facts,
      notes: new Set(notes.map(({ id }) => id)),
    })
  }

  const notesThere = new Map<string, number>()
  for (const { events } of standIn.cases.all())
    for (const { subtitle } of events) {
      const id = /\[FF ([0-9a-f-]{36})\]/.exec(subtitle ?? '')?.[1]
      if (id !== undefined) notesThere.set(id, (notesThere.get(id) ?? 0) + 1)
    }
  const { rows: ledger } = await pool.query(
    'select id, event_id, recipient_type, recipient_id, ticket_id, status, kind, error from notification_ledger',
  )
  const { rows: carried } = await pool.query(`
    select s.message_id, n.id as notification_id, n.event_id, n.recipient_type || ' ' || n.recipient_id as recipient
    from whatsapp_sends s join whatsapp_send_parts p on p.send_id = s.id join notification_ledger n on n.id = p.notification_id
    where s.message_id is not null`)
  const arrived = waha.sent.map(({ id, chatId, text }) => ({ messageId: id, chat: chatId, text }))
  const { rows: log } = await pool.query('select * from qcontact_sync_log')
  const { rows: tokens } = await pool.query('select access_token, client from sync_tenants')

  const logged = lines.join('\n')
  const exchanged = JSON.stringify(log)
  const hidden = [...Object.values(CANARY), ...tokens.flatMap(({ access_token, client }) => [access_token, client])]
  const seen = hidden.filter((one) => one !== null)

  const statusOf = Map.groupBy(ledger, ({ status }) => status as string)
  const happenedAll = told
    .filter(({ ticket_id: id, system_event: event }) => event !== null && isOfAPair.has(id))
    .map(({ id, system_event: type, event_data: { from, to } }) => ({
      id,
      type,
      given: type === 'TicketAssigned' && to.technician !== (from?.technician ?? null) ? to.technician : null,
    }))
  const { rows: out } = await pool.query(`
    select case_id, 'in trouble' as how from sync_troubles union all
    select case_id, 'taken for gone' from sync_cases where gone_at is not null union all
    select case_id, 'a conflict for being gone' from sync_conflicts where kind = 'gone' and resolved_at is null`)
  const troubled = out.map(({ case_id: id, how }) => `case ${id}: ${how}`)
  const { rows: unheardOf } = await pool.query(
    `select count(*)::int as n from whatsapp_sends where outcome in ('pending', 'unknown') and state <> 'refused'`,
  )
  return {
    wrong: [
      ...disagreements([...fates.values()], fields),
      ...unheard(
        journal.theirs.filter(({ field }) => fields.includes(field)),
        fates,
      ),
      ...withoutEffect(happenedAll, {
        told: new Set(ledger.map(({ event_id: event, recipient_id: recipient }) => `${event} ${recipient}`)),
        notesThere,
      }),
      ...neverArrived(ledger, carried, arrived),
      ...troubled,
      ...lost(journal.ours, { tickets: kept, notesThere, notified: new Set(ledger.map(({ event_id: id }) => id)) }),
      ...toldTwice(
        arrived,
        carried.map(({ message_id, event_id, recipient }) => ({ messageId: message_id, eventId: event_id, recipient })),
      ),
      ...namedTooOften(
        arrived,
        ledger.flatMap(({ recipient_id: id, ticket_id: ticketId }) => {
          const phone = id === MANAGER ? MANAGER_PHONE : world.technicians.find((one) => one.id === id)?.phone
          const ticketUid = ticketOf.get(ticketId)?.ticket_uid
          return phone === undefined || ticketUid === undefined ? [] : [{ chat: `${phone.slice(1)}@c.us`, ticketUid }]
        }),
      ),
      ...wordsTwice(arrived.map(({ text }) => text)),
      ...seen.flatMap((canary) => [
        ...(logged.includes(canary) ? [`${canary} is in a log line: ${lineWith(lines, canary)}`] : []),
        ...(exchanged.includes(canary) ? [`${canary} is in the sync log`] : []),
      ]),
      ...(lines.length > 0 && log.length > 0 ? [] : ['there is no log to look through']),
    ],
    figures: {
      'messages on phones': arrived.length,
      'events told': ledger.length,
      ...Object.fromEntries([...statusOf].map(([status, all]) => [`told ${status}`, all.length])),
      'sends nobody knows of': unheardOf[0].n,
      'notes there': notesThere.size,
      conflicts: conflicts.length,
      'sync log rows': log.length,
      'log lines': lines.length,
    },
  }
}

const lineWith = (lines: ReadonlyArray<string>, word: string): string =>
  (lines.find((line) => line.includes(word)) ?? '').slice(0, 200)

/** People's own messages each have an id in their words: no phone shows one twice, whatever our tables say. */
const wordsTwice = (texts: ReadonlyArray<string>): ReadonlyArray<string> => {
  const ids = texts.flatMap((text) => text.match(/[0-9a-f]{8}-[0-9a-f-]{27}/g) ?? [])
  return ids.flatMap((id, at) => (ids.indexOf(id) === at ? [] : [`the words ${id} are on phones twice`]))
}
