import { describe, expect, it } from 'vitest'
import {
  disagreements,
  type Fate,
  type Kept,
  lost,
  namedTooOften,
  neverArrived,
  type Pair,
  toldTwice,
  unheard,
  withoutEffect,
} from '../support/fault-agreement.ts'
import { longestUntilSettled, tooManyDied } from '../support/fault-settling.ts'

const pair = (over: Partial<Pair> = {}): Pair => ({
  caseId: '40000000007',
  status: 'in_progress',
  ours: { status: 'InProgress', assignee: '9001', client_phone: '1', dr_number: 'DR1729500' },
  theirs: { status: 'InProgress', assignee: '9001', client_phone: '1', dr_number: 'DR1729500' },
  recorded: [],
  ourFacts: {},
  ...over,
})
const there = (theirs: Pair['theirs']): Pair['theirs'] => ({ ...pair().theirs, ...theirs })
const told = (field: string, theirs: string, kind = 'both_changed', open = true) => ({ field, kind, theirs, open })

describe('Two sides', () => {
  it('agree when every mapped field is the same', () => {
    expect(disagreements([pair(), pair({ caseId: '2' })])).toEqual([])
  })

  it('disagree in any field that differs, and each is named', () => {
    const differing = pair({ theirs: { status: 'Open', assignee: null, client_phone: '2', dr_number: null } })
    expect(disagreements([differing])).toEqual([
      'case 40000000007: status is InProgress here (in_progress) and Open there',
      'case 40000000007: assignee is 9001 here (in_progress) and null there',
      'case 40000000007: client_phone is 1 here (in_progress) and 2 there',
      'case 40000000007: dr_number is DR1729500 here (in_progress) and null there',
    ])
  })

  it('are asked only about the fields that somebody could have seen', () => {
    const differing = pair({ theirs: there({ status: 'Open', client_phone: '2' }) })
    expect(disagreements([differing], ['status'])).toHaveLength(1)
    expect(disagreements([differing], ['dr_number'])).toEqual([])
  })

  it('may differ in a status only while a manager is asked about exactly that', () => {
    const open = { theirs: there({ status: 'Open' }) }
    expect(disagreements([pair({ ...open, recorded: [told('status', 'Open', 'reopened')] })])).toEqual([])
    for (const recorded of [
      told('status', 'Open', 'status_refused'),
      told('status', 'Assigned', 'reopened'),
      told('status', 'Open', 'reopened', false),
      told('assignee', 'Open', 'reopened'),
    ])
      expect(disagreements([pair({ ...open, recorded: [recorded] })])).toHaveLength(1)
  })

  it('may differ in the assignee only in open', () => {
    const other = { theirs: there({ assignee: '9002' }), recorded: [told('assignee', '9002')] }
    expect(disagreements([pair(other)])).toHaveLength(1)
    expect(disagreements([pair({ ...other, status: 'open' })])).toEqual([])
  })

  it('may differ in what is never written over there when it is recorded', () => {
    const other = { theirs: there({ client_phone: '2' }) }
    expect(disagreements([pair({ ...other, recorded: [told('client_phone', '2')] })])).toEqual([])
    expect(disagreements([pair({ ...other, recorded: [told('client_phone', '3')] })])).toHaveLength(1)
  })

  it('may differ in a fact that was written here last, and in no other field for that reason', () => {
    const other = { theirs: there({ dr_number: 'DR1' }) }
    expect(disagreements([pair({ ...other, ourFacts: { dr_number: 'DR1729500' } })])).toEqual([])
    expect(disagreements([pair({ ...other, ourFacts: { dr_number: 'DR2' } })])).toHaveLength(1)
    const phone = { theirs: there({ client_phone: '2' }), ourFacts: { client_phone: '1' } }
    expect(disagreements([pair(phone)])).toHaveLength(1)
  })
})

describe('A change over there', () => {
  const fates = (over: Partial<Fate> = {}) => new Map([['1', { ...pair({ caseId: '1' }), had: {}, ...over }]])
  const change = { caseId: '1', field: 'status', to: 'Escalated' } as const

  it('was heard when it was taken, is recorded or still stands', () => {
    expect(unheard([change], fates({ had: { status: ['Escalated'] } }))).toEqual([])
    expect(unheard([change], fates({ recorded: [told('status', 'Escalated', 'status_refused', false)] }))).toEqual([])
    expect(unheard([change], fates({ theirs: there({ status: 'Escalated' }) }))).toEqual([])
  })

  it('was not heard otherwise; only the last word counts', () => {
    expect(unheard([change], fates())).toHaveLength(1)
    expect(unheard([change, { ...change, to: 'InProgress' }], fates())).toEqual([])
    expect(unheard([change], new Map())).toEqual(['case 1 became no ticket'])
  })
})

