import { describe, expect, it } from 'vitest'
import { checkReadiness } from '../../../src/domain/readiness/check-readiness.ts'
import { type ProjectFacts, READINESS_CHECKS, type ReadinessCheck } from '../../../src/domain/readiness/readiness.ts'
import type { Common, Ticket } from '../../../src/domain/ticket/ticket.ts'
import { ticketIn } from '../../support/lifecycle.ts'
import { AT, begin, facts, MANAGER, noPlatforms, PLACE, photo, sowRow, verdicts } from '../../support/tickets.ts'

const ready = ticketIn('in_progress')
const result = (check: ReadinessCheck, ticket: Common, known: ProjectFacts = facts()) => {
  const found = checkReadiness(ticket, known).results.find((one) => one.check === check)
  if (found === undefined) throw new Error(`no ${check}`)
  return found
}
const outcome = (check: ReadinessCheck, ticket: Common, known?: ProjectFacts) => result(check, ticket, known).outcome
const withRx = (ontRx: number | null): Ticket => ({ ...ready, equipment: { ...ready.equipment, ontRx } })
const withSerial = (ontSerial: string | null): Ticket => ({ ...ready, equipment: { ...ready.equipment, ontSerial } })
const at = (place: Partial<Common['place']>): Ticket => ({ ...ready, place: { ...PLACE, ...place } })

it('a ticket with all its evidence passes every check that applies to it', () => {
  const { passed, results } = checkReadiness(ready, facts())
  expect(passed).toBe(true)
  expect(results.map((one) => [one.check, one.outcome])).toEqual(READINESS_CHECKS.map((check) => [check, 'passed']))
})

it('every check says what it expected, what it found, and a sentence', () => {
  for (const one of checkReadiness(begin({ place: { dr: null, pole: null, pon: null, zone: null } }), facts())
    .results) {
    expect(one.expected).not.toBe('')
    expect(one.actual).not.toBe('')
    expect(one.sentence).toMatch(/^[A-Z0-9].*\.$/)
  }
})

describe('photos_exist', () => {
  it('names every required step without photo, value or completion', () => {
    expect(
      result('photos_exist', begin({ equipment: { ontSerial: null, ontRx: null, ontModel: null, upsSerial: null } })),
    ).toMatchObject({
      outcome: 'failed',
      actual: 'work_area_final: no photo; power_meter_reading: no photo; green_lights: no photo',
    })
    const noReading: Ticket = {
      ...withRx(null),
      steps: ready.steps.map((step) => ({ ...step, complete: step.key !== 'green_lights' })),
    }
    expect(result('photos_exist', noReading).actual).toBe(
      'power_meter_reading: no dBm reading; green_lights: not completed',
    )
  })

  it('counts only the current photo of a step', () => {
    const replaced: Ticket = {
      ...ready,
      photos: ready.photos.map((one) => ({ ...one, current: one.step !== 'green_lights' })),
    }
    expect(result('photos_exist', replaced).actual).toBe('green_lights: no photo')
  })
})

describe('photo_quality', () => {
  const withVerdicts = (given: ReturnType<typeof verdicts>): Ticket => ({
    ...ready,
    photos: ready.photos.map((one) => (one.step === 'green_lights' ? { ...one, verdicts: given } : one)),
  })

  it('fails on a verdict that blocks, on one that is missing, and names the step', () => {
    expect(result('photo_quality', withVerdicts(verdicts('pass', 'block')))).toMatchObject({
      outcome: 'failed',
      actual: 'green_lights: size was looked at',
    })
    expect(outcome('photo_quality', withVerdicts([]))).toBe('failed')
  })

  it('looks at current photos only, those of steps that are not required included', () => {
    const bad = {
      ...photo('house_front'),
      current: true,
      arrivedAt: AT,
      uploadedBy: 'x',
      cycle: 0,
      overrides: [],
      reuseCleared: null,
      verdicts: verdicts('block'),
    }
    expect(outcome('photo_quality', { ...ready, photos: [...ready.photos, bad] })).toBe('failed')
    expect(outcome('photo_quality', { ...ready, photos: [...ready.photos, { ...bad, current: false }] })).toBe('passed')
  })

  it('is not passed by a ticket without photos', () => {
    expect(outcome('photo_quality', begin())).toBe('not_applicable')
  })
})

