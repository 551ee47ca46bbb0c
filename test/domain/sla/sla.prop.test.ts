import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { expect, it } from 'vitest'
import { plusMs } from '../../../src/domain/shared/time.ts'
import { dueMarks } from '../../../src/domain/sla/due-marks.ts'
import type { Mark, SlaChange, SlaMark, SlaPriority, SlaStatus } from '../../../src/domain/sla/sla.ts'
import { DEFAULT_SLA_POLICY } from '../../../src/domain/sla/sla.ts'
import { slaOf, slaWorking } from '../../../src/domain/sla/sla-of.ts'
import { slaTerms } from '../../../src/domain/sla/sla-terms.ts'
import { aroundTheClock } from '../../../src/domain/sla/working-calendar.ts'
import { workingMsBetween } from '../../../src/domain/sla/working-time.ts'
import { johannesburgOffice, newYorkOffice, officeWithLunch } from './calendars.ts'

const HOUR = 3_600_000

/** Where a ticket can go by the lifecycle, unmark included. */
const next: { readonly [S in SlaStatus]: ReadonlyArray<SlaStatus> } = {
  open: ['assigned', 'cancelled'],
  assigned: ['in_progress', 'on_hold', 'cancelled'],
  in_progress: ['on_hold', 'pending_qa', 'cancelled'],
  on_hold: ['assigned', 'in_progress', 'cancelled'],
  pending_qa: ['in_progress', 'qa_in_progress', 'cancelled'],
  qa_in_progress: ['qa_rejected', 'qa_approved', 'cancelled'],
  qa_rejected: ['in_progress', 'cancelled'],
  qa_approved: ['pending_handover', 'qa_rejected'],
  pending_handover: ['handed_to_maintenance', 'qa_rejected'],
  handed_to_maintenance: ['closed'],
  closed: [],
  cancelled: ['open', 'in_progress'],
}

const createdArb = fc
  .integer({ min: Date.UTC(2026, 2, 25), max: Date.UTC(2026, 11, 31) })
  .map((ms) => new Date(ms).toISOString())
const priorityArb = fc.constantFrom<SlaPriority>('low', 'normal', 'high', 'urgent', 'critical')
const termsArb = fc.constantFrom(johannesburgOffice, newYorkOffice, officeWithLunch).map((working_hours) => {
  const terms = slaTerms(DEFAULT_SLA_POLICY, { around_the_clock: aroundTheClock, working_hours })
  if (E.isLeft(terms)) throw new Error(terms.left.type)
  return terms.right
})
/** From open straight to closed: which way to go at each state of the table above. */
const MAIN_JOB = [0, 0, 1, 1, 1, 0, 0, 0]
const walkArb = fc.oneof(
  { weight: 3, arbitrary: fc.array(fc.tuple(fc.nat(60 * HOUR), fc.nat(5)), { maxLength: 14 }) },
  fc
    .tuple(fc.array(fc.nat(30 * HOUR), { minLength: 8, maxLength: 8 }), fc.integer({ min: 1, max: 8 }), fc.nat(3))
    .map(([waits, length, haste]) =>
      waits.slice(0, length).map((wait, n) => [Math.floor(wait / 10 ** haste), MAIN_JOB[n] ?? 0] as const),
    ),
  // on hold before work ever started
  fc.tuple(fc.nat(HOUR), fc.nat(HOUR)).map(([toAssign, toHold]) => [[toAssign, 0] as const, [toHold, 1] as const]),
)

const walked = (createdAt: string, walk: ReadonlyArray<readonly [number, number]>): ReadonlyArray<SlaChange> => {
  const history: Array<SlaChange> = [{ at: createdAt, status: 'open' }]
  for (const [wait, choice] of walk) {
    const last = history.at(-1) ?? { at: createdAt, status: 'open' as const }
    const options = next[last.status]
    const status = options[choice % Math.max(1, options.length)]
    if (status !== undefined) history.push({ at: plusMs(last.at, wait), status })
  }
  return history
}

const ticketArb = fc
  .record({ createdAt: createdArb, walk: walkArb, priority: priorityArb, terms: termsArb, wait: fc.nat(200 * HOUR) })
  .map(({ createdAt, walk, priority, terms, wait }) => {
    const history = walked(createdAt, walk)
    return { createdAt, history, priority, terms, deletedAt: null, now: plusMs(history.at(-1)?.at ?? createdAt, wait) }
  })

