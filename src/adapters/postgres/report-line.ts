import { z } from 'zod'
import { PRIORITIES } from '../../domain/ticket/ticket.ts'
import {
  LINE_FIELDS,
  type LineField,
  NOTES,
  type PersonalPart,
  type ReportLine,
} from '../../domain/weekly-report/weekly-report.ts'

const text = z.string().nullable()
const cell = z.union([z.string(), z.number(), z.boolean(), z.null(), z.object({ wallClock: z.string() })])
const values = z.partialRecord(z.enum(LINE_FIELDS), cell)

const PERSONAL_FIELDS: ReadonlyArray<LineField> = ['client_name', 'client_contact', 'address']
const personalPart = z.object({ clientName: text, clientContact: text, address: text })
const NOTHING_PERSONAL: PersonalPart = { clientName: null, clientContact: null, address: null }

const storedLine = z.object({
  sheet: z.string(),
  row: z.number(),
  layout: z.enum(['notes', 'flat']),
  note: z.literal(NOTES).nullable(),
  dr: text,
  drRaw: text,
  serial: text,
  serialRaw: text,
  serialFieldApp: text,
  olt: text,
  rx: z.number().nullable(),
  team: text,
  contractor: text,
  reason: text,
  description: text,
  reportedOn: text,
  externalId: text,
  priority: z.enum(PRIORITIES).nullable(),
  pole: text,
  pon: text,
  zone: text,
  values,
  problems: z.array(
    z.object({
      field: z.enum([...LINE_FIELDS, 'row']),
      rule: z.enum([
        'missing',
        'not_a_drop_number',
        'not_an_ont_serial',
        'not_a_date',
        'not_a_negative_level',
        'not_a_priority',
        'not_a_number',
        'several_in_one_row',
        'unknown_note',
        'before_any_section',
        'unrecognised',
        'formula_error',
      ]),
      value: z.string(),
      blocks: z.boolean(),
    }),
  ),
}) satisfies z.ZodType<Omit<ReportLine, 'personal' | 'values'>>

const storedPersonal = z.object({ ...personalPart.shape, values }).nullable()

/** A line as two columns: what may be shown, and what it holds of a client, which can be erased alone. */
export const rowOfLine = ({ personal, values: all, ...line }: ReportLine): { line: unknown; personal: unknown } => {
  const split = (keep: (field: LineField) => boolean) =>
    Object.fromEntries(Object.entries(all).filter(([field]) => keep(field as LineField)))
  const isPersonal = (field: LineField): boolean => PERSONAL_FIELDS.includes(field)
  const ofClient = split(isPersonal)
  return {
    line: { ...line, values: split((field) => !isPersonal(field)) },
    personal: Object.keys(ofClient).length === 0 ? null : { ...personal, values: ofClient },
  }
}

export const lineOfRow = (line: unknown, personal: unknown): ReportLine => {
  const { values: shown, ...rest } = storedLine.parse(line)
  const ofClient = storedPersonal.parse(personal)
  const { values: hidden, ...part } = ofClient ?? { ...NOTHING_PERSONAL, values: {} }
  return { ...rest, personal: part, values: { ...shown, ...hidden } as ReportLine['values'] }
}
