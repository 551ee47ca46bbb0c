import { describe, expect, it } from 'vitest'
import { drIsUnknown, platformAnswers } from '../../../src/domain/readiness/platforms-aligned.ts'
import type { Platform, ProjectFacts } from '../../../src/domain/readiness/readiness.ts'
import type { Ticket } from '../../../src/domain/ticket/ticket.ts'
import { AT, begin, facts, LEAD, noPlatforms, sowRow, withTracker } from '../../support/tickets.ts'

const ticket = begin()
const answer = (platform: Platform, known: ProjectFacts, of: Ticket = ticket) =>
  platformAnswers(of, known).find((one) => one.platform === platform)
const sow = (rows: ProjectFacts['rows'], of?: Ticket) => answer('sow', facts({ rows }), of)

describe('with several SOW rows for one DR', () => {
  it('the ticket must equal one of them', () => {
    const other = sowRow({ pole: 'LAW.P.B9', pon: '8' })
    expect(sow([other, sowRow()])?.status).toBe('aligned')
    expect(sow([other, sowRow({ zone: '13' })])?.status).toBe('disagrees')
  })

  it('that each agree in part, none of them is it', () => {
    const rows = [sowRow({ pole: 'LAW.P.B9' }), sowRow({ pon: '8', zone: '12' })]
    expect(sow(rows)).toEqual({
      platform: 'sow',
      status: 'disagrees',
      disagreements: [
        { platform: 'sow', field: 'pole', ticket: 'LAW.P.A002', platformValue: 'LAW.P.B9 or LAW.P.A002' },
        { platform: 'sow', field: 'pon', ticket: '7', platformValue: '7 or 8' },
        { platform: 'sow', field: 'zone', ticket: '12', platformValue: '12 or 12' },
      ],
    })
  })

  it('only the fields that no row agrees on are named', () => {
    const rows = [sowRow({ pole: 'LAW.P.B9' }), sowRow({ pole: 'LAW.P.B8', zone: '13' })]
    expect(sow(rows)?.disagreements.map((one) => one.field)).toEqual(['pole'])
  })
})

it('rows of another drop or another platform are not this ticket’s', () => {
  expect(sow([sowRow({ dr: 'DR1' }), { ...sowRow(), platform: 'tracker' }])?.status).toBe('disagrees')
})

it('a missing DR on a connected platform is a disagreement', () => {
  expect(answer('tracker', facts({ platforms: withTracker }))).toEqual({
    platform: 'tracker',
    status: 'disagrees',
    disagreements: [{ platform: 'tracker', field: 'dr', ticket: 'DR1729500', platformValue: null }],
  })
})

it('a platform that was never connected is shown, and disagrees only when settings require it', () => {
  expect(answer('sharepoint', facts())?.status).toBe('not_connected')
  expect(answer('sharepoint', facts({ requiredPlatforms: ['sharepoint'] }))?.status).toBe('required_not_connected')
})

it('a field its layout does not carry is not compared', () => {
  const carriesPon: ProjectFacts['platforms'] = { ...noPlatforms, tracker: { connected: true, carries: ['pon'] } }
  const rows = [{ ...sowRow({ pole: null, zone: null }), platform: 'tracker' as const }]
  expect(answer('tracker', facts({ platforms: carriesPon, rows }))?.status).toBe('aligned')
  expect(answer('tracker', facts({ rows, platforms: withTracker }))?.disagreements.map((one) => one.field)).toEqual([
    'pole',
    'zone',
  ])
})

it('a waived platform is not compared, connected or required or not', () => {
  const waived: Ticket = { ...ticket, waivers: [{ platform: 'sow', by: LEAD, at: AT, reason: 'x' }] }
  expect(sow([], waived)?.status).toBe('waived')
  expect(answer('sow', facts({ platforms: noPlatforms, requiredPlatforms: ['sow'] }), waived)?.status).toBe('waived')
})

describe('an unknown DR', () => {
  const confirmed: Ticket = { ...ticket, placeConfirmed: { by: LEAD, at: AT, reason: 'Walked' } }

  it('is one that the connected SOW does not hold', () => {
    expect(drIsUnknown(ticket, facts({ rows: [] }))).toBe(true)
    expect(drIsUnknown(ticket, facts())).toBe(false)
    expect(drIsUnknown(ticket, facts({ rows: [], platforms: noPlatforms }))).toBe(false)
    expect(drIsUnknown({ ...ticket, place: { ...ticket.place, dr: null } }, facts({ rows: [] }))).toBe(false)
  })

  it('is settled by a place confirmed by hand, for the SOW alone', () => {
    expect(drIsUnknown(confirmed, facts({ rows: [] }))).toBe(false)
    expect(sow([], confirmed)?.status).toBe('confirmed_by_hand')
    expect(answer('tracker', facts({ rows: [], platforms: withTracker }), confirmed)?.status).toBe('disagrees')
    expect(sow([sowRow({ zone: '13' })], confirmed)?.status).toBe('disagrees')
  })
})