describe('DR, pole, PON and zone', () => {
  it('are each filled in', () => {
    expect(result('pole_populated', at({ pole: null }))).toMatchObject({
      outcome: 'failed',
      sentence: 'The pole is not filled in.',
    })
    expect(outcome('pon_populated', at({ pon: null }))).toBe('failed')
    expect(outcome('zone_populated', at({ zone: null }))).toBe('failed')
    expect(outcome('dr_populated', at({ dr: null }))).toBe('failed')
  })

  it('a DR that the connected SOW does not hold is unknown until a manager confirms the place', () => {
    expect(result('dr_populated', ready, facts({ rows: [] }))).toMatchObject({
      outcome: 'failed',
      expected: 'a DR that the SOW holds',
    })
    expect(
      outcome(
        'dr_populated',
        { ...ready, placeConfirmed: { by: MANAGER, at: AT, reason: 'Walked' } },
        facts({ rows: [] }),
      ),
    ).toBe('passed')
    expect(outcome('dr_populated', ready, facts({ rows: [], platforms: noPlatforms }))).toBe('passed')
    const waived: Ticket = { ...ready, waivers: [{ platform: 'sow', by: MANAGER, at: AT, reason: 'x' }] }
    expect(outcome('dr_populated', waived, facts({ rows: [] }))).toBe('failed')
  })
})

describe('a ticket that is not about one home', () => {
  const infrastructure = (place: Partial<Common['place']>) =>
    begin({
      type: 'infrastructure',
      source: 'system',
      cause: null,
      place: { dr: null, pole: null, pon: null, zone: null, ...place },
    })
  const incident = (place: Partial<Common['place']>) =>
    begin({ type: 'incident', place: { dr: null, pole: null, pon: null, zone: null, ...place } })

  it('needs no DR, ONT, RX level or platform, and is never said to have passed them', () => {
    for (const ticket of [infrastructure({ pole: 'P1' }), incident({ pon: '7' })])
      for (const check of [
        'dr_populated',
        'ont_serial_recorded',
        'ont_rx_recorded',
        'ont_rx_within_limits',
        'platforms_aligned',
      ] as const)
        expect(outcome(check, ticket, facts({ rows: [] }))).toBe('not_applicable')
  })

  it('names at least one of DR, pole, PON and zone, and only those it names count', () => {
    const places = ['dr_populated', 'pole_populated', 'pon_populated', 'zone_populated'] as const
    const outcomes = (ticket: Ticket) => places.map((check) => outcome(check, ticket, facts({ rows: [] })))
    expect(outcomes(infrastructure({ pole: 'P1' }))).toEqual([
      'not_applicable',
      'passed',
      'not_applicable',
      'not_applicable',
    ])
    expect(outcomes(infrastructure({ dr: 'DR1' }))).toEqual([
      'passed',
      'not_applicable',
      'not_applicable',
      'not_applicable',
    ])
    expect(outcomes(incident({ pon: '7', zone: '2' }))).toEqual([
      'not_applicable',
      'not_applicable',
      'passed',
      'passed',
    ])
    expect(outcomes(incident({}))).toEqual(['not_applicable', 'failed', 'failed', 'failed'])
  })

  it('an incident with a DR is about a home after all', () => {
    expect(
      outcome(
        'ont_serial_recorded',
        begin({ type: 'incident', equipment: { ontSerial: null, ontRx: null, ontModel: null, upsSerial: null } }),
      ),
    ).toBe('failed')
  })
})

