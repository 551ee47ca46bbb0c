import { ERASED } from '../../domain/handover/personal-words.ts'

/**
 * What an erasure makes of a column: null; the word "Erased" where there was a text; JSON without people's words, in a
 * table that has an `id`; or what SQL over the row `x` says.
 */
export type Clearing = 'gone' | 'said' | 'words' | { readonly sql: string }
/** By another statement, or not at all; the text says which and why. */
type Apart = { readonly apart: string }

export type SubjectTable = {
  readonly table: string
  /**
   * Which rows `x` are those of the tickets, and which lie beside them under the drop's own name; no row may be both. SQL
   * over `x` and the scope `s`: project_id, dr (null where a ticket has none) and tickets (uuid[]).
   */
  readonly ofTickets: string | null
  readonly ofDrop: string | null
  /** In an export; `without`: columns that are made from others. */
  readonly given: 'rows' | { readonly without: ReadonlyArray<string> } | Apart
  readonly erased: 'rows' | { readonly columns: Readonly<Record<string, Clearing>> } | Apart
}

type Columns = Readonly<Record<string, Clearing>>

const OF_TICKETS = 'x.ticket_id = any(s.tickets)'
const OF_DROP = 'x.project_id = s.project_id and x.dr_number = s.dr'

const ofTickets = (table: string, columns: Columns): SubjectTable => ({
  table,
  ofTickets: OF_TICKETS,
  ofDrop: null,
  given: 'rows',
  erased: { columns },
})
const ofDrop = (table: string, columns: Columns, whose = OF_DROP): SubjectTable => ({
  table,
  ofTickets: null,
  ofDrop: whose,
  given: 'rows',
  erased: { columns },
})

const ends = (phone: string): string => `right(regexp_replace(${phone}, '\\D', '', 'g'), 9)`

/** Of a client of the tickets: by a message's number, or as the client gave it. */
const IS_CONTACT = `(x.phone in (
    select n.recipient_phone from whatsapp_notifications n
    where n.ticket_id = any(s.tickets) and n.recipient_type = 'client')
  or ${ends('x.phone')} in (
    select ${ends('c.phone')} from ticket_clients c
    where c.ticket_id = any(s.tickets) and length(${ends('c.phone')}) = 9))`

/**
 * Every table that holds something about a client: what is given of it and what is taken from it. Cleared in this order.
 * Tables of another schema are the queue's and may not be there.
 */
