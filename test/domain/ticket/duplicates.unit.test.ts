import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { cancel } from '../../../src/domain/ticket/cancel.ts'
import { deleteTicket } from '../../../src/domain/ticket/delete-ticket.ts'
import { markDuplicate } from '../../../src/domain/ticket/mark-duplicate.ts'
import { STATUSES, type Ticket, transitions } from '../../../src/domain/ticket/ticket.ts'
import { unmarkDuplicate } from '../../../src/domain/ticket/unmark-duplicate.ts'
import { cancelling, ticketIn } from '../../support/lifecycle.ts'
import { AT, as, begin, eventsOf, later, MANAGER, ok, refused, stamp, through } from '../../support/tickets.ts'

const survivor = begin({ id: 'survivor' })
const marking = (into: Ticket | null = survivor, duplicates: ReadonlyArray<string> = []) =>
  markDuplicate({ ...stamp(), survivorId: into?.id ?? 'gone', survivor: into, reason: null, duplicates })
const unmarking = unmarkDuplicate({ ...stamp(MANAGER, later(60)), openForSameFault: null })

describe('marking a duplicate', () => {
  it('cancels the ticket and names the survivor', () => {
    const decided = marking()(ticketIn('in_progress'))
    expect(ok(decided)).toMatchObject({
      status: 'cancelled',
      qaReady: false,
      because: { kind: 'duplicate', survivor: 'survivor' },
    })
    expect(eventsOf(decided)).toMatchObject([{ type: 'MarkedDuplicate', survivor: 'survivor' }])
  })

  it('needs a survivor of the same project that is there, is another, lives and is no duplicate', () => {
    const why = (into: Ticket | null) => {
      const refusal = refused(marking(into)(begin()))
      return refusal.type === 'SurvivorNotSuitable' ? refusal.why : refusal.type
    }
    expect(why(null)).toBe('unknown')
    expect(why(begin())).toBe('same_ticket')
    expect(why(begin({ id: 'other', projectId: 'mohadin' }))).toBe('other_project')
    expect(why({ ...survivor, deletedAt: AT })).toBe('deleted')
    expect(why(through(survivor, cancelling()))).toBe('cancelled')
    expect(why(through(survivor, marking(begin({ id: 'third' }))))).toBe('is_duplicate')
  })

  it('goes into a survivor in any living state', () => {
    for (const status of STATUSES.filter((one) => one !== 'cancelled'))
      expect(E.isRight(marking({ ...ticketIn(status), id: 'survivor' })(begin()))).toBe(true)
  })

  it('is never done to an infrastructure ticket', () => {
    expect(refused(marking()(begin({ type: 'infrastructure', cause: null })))).toEqual({
      type: 'InfrastructureIsNeverDuplicate',
    })
  })
})

describe('unmarking a duplicate', () => {
  it('brings back the state it came from, in work and not ready when that was pending', () => {
    for (const status of transitions.mark_duplicate.from) {
      const back = through(ticketIn(status), marking(), unmarking)
      expect(back.status).toBe(status === 'pending_qa' ? 'in_progress' : status)
      expect(back.qaReady).toBe(false)
    }
  })

  it('brings back what hold remembers', () => {
    const held = ticketIn('on_hold')
    const back = as('on_hold', through(held, marking(), unmarking))
    expect([back.hold, back.resumesTo, back.assignment]).toEqual([held.hold, held.resumesTo, held.assignment])
  })

  it('brings back everything a rejected ticket knew', () => {
    const rejected = ticketIn('qa_rejected')
    const back = through(rejected, marking(), unmarking)
    expect({ ...back, history: [] }).toEqual({ ...rejected, history: [] })
    expect(back.history.slice(-2)).toEqual([
      { at: AT, status: 'cancelled' },
      { at: later(60), status: 'qa_rejected' },
    ])
  })

  it('says what was restored, and does not undo a cancellation', () => {
    expect(eventsOf(unmarking(through(begin(), marking())))).toMatchObject([
      { type: 'UnmarkedDuplicate', survivor: 'survivor', restored: 'open' },
    ])
    expect(refused(unmarking(ticketIn('cancelled')))).toEqual({ type: 'NotADuplicate' })
  })

  it('is refused while an open ticket was imported for the very same fault, which it names', () => {
    const taken = unmarkDuplicate({ ...stamp(MANAGER, later(60)), openForSameFault: 'FT1000009' })
    expect(refused(taken(through(begin(), marking())))).toEqual({ type: 'FaultOpenElsewhere', ticketUid: 'FT1000009' })
    expect(refused(taken(ticketIn('cancelled')))).toEqual({ type: 'NotADuplicate' })
  })
})

describe('a ticket that others name as their survivor', () => {
  const named = { type: 'NamedAsSurvivor', by: ['FT1000007', 'FT1000008'] }
  const { by } = named

  it('is not cancelled, marked or deleted before they are unmarked; the refusal lists them', () => {
    expect(refused(cancel({ ...stamp(), reason: 'x', duplicates: by })(begin()))).toEqual(named)
    expect(refused(marking(survivor, by)(begin()))).toEqual(named)
    expect(refused(deleteTicket({ ...stamp(), snapshots: 0, duplicates: by })(begin()))).toEqual(named)
  })
})

describe('cancelling', () => {
  it('gives a reason and leaves the owner as it was', () => {
    const decided = cancel({ ...stamp(), reason: ' No such house ', duplicates: [] })(ticketIn('qa_in_progress'))
    expect(ok(decided)).toMatchObject({
      status: 'cancelled',
      owner: 'qa',
      because: { kind: 'cancelled', reason: 'No such house' },
    })
    expect(refused(cancel({ ...stamp(), reason: ' ', duplicates: [] })(begin()))).toEqual({
      type: 'TextMissing',
      field: 'reason',
    })
    expect(as('cancelled', through(begin(), cancelling())).assignment).toBe(null)
  })
})

describe('deleting', () => {
  const del = (snapshots: number) => deleteTicket({ ...stamp(), snapshots, duplicates: [] })

  it('is soft, for open and cancelled tickets', () => {
    expect(ok(del(0)(begin()))).toMatchObject({ status: 'open', deletedAt: AT })
    expect(ok(del(0)(ticketIn('cancelled'))).deletedAt).toBe(AT)
  })

  it('never loses a snapshot', () => {
    expect(refused(del(1)(through(ticketIn('qa_rejected'), cancelling())))).toEqual({
      type: 'HasSnapshot',
      snapshots: 1,
    })
  })
})
