import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { DecidedBilling, GuaranteeCause } from '../../../src/domain/guarantee/guarantee.ts'
import { BILLING_CLASSIFICATIONS, GUARANTEE_STATUSES } from '../../../src/domain/guarantee/guarantee.ts'
import type { GuaranteeFacts } from '../../../src/domain/guarantee/guarantee-of.ts'
import { guaranteeOf } from '../../../src/domain/guarantee/guarantee-of.ts'
import { addDays, plusDays } from '../../../src/domain/shared/time.ts'

const INSTALLED = '2026-01-10'

const factsArb: fc.Arbitrary<GuaranteeFacts> = fc.record({
  cause: fc.constantFrom<GuaranteeCause | null>(
    'workmanship',
    'material_failure',
    'client_damage',
    'third_party',
    'environmental',
    'vandalism',
    'unknown',
    null,
  ),
  paperwork: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, fc.boolean()),
  installed: fc.option(fc.constant({ day: INSTALLED, source: 'tracker' as const }), { freq: 4 }),
  reportedAt: fc
    .oneof({ weight: 4, arbitrary: fc.integer({ min: -5, max: 500 }) }, fc.integer({ min: -5, max: 1 }))
    .map((days) => `${addDays(INSTALLED, days)}T10:00:00.000Z`),
  periods: fc.record({
    installationDays: fc.nat(200),
    materialDays: fc.nat(400),
    contractorLiable: fc.boolean(),
    autoClassifyOutOfGuarantee: fc.boolean(),
  }),
  classified: fc.constantFrom<DecidedBilling | null>(
    null,
    null,
    null,
    'contractor_guarantee',
    'internal',
    'billable_standard',
    'material_warranty',
    'billable_client',
  ),
})

it('status, billing and billable never contradict each other', () => {
  const reached = new Set<string>()
  fc.assert(
    fc.property(factsArb, (facts) => {
      const { status, billing, billable, decidedBy } = guaranteeOf(facts)
      for (const one of [status, billing, decidedBy]) reached.add(one)
      expect(billable).toBe(billing === 'pending_classification' ? null : billing.startsWith('billable_'))
      expect(billable === null).toBe(status === 'pending_classification')
      expect(billable === true && status === 'under_guarantee').toBe(false)
      expect(decidedBy === 'classified_by_manager').toBe(facts.classified !== null)
    }),
    { numRuns: 2000 },
  )
  expect([...reached]).toEqual(
    expect.arrayContaining([
      ...GUARANTEE_STATUSES,
      ...BILLING_CLASSIFICATIONS,
      'paperwork_is_internal',
      'cause_not_known',
      'installation_date_not_known',
      'fault_before_installation',
      'within_installation_period',
      'within_material_period',
      'after_its_period',
      'after_its_period_awaits_manager',
      'client_damage_outside_guarantee',
      'third_party_outside_guarantee',
      'environmental_outside_guarantee',
      'vandalism_outside_guarantee',
      'classified_by_manager',
    ]),
  )
})

it('without a manager’s word, a fault out of guarantee stays out of it on every later day', () => {
  const reached = new Set<string>()
  fc.assert(
    fc.property(factsArb, fc.nat(300), (any, days) => {
      const facts = { ...any, classified: null }
      const { status } = guaranteeOf(facts)
      reached.add(status)
      if (status === 'out_of_guarantee') {
        expect(guaranteeOf({ ...facts, reportedAt: plusDays(facts.reportedAt, days) }).status).toBe('out_of_guarantee')
      }
    }),
    { numRuns: 500 },
  )
  expect(reached).toContain('out_of_guarantee')
})
