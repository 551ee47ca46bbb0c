import fc from 'fast-check'
import { expect, it } from 'vitest'
import { defaultCalendars } from '../../src/adapters/calendar/working-calendar.ts'
import { nextLookAt } from '../../src/application/timers/next-look.ts'
import { plusMs } from '../../src/domain/shared/time.ts'
import { dueMarks } from '../../src/domain/sla/due-marks.ts'
import { DEFAULT_SLA_POLICY, type Mark, type SlaMark } from '../../src/domain/sla/sla.ts'
import { slaOf } from '../../src/domain/sla/sla-of.ts'
import { slaTerms } from '../../src/domain/sla/sla-terms.ts'
import { PRIORITIES, STATUSES, type TicketStatus } from '../../src/domain/ticket/ticket.ts'

const CREATED = '2026-03-02T08:00:00.000Z'
const HOUR = 3_600_000
const MARKS: ReadonlyArray<Mark> = ['50', '75', '90', 'breach']
const policy = slaTerms(DEFAULT_SLA_POLICY, defaultCalendars())
if (policy._tag === 'Left') throw new Error(policy.left.type)
const terms = policy.right

const lifeArb = fc.record({
  priority: fc.constantFrom(...PRIORITIES),
  changes: fc.array(
    fc.record({
      afterMs: fc.integer({ min: 0, max: 12 * HOUR }),
      status: fc.oneof(
        fc.constantFrom('assigned' as const, 'in_progress' as const, 'on_hold' as const),
        fc.constantFrom(...STATUSES),
      ),
    }),
    { maxLength: 4 },
  ),
  lookedAfterMs: fc.oneof(
    fc.integer({ min: 0, max: 30 * HOUR }),
    fc.integer({ min: 0, max: 300 * HOUR }),
    fc.integer({ min: 0, max: 30 }).map((n) => n * HOUR),
  ),
  share: fc.double({ min: 0, max: 1, noNaN: true }),
})

it('until the next look no mark falls due and no due time turns wrong; when something does, it is at that moment', () => {
  const reached = { never: 0, mark: 0, breach: 0, moved: 0 }
  fc.assert(
    fc.property(lifeArb, ({ priority, changes, lookedAfterMs, share }) => {
      const history: Array<{ at: string; status: TicketStatus }> = [{ at: CREATED, status: 'open' }]
      for (const { afterMs, status } of changes)
        history.push({ at: plusMs(history.at(-1)?.at ?? CREATED, afterMs), status })
      const at = history.at(-1)?.at ?? CREATED
      const now = plusMs(at, lookedAfterMs)
      const slaAt = (moment: string) =>
        slaOf({ createdAt: CREATED, history, deletedAt: null, priority, terms, now: moment })
      const sla = slaAt(now)
      const next = nextLookAt(sla, terms[priority].calendar, now)
      // Everything that was due by now has been told, with everything below it.
      const sent: ReadonlyArray<SlaMark> = dueMarks({ sla, priority, sent: [], now }).flatMap(({ clock, mark }) =>
        MARKS.slice(0, MARKS.indexOf(mark) + 1).map((one) => ({ clock, priority, mark: one })),
      )
      const newAt = (moment: string) => dueMarks({ sla: slaAt(moment), priority, sent, now: moment })
      const end = next ?? plusMs(now, 2_000 * HOUR)
      const quiet = plusMs(now, Math.floor((Date.parse(end) - 1 - Date.parse(now)) * share))
      for (const moment of [quiet, plusMs(end, -1)]) {
        if (moment < now) continue
        expect(newAt(moment)).toEqual([])
        for (const clock of ['response', 'resolution'] as const) {
          const then = slaAt(moment)[clock]
          expect(then.breached).toBe(sla[clock].breached)
          // What is stored as due is never past while its clock stands still.
          if (then.state === 'paused' && !then.breached) expect((sla[clock].dueAt ?? end) >= moment).toBe(true)
          if (then.state === 'running') expect(then.dueAt).toBe(sla[clock].dueAt)
        }
      }
      if (next === null) reached.never += 1
      else if (newAt(next).some(({ mark }) => mark === 'breach')) reached.breach += 1
      else if (newAt(next).length > 0) reached.mark += 1
      else {
        expect(Object.values(slaAt(next)).some(({ state }) => state === 'paused')).toBe(true)
        reached.moved += 1
      }
    }),
    { numRuns: 4_000 },
  )
  for (const count of Object.values(reached)) expect(count).toBeGreaterThan(30)
})
