import { describe, expect, it } from 'vitest'
import { checkGate, GATE_CHECKS, type GateCheck, type GateFacts } from '../../../src/domain/handover/gate.ts'
import type { PlatformRow, ProjectFacts } from '../../../src/domain/readiness/readiness.ts'
import { acceptRisk } from '../../../src/domain/risk/accept-risk.ts'
import { resolveRisk } from '../../../src/domain/risk/resolve-risk.ts'
import type { RiskStatus } from '../../../src/domain/risk/risk.ts'
import type { Assignment, PendingHandover } from '../../../src/domain/ticket/ticket.ts'
import { newRisk, ticketIn } from '../../support/lifecycle.ts'
import {
  AT,
  as,
  facts,
  gateFacts,
  LEAD,
  later,
  noPlatforms,
  PLACE,
  SERIAL,
  sowRow,
  stamp,
  through,
  withTracker,
} from '../../support/tickets.ts'

const atGate = ticketIn('pending_handover')
const result = (check: GateCheck, ticket = atGate, changed: Partial<GateFacts> = {}, now = AT) => {
  const found = checkGate(ticket, gateFacts(ticket, changed), now).find((one) => one.check === check)
  if (found === undefined) throw new Error(`no ${check}`)
  return found
}
const outcome = (...args: Parameters<typeof result>) => result(...args).outcome
const waived = (platform: 'sow' | 'tracker'): PendingHandover => ({
  ...atGate,
  waivers: [{ platform, by: LEAD, at: AT, reason: 'x' }],
})

it('a ticket with everything in order passes every check', () => {
  const checks = checkGate(atGate, gateFacts(atGate), AT)
  expect(checks.map((one) => [one.check, one.outcome])).toEqual(GATE_CHECKS.map((check) => [check, 'passed']))
})

it('the as-built is confirmed', () => {
  expect(result('as_built_confirmed')).toMatchObject({ outcome: 'passed', actual: 'AB-2026-114 rev B' })
  expect(outcome('as_built_confirmed', { ...atGate, asBuilt: null })).toBe('failed')
})

describe('photos_archived', () => {
  const archive = (change: (one: GateFacts['archive'][number]) => Partial<GateFacts['archive'][number]>) =>
    gateFacts(atGate).archive.map((one, index) => (index === 0 ? { ...one, ...change(one) } : one))
  const [first] = atGate.photos

  it('fails when a photo is missing or its stored hash is not the recorded one, and names it', () => {
    const name = `work_area_final ${first?.id}`
    expect(
      result('photos_archived', atGate, { archive: archive(() => ({ state: 'missing', found: null })) }).actual,
    ).toBe(`${name}: missing`)
    expect(
      result('photos_archived', atGate, { archive: archive(() => ({ state: 'differs', found: 'other' })) }).actual,
    ).toBe(`${name}: differs`)
    expect(result('photos_archived', atGate, { archive: archive(() => ({ found: 'other' })) })).toMatchObject({
      outcome: 'failed',
      actual: `${name}: differs`,
    })
    expect(result('photos_archived', atGate, { archive: archive(() => ({})).slice(1) }).actual).toBe(`${name}: missing`)
  })

  it('compares what the storage must hold of an encrypted photo, never the hash of the photo itself', () => {
    const stored = { sha256: 'of-the-encrypted-bytes', size: 1_100 }
    const encrypted: PendingHandover = {
      ...atGate,
      photos: atGate.photos.map((photo) => ({ ...photo, object: { ...photo.object, stored } })),
    }
    const holding = (found: (sha256: string) => string) =>
      outcome('photos_archived', encrypted, {
        archive: encrypted.photos.map(({ id, object }) => ({
          photoId: id,
          state: 'stored',
          found: found(object.sha256),
          retention: 'hold',
        })),
      })
    expect(holding(() => stored.sha256)).toBe('passed')
    expect(holding((plain) => plain)).toBe('failed')
  })

  it('looks at replaced photos too', () => {
    const older: PendingHandover = { ...atGate, photos: atGate.photos.map((one) => ({ ...one, current: false })) }
    expect(outcome('photos_archived', older, { archive: [] })).toBe('failed')
  })
})

