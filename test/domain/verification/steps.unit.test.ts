import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { keptValue, valueProblem } from '../../../src/domain/verification/complete-step.ts'
import { progressOf, requiredSteps, stepProfile } from '../../../src/domain/verification/required-steps.ts'
import { STEP_KEYS, STEP_PROFILES, stepList, stepNumber, stepOrder } from '../../../src/domain/verification/steps.ts'
import { begin, newTicket, PLACE, recording, through } from '../../support/tickets.ts'

const numbers = (said: Parameters<typeof newTicket>[0]) => requiredSteps(newTicket(said)).map(stepNumber)
const noDr = { ...PLACE, dr: null }

describe('the required steps', () => {
  it('follow the type of work', () => {
    expect(numbers({ type: 'new_installation' })).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    expect(numbers({ type: 'modification' })).toEqual([2, 5, 7, 10, 11, 12])
    expect(numbers({ type: 'ont_swap' })).toEqual([6, 8, 10, 11, 12])
    expect(numbers({ type: 'maintenance' })).toEqual([7, 10, 11])
    expect(numbers({ type: 'incident' })).toEqual([7, 10, 11])
    expect(numbers({ type: 'incident', place: noDr })).toEqual([7])
    expect(numbers({ type: 'infrastructure' })).toEqual([7])
    expect(numbers({ paperwork: true, weeklyNote: 2 })).toEqual([7, 8, 11])
    expect(numbers({ paperwork: true, weeklyNote: 4 })).toEqual([8, 11])
  })

  it('of a note that is no paperwork are those of maintenance', () => {
    expect(numbers({ weeklyNote: 2 })).toEqual([7, 10, 11])
    expect(numbers({ paperwork: true, weeklyNote: 1 })).toEqual([7, 10, 11])
  })

  it('follow the present type, and whether an incident has a DR', () => {
    const profiles = [
      { type: 'incident' as const },
      { type: 'incident' as const, place: noDr },
      { type: 'ont_swap' as const },
    ]
    expect(profiles.map((said) => stepProfile(newTicket(said)))).toEqual([
      'incident_with_dr',
      'incident_without_dr',
      'ont_swap',
    ])
  })

  it('are the project’s own where it overrides them, for that kind of work alone', () => {
    const stepOverrides = { maintenance: ['house_front'], incident_without_dr: [] } as const
    expect(numbers({ stepOverrides })).toEqual([1])
    expect(numbers({ stepOverrides, type: 'incident', place: noDr })).toEqual([])
    expect(numbers({ stepOverrides, type: 'incident' })).toEqual([7, 10, 11])
  })

  it('are known for every kind of work', () => {
    const reached = STEP_PROFILES.filter((profile) =>
      [
        ...(['new_installation', 'modification', 'ont_swap', 'maintenance', 'incident', 'infrastructure'] as const).map(
          (type) => ({ type }),
        ),
        { type: 'incident' as const, place: noDr },
        { paperwork: true, weeklyNote: 2 },
        { paperwork: true, weeklyNote: 4 },
      ].some((said) => stepProfile(newTicket(said)) === profile),
    )
    expect(reached).toEqual(STEP_PROFILES)
  })
})

it('progress counts completed of twelve, and required completed of required', () => {
  const one = through(begin(), recording('house_front', { complete: true }))
  expect(progressOf(one)).toEqual({ completed: 1, total: 12, requiredCompleted: 0, required: 3 })
  const done = { ...one, steps: one.steps.map((step) => ({ ...step, complete: true })) }
  expect(progressOf(done)).toEqual({ completed: 12, total: 12, requiredCompleted: 3, required: 3 })
})

it('the twelve steps have their numbers, names and values', () => {
  expect(STEP_KEYS.map(stepNumber)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
  expect(STEP_KEYS.filter((key) => stepList[key].value !== 'none').map(stepNumber)).toEqual([8, 9, 10, 12])
  expect(new Set(STEP_KEYS.map((key) => stepList[key].name)).size).toBe(12)
})

it('the order of capture is 5 before 6 before 7, 10 before 11, 12 last', () => {
  const pairs = stepOrder.map(([before, after]) => [stepNumber(before), stepNumber(after)])
  expect(pairs.slice(0, 3)).toEqual([
    [5, 6],
    [6, 7],
    [10, 11],
  ])
  expect(pairs.slice(3)).toEqual(STEP_KEYS.slice(0, 11).map((_, index) => [index + 1, 12]))
})

it('a value stored before it was checked is named as what it is', () => {
  expect(valueProblem('ont_barcode', 'ALCL')).toBe('not a valid ONT serial')
  expect(valueProblem('ups_serial', 'GU18')).toBe('not a valid UPS serial')
  expect(valueProblem('power_meter_reading', 'NaN')).toBe('not a plausible dBm reading')
  expect(keptValue('house_front', 'x')).toEqual(E.left('takes no value'))
})
