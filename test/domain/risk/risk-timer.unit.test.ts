import { describe, expect, it } from 'vitest'
import { riskTimer } from '../../../src/domain/risk/past.ts'
import type { RiskStatus } from '../../../src/domain/risk/risk.ts'

const ACCEPTED = '2026-03-01T08:00:00.000Z'
const risk = (status: RiskStatus = 'active', expiresOn = '2026-03-20', acceptedAt = ACCEPTED) => ({
  status,
  expiresOn,
  acceptedAt,
})
const on = (day: string, told: ReadonlyArray<number> = [], of = risk()) =>
  riskTimer(of, told, `2026-03-${day}T08:00:00.000Z`)

describe('what time demands of a risk', () => {
  it('nothing while it is more than 14 days away', () => {
    expect(on('05')).toBeNull()
  })

  it.each([
    ['06', 14],
    ['13', 7],
    ['19', 1],
  ])('on the %sth a warning of %i days', (day, warning) => {
    expect(on(day)).toEqual({ type: 'warn', warning, daysLeft: warning })
    expect(on(day, [warning])).toBeNull()
  })

  it('a missed warning is made up for, the latest of several, and none after a later one was told', () => {
    expect(on('08')).toEqual({ type: 'warn', warning: 14, daysLeft: 12 })
    expect(on('18')).toEqual({ type: 'warn', warning: 7, daysLeft: 2 })
    expect(on('18', [14])).toEqual({ type: 'warn', warning: 7, daysLeft: 2 })
    expect(on('18', [7])).toBeNull()
    expect(on('18', [1])).toBeNull()
    expect(on('20')).toEqual({ type: 'warn', warning: 1, daysLeft: 0 })
  })

  it('no warning of days it was never given', () => {
    const short = risk('active', '2026-03-11')
    expect(on('01', [], short)).toBeNull()
    expect(on('04', [], short)).toEqual({ type: 'warn', warning: 7, daysLeft: 7 })
    expect(on('01', [], risk('active', '2026-03-15'))).toEqual({ type: 'warn', warning: 14, daysLeft: 14 })
  })

  it('it expires after its date, and an expired one escalates on the third day', () => {
    expect(on('21')).toEqual({ type: 'expire' })
    expect(on('22', [], risk('expired'))).toBeNull()
    expect(on('23', [], risk('expired'))).toEqual({ type: 'escalate' })
  })

  it.each(['resolved', 'escalated'] as const)('nothing of one that is %s', (status) => {
    for (const day of ['13', '21', '30']) expect(on(day, [], risk(status))).toBeNull()
  })
})
