import { describe, expect, it } from 'vitest'
import { dueMarks, markToSend } from '../../../src/domain/sla/due-marks.ts'
import type { Clock, ClockState } from '../../../src/domain/sla/sla.ts'

const clockAt = (percent: number, over: Partial<Clock> = {}): Clock => ({
  state: 'running',
  dueAt: '2026-07-20T12:00:00.000Z',
  reachedAt: null,
  budgetMs: 10_000,
  elapsedMs: percent * 100,
  remainingMs: 10_000 - percent * 100,
  percent,
  breached: percent > 100,
  ...over,
})

describe('one clock', () => {
  it.each([
    [49, null],
    [50, '50'],
    [74, '50'],
    [75, '75'],
    [89, '75'],
    [90, '90'],
    [100, '90'],
    [101, 'breach'],
  ] as const)('at %d %% the mark to send is %s', (percent, mark) => {
    expect(markToSend(clockAt(percent), [])).toBe(mark)
  })

  it('of several passed at once only the highest is sent, and the lower ones never afterwards', () => {
    expect(markToSend(clockAt(80), [])).toBe('75')
    expect(markToSend(clockAt(80), ['75'])).toBeNull()
    expect(markToSend(clockAt(95), ['75'])).toBe('90')
  })

  it('does not warn while it stands still', () => {
    expect(markToSend(clockAt(80, { state: 'paused' }), [])).toBeNull()
    expect(markToSend(clockAt(80, { state: 'met', reachedAt: '2026-07-20T12:00:00.000Z' }), [])).toBeNull()
  })

  it.each(['paused', 'ended'] satisfies Array<ClockState>)(
    'tells a breach that nobody saw before it was %s',
    (state) => {
      const reachedAt = state === 'ended' ? '2026-07-20T12:00:00.000Z' : null
      expect(markToSend(clockAt(120, { state, reachedAt }), ['90'])).toBe('breach')
      expect(markToSend(clockAt(120, { state, reachedAt }), ['breach'])).toBeNull()
    },
  )

  it('tells nothing of a cancelled ticket', () => {
    expect(markToSend(clockAt(120, { state: 'ended' }), [])).toBeNull()
  })
})

describe('a ticket', () => {
  const now = '2026-07-20T11:00:00.000Z'
  const sla = { response: clockAt(120), resolution: clockAt(55) }

  it('tells both clocks, each with its own mark and due time', () => {
    const common = { type: 'SlaMarkReached', priority: 'high', dueAt: '2026-07-20T12:00:00.000Z', at: now }
    expect(dueMarks({ sla, priority: 'high', sent: [], now })).toEqual([
      { ...common, clock: 'response', mark: 'breach', percent: 120 },
      { ...common, clock: 'resolution', mark: '50', percent: 55 },
    ])
  })

  it('tells again after its priority changed, and not what that priority was told already', () => {
    const sent = [
      { clock: 'response', priority: 'high', mark: 'breach' },
      { clock: 'resolution', priority: 'high', mark: '50' },
    ] as const
    expect(dueMarks({ sla, priority: 'high', sent, now })).toEqual([])
    expect(dueMarks({ sla, priority: 'urgent', sent, now })).toHaveLength(2)
  })
})