describe('ont_verified', () => {
  const tracker = (row: Partial<PlatformRow> = {}): Partial<GateFacts> => ({
    project: facts({
      platforms: withTracker,
      rows: [{ ...sowRow({ ontSerial: SERIAL, asOf: later(60), ...row }), platform: 'tracker' }],
    }),
  })
  const scanned = (value: string | null): PendingHandover => ({
    ...atGate,
    steps: atGate.steps.map((step) => (step.key === 'ont_barcode' ? { ...step, value } : step)),
  })

  it('agrees when typed, scanned and tracker serial are one', () => {
    expect(result('ont_verified', scanned(SERIAL), tracker())).toMatchObject({
      outcome: 'passed',
      actual: `typed ${SERIAL}; scanned ${SERIAL}; tracker ${SERIAL}`,
    })
  })

  it('fails without a serial, on another scanned one and on another one in the tracker', () => {
    expect(outcome('ont_verified', { ...atGate, equipment: { ...atGate.equipment, ontSerial: null } })).toBe('failed')
    expect(result('ont_verified', scanned('HWTC12345678')).sentence).toBe('The scanned serial is another one.')
    expect(result('ont_verified', atGate, tracker({ ontSerial: 'HWTC12345678' })).sentence).toBe(
      'The tracker holds another serial for this drop.',
    )
  })

  it('shows a tracker serial that is older than the typed one and does not compare it', () => {
    const other = 'HWTC12345678'
    const typedAt = (at: string | null): PendingHandover => ({
      ...atGate,
      equipment: { ...atGate.equipment, ontSerialAt: at },
    })
    expect(result('ont_verified', typedAt(later(61)), tracker({ ontSerial: other }))).toMatchObject({
      outcome: 'passed',
      actual: `typed ${SERIAL}; tracker ${other} (not compared)`,
    })
    expect(outcome('ont_verified', typedAt(later(60)), tracker({ ontSerial: other }))).toBe('failed')
    expect(outcome('ont_verified', typedAt(null), tracker({ ontSerial: other }))).toBe('failed')
  })

  it('leaves out a tracker that is waived, not connected, without serials or without this drop', () => {
    const other = { ontSerial: 'HWTC12345678' }
    expect(outcome('ont_verified', waived('tracker'), tracker(other))).toBe('passed')
    const unconnected = (platforms: ProjectFacts['platforms']): Partial<GateFacts> => ({
      project: { ...facts(), ...tracker(other).project, platforms },
    })
    expect(outcome('ont_verified', atGate, unconnected(noPlatforms))).toBe('passed')
    expect(
      outcome('ont_verified', atGate, unconnected({ ...noPlatforms, tracker: { connected: true, carries: ['pole'] } })),
    ).toBe('passed')
    expect(outcome('ont_verified', atGate, tracker({ ...other, dr: 'DR1' }))).toBe('passed')
    expect(outcome('ont_verified', atGate, tracker({ ontSerial: null }))).toBe('passed')
  })
})

describe('pon_verified', () => {
  const sow = (project: Partial<ProjectFacts>): Partial<GateFacts> => ({ project: facts(project) })

  it('holds the ticket against the SOW, any row of several', () => {
    expect(outcome('pon_verified', atGate, sow({ rows: [sowRow({ pon: '8' }), sowRow()] }))).toBe('passed')
    expect(result('pon_verified', atGate, sow({ rows: [sowRow({ pon: '8' })] }))).toMatchObject({
      outcome: 'failed',
      actual: 'pon 8',
      expected: 'the SOW holds PON 7 for DR1729500',
    })
    expect(result('pon_verified', atGate, sow({ rows: [] })).actual).toBe('dr no such DR')
  })

  it('does not apply when the SOW is waived or not connected, and fails when it must be connected', () => {
    expect(outcome('pon_verified', waived('sow'), sow({ rows: [] }))).toBe('not_applicable')
    expect(outcome('pon_verified', atGate, sow({ platforms: noPlatforms }))).toBe('not_applicable')
    expect(outcome('pon_verified', atGate, sow({ platforms: noPlatforms, requiredPlatforms: ['sow'] }))).toBe('failed')
  })

  it('takes a place confirmed by hand', () => {
    expect(
      outcome('pon_verified', { ...atGate, placeConfirmed: { by: LEAD, at: AT, reason: 'x' } }, sow({ rows: [] })),
    ).toBe('passed')
  })
})

