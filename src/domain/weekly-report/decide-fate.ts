import type { TicketStatus } from '../ticket/ticket.ts'
import { ruleFor } from './note-rules.ts'
import type { LineProblem, NoteRules, ReportLine } from './weekly-report.ts'

/** A ticket an earlier line made; a deleted one counts as cancelled, and for a duplicate its survivor stands here. */
export type EarlierTicket = { readonly ticketId: string; readonly ticketUid: string; readonly status: TicketStatus }

/** What is known of one line's key when its fate is decided. */
export type FateLookups = {
  /** The row of this file that had the same key first. */
  readonly firstRowInFile: number | null
  /** The ticket of this key that is open: neither handed over nor cancelled. */
  readonly openTicketByKey: EarlierTicket | null
  /** The newest ticket of this key, in any status. */
  readonly lastTicketByKey: EarlierTicket | null
  readonly drKnown: boolean
  readonly sowConnected: boolean
}

export const FATES = ['create', 'joins_open', 'monitor', 'duplicate_in_file', 'unknown_drop', 'invalid'] as const

export type Fate =
  | { readonly fate: 'create'; readonly reason: string; readonly followUpOf: EarlierTicket | null }
  | { readonly fate: 'unknown_drop'; readonly reason: string; readonly followUpOf: EarlierTicket | null }
  | { readonly fate: 'joins_open'; readonly reason: string; readonly ticket: EarlierTicket }
  | { readonly fate: 'monitor'; readonly reason: string }
  | { readonly fate: 'duplicate_in_file'; readonly reason: string; readonly firstRow: number }
  | { readonly fate: 'invalid'; readonly reason: string; readonly problems: ReadonlyArray<LineProblem> }

const HANDED_OVER: ReadonlyArray<TicketStatus> = ['handed_to_maintenance', 'closed']

/** "No link light!" and "no  LINK light" are one fault. */
export const normalisedDescription = (line: Pick<ReportLine, 'description' | 'reason'>): string =>
  (line.description ?? line.reason ?? '')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()

/** What makes two lines the same item: project + DR + note; in the flat layout the ticket number, else project + DR + description. Null for a line that is invalid. */
export const keyOf = (
  projectId: string,
  line: Pick<ReportLine, 'note' | 'dr' | 'externalId' | 'description' | 'reason' | 'layout'>,
): string | null => {
  if (line.layout === 'flat' && line.externalId !== null)
    return JSON.stringify([projectId, 'external_id', line.externalId])
  if (line.dr === null) return null
  return line.note === null
    ? JSON.stringify([projectId, line.dr, 'description', normalisedDescription(line)])
    : JSON.stringify([projectId, line.dr, 'note', line.note])
}

const RULE_SENTENCES: { readonly [R in LineProblem['rule']]: string } = {
  missing: 'is missing',
  not_a_drop_number: 'is no drop number (DR and 6 to 8 digits)',
  not_an_ont_serial: 'is no ONT serial (4 letters and 8 hexadecimal digits)',
  not_a_date: 'is no date',
  not_a_negative_level: 'is no received level (it lies below 0 dBm)',
  not_a_priority: 'is no priority',
  not_a_number: 'is no number',
  several_in_one_row: 'stands beside another drop in the same row',
  unknown_note: 'is no note from 1 to 5',
  before_any_section: 'stands before the first note',
  unrecognised: 'was not recognised',
  formula_error: 'is a formula that failed',
}

/** A sentence for a problem; values of client fields never reach it, they have no rules. */
export const sentenceOf = ({ field, rule, value }: LineProblem): string =>
  `${field}${value === '' ? '' : ` "${value.slice(0, 80)}"`} ${RULE_SENTENCES[rule]}`

const ticketFate = (line: ReportLine, lookups: FateLookups): Fate => {
  const last = lookups.lastTicketByKey
  const followUpOf = last !== null && HANDED_OVER.includes(last.status) ? last : null
  const after = followUpOf === null ? '' : `, as a follow-up of ${followUpOf.ticketUid}, which was handed over`
  return lookups.sowConnected && !lookups.drKnown
    ? {
        fate: 'unknown_drop',
        reason: `the SOW does not know ${line.dr}: a ticket is made and flagged${after}`,
        followUpOf,
      }
    : { fate: 'create', reason: `a new ticket${after}`, followUpOf }
}

/** What becomes of one line of a weekly report, and why. */
export const decideFate = (line: ReportLine, lookups: FateLookups, rules: NoteRules): Fate => {
  const blocking = line.problems.filter(({ blocks }) => blocks)
  if (blocking.length > 0) return { fate: 'invalid', reason: blocking.map(sentenceOf).join('; '), problems: blocking }
  const firstRow = lookups.firstRowInFile
  if (firstRow !== null)
    return { fate: 'duplicate_in_file', reason: `the same item stands in row ${firstRow}`, firstRow }
  if (ruleFor(line, rules).action === 'monitor')
    return {
      fate: 'monitor',
      reason: `${line.note === null ? 'a row like this' : `note ${line.note}`} is watched, it makes no ticket`,
    }
  const last = lookups.lastTicketByKey
  const open =
    lookups.openTicketByKey ??
    (last !== null && last.status !== 'cancelled' && !HANDED_OVER.includes(last.status) ? last : null)
  return open === null
    ? ticketFate(line, lookups)
    : { fate: 'joins_open', reason: `ticket ${open.ticketUid} for the same item is open`, ticket: open }
}
