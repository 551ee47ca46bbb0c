import { describe, expect, it } from 'vitest'
import type { GuaranteePeriods } from '../../../src/domain/guarantee/guarantee.ts'
import { DEFAULT_GUARANTEE_PERIODS } from '../../../src/domain/guarantee/guarantee.ts'
import type { GuaranteeFacts } from '../../../src/domain/guarantee/guarantee-of.ts'
import { guaranteeOf } from '../../../src/domain/guarantee/guarantee-of.ts'
import { installedOn } from '../../../src/domain/guarantee/installed-on.ts'
import { addDays } from '../../../src/domain/shared/time.ts'

const INSTALLED = '2026-01-10'
/** Noon in Johannesburg, so many days after the installation. */
const daysAfter = (days: number) => `${addDays(INSTALLED, days)}T10:00:00.000Z`

const facts = (over: Partial<GuaranteeFacts>, periods: Partial<GuaranteePeriods> = {}): GuaranteeFacts => ({
  cause: 'workmanship',
  paperwork: false,
  installed: { day: INSTALLED, source: 'host_drops' },
  reportedAt: daysAfter(30),
  periods: { ...DEFAULT_GUARANTEE_PERIODS, ...periods },
  classified: null,
  ...over,
})

const under = { status: 'under_guarantee', billable: false } as const
const out = { status: 'out_of_guarantee', billing: 'billable_standard', billable: true } as const
const pending = { status: 'pending_classification', billing: 'pending_classification', billable: null } as const

describe('workmanship', () => {
  it.each([0, 89, 90])('%d days after the installation is the contractor’s', (days) => {
    expect(guaranteeOf(facts({ reportedAt: daysAfter(days) }))).toMatchObject({
      ...under,
      billing: 'contractor_guarantee',
      expiresOn: '2026-04-10',
      decidedBy: 'within_installation_period',
    })
  })

  it('91 days after it is billed at the standard rate', () => {
    expect(guaranteeOf(facts({ reportedAt: daysAfter(91) }))).toMatchObject({
      ...out,
      expiresOn: '2026-04-10',
      decidedBy: 'after_its_period',
    })
  })

  it('is internal where the contractor is not held liable', () => {
    expect(guaranteeOf(facts({}, { contractorLiable: false }))).toMatchObject({ ...under, billing: 'internal' })
  })
})

describe('material failure', () => {
  it.each([91, 365])('%d days after the installation is under the material warranty', (days) => {
    expect(guaranteeOf(facts({ cause: 'material_failure', reportedAt: daysAfter(days) }))).toMatchObject({
      ...under,
      billing: 'material_warranty',
      expiresOn: '2027-01-10',
      decidedBy: 'within_material_period',
    })
  })

  it('366 days after it is billed at the standard rate', () => {
    expect(guaranteeOf(facts({ cause: 'material_failure', reportedAt: daysAfter(366) }))).toMatchObject(out)
  })

  it('is nobody’s liability but the material’s', () => {
    expect(guaranteeOf(facts({ cause: 'material_failure' }, { contractorLiable: false })).billing).toBe(
      'material_warranty',
    )
  })
})

describe('the day compared', () => {
  it('is the day in Johannesburg: late in the evening of the last day is still under guarantee', () => {
    const lastEvening = guaranteeOf(facts({ reportedAt: '2026-04-10T21:59:59.999Z' }))
    expect(lastEvening).toMatchObject({ status: 'under_guarantee', comparedDay: '2026-04-10' })
  })

  it('and midnight there is over, although Greenwich still has the day before', () => {
    const midnight = guaranteeOf(facts({ reportedAt: '2026-04-10T22:00:00.000Z' }))
    expect(midnight).toMatchObject({ status: 'out_of_guarantee', comparedDay: '2026-04-11' })
  })

  it('follows the project’s own periods', () => {
    const own = { installationDays: 10 }
    expect(guaranteeOf(facts({ reportedAt: daysAfter(10) }, own)).status).toBe('under_guarantee')
    expect(guaranteeOf(facts({ reportedAt: daysAfter(11) }, own)).status).toBe('out_of_guarantee')
  })
})

