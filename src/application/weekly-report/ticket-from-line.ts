import * as E from 'fp-ts/lib/Either.js'
import type { Instant } from '../../domain/shared/time.ts'
import { createTicket, type NewTicket } from '../../domain/ticket/create-ticket.ts'
import type { Place, TicketId } from '../../domain/ticket/ticket.ts'
import { STEP_KEYS } from '../../domain/verification/steps.ts'
import { ruleFor, titleOf } from '../../domain/weekly-report/note-rules.ts'
import type { ReportLine } from '../../domain/weekly-report/weekly-report.ts'
import { type ChangeDeps, settle } from '../change.ts'
import type { Report } from '../ports/report-store.ts'
import type { Client, Creation, ProjectContext } from '../ports/ticket-store.ts'
import { filledFromSow } from '../ticket/create-ticket.ts'

export type CreationDeps = Pick<ChangeDeps, 'newId' | 'slaTerms'>

const DESCRIPTION_LENGTH = 10_000
const MIDNIGHT = 'T00:00:00+02:00'

/** What was reported of one item, a fact a line. A reading of the report is the fault, not the repair: it stays text. */
export const reportedFacts = (line: ReportLine): string => {
  const facts: ReadonlyArray<readonly [string, string | number | null]> = [
    ['Fault', line.description],
    ['Reason', line.reason],
    ['Reported ONT RX (dBm)', line.rx],
    ['Reported ONT serial', line.serialRaw],
    ['ONT serial on the field app', line.serialFieldApp ?? shown(line.values.serial_field_app)],
    ['OLT', line.olt],
    ['Team', line.team],
    ['Contractor', line.contractor],
    ['Reported on', line.reportedOn],
    ['Ticket number', line.externalId],
  ]
  return facts
    .flatMap(([name, value]) => (value === null || value === '' ? [] : [`${name}: ${value}`]))
    .join('\n')
    .slice(0, DESCRIPTION_LENGTH)
}

const shown = (cell: ReportLine['values']['serial']): string | null => (typeof cell === 'string' ? cell : null)

/** `WR2025-W46-LAWLEY, row 8, note 1` */
export const whereReported = ({ reportUid }: Pick<Report, 'reportUid'>, { row, note }: ReportLine): string =>
  `${reportUid}, row ${row}${note === null ? '' : `, note ${note}`}`

/**
 * The serial the OLT reported counts as the ticket's until a technician scans another, except where the report itself
 * says that it does not belong to the drop: under note 4, or beside a different one of the field app.
 */
const serialOf = ({ note, serial, serialFieldApp }: ReportLine): string | null =>
  note === 4 || (serialFieldApp !== null && serialFieldApp !== serial) ? null : serial

const placeOf = ({ dr, pole, pon, zone }: ReportLine): Place => ({ dr, pole, pon, zone })

/** When the report says it began; a day that lies ahead is no beginning. */
const begunAt = ({ reportedOn }: ReportLine, now: Instant): Instant | null => {
  if (reportedOn === null) return null
  const at = new Date(`${reportedOn}${MIDNIGHT}`).toISOString()
  return at > now ? null : at
}

const clientOf = ({ personal: { clientName: name, clientContact: contact } }: ReportLine): Client | null => {
  if (name === null && contact === null) return null
  const isEmail = contact?.includes('@') ?? false
  return { name, phone: isEmail ? null : contact, email: isEmail ? contact : null }
}

/** The ticket one line makes, ready to be stored; attribution pending, and nothing of the client but in its own place. */
export const ticketFromLine = (
  deps: CreationDeps,
  {
    report,
    line,
    importKey,
    followUpOf,
    context,
    at,
    by,
  }: {
    readonly report: Report
    readonly line: ReportLine
    readonly importKey: string | null
    readonly followUpOf: TicketId | null
    readonly context: ProjectContext
    readonly at: Instant
    readonly by: string
  },
): E.Either<string, Creation> => {
  const rule = ruleFor(line, context.settings.noteRules)
  const ticket: NewTicket = {
    id: deps.newId(),
    uid: null,
    projectId: report.projectId,
    type: rule.ticketType,
    source: 'weekly_report',
    externalId: line.externalId,
    importKey,
    priority: rule.priority,
    title: titleOf(line),
    description: `${whereReported(report, line)}\n${reportedFacts(line)}`.trim(),
    address: line.personal.address,
    gps: null,
    place: filledFromSow(placeOf(line), context),
    equipment: { ontSerial: serialOf(line), ontRx: null, ontModel: null, upsSerial: null },
    cause: null,
    component: null,
    causeDetails: null,
    paperwork: rule.paperwork,
    weeklyNote: line.note,
    followUpOf,
    assignment: null,
    stepOverrides: context.settings.stepOverrides,
    sourceCreatedAt: begunAt(line, at),
    stepIds: STEP_KEYS.map(() => deps.newId()),
  }
  const begun = createTicket({ id: ticket.id, at, by, byAPerson: false, ticket })
  if (E.isLeft(begun)) return E.left(begun.left.type)
  const [opened, events] = begun.right
  return E.right({
    // Who pays does not depend on the day of installation while the cause is not known.
    ticket: settle(deps, { settings: context.settings, installed: null }, opened, at),
    events: events.map((event) => ({ ...event, id: deps.newId() })),
    client: clientOf(line),
    factsVersion: context.facts.version,
  })
}