describe('contractor_assigned', () => {
  const known = (assignment: Assignment, own: Partial<GateFacts['assignment']>) =>
    outcome(
      'contractor_assigned',
      { ...atGate, assignment },
      { assignment: { contractorKnown: false, technicianIsOurOwn: false, teamIsOurOwn: false, ...own } },
    )
  const everyone: Assignment = { technician: 't', contractor: 'c', team: 'm' }

  it('holds when the directory knows the contractor, or technician or team as our own', () => {
    expect(known(everyone, { contractorKnown: true })).toBe('passed')
    expect(known(everyone, { technicianIsOurOwn: true })).toBe('passed')
    expect(known(everyone, { teamIsOurOwn: true })).toBe('passed')
    expect(known(everyone, {})).toBe('failed')
  })

  it('is about who is assigned, not about who could be', () => {
    expect(
      known({ technician: 't', contractor: null, team: null }, { contractorKnown: true, teamIsOurOwn: true }),
    ).toBe('failed')
    expect(known({ technician: null, contractor: null, team: 'm' }, { technicianIsOurOwn: true })).toBe('failed')
  })
})

it('the cause is confirmed where the type needs one', () => {
  expect(
    outcome('fault_attributed', {
      ...atGate,
      fault: { cause: 'unknown', component: null, details: 'x', confirmed: null },
    }),
  ).toBe('failed')
  expect(
    result('fault_attributed', { ...atGate, fault: { cause: null, component: null, details: null, confirmed: null } })
      .actual,
  ).toBe('nothing')
  expect(outcome('fault_attributed', { ...atGate, type: 'ont_swap' })).toBe('not_applicable')
  expect(outcome('fault_attributed', { ...atGate, paperwork: true })).toBe('not_applicable')
})

it('ONT and SOW do not apply to what is not about a home', () => {
  const incident: PendingHandover = { ...atGate, type: 'incident', place: { ...PLACE, dr: null } }
  for (const ticket of [incident, { ...atGate, type: 'infrastructure' } as const])
    expect([outcome('ont_verified', ticket), outcome('pon_verified', ticket)]).toEqual([
      'not_applicable',
      'not_applicable',
    ])
})

describe('no_expired_risk', () => {
  const risky = as(
    'pending_handover',
    through(atGate, acceptRisk({ ...stamp(LEAD), risk: newRisk(), maxRiskDays: 90 })),
  )
  const marked = (status: RiskStatus): PendingHandover => ({
    ...risky,
    risks: risky.risks.map((risk) => ({ ...risk, status })),
  })

  it('goes by the date, whether or not the job has run', () => {
    expect(outcome('no_expired_risk', risky, {}, '2026-03-14T21:59:59.999Z')).toBe('passed')
    expect(result('no_expired_risk', risky, {}, '2026-03-14T22:00:00.000Z')).toMatchObject({
      outcome: 'failed',
      actual: 'risk-1 since 2026-03-14',
    })
  })

  it('blocks while an expired or escalated risk is unresolved', () => {
    expect([outcome('no_expired_risk', marked('expired')), outcome('no_expired_risk', marked('escalated'))]).toEqual([
      'failed',
      'failed',
    ])
    const resolved = through(marked('escalated'), resolveRisk({ ...stamp(LEAD), riskId: 'risk-1', notes: 'Done' }))
    expect(outcome('no_expired_risk', as('pending_handover', resolved), {}, '2026-06-01T08:00:00.000Z')).toBe('passed')
  })
})