describe('always outside the guarantee', () => {
  it.each([
    ['client_damage', 'billable_client', true],
    ['third_party', 'billable_third_party', true],
    ['vandalism', 'billable_third_party', true],
    ['environmental', 'internal', false],
  ] as const)('%s is %s, on the first day as without a date', (cause, billing, billable) => {
    for (const installed of [{ day: INSTALLED, source: 'tracker' } as const, null]) {
      expect(
        guaranteeOf(facts({ cause, installed, reportedAt: daysAfter(0) }, { autoClassifyOutOfGuarantee: false })),
      ).toMatchObject({
        status: 'out_of_guarantee',
        billing,
        billable,
        expiresOn: null,
        decidedBy: `${cause}_outside_guarantee`,
      })
    }
  })
})

describe('pending classification', () => {
  it.each(['unknown', null] as const)('while the cause is %s', (cause) => {
    expect(guaranteeOf(facts({ cause }))).toMatchObject({ ...pending, decidedBy: 'cause_not_known', expiresOn: null })
  })

  it.each(['workmanship', 'material_failure'] as const)(
    'while nobody knows when the drop was installed (%s)',
    (cause) => {
      expect(guaranteeOf(facts({ cause, installed: null }))).toMatchObject({
        ...pending,
        decidedBy: 'installation_date_not_known',
        expiresOn: null,
      })
    },
  )

  it('when the fault was reported before the installation', () => {
    expect(guaranteeOf(facts({ reportedAt: daysAfter(-1) }))).toMatchObject({
      ...pending,
      decidedBy: 'fault_before_installation',
    })
  })

  it('after its period, where the project leaves that to a manager', () => {
    const manual = { autoClassifyOutOfGuarantee: false }
    expect(guaranteeOf(facts({ reportedAt: daysAfter(91) }, manual))).toMatchObject({
      ...pending,
      expiresOn: '2026-04-10',
      decidedBy: 'after_its_period_awaits_manager',
    })
    expect(guaranteeOf(facts({ reportedAt: daysAfter(90) }, manual))).toMatchObject(under)
  })
})

it('paperwork is internal, whatever its cause', () => {
  for (const cause of ['workmanship', 'client_damage', 'unknown', null] as const) {
    expect(guaranteeOf(facts({ cause, paperwork: true, installed: null }))).toMatchObject({
      status: 'out_of_guarantee',
      billing: 'internal',
      billable: false,
      decidedBy: 'paperwork_is_internal',
    })
  }
})

describe('a manager', () => {
  const expired = facts({ reportedAt: daysAfter(91) }, { autoClassifyOutOfGuarantee: false })

  it.each([
    ['billable_standard', 'out_of_guarantee', true],
    ['billable_client', 'out_of_guarantee', true],
    ['billable_third_party', 'out_of_guarantee', true],
    ['internal', 'out_of_guarantee', false],
    ['contractor_guarantee', 'under_guarantee', false],
    ['material_warranty', 'under_guarantee', false],
  ] as const)('settles a pending case as %s', (classified, status, billable) => {
    expect(guaranteeOf({ ...expired, classified })).toMatchObject({
      status,
      billing: classified,
      billable,
      expiresOn: '2026-04-10',
      decidedBy: 'classified_by_manager',
    })
  })

  it('may take a case under guarantee on the own account', () => {
    expect(guaranteeOf(facts({ classified: 'internal' }))).toMatchObject({ ...under, billing: 'internal' })
  })
})

describe('the installation date', () => {
  const host = { day: '2026-01-10', source: 'host_drops' } as const
  const tracker = { day: '2026-01-12', source: 'tracker' } as const
  const entered = { day: '2025-12-01', source: 'entered' } as const

  it('entered by a person corrects the host, the host comes before the tracker', () => {
    expect(installedOn({ dates: [tracker, host, entered], handedOverAt: null })).toEqual(entered)
    expect(installedOn({ dates: [tracker, host], handedOverAt: '2026-02-01T00:00:00.000Z' })).toEqual(host)
    expect(installedOn({ dates: [tracker], handedOverAt: '2026-02-01T00:00:00.000Z' })).toEqual(tracker)
  })

  it('of several from one source is the latest', () => {
    expect(installedOn({ dates: [{ ...host, day: '2026-03-01' }, host], handedOverAt: null })?.day).toBe('2026-03-01')
  })

  it('is else the Johannesburg day of the installation’s hand over, else unknown', () => {
    expect(installedOn({ dates: [], handedOverAt: '2026-02-01T22:30:00.000Z' })).toEqual({
      day: '2026-02-02',
      source: 'installation_handover',
    })
    expect(installedOn({ dates: [], handedOverAt: null })).toBeNull()
  })
})
