import type { Cell } from '../shared/sheet.ts'
import type { Day } from '../shared/time.ts'
import type { Priority, TicketType } from '../ticket/ticket.ts'

/** 1 RX lower than -26 dB; 2 no field-app entry; 3 degraded more than 2 dB; 4 drop and ONT serial do not match; 5 fibre break or device not active. */
export const NOTES = [1, 2, 3, 4, 5] as const
export type Note = (typeof NOTES)[number]

export type Layout = 'notes' | 'flat'

export const LINE_FIELDS = [
  'dr',
  'serial',
  'serial_field_app',
  'olt',
  'rx',
  'team',
  'reason',
  'description',
  'reported_on',
  'external_id',
  'note',
  'priority',
  'contractor',
  'pole',
  'pon',
  'zone',
  'address',
  'client_name',
  'client_contact',
] as const
export type LineField = (typeof LINE_FIELDS)[number]

/** Something in a row that could not be taken as it stands; `blocks` makes the whole row invalid. */
export type LineProblem = {
  readonly field: LineField | 'row'
  readonly rule:
    | 'missing'
    | 'not_a_drop_number'
    | 'not_an_ont_serial'
    | 'not_a_date'
    | 'not_a_negative_level'
    | 'not_a_priority'
    | 'not_a_number'
    | 'several_in_one_row'
    | 'unknown_note'
    | 'before_any_section'
    | 'unrecognised'
    | 'formula_error'
  readonly value: string
  readonly blocks: boolean
}

/** Of a client: erasable, never logged. */
export type PersonalPart = {
  readonly clientName: string | null
  readonly clientContact: string | null
  readonly address: string | null
}

/** One item of a weekly report, normalised, with what was wrong with it. */
export type ReportLine = {
  readonly sheet: string
  readonly row: number
  readonly layout: Layout
  readonly note: Note | null
  readonly dr: string | null
  readonly drRaw: string | null
  readonly serial: string | null
  readonly serialRaw: string | null
  readonly serialFieldApp: string | null
  readonly olt: string | null
  /** dBm, unrounded, always below 0. */
  readonly rx: number | null
  readonly team: string | null
  readonly contractor: string | null
  readonly reason: string | null
  readonly description: string | null
  readonly reportedOn: Day | null
  readonly externalId: string | null
  readonly priority: Priority | null
  readonly pole: string | null
  readonly pon: string | null
  readonly zone: string | null
  readonly personal: PersonalPart
  /** Each field as it stood in the file, the personal ones included: as erasable as `personal`. */
  readonly values: { readonly [F in LineField]?: Cell }
  readonly problems: ReadonlyArray<LineProblem>
}

/** What one non-empty row of the sheet turned out to be. */
export type Reading =
  | { readonly type: 'title'; readonly row: number; readonly text: string }
  | { readonly type: 'section'; readonly row: number; readonly note: Note | null; readonly text: string }
  | {
      readonly type: 'header'
      readonly row: number
      readonly fields: ReadonlyArray<LineField>
      readonly ignored: ReadonlyArray<string>
    }
  | { readonly type: 'line'; readonly line: ReportLine }

/** Neither a "Note 1:" to "Note 5:" section nor a header row was found. */
export type NothingRecognised = {
  readonly type: 'NothingRecognised'
  readonly lookedFor: ReadonlyArray<string>
  readonly found: ReadonlyArray<string>
}

/** What a line becomes: a ticket as configured, or only a mark in the report. */
export type NoteRule = {
  readonly action: 'ticket' | 'monitor'
  readonly ticketType: TicketType
  readonly priority: Priority
  readonly paperwork: boolean
}

export type NoteRules = { readonly [N in Note]: NoteRule } & { readonly flat: NoteRule }
