import { BORN_WITH, CHANGING, STEP_COLUMNS } from '../src/adapters/postgres/ticket-columns.ts'
import { saveRowsOf } from '../src/adapters/postgres/ticket-save-rows.ts'
import type { Creation } from '../src/application/ports/ticket-store.ts'

type Row = Readonly<Record<string, unknown>>

const NOTE = ['id', 'ticket_id', 'note_type', 'content', 'created_by', 'created_at', 'system_event', 'event_data']
const SENT = ['event_id', 'type', 'ticket_id', 'body', 'at']
const TICKET = [...BORN_WITH, ...CHANGING]
const ARRAYS = ['worked_by', 'assigned_ever']

const plain = (column: string, value: unknown): unknown =>
  value !== null && typeof value === 'object' && !ARRAYS.includes(column) ? JSON.stringify(value) : value

/** The rows of some creations as one statement of plain multi-row inserts: nothing is checked, nothing is computed. */
export const bareInsert = (
  creations: ReadonlyArray<Creation>,
): { readonly text: string; readonly values: unknown[] } => {
  const { created, newSteps, events } = saveRowsOf(creations, [])
  const values: unknown[] = []
  const insert = (table: string, columns: ReadonlyArray<string>, rows: ReadonlyArray<Row>): string =>
    `insert into ${table} (${columns.join(', ')}) values ${rows
      .map((row) => `(${columns.map((column) => `$${values.push(plain(column, row[column] ?? null))}`).join(', ')})`)
      .join(', ')}`
  const notes = events.map((row) => ({
    ...row,
    note_type: 'system',
    content: row.sentence,
    created_by: row.by,
    created_at: row.at,
    system_event: row.type,
    event_data: row.event,
  }))
  const sent = events.map((row) => ({ ...row, event_id: row.id }))
  const text = `with t as (${insert('tickets', TICKET, created)}), s as (${insert('verification_steps', STEP_COLUMNS, newSteps)}),
    n as (${insert('ticket_notes', NOTE, notes)}) ${insert('outbox', SENT, sent)}`
  return { text, values }
}
