import type { Cell } from '../shared/sheet.ts'
import { REJECTED_BECAUSE } from './headers.ts'
import { NOTE_TITLES } from './note-rules.ts'
import type { Layout, LineField, Note, ReportLine } from './weekly-report.ts'
import { NOTES } from './weekly-report.ts'

export type Rejected = { readonly line: ReportLine; readonly reason: string }

type Columns = ReadonlyArray<readonly [LineField, string]>

const NOTES_COLUMNS: Columns = [
  ['dr', 'Drop number'],
  ['serial', 'ONT serial (OLT)'],
  ['serial_field_app', 'ONT serial (Field App)'],
  ['olt', 'OLT address'],
  ['rx', 'ONT RX (dBm)'],
  ['team', 'Team'],
  ['reason', 'Reason'],
  ['reported_on', 'Date'],
]

const FLAT_COLUMNS: Columns = [
  ['external_id', 'Ticket No'],
  ['dr', 'DR Number'],
  ['description', 'Fault Description'],
  ['reported_on', 'Date Logged'],
  ['priority', 'Priority'],
  ['contractor', 'Contractor'],
  ['client_name', 'Client'],
  ['client_contact', 'Contact'],
  ['address', 'Address'],
  ['zone', 'Zone'],
  ['pon', 'PON'],
  ['pole', 'Pole'],
  ['serial', 'Serial number'],
  ['serial_field_app', 'ONT serial (Field App)'],
  ['olt', 'OLT address'],
  ['rx', 'ONT RX (dBm)'],
  ['team', 'Team'],
  ['reason', 'Reason'],
  ['note', 'Note'],
]

const headerRow = (columns: Columns): ReadonlyArray<Cell> => [...columns.map(([, name]) => name), REJECTED_BECAUSE]
const itemRow = (columns: Columns, { line, reason }: Rejected): ReadonlyArray<Cell> => [
  ...columns.map(([field]) => line.values[field] ?? null),
  `row ${line.row}: ${reason}`,
]

const sectionRows = (title: string, rejected: ReadonlyArray<Rejected>): ReadonlyArray<ReadonlyArray<Cell>> =>
  rejected.length === 0
    ? []
    : [[title], headerRow(NOTES_COLUMNS), ...rejected.map((row) => itemRow(NOTES_COLUMNS, row)), []]

/** The sheet of rejected rows as it stood in the file, in a form that can be corrected and uploaded again. */
export const rejectedSheet = (
  layout: Layout,
  rejected: ReadonlyArray<Rejected>,
): { readonly sheet: string; readonly rows: ReadonlyArray<ReadonlyArray<Cell>> } => {
  if (layout === 'flat')
    return { sheet: 'Rejected', rows: [headerRow(FLAT_COLUMNS), ...rejected.map((row) => itemRow(FLAT_COLUMNS, row))] }
  const under = (note: Note | null) => rejected.filter(({ line }) => line.note === note)
  return {
    sheet: 'Notes',
    rows: [
      ...NOTES.flatMap((note) => sectionRows(`Note ${note}: ${NOTE_TITLES[note]}`, under(note))),
      ...sectionRows('Note 0: move each of these rows under its own note', under(null)),
    ],
  }
}
