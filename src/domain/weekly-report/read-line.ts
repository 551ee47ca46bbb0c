import * as E from 'fp-ts/lib/Either.js'
import { dayOfCell } from '../shared/calendar-text.ts'
import { parseDropNumber, parseOntSerial, parsePole, parsePon, parseZone } from '../shared/drop.ts'
import type { Cell, SheetRow } from '../shared/sheet.ts'
import { cellText } from '../shared/sheet.ts'
import { spelledOut } from '../ticket/qcontact-number.ts'
import type { Priority } from '../ticket/ticket.ts'
import { assignCells } from './assign-cells.ts'
import type { Header } from './headers.ts'
import { levelOf } from './shapes.ts'
import type { Layout, LineField, LineProblem, Note, ReportLine } from './weekly-report.ts'
import { NOTES } from './weekly-report.ts'

const PRIORITY_WORDS: ReadonlyMap<string, Priority> = new Map([
  ['low', 'low'],
  ['normal', 'normal'],
  ['medium', 'normal'],
  ['standard', 'normal'],
  ['high', 'high'],
  ['urgent', 'urgent'],
  ['critical', 'critical'],
  ['emergency', 'critical'],
])

const EXTERNAL_ID_LENGTH = 100
const NOTHING = /^(?:-+|n\/?a|nil|none|null|unknown|tbc|#n\/a)$/i

/** The context a row is read in: the section it stands in, if any, and the header above it. */
export type RowContext = {
  readonly layout: Layout
  readonly section: { readonly note: Note | null; readonly text: string } | null
  readonly header: Header | null
}

type Field<A> = { readonly value: A | null; readonly problems: ReadonlyArray<LineProblem> }

const fine = <A>(value: A | null): Field<A> => ({ value, problems: [] })
const problem = (
  field: LineProblem['field'],
  rule: LineProblem['rule'],
  value: string,
  blocks = false,
): LineProblem => ({
  field,
  rule,
  value,
  blocks,
})
const wrong = (field: LineField, rule: LineProblem['rule'], cell: Cell, blocks = false): Field<never> => ({
  value: null,
  problems: [problem(field, rule, cellText(cell), blocks)],
})

const readEither = <A>(
  field: LineField,
  rule: LineProblem['rule'],
  cell: Cell,
  parse: (cell: Cell) => E.Either<unknown, A>,
): Field<A> => {
  if (cellText(cell) === '' || NOTHING.test(cellText(cell))) return fine<A>(null)
  const parsed = parse(cell)
  return E.isRight(parsed) ? fine(parsed.right) : wrong(field, rule, cell)
}

const readDrop = (cell: Cell): Field<string> => {
  if (cellText(cell) === '' || NOTHING.test(cellText(cell))) return wrong('dr', 'missing', cell, true)
  const parsed = parseDropNumber(cell)
  return E.isRight(parsed) ? fine(parsed.right) : wrong('dr', 'not_a_drop_number', cell, true)
}

const readLevel = (cell: Cell): Field<number> => {
  if (cellText(cell) === '' || NOTHING.test(cellText(cell))) return fine<number>(null)
  const level = levelOf(cell)
  if (level === null) return wrong('rx', 'not_a_number', cell)
  return level < 0 ? fine(level) : wrong('rx', 'not_a_negative_level', cell)
}

const readText = (cell: Cell): string | null => {
  const text = cellText(cell)
  return text === '' || NOTHING.test(text) ? null : text
}

const readExternalId = (cell: Cell): Field<string> => {
  const text = readText(cell)
  return text !== null && text.length > EXTERNAL_ID_LENGTH
    ? wrong('external_id', 'unrecognised', text, true)
    : fine(text === null ? null : spelledOut(text))
}

const readNote = (cell: Cell, { section }: RowContext): Field<Note> => {
  if (section !== null)
    return section.note === null
      ? { value: null, problems: [problem('note', 'unknown_note', section.text, true)] }
      : fine(section.note)
  const text = readText(cell)
  const note = NOTES.find((known) => text !== null && new RegExp(`^(?:note\\s*)?${known}$`, 'i').test(text))
  return text !== null && note === undefined ? wrong('note', 'unknown_note', cell) : fine(note ?? null)
}

const readTeam = (cell: Cell): string | null => {
  const team = readText(cell)?.replace(/^team\s+/i, '') ?? null
  return team !== null && /^[a-z]{3}\s?\d{1,3}$/i.test(team) ? team.replaceAll(/\s/g, '').toLowerCase() : team
}

const faultsOf = (row: SheetRow, header: Header | null): ReadonlyArray<LineProblem> =>
  row.faults.map(({ column, fault }) => {
    const field = [...(header?.columns ?? [])].find(([, at]) => at === column)?.[0]
    return problem(field ?? 'row', 'formula_error', fault)
  })

/** A row with nothing that a report is about (a total, a remark) is kept, as a line nobody can act on. */
const isAboutNothing = (values: ReportLine['values']): boolean =>
  (['dr', 'serial', 'olt', 'external_id', 'description'] as const).every(
    (field) => readText(values[field] ?? null) === null,
  )

/** Reads one row of a section or table as a line; it never fails: what is wrong stands in `problems`. */
export const readLine = (row: SheetRow, context: RowContext): ReportLine => {
  const { values, furtherDrops } = assignCells(row, context.layout, context.header)
  const cell = (field: LineField): Cell => values[field] ?? null
  const dr = readDrop(cell('dr'))
  const note = readNote(cell('note'), context)
  const externalId = readExternalId(cell('external_id'))
  const serial = readEither('serial', 'not_an_ont_serial', cell('serial'), parseOntSerial)
  const fieldApp = readEither('serial_field_app', 'not_an_ont_serial', cell('serial_field_app'), parseOntSerial)
  const reportedOn = readEither('reported_on', 'not_a_date', cell('reported_on'), (it) =>
    E.fromOption(() => null)(dayOfCell(it)),
  )
  const priority = readEither('priority', 'not_a_priority', cell('priority'), (it) =>
    E.fromNullable(null)(PRIORITY_WORDS.get(cellText(it).toLowerCase())),
  )
  const pole = readEither('pole', 'unrecognised', cell('pole'), parsePole)
  const pon = readEither('pon', 'unrecognised', cell('pon'), parsePon)
  const zone = readEither('zone', 'unrecognised', cell('zone'), parseZone)
  const rx = readLevel(cell('rx'))
  const aboutNothing = isAboutNothing(values)
  const fields = [
    aboutNothing ? fine(null) : dr,
    note,
    externalId,
    serial,
    fieldApp,
    reportedOn,
    priority,
    pole,
    pon,
    zone,
    rx,
  ]
  return {
    sheet: row.sheet,
    row: row.row,
    layout: context.layout,
    note: note.value,
    dr: dr.value,
    drRaw: readText(cell('dr')),
    serial: serial.value,
    serialRaw: readText(cell('serial')),
    serialFieldApp: fieldApp.value,
    olt: readText(cell('olt')),
    rx: rx.value,
    team: readTeam(cell('team')),
    contractor: readText(cell('contractor')),
    reason: readText(cell('reason')),
    description: readText(cell('description')),
    reportedOn: reportedOn.value,
    externalId: externalId.value,
    priority: priority.value,
    pole: pole.value,
    pon: pon.value,
    zone: zone.value,
    personal: {
      clientName: readText(cell('client_name')),
      clientContact: readText(cell('client_contact')),
      address: readText(cell('address')),
    },
    values,
    problems: [
      ...(aboutNothing
        ? [problem('row', 'unrecognised', row.cells.map(cellText).filter(Boolean).join(' | '), true)]
        : []),
      ...fields.flatMap((field) => field.problems),
      ...furtherDrops.map((further) => problem('dr', 'several_in_one_row', further)),
      ...faultsOf(row, context.header),
    ],
  }
}