describe('A change that was answered', () => {
  const kept = (over: object = {}): Kept => ({
    tickets: new Map([
      [
        't',
        {
          version: 5,
          statuses: ['open', 'assigned'],
          assigned: ['thabo', 'thandi'],
          facts: [{ field: 'dr_number', to: 'DR1' }],
          notes: new Set(['n']),
          ...over,
        },
      ],
    ]),
    notesThere: new Map([['n', 1]]),
    notified: new Set(['m']),
  })
  const about = { ticketId: 't', version: 5 } as const

  it('is kept when it is found', () => {
    const all = [
      { ...about, type: 'status', status: 'assigned' },
      { ...about, type: 'assigned', technician: 'thabo' },
      { ...about, type: 'fact', field: 'dr_number', to: 'DR1' },
      { type: 'note', ticketId: 't', noteId: 'n' },
      { type: 'message', eventId: 'm' },
    ] as const
    expect(lost(all, kept())).toEqual([])
  })

  it('is lost when the ticket does not know it any more', () => {
    const one = (change: Parameters<typeof lost>[0][number], found = kept()) => lost([change], found).length
    expect(one({ ...about, type: 'status', status: 'on_hold' })).toBe(1)
    expect(one({ ...about, version: 6, type: 'status', status: 'open' })).toBe(1)
    expect(one({ ...about, type: 'assigned', technician: 'sipho' })).toBe(1)
    expect(one({ ...about, type: 'fact', field: 'dr_number', to: 'DR2' })).toBe(1)
    expect(one({ type: 'note', ticketId: 't', noteId: 'other' })).toBe(1)
    expect(one({ type: 'message', eventId: 'other' })).toBe(1)
    expect(one({ ...about, ticketId: 'other', type: 'status', status: 'open' })).toBe(1)
  })

  it('counts as often as it was answered', () => {
    const twice = { ...about, type: 'assigned', technician: 'thabo' } as const
    expect(lost([twice, twice], kept())).toHaveLength(1)
    expect(lost([twice, twice], kept({ assigned: ['thabo', 'thandi', 'thabo'] }))).toEqual([])
  })

  it('is wrong when its note is over there twice', () => {
    expect(lost([], { ...kept(), notesThere: new Map([['n', 2]]) })).toEqual(['note n is there 2 times'])
  })
})

describe('An event', () => {
  const arrived = (messageId: string) => ({ messageId, chat: 'c', text: 'x' })
  const carried = (messageId: string, eventId: string, recipient = 'thabo') => ({ messageId, eventId, recipient })

  it('is told twice when two messages that arrived carried it to the same recipient', () => {
    const claims = [carried('a', 'e'), carried('b', 'e')]
    expect(toldTwice([arrived('a'), arrived('b')], claims)).toEqual(['e to thabo arrived 2 times'])
    expect(toldTwice([arrived('a')], claims)).toEqual([])
    expect(toldTwice([arrived('a'), arrived('b')], [carried('a', 'e'), carried('b', 'e', 'thandi')])).toEqual([])
  })

  it('is told by nobody when a message arrived that no attempt had claimed', () => {
    expect(toldTwice([arrived('a')], [])).toEqual(['message a was claimed by nobody'])
    expect(toldTwice([arrived('a'), arrived('a')], [carried('a', 'e')])).toEqual(['e to thabo arrived 2 times'])
  })

  it('names a ticket to a phone in no more messages than there were events', () => {
    const event = { chat: 'c', ticketUid: 'FT100001' }
    const said = { chat: 'c', text: 'FT100001 is yours. FT100001: look' }
    expect(namedTooOften([said], [event])).toEqual([])
    expect(namedTooOften([said, said], [event, event])).toEqual([])
    expect(namedTooOften([said, said], [event, { ...event, chat: 'd' }])).toEqual([
      'FT100001 to c: 2 messages of 1 events',
    ])
    expect(namedTooOften([said], [{ ...event, ticketUid: 'FT10000' }])).toHaveLength(1)
  })
})

describe('What happened', () => {
  const told = new Set(['a thabo'])
  const notesThere = new Map([['h', 1]])
  const at = (id: string, type: string, given: string | null = null) => ({ id, type, given })

  it('has its effect: who was newly assigned is to be told, and the client hears the sentence of a hold', () => {
    const all = [at('a', 'TicketAssigned', 'thabo'), at('h', 'TicketHeld'), at('s', 'WorkStarted')]
    expect(withoutEffect(all, { told, notesThere })).toEqual([])
  })

  it('has none when nobody is told, or no sentence or two are there', () => {
    expect(withoutEffect([at('a', 'TicketAssigned', 'thandi')], { told, notesThere })).toHaveLength(1)
    expect(withoutEffect([at('c', 'TicketCancelled')], { told, notesThere })).toHaveLength(1)
    expect(withoutEffect([at('h', 'TicketHeld')], { told, notesThere: new Map([['h', 2]]) })).toHaveLength(1)
  })

  it('is on a phone where it is said to be read, and fails only where it was refused', () => {
    const carried = [{ message_id: 'm', notification_id: 'n' }]
    const row = (status: string, error: string | null = null) => [{ id: 'n', status, error }]
    expect(neverArrived(row('read'), carried, [{ messageId: 'm' }])).toEqual([])
    expect(neverArrived(row('read'), carried, [])).toEqual(['notification n is read and on no phone'])
    expect(neverArrived(row('unknown'), carried, [])).toEqual([])
    expect(neverArrived(row('failed', 'no_lid'), carried, [])).toEqual([])
    expect(neverArrived(row('failed', 'expired'), carried, [])).toEqual(['notification n failed: expired'])
  })
})

describe('Events that were given up', () => {
  const died = (reason: string) => ({ id: '1', event: '2', reason })

  it('may be a few of those that said yes and did nothing, and none that would have passed', () => {
    expect(tooManyDied([died('Missing: its notes (5 times)'), died('SilentlyIgnored: note (5 times)')], 5_000)).toEqual(
      [],
    )
    expect(tooManyDied([died('Missing: its notes (5 times)')], 200)).toHaveLength(1)
    expect(tooManyDied([died('Transient: HTTP 500 (16 times)')], 5_000)).toHaveLength(1)
  })

  it('are waited for twice as long as there were faults, and no wait is over a quarter of an hour', () => {
    expect(longestUntilSettled(50_000, 5_000)).toBe(102_000 + 30_000 + 5_000)
    expect(longestUntilSettled(20_000, 0)).toBe(60_000 + 30_000)
    expect(longestUntilSettled(3_600_000, 0)).toBe(900_000 + 30_000)
  })
})