describe('the ONT', () => {
  it('has a serial of four letters and eight hexadecimal digits', () => {
    expect([
      outcome('ont_serial_recorded', withSerial('ALCLB465A671')),
      outcome('ont_serial_recorded', withSerial('ALCLB465A67')),
      outcome('ont_serial_recorded', withSerial('ALCLB465A67G')),
      outcome('ont_serial_recorded', withSerial(null)),
    ]).toEqual(['passed', 'failed', 'failed', 'failed'])
  })

  it('has a plausible RX level: from -40 to just below 0', () => {
    const recorded = (rx: number | null) => outcome('ont_rx_recorded', withRx(rx))
    expect([-40, -0.001].map(recorded)).toEqual(['passed', 'passed'])
    expect([-40.001, 0, 18.25, Number.NaN, null].map(recorded)).toEqual([
      'failed',
      'failed',
      'failed',
      'failed',
      'failed',
    ])
  })

  it('has an RX level within the limits, both included, decided on the unrounded value', () => {
    const within = (rx: number | null) => outcome('ont_rx_within_limits', withRx(rx))
    expect([-25, -10].map(within)).toEqual(['passed', 'passed'])
    expect([-25.001, -9.999, -25.0001, -9.9999, null].map(within)).toEqual([
      'failed',
      'failed',
      'failed',
      'failed',
      'failed',
    ])
    expect(result('ont_rx_within_limits', withRx(-25.001))).toMatchObject({
      expected: '-25 to -10 dBm',
      actual: '-25.001 dBm',
    })
  })

  it('is measured by the limits of its project', () => {
    expect(outcome('ont_rx_within_limits', withRx(-26.5), facts({ rxMin: -27 }))).toBe('passed')
  })
})

describe('platforms_aligned', () => {
  it('names platform, field and both values of each disagreement', () => {
    expect(
      result('platforms_aligned', ready, facts({ rows: [sowRow({ pole: 'LAW.P.B9', zone: null })] })),
    ).toMatchObject({
      outcome: 'failed',
      actual:
        'sow pole: ticket LAW.P.A002, sow LAW.P.B9; sow zone: ticket 12, sow nothing; sharepoint: not_connected; tracker: not_connected',
      sentence: 'The ticket does not agree with the SOW.',
    })
    expect(result('platforms_aligned', at({ dr: null })).actual).toContain('sow dr: ticket nothing, sow no such DR')
  })

  it('is not passed when no platform could be compared, and fails when one that must be connected is not', () => {
    const nothing = facts({ platforms: noPlatforms })
    expect(result('platforms_aligned', ready, nothing)).toMatchObject({
      outcome: 'not_applicable',
      actual: 'sow: not_connected; sharepoint: not_connected; tracker: not_connected',
    })
    expect(outcome('platforms_aligned', ready, { ...nothing, requiredPlatforms: ['tracker'] })).toBe('failed')
  })
})

describe('fault_attributed', () => {
  const attributed = (ticket: Ticket) => outcome('fault_attributed', ticket)

  it('needs a cause that a person confirmed, for maintenance and incident', () => {
    expect(attributed(begin())).toBe('passed')
    expect(attributed(begin({ source: 'qcontact', cause: null }))).toBe('failed')
    expect(attributed(begin({ type: 'incident', cause: 'vandalism' }, MANAGER, false))).toBe('failed')
    expect(attributed({ ...begin(), fault: { cause: null, component: null, details: null, confirmed: null } })).toBe(
      'failed',
    )
    for (const type of ['new_installation', 'modification', 'ont_swap', 'infrastructure'] as const)
      expect(attributed(begin({ type, cause: null }))).toBe('not_applicable')
  })

  it('takes `unknown` when the details say why', () => {
    const unknown = (details: string | null): Ticket => ({
      ...begin(),
      fault: { cause: 'unknown', component: null, details, confirmed: { by: MANAGER, at: AT } },
    })
    expect([attributed(unknown('No trace')), attributed(unknown(null))]).toEqual(['passed', 'failed'])
  })

  it('is not asked of paperwork and of what the system made', () => {
    expect(attributed(begin({ paperwork: true, weeklyNote: 2, cause: null }))).toBe('not_applicable')
    expect(attributed(begin({ source: 'system', cause: 'unknown' }))).toBe('not_applicable')
  })
})
