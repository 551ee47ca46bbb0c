import { describe, expect, it } from 'vitest'
import { DEFAULT_REPEAT_FAULT_SETTINGS, SCOPES } from '../../../src/domain/escalation/escalation.ts'
import type { FaultTicket } from '../../../src/domain/escalation/repeat-faults.ts'
import { countsAsFault, repeatFaults, scopesOf } from '../../../src/domain/escalation/repeat-faults.ts'
import { plusDays, plusMs } from '../../../src/domain/shared/time.ts'

const NOW = '2026-07-20T10:00:00.000Z'

const fault: FaultTicket = {
  type: 'maintenance',
  source: 'qcontact',
  status: 'in_progress',
  deletedAt: null,
  cause: 'workmanship',
  paperwork: false,
}

describe('a fault counts', () => {
  it.each(['maintenance', 'incident', 'ont_swap'])('when it is a %s ticket', (type) => {
    expect(countsAsFault({ ...fault, type })).toBe(true)
  })

  it.each(['new_installation', 'modification', 'infrastructure'])('but not when it is a %s ticket', (type) => {
    expect(countsAsFault({ ...fault, type })).toBe(false)
  })

  it.each([
    { status: 'cancelled' },
    { deletedAt: NOW },
    { cause: 'client_damage' },
    { paperwork: true },
    { source: 'system' },
  ] as const)('but not with %o', (over) => {
    expect(countsAsFault({ ...fault, ...over })).toBe(false)
  })

  it.each([{ status: 'closed' }, { cause: null }, { cause: 'vandalism' }, { source: 'manual' }] as const)(
    'also with %o',
    (over) => {
      expect(countsAsFault({ ...fault, ...over })).toBe(true)
    },
  )
})

it('a fault counts over every scope its ticket names, within its project', () => {
  expect(scopesOf('lawley', { dr: 'DR1', pole: null, pon: '12', zone: '3' })).toEqual([
    { projectId: 'lawley', scope: 'dr', value: 'DR1' },
    { projectId: 'lawley', scope: 'pon', value: '12' },
    { projectId: 'lawley', scope: 'zone', value: '3' },
  ])
})

const faults = (count: number, createdAt = NOW) =>
  Array.from({ length: count }, (_, n) => ({ ticketId: `t${String(n).padStart(2, '0')}`, createdAt }))

describe('by default', () => {
  it.each(SCOPES)('a %s may have as many faults as its threshold, one more escalates', (scope) => {
    const limit = DEFAULT_REPEAT_FAULT_SETTINGS[scope]
    const facts = { limit, countingSince: null, now: NOW }
    expect(repeatFaults({ ...facts, faults: faults(limit.threshold) })).toMatchObject({
      type: 'below',
      count: limit.threshold,
    })
    expect(repeatFaults({ ...facts, faults: faults(limit.threshold + 1) })).toMatchObject({
      type: 'escalate',
      count: limit.threshold + 1,
      threshold: limit.threshold,
    })
  })

  it('the limits are those of the requirements', () => {
    expect(DEFAULT_REPEAT_FAULT_SETTINGS).toEqual({
      dr: { threshold: 2, windowDays: 90 },
      pole: { threshold: 3, windowDays: 90 },
      pon: { threshold: 5, windowDays: 30 },
      zone: { threshold: 15, windowDays: 30 },
    })
  })
})

describe('the window', () => {
  const limit = { threshold: 1, windowDays: 30 }
  const facts = { limit, countingSince: null, now: NOW }
  const edge = plusDays(NOW, -30)

  it('includes its first moment and not the one before', () => {
    expect(repeatFaults({ ...facts, faults: faults(2, edge) })).toMatchObject({ type: 'escalate', windowFrom: edge })
    expect(repeatFaults({ ...facts, faults: faults(2, plusMs(edge, -1)) })).toMatchObject({ type: 'below', count: 0 })
  })

  it('includes now and not what comes after', () => {
    expect(repeatFaults({ ...facts, faults: faults(2, NOW) }).type).toBe('escalate')
    expect(repeatFaults({ ...facts, faults: faults(2, plusMs(NOW, 1)) }).type).toBe('below')
  })

  it('starts again after the last escalation ended', () => {
    const countingSince = plusDays(NOW, -2)
    expect(repeatFaults({ ...facts, countingSince, faults: faults(2, countingSince) })).toMatchObject({ count: 0 })
    expect(repeatFaults({ ...facts, countingSince, faults: faults(2, plusMs(countingSince, 1)) }).type).toBe('escalate')
  })

  it('names the faults counted, oldest first and each once', () => {
    const [a, b] = [
      { ticketId: 'b', createdAt: plusDays(NOW, -1) },
      { ticketId: 'a', createdAt: plusDays(NOW, -1) },
    ]
    const old = { ticketId: 'z', createdAt: plusDays(NOW, -3) }
    expect(repeatFaults({ ...facts, faults: [a, b, old, a] }).contributing).toEqual(['z', 'a', 'b'])
  })
})
