import { describe, expect, it } from 'vitest'
import { canonicalBytes } from '../../../src/adapters/canonical/canonical-bytes.ts'
import { keyed } from '../../../src/adapters/signing/keyed.ts'
import { attributeFault } from '../../../src/domain/fault/attribute-fault.ts'
import { FORMAT_VERSION } from '../../../src/domain/handover/chain.ts'
import {
  type Beside,
  commitmentsIn,
  erasedPersonal,
  personalOf,
  sealedPersonal,
} from '../../../src/domain/handover/personal.ts'
import { snapshotOf } from '../../../src/domain/handover/snapshot.ts'
import { acceptRisk } from '../../../src/domain/risk/accept-risk.ts'
import { resolveRisk } from '../../../src/domain/risk/resolve-risk.ts'
import { reviewRisk } from '../../../src/domain/risk/review-risk.ts'
import { classifyBilling } from '../../../src/domain/ticket/classify-billing.ts'
import { confirmAsBuilt } from '../../../src/domain/ticket/confirm-as-built.ts'
import { editTicket } from '../../../src/domain/ticket/edit-ticket.ts'
import { isSealing, type SealingEvent } from '../../../src/domain/ticket/events.ts'
import { clearReuse, overrideVerdict } from '../../../src/domain/ticket/judge-photo.ts'
import { reject } from '../../../src/domain/ticket/reject.ts'
import type { Ticket } from '../../../src/domain/ticket/ticket.ts'
import { waivePlatform } from '../../../src/domain/ticket/waive-platform.ts'
import {
  approvingWith,
  assigning,
  completing,
  handing,
  judged,
  requesting,
  reviewing,
  starting,
  submitting,
  ticketIn,
} from '../../support/lifecycle.ts'
import {
  AT,
  adding,
  begin,
  eventsOf,
  evidence,
  facts,
  LEAD,
  MANAGER,
  ok,
  photo,
  REVIEWER,
  recording,
  stamp,
  TECHNICIAN,
  through,
  verdicts,
} from '../../support/tickets.ts'

const sealingOf = (decided: ReturnType<ReturnType<typeof handing>>): SealingEvent => {
  const event = eventsOf(decided).find(isSealing)
  if (event === undefined) throw new Error('seals nothing')
  return event
}
const tools = { ...keyed, canonicalBytes }
const KEY = new Uint8Array(32).fill(9)
const BESIDE: Beside = { client: null, notes: [], events: [] }

const sealedWith = (ticket: Ticket, step = handing(), beside = BESIDE) => {
  const decided = step(ticket)
  const openings = personalOf(ok(decided), beside)
  const personal = sealedPersonal(tools, KEY, 's1', openings)
  return { openings, content: snapshotOf(ok(decided), 'FT1000001', sealingOf(decided), 's1', personal) }
}
const sealed = (ticket: Ticket, step = handing()) => sealedWith(ticket, step).content

