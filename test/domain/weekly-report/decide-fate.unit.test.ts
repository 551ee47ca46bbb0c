import { describe, expect, it } from 'vitest'
import type { EarlierTicket, FateLookups } from '../../../src/domain/weekly-report/decide-fate.ts'
import { decideFate, keyOf, normalisedDescription, sentenceOf } from '../../../src/domain/weekly-report/decide-fate.ts'
import { DEFAULT_NOTE_RULES, ruleFor, titleOf } from '../../../src/domain/weekly-report/note-rules.ts'
import type { ReportLine } from '../../../src/domain/weekly-report/weekly-report.ts'
import { readReport } from '../../support/read-report.ts'
import { sheetRows } from '../../support/workbooks.ts'

const lineOf = (note: number, dr = 'DR1729500'): ReportLine =>
  readReport(sheetRows([[`Note ${note}:`], [dr, 'law1', 'Fibre cut']])).lines[0] as ReportLine
const flatLine = (ticket: string | null, description: string): ReportLine =>
  readReport(
    sheetRows([
      ['Ticket', 'DR', 'Fault', 'Priority'],
      [ticket, 'DR1729500', description, 'Urgent'],
    ]),
  ).lines[0] as ReportLine

const nothingKnown: FateLookups = {
  firstRowInFile: null,
  openTicketByKey: null,
  lastTicketByKey: null,
  drKnown: true,
  sowConnected: true,
}
const ticket = (status: EarlierTicket['status']): EarlierTicket => ({ ticketId: 't1', ticketUid: 'FT1000001', status })
const fate = (line: ReportLine, known: Partial<FateLookups> = {}) =>
  decideFate(line, { ...nothingKnown, ...known }, DEFAULT_NOTE_RULES)

describe('the fate of a line', () => {
  it('is a new ticket when nothing is known of it', () =>
    expect(fate(lineOf(1))).toEqual({ fate: 'create', reason: 'a new ticket', followUpOf: null }))

  it.each(['open', 'assigned', 'on_hold', 'qa_rejected', 'qa_approved', 'pending_handover'] as const)(
    'joins a ticket that is %s',
    (status) => {
      expect(fate(lineOf(1), { openTicketByKey: ticket(status) })).toMatchObject({
        fate: 'joins_open',
        ticket: { ticketId: 't1' },
      })
      expect(fate(lineOf(1), { lastTicketByKey: ticket(status) }).fate).toBe('joins_open')
    },
  )

  it.each(['handed_to_maintenance', 'closed'] as const)('is a linked follow-up of a ticket that is %s', (status) => {
    expect(fate(lineOf(1), { lastTicketByKey: ticket(status) })).toEqual({
      fate: 'create',
      reason: 'a new ticket, as a follow-up of FT1000001, which was handed over',
      followUpOf: ticket(status),
    })
  })

  it('is a new ticket, not a follow-up, after a cancelled one', () =>
    expect(fate(lineOf(1), { lastTicketByKey: ticket('cancelled') })).toMatchObject({
      fate: 'create',
      followUpOf: null,
    }))

  it('is flagged when the connected SOW does not know the drop; with no SOW connected no drop is unknown', () => {
    expect(fate(lineOf(1), { drKnown: false })).toMatchObject({
      fate: 'unknown_drop',
      reason: 'the SOW does not know DR1729500: a ticket is made and flagged',
    })
    expect(fate(lineOf(1), { drKnown: false, sowConnected: false }).fate).toBe('create')
    expect(fate(lineOf(1), { drKnown: false, lastTicketByKey: ticket('closed') })).toMatchObject({
      fate: 'unknown_drop',
      followUpOf: { ticketUid: 'FT1000001' },
    })
    expect(fate(lineOf(1), { drKnown: false, openTicketByKey: ticket('open') }).fate).toBe('joins_open')
  })

  it('is only watched under note 3, whatever else is known', () => {
    expect(fate(lineOf(3), { drKnown: false, openTicketByKey: ticket('open') })).toEqual({
      fate: 'monitor',
      reason: 'note 3 is watched, it makes no ticket',
    })
    const watching = { ...DEFAULT_NOTE_RULES, flat: { ...DEFAULT_NOTE_RULES.flat, action: 'monitor' as const } }
    expect(decideFate(flatLine('FT1', 'Slow'), nothingKnown, watching)).toMatchObject({
      reason: 'a row like this is watched, it makes no ticket',
    })
  })

  it('is a duplicate when the same item stands earlier in the file', () =>
    expect(fate(lineOf(3), { firstRowInFile: 7 })).toEqual({
      fate: 'duplicate_in_file',
      reason: 'the same item stands in row 7',
      firstRow: 7,
    }))

  it('is invalid before all else when the row cannot be used, and says why', () =>
    expect(fate(lineOf(1, 'DR12'), { firstRowInFile: 7 })).toMatchObject({
      fate: 'invalid',
      reason: 'dr "DR12" is no drop number (DR and 6 to 8 digits)',
    }))
})

describe('two lines are the same item', () => {
  it('by project, drop and note in the client layout', () => {
    expect(keyOf('p', lineOf(1))).toBe(keyOf('p', lineOf(1, 'drop 1729500')))
    expect(
      new Set([keyOf('p', lineOf(1)), keyOf('p', lineOf(5)), keyOf('q', lineOf(1)), keyOf('p', lineOf(1, 'DR1729501'))])
        .size,
    ).toBe(4)
  })

  it('by ticket number in the flat layout, else by project, drop and description', () => {
    expect(keyOf('p', flatLine('FT1', 'Slow'))).toBe(keyOf('p', flatLine('FT1', 'Dead')))
    expect(keyOf('p', flatLine(null, 'No  link light!'))).toBe(keyOf('p', flatLine(null, 'no LINK light')))
    expect(keyOf('p', flatLine(null, 'Slow'))).not.toBe(keyOf('p', flatLine(null, 'Dead')))
    expect(normalisedDescription({ description: null, reason: 'Cut.' })).toBe('cut')
  })

  it('never when the line has no drop', () => expect(keyOf('p', lineOf(1, 'DR12'))).toBeNull())
})

describe('what a note makes', () => {
  it('is high maintenance for 1 and 5, paperwork for 2 and 4, nothing for 3', () => {
    const made = ([1, 2, 3, 4, 5] as const).map((note) => ruleFor({ note, priority: null }, DEFAULT_NOTE_RULES))
    expect(
      made.map(({ action, ticketType, priority, paperwork }) => [action, ticketType, priority, paperwork]),
    ).toEqual([
      ['ticket', 'maintenance', 'high', false],
      ['ticket', 'maintenance', 'normal', true],
      ['monitor', 'maintenance', 'normal', false],
      ['ticket', 'maintenance', 'normal', true],
      ['ticket', 'maintenance', 'high', false],
    ])
  })

  it('follows the priority a row names itself', () =>
    expect(ruleFor(flatLine('FT1', 'Slow'), DEFAULT_NOTE_RULES).priority).toBe('urgent'))

  it('is titled by the note or the fault, with the drop', () => {
    expect(titleOf(lineOf(5))).toBe('Fibre break or device not active (DR1729500)')
    expect(titleOf(flatLine('FT1', 'Slow speed'))).toBe('Slow speed (DR1729500)')
    expect(titleOf({ note: null, dr: null, reason: null, description: null })).toBe('Reported fault')
    expect(titleOf(flatLine('FT1', 'x'.repeat(300)))).toHaveLength(255)
  })

  it('names a problem in a sentence', () =>
    expect(sentenceOf({ field: 'dr', rule: 'missing', value: '', blocks: true })).toBe('dr is missing'))
})