export const SUBJECT_TABLES: ReadonlyArray<SubjectTable> = [
  {
    ...ofTickets('tickets', {
      title: 'said',
      description: 'gone',
      address: 'gone',
      gps_coordinates: 'gone',
      place_confirmed_reason: 'said',
      fault_cause_details: 'said',
      as_built_document: 'said',
      status_facts: 'words',
      billing_by_hand: 'words',
    }),
    ofTickets: 'x.id = any(s.tickets)',
    given: { without: ['search'] },
  },
  // before the numbers that tell whose it is
  { ...ofTickets('whatsapp_contacts', {}), ofTickets: IS_CONTACT, erased: 'rows' },
  ofTickets('ticket_clients', { name: 'gone', phone: 'gone', email: 'gone' }),
  ofTickets('verification_steps', {
    notes: 'gone',
    verdict_comment: 'gone',
    scanned_value: {
      sql: `case when x.step_key = 'customer_signature' and x.scanned_value is not null then '${ERASED}' else x.scanned_value end`,
    },
  }),
  ofTickets('ticket_attachments', {
    filename: 'said',
    copies: 'gone',
    verdicts: 'words',
    overrides: 'words',
    reuse_cleared: 'words',
  }),
  ofTickets('ticket_notes', {
    content: { sql: `case when x.note_type = 'system' then x.content else '${ERASED}' end` },
    event_data: 'words',
  }),
  ofTickets('qa_readiness_checks', {}),
  ofTickets('qa_decisions', { reason: 'said', verdicts: 'words' }),
  ofTickets('qa_risk_acceptances', {
    risk_description: 'said',
    conditions: 'said',
    resolution_notes: 'said',
    reviews: 'words',
  }),
  ofTickets('platform_waivers', { reason: 'said' }),
  ofTickets('ticket_links', {}),
  ofTickets('qcontact_sync_log', { request_payload: 'gone', response_payload: 'gone', error_message: 'gone' }),
  ofTickets('whatsapp_notifications', {
    recipient_name: 'gone',
    recipient_phone: 'gone',
    message_content: 'gone',
    digest_line: 'gone',
    error_message: 'gone',
  }),
  ofTickets('notification_ledger', {}),
  ofTickets('sync_cases', {}),
  ofTickets('sync_notes', {}),
  ofTickets('sync_conflicts', { ours: 'said', theirs: 'said', resolution_notes: 'said' }),
  // Without what was last agreed on, nothing of the client is taken from over there again.
  { ...ofTickets('sync_personal', {}), erased: 'rows' },
  {
    table: 'weekly_report_rows',
    ofTickets: OF_TICKETS,
    // one that became a ticket goes with it, though its drop was corrected since
    ofDrop: `x.line ->> 'dr' = s.dr and x.ticket_id is null
      and exists (select from weekly_reports w where w.id = x.report_id and w.project_id = s.project_id)`,
    given: 'rows',
    erased: {
      columns: {
        personal: 'gone',
        line: { sql: `x.line || '{"reason": null, "description": null, "values": {}, "problems": []}'` },
      },
    },
  },
  ofDrop('platform_records', { address: 'gone', latitude: 'gone', longitude: 'gone' }),
  ofDrop('drop_installations', {
    said_source: 'said',
    earlier: {
      sql: `(select coalesce(jsonb_agg(e || '{"source": "${ERASED}"}' order by n), '[]')
        from jsonb_array_elements(x.earlier) with ordinality as each (e, n))`,
    },
  }),
  ofDrop(
    'repeat_fault_escalations',
    { resolution_notes: 'said' },
    `x.project_id = s.project_id and x.scope_type = 'dr' and x.scope_value = s.dr`,
  ),
  {
    ...ofTickets('handover_snapshots', {}),
    given: { apart: 'as snapshots, with what opens them; the sealed bytes are those of `ticketing export`' },
    erased: { apart: 'sealed: what is personal in it is commitments, whose keys go' },
  },
  { ...ofTickets('snapshot_openings', {}), given: { apart: 'as the openings of each snapshot' }, erased: 'rows' },
  {
    ...ofTickets('subject_keys', {}),
    given: { apart: 'as the commitment key of each snapshot, and the originals decrypted' },
    erased: { apart: 'destroyed' },
  },
  {
    ...ofTickets('outbox', { body: 'words' }),
    given: { apart: 'on its way to the queue; the timeline in ticket_notes has the same' },
  },
  {
    ...ofTickets('pgboss.job', {
      data: 'words',
      output: {
        sql: `case when x.output ->> 'why' is not null then jsonb_set(x.output, '{why}', '"${ERASED}"') else x.output end`,
      },
    }),
    ofTickets: `x.data -> 'event' ->> 'ticketId' = any(s.tickets::text[])`,
    given: { apart: 'as the outbox; here it waits in the queue, or lies there as done' },
  },
  ofTickets('dead_letters', { event: 'words', reason: 'said' }),
  ofTickets('dead_letter_decisions', { reason: 'said' }),
]

/** Tables that name a ticket or a drop and hold nothing to give or to take. */
export const NOT_OF_A_SUBJECT: Readonly<Record<string, string>> = {
  objects_to_erase: 'files that an erasure has yet to take away: its own list',
  photo_hashes: 'fingerprints stay, so that reuse is found',
  sla_watch: 'when a ticket’s clock is looked at again: worked out, no text',
  subject_erasures: 'the operator’s own record of whom it erased',
  subject_exports: 'the operator’s own record of whom it gave what',
  timed_marks: 'which of the program’s own warnings were given',
}