it('a clock only ever moves forward, a breach never heals, and the figures agree with each other and their working', () => {
  const reached = new Set<string>()
  fc.assert(
    fc.property(ticketArb, fc.nat(100 * HOUR), (ticket, later) => {
      for (const name of ['response', 'resolution'] as const) {
        const clock = slaOf(ticket)[name]
        const after = slaOf({ ...ticket, now: plusMs(ticket.now, later) })[name]
        const working = slaWorking(ticket)[name]
        reached.add(`${name} ${clock.state}${clock.breached ? ' breached' : ''}`)
        expect(after.elapsedMs).toBeGreaterThanOrEqual(clock.elapsedMs)
        expect(after.breached || !clock.breached).toBe(true)
        expect(clock.state === 'running' || after.elapsedMs === clock.elapsedMs).toBe(true)
        expect(clock.elapsedMs + clock.remainingMs).toBe(clock.budgetMs)
        expect(clock.elapsedMs <= clock.budgetMs || clock.breached).toBe(true)
        expect(clock.state === 'running' && clock.dueAt !== null ? clock.dueAt < ticket.now : clock.breached).toBe(
          clock.breached,
        )
        expect(working.counted.reduce((sum, { from, to }) => sum + Date.parse(to) - Date.parse(from), 0)).toBe(
          clock.elapsedMs,
        )
        expect(working.pauses.filter(({ to }) => to === null)).toHaveLength(clock.state === 'paused' ? 1 : 0)
      }
    }),
    { numRuns: 1500 },
  )
  expect([...reached].toSorted()).toEqual(
    expect.arrayContaining([
      'response running',
      'response running breached',
      'response paused',
      'response met',
      'response ended',
      'response ended breached',
      'resolution running',
      'resolution running breached',
      'resolution paused',
      'resolution paused breached',
      'resolution met',
      'resolution ended',
      'resolution ended breached',
    ]),
  )
})

it('holding and resuming moves the due time by exactly the working time held', () => {
  const reached = new Set<string>()
  fc.assert(
    fc.property(
      createdArb,
      priorityArb,
      termsArb,
      fc.array(fc.tuple(fc.nat(8 * HOUR), fc.nat(120 * HOUR)), { minLength: 1, maxLength: 4 }),
      (createdAt, priority, terms, holds) => {
        const history: Array<SlaChange> = [{ at: createdAt, status: 'in_progress' }]
        const { calendar } = terms[priority]
        let held = 0
        let at = createdAt
        for (const [work, hold] of holds) {
          const from = plusMs(at, work)
          at = plusMs(from, hold)
          held += workingMsBetween(calendar, Date.parse(from), Date.parse(at))
          history.push({ at: from, status: 'on_hold' }, { at, status: 'in_progress' })
        }
        const ticket = { createdAt, priority, terms, deletedAt: null, now: at }
        const { resolution } = slaOf({ ...ticket, history })
        if (resolution.elapsedMs >= resolution.budgetMs) {
          reached.add('used up')
          return
        }
        reached.add(held === 0 ? 'held in free time' : 'held in working time')
        const unheld = slaOf({ ...ticket, history: history.slice(0, 1), now: createdAt }).resolution
        const shift = workingMsBetween(calendar, Date.parse(unheld.dueAt ?? ''), Date.parse(resolution.dueAt ?? ''))
        expect(shift).toBe(held)
      },
    ),
    { numRuns: 800 },
  )
  expect([...reached].toSorted()).toEqual(['held in free time', 'held in working time', 'used up'])
})

it('cutting one pause in two adjacent ones changes nothing', () => {
  fc.assert(
    fc.property(ticketArb, fc.nat(20), fc.nat(100), (ticket, which, share) => {
      const index = which % ticket.history.length
      const here = ticket.history[index]
      if (here === undefined) return
      const until = ticket.history[index + 1]?.at ?? ticket.now
      const middle = plusMs(here.at, Math.floor(((Date.parse(until) - Date.parse(here.at)) * share) / 100))
      const history = ticket.history.toSpliced(index + 1, 0, { at: middle, status: here.status })
      expect(slaOf({ ...ticket, history })).toEqual(slaOf(ticket))
      expect(slaWorking({ ...ticket, history })).toEqual(slaWorking(ticket))
    }),
    { numRuns: 500 },
  )
})

it('however often anyone looks, each mark is sent at most once per clock and priority, and only rising', () => {
  const reached = new Set<string>()
  const rank: ReadonlyArray<Mark> = ['50', '75', '90', 'breach']
  fc.assert(
    fc.property(ticketArb, fc.array(fc.tuple(fc.nat(40 * HOUR), priorityArb), { maxLength: 12 }), (ticket, looks) => {
      const sent: Array<SlaMark> = []
      let now = ticket.createdAt
      for (const [wait, priority] of looks) {
        now = plusMs(now, wait)
        const due = dueMarks({ sla: slaOf({ ...ticket, priority, now }), priority, sent, now })
        expect(due.length).toBeLessThanOrEqual(2)
        sent.push(...due.map(({ clock, mark }) => ({ clock, priority, mark })))
        expect(dueMarks({ sla: slaOf({ ...ticket, priority, now }), priority, sent, now })).toEqual([])
      }
      for (const { clock, priority, mark } of sent) {
        reached.add(`${clock} ${mark}`)
        const same = sent
          .filter((one) => one.clock === clock && one.priority === priority)
          .map((one) => rank.indexOf(one.mark))
        expect(same).toEqual([...new Set(same)].toSorted((a, b) => a - b))
      }
    }),
    { numRuns: 1500 },
  )
  expect([...reached].toSorted()).toEqual(
    ['response', 'resolution'].flatMap((clock) => rank.map((mark) => `${clock} ${mark}`)).toSorted(),
  )
})