describe('a snapshot', () => {
  const content = sealed(ticketIn('pending_handover'))

  it('holds the change of ownership: from, to, who and when', () => {
    expect(content.ownership_change).toEqual({
      handover_type: 'qa_to_maintenance',
      from_owner_type: 'qa',
      from_owner_id: REVIEWER,
      to_owner_type: 'maintenance',
      to_owner_id: null,
      at: AT,
      by: MANAGER,
    })
    expect(content.format_version).toBe(FORMAT_VERSION)
  })

  it('holds what really kept each photo from being deleted, where the gate looked', () => {
    const photos = ticketIn('pending_handover').photos
    expect(content.evidence_retention).toEqual(photos.map(() => ({ id: expect.any(String), retention: 'hold' })))
    expect(sealed(ticketIn('pending_qa'), reviewing()).evidence_retention).toBeNull()
  })

  it('holds the hash of each photo and of what the storage has of it, where that is encrypted', () => {
    const stored = { size: 1_032, sha256: 'of-the-encrypted-bytes' }
    const ticket = ticketIn('pending_qa')
    const photos = ticket.photos.map((photo) => ({ ...photo, object: { ...photo.object, stored } }))
    const [plain] = sealed(ticket, reviewing()).evidence as ReadonlyArray<object>
    const [encrypted] = sealed({ ...ticket, photos }, reviewing()).evidence as ReadonlyArray<object>
    expect(plain).toMatchObject({ size: 1000, stored_size: null, stored_sha256: null })
    expect(encrypted).toMatchObject({ size: 1000, stored_size: 1_032, stored_sha256: stored.sha256 })
  })

  it('is sealed at each change of ownership', () => {
    const kinds = [
      sealed(ticketIn('pending_qa'), reviewing()),
      content,
      sealed(ticketIn('handed_to_maintenance'), completing()),
    ].map((one) => (one.ownership_change as { handover_type: string }).handover_type)
    expect(kinds).toEqual(['build_to_qa', 'qa_to_maintenance', 'maintenance_complete'])
  })

  it('holds copies of ticket, steps, evidence, check, decisions and guarantee', () => {
    expect(content.ticket).toMatchObject({
      ticket_uid: 'FT1000001',
      dr_number: 'DR1729500',
      ont_rx_level: '-18.250',
      status: 'handed_to_maintenance',
      owner_type: 'maintenance',
    })
    expect(content.steps).toHaveLength(12)
    expect(content.evidence).toMatchObject([
      { bucket: 'evidence', generation: '1', size: 1000, sha256: expect.stringMatching(/^sha-of-/) },
      {},
      {},
    ])
    expect(content.readiness_check).toMatchObject({ passed: true, by: REVIEWER })
    expect(content.decisions).toMatchObject([
      { kind: 'approved', by: REVIEWER, verdicts: [{ step_key: 'work_area_final', outcome: 'correct' }, {}, {}] },
    ])
    expect(content.guarantee).toEqual({
      status: 'pending_classification',
      expires_on: null,
      compared_day: '2026-03-02',
    })
  })

  it('is plain JSON, with decimals as text', () => {
    expect(JSON.parse(JSON.stringify(content))).toEqual(content)
    expect(JSON.stringify(content)).not.toMatch(/":-?\d+\.\d/)
  })

  it('of a ticket that was never measured, checked or assigned says so', () => {
    const event = sealingOf(handing()(ticketIn('pending_handover')))
    const empty = snapshotOf(
      begin({ equipment: { ontSerial: null, ontRx: null, ontModel: null, upsSerial: null } }),
      'FT1',
      event,
      's1',
      erasedPersonal(AT),
    )
    expect(empty).toMatchObject({
      readiness_check: null,
      ticket: { assignment: null, ont_rx_level: null, as_built: null },
    })
  })
})

it('no personal text of any kind occurs in a snapshot, and each is committed to', () => {
  const said = (where: string) => `CANARY ${where}`
  const beside: Beside = {
    client: { name: said('name'), phone: said('phone'), email: said('email') },
    notes: [{ id: 'n1', content: said('note') }],
    events: [
      { id: 'e1', type: 'TicketHeld', data: { type: 'TicketHeld', reason: 'awaiting_client', note: said('hold') } },
      { id: 'e2', type: 'WithdrawnFromQa', data: { type: 'WithdrawnFromQa', reason: said('withdrawal') } },
    ],
  }
  const known = facts()
  const begun = begin({
    title: said('title'),
    description: said('description'),
    address: said('address'),
    gps: { lat: -26.123456, lon: 27.654321 },
    type: 'incident',
    causeDetails: said('cause'),
    stepOverrides: { incident_with_dr: ['work_area_final', 'customer_signature'] },
  })
  const submitted = through(
    begun,
    assigning(),
    starting(),
    editTicket({ ...stamp(), edit: { confirmPlace: said('place') } }, known),
    attributeFault(
      { ...stamp(), cause: 'unknown', component: null, details: said('details'), reason: said('why') },
      known,
    ),
    waivePlatform({ ...stamp(LEAD), platform: 'tracker', reason: said('waiver') }, known),
    ...evidence(begun),
    recording('customer_signature', { value: said('signature'), notes: said('step note') }),
    adding({
      ...photo('work_area_final', 'p2'),
      filename: said('file'),
      verdicts: verdicts('block', 'block').map((one) => ({ ...one, evidence: { seen: said('evidence') } })),
    }),
    overrideVerdict({ ...stamp(LEAD), photoId: 'p2', check: 'size', reason: said('override') }, known),
    clearReuse({ ...stamp(LEAD), photoId: 'p2', reason: said('clearing') }, known),
    submitting(),
  )
  const underReview = through(submitted, reviewing())
  const rejected = through(
    underReview,
    reject({
      ...stamp(REVIEWER),
      codes: ['other'],
      reason: said('rejection'),
      verdicts: judged(underReview, ['work_area_final']).map((one) => ({ ...one, comment: said('comment') })),
    }),
  )
  const again = through(rejected, starting(), submitting(), reviewing())
  const atGate = through(
    again,
    acceptRisk({
      ...stamp(LEAD),
      risk: {
        id: 'r2',
        type: 'other',
        description: said('risk'),
        conditions: said('conditions'),
        steps: [],
        expiresOn: '2026-03-14',
        followUpOn: null,
      },
      maxRiskDays: 90,
    }),
    reviewRisk({ ...stamp(LEAD), riskId: 'r2', outcome: said('review'), nextOn: null }),
    resolveRisk({ ...stamp(LEAD), riskId: 'r2', notes: said('resolution') }),
    approvingWith({ description: said('condition'), conditions: said('terms') }),
    confirmAsBuilt({ ...stamp(REVIEWER), confirmedAt: AT, document: said('document') }),
    classifyBilling({ ...stamp(), billing: 'internal', reason: said('billing') }),
    requesting(),
  )
  const [first, last] = [sealedWith(submitted, reviewing(), beside), sealedWith(atGate, handing(), beside)]
  const text = JSON.stringify([first.content, last.content])
  const open = JSON.stringify([first.openings, last.openings])
  // What a manager said of the bill stays outside, beside the snapshot; verdicts on a picture are the program's words.
  const words = JSON.stringify([submitted, atGate, beside]).match(/CANARY [a-z ]+/g) ?? []
  for (const word of new Set(words))
    if (!['CANARY billing', 'CANARY evidence', 'CANARY cause'].includes(word)) expect(open).toContain(word)
  expect(new Set(words).size).toBeGreaterThan(25)
  expect(Object.keys(commitmentsIn(last.content) ?? {}).toSorted()).toEqual(Object.keys(last.openings).toSorted())
  expect(text).not.toContain('CANARY')
  expect(text).not.toMatch(/26\.123|27\.654/)
  expect(JSON.stringify(atGate)).toContain('CANARY signature')
  expect(text).not.toContain('billing')
  expect(text).toContain(TECHNICIAN)
})
