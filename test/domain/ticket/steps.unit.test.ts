import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { addPhoto } from '../../../src/domain/ticket/add-photo.ts'
import { completeSteps } from '../../../src/domain/ticket/complete-steps.ts'
import { clearReuse, overrideVerdict } from '../../../src/domain/ticket/judge-photo.ts'
import { recordStep } from '../../../src/domain/ticket/record-step.ts'
import { STATUSES, type Ticket } from '../../../src/domain/ticket/ticket.ts'
import type { StepKey } from '../../../src/domain/verification/steps.ts'
import { assigning, rejecting, starting, ticketIn } from '../../support/lifecycle.ts'
import {
  AT,
  adding,
  begin,
  eventsOf,
  facts,
  LEAD,
  later,
  ok,
  photo,
  recording,
  refused,
  SERIAL,
  stamp,
  TECHNICIAN,
  through,
  UPS,
  verdicts,
  versionOf,
} from '../../support/tickets.ts'

const stepOf = (ticket: Ticket, key: StepKey) => ticket.steps.find((step) => step.key === key)
const working = () => through(begin({ type: 'new_installation', cause: null }), assigning(), starting())
const bare = () =>
  through(
    begin({ equipment: { ontSerial: null, ontRx: null, ontModel: null, upsSerial: null } }),
    assigning(),
    starting(),
  )

describe('recording a step', () => {
  it('completes it with who, when it was done and when that arrived', () => {
    const done = recordStep(
      { ...stamp(TECHNICIAN, later(90)), step: 'house_front', version: 1, complete: true, doneAt: AT },
      facts(),
    )(through(working(), adding(photo('house_front'))))
    expect(stepOf(ok(done), 'house_front')).toMatchObject({
      complete: true,
      doneAt: AT,
      completedAt: later(90),
      completedBy: TECHNICIAN,
      version: 2,
    })
    expect(eventsOf(done)).toMatchObject([
      { type: 'StepRecorded', step: 'house_front', complete: true, valueChanged: false },
    ])
  })

  it('needs its photo when it is required, and none when it is not', () => {
    expect(refused(recording('house_front', { complete: true })(working()))).toEqual({
      type: 'StepNeedsPhoto',
      step: 'house_front',
    })
    expect(E.isRight(recording('house_front', { complete: true })(bare()))).toBe(true)
  })

  it('needs its value to be complete', () => {
    const incomplete = (step: StepKey) => {
      const decided = refused(recording(step, { complete: true })(through(bare(), adding(photo(step)))))
      return decided.type === 'StepNeedsValue' ? decided.problem : decided.type
    }
    expect(incomplete('ont_barcode')).toBe('no scanned ONT serial')
    expect(incomplete('ups_serial')).toBe('no scanned UPS serial')
    expect(incomplete('power_meter_reading')).toBe('no dBm reading')
    expect(incomplete('customer_signature')).toBe('no name')
  })

  it('keeps of a barcode only the serial, never the login beside it', () => {
    const scanned = ok(recording('ont_barcode', { value: `(S)${SERIAL.toLowerCase()}(P)admin(K)s3cret` })(bare()))
    expect(stepOf(scanned, 'ont_barcode')?.value).toBe(SERIAL)
    expect(JSON.stringify(scanned)).not.toMatch(/admin|s3cret/)
    const unread = recording('ont_barcode', { value: '(P)admin(K)s3cret' })(bare())
    expect(refused(unread)).toEqual({ type: 'StepNeedsValue', step: 'ont_barcode', problem: 'not a valid ONT serial' })
  })

  it('takes a reading in dBm with at most three decimals, plausible or not yet', () => {
    const reading = (value: string) => recording('power_meter_reading', { value })(bare())
    expect(ok(reading(' -18.255 ')).equipment.ontRx).toBe(-18.255)
    expect(ok(reading('18.2')).equipment.ontRx).toBe(18.2)
    for (const value of ['-18.2555', 'low', '', 'NaN', '-1e1', '1000'])
      expect(refused(reading(value))).toMatchObject({ type: 'StepNeedsValue', step: 'power_meter_reading' })
  })

  it('is complete only with a plausible reading', () => {
    const complete = (value: string) =>
      recording('power_meter_reading', { value, complete: true })(through(bare(), adding(photo('power_meter_reading'))))
    expect([E.isRight(complete('-40')), E.isRight(complete('-0.001'))]).toEqual([true, true])
    expect([E.isLeft(complete('-40.001')), E.isLeft(complete('0'))]).toEqual([true, true])
  })

  it('takes the UPS serial and the name as they are valid', () => {
    const said = (step: StepKey, value: string) => recording(step, { value })(bare())
    expect(stepOf(ok(said('ups_serial', ` ${UPS.toLowerCase()} `)), 'ups_serial')?.value).toBe(UPS)
    expect(refused(said('ups_serial', 'GU18'))).toMatchObject({ problem: 'not a valid UPS serial' })
    expect(stepOf(ok(said('customer_signature', ' A. Client ')), 'customer_signature')?.value).toBe('A. Client')
    expect(refused(said('customer_signature', '  '))).toMatchObject({ problem: 'no name' })
    expect(refused(said('house_front', 'x'))).toEqual({ type: 'StepTakesNoValue', step: 'house_front' })
  })

  it('makes a scanned serial the ticket’s own unless someone typed another', () => {
    const first = through(bare(), recording('ont_barcode', { value: SERIAL }), recording('ups_serial', { value: UPS }))
    expect(first.equipment).toMatchObject({ ontSerial: SERIAL, ontSerialAt: AT, upsSerial: UPS })
    const corrected = through(first, recording('ont_barcode', { value: 'HWTC12345678' }))
    expect(corrected.equipment.ontSerial).toBe('HWTC12345678')
    const typed = through(begin(), assigning(), starting(), recording('ont_barcode', { value: 'HWTC12345678' }))
    expect(typed.equipment.ontSerial).toBe(SERIAL)
    expect(through(first, recording('ont_barcode', { value: null })).equipment.ontSerial).toBe(SERIAL)
    expect(through(first, recording('power_meter_reading', { value: null })).equipment.ontRx).toBe(null)
  })

  it('by an old version is refused with the current one', () => {
    const noted = through(bare(), recording('house_front', { notes: 'Blue gate' }))
    const late = recordStep({ ...stamp(), step: 'house_front', version: 1, notes: 'Green gate' }, facts())(noted)
    expect(refused(late)).toEqual({ type: 'StepChanged', step: 'house_front', currentVersion: 2 })
  })

  it('that changes nothing is nothing', () => {
    const noted = through(bare(), recording('house_front', { notes: 'Blue gate' }))
    expect(recording('house_front', { notes: 'Blue gate' })(noted)).toEqual(E.right([noted, []]))
  })

  it('can be taken back, and forgets who completed it', () => {
    const undone = through(
      bare(),
      recording('house_front', { complete: true }),
      recording('house_front', { complete: false }),
    )
    expect(stepOf(undone, 'house_front')).toMatchObject({ complete: false, completedBy: null, doneAt: null })
  })

  it('of a ticket that lost the step is a bug', () => {
    expect(() => recording('house_front')({ ...begin(), steps: [] })).toThrow('has no step')
  })
})

describe('completing all required steps', () => {
  it('completes them all, or says which cannot be and why, and then none', () => {
    const some = through(bare(), adding(photo('work_area_final')), adding(photo('power_meter_reading')))
    expect(refused(completeSteps(stamp(TECHNICIAN), facts())(some))).toEqual({
      type: 'StepsIncomplete',
      steps: [
        { step: 'power_meter_reading', why: 'no dBm reading' },
        { step: 'green_lights', why: 'no photo' },
      ],
    })
    const rest = through(some, recording('power_meter_reading', { value: '-20' }), adding(photo('green_lights')))
    const decided = completeSteps(stamp('sipho'), facts())(rest)
    expect(
      ok(decided)
        .steps.filter((step) => step.complete)
        .map((step) => step.key),
    ).toEqual(['work_area_final', 'power_meter_reading', 'green_lights'])
    expect(ok(decided).workedBy).toContain('sipho')
    expect(completeSteps(stamp(), facts())(ok(decided))).toEqual(E.right([ok(decided), []]))
  })
})

describe('a photo', () => {
  it('becomes the current one of its step; the one before stays as history', () => {
    const two = through(working(), adding(photo('house_front', 'p1')), adding(photo('house_front', 'p2')))
    expect(two.photos.map(({ id, current }) => [id, current])).toEqual([
      ['p1', false],
      ['p2', true],
    ])
    const third = adding(photo('house_front', 'p3'))(two)
    expect(eventsOf(third)).toMatchObject([
      { type: 'PhotoAdded', replaces: 'p2', photo: { id: 'p3', uploadedBy: TECHNICIAN, cycle: 0 } },
    ])
  })

  it('of a later cycle says so, and voids the verdict of its step alone', () => {
    const again = through(ticketIn('qa_rejected'), starting(), adding(photo('green_lights', 'p2')))
    expect(again.photos.at(-1)).toMatchObject({ cycle: 1 })
    expect(stepOf(again, 'green_lights')?.verdict).toBe(null)
    expect(stepOf(again, 'power_meter_reading')?.verdict).toMatchObject({ outcome: 'correct' })
  })

  it('sent again by the same id answers as the first time, whatever became of the ticket', () => {
    for (const status of STATUSES.filter((one) => !['open', 'assigned', 'cancelled'].includes(one))) {
      const ticket = ticketIn(status)
      const [first] = ticket.photos
      expect(first).toBeDefined()
      if (first) expect(adding(photo(first.step, first.id))(ticket)).toEqual(E.right([ticket, []]))
    }
    const known = through(working(), adding(photo('house_front', 'p1')))
    expect(refused(adding(photo('green_lights', 'p1'))(known))).toEqual({
      type: 'PhotoOfAnotherStep',
      photoId: 'p1',
      step: 'house_front',
    })
  })

  it('that comes too late is refused by name: frozen or cancelled', () => {
    for (const status of [
      'qa_in_progress',
      'qa_rejected',
      'qa_approved',
      'pending_handover',
      'handed_to_maintenance',
      'closed',
    ] as const)
      expect(refused(adding(photo('house_front'))(ticketIn(status)))).toEqual({
        type: 'PhotoTooLate',
        why: 'frozen',
        ticketUid: 'FT1000001',
      })
    expect(refused(adding(photo('house_front'))({ ...ticketIn('cancelled'), uid: null }))).toEqual({
      type: 'PhotoTooLate',
      why: 'cancelled',
      ticketUid: '',
    })
  })

  it('fills the ticket’s storage to the last byte and no further', () => {
    const with1000Bytes = (usedBytes: number) =>
      addPhoto({ ...stamp(), photo: photo('house_front'), limitBytes: 5000, usedBytes }, facts())(working())
    expect(E.isRight(with1000Bytes(4000))).toBe(true)
    expect(refused(with1000Bytes(4001))).toEqual({
      type: 'TicketStorageFull',
      limitBytes: 5000,
      usedBytes: 4001,
      addedBytes: 1000,
    })
  })

  it('that blocks sends a pending ticket back to work', () => {
    const blurred = { ...photo('green_lights', 'p2'), verdicts: verdicts('block') }
    expect(ok(adding(blurred)(ticketIn('pending_qa')))).toMatchObject({ status: 'in_progress', qaReady: false })
    expect(ok(adding(photo('green_lights', 'p2'))(ticketIn('pending_qa')))).toMatchObject({ status: 'pending_qa' })
  })
})

describe('a blocking verdict', () => {
  const small = () =>
    through(working(), adding({ ...photo('house_front', 'p1'), verdicts: verdicts('block', 'block') }))
  const override = (check: string, reason = 'Readable enough', photoId = 'p1') =>
    overrideVerdict({ ...stamp(LEAD), photoId, check, reason }, facts())
  const clear = (reason = 'Same drop, same day', photoId = 'p1') =>
    clearReuse({ ...stamp(LEAD), photoId, reason }, facts())

  it('is overridden once, with a reason', () => {
    const decided = override('size')(small())
    expect(ok(decided).photos[0]?.overrides).toEqual([{ check: 'size', by: LEAD, at: AT, reason: 'Readable enough' }])
    expect(refused(override('size')(ok(decided)))).toEqual({ type: 'NothingToOverride', photoId: 'p1', check: 'size' })
    expect(refused(override('size', ' ')(small()))).toEqual({ type: 'TextMissing', field: 'reason' })
  })

  it('of another check, an unfinished analysis or a pass has nothing to override, and reuse is cleared instead', () => {
    for (const check of ['decodable', 'reuse', 'analysis'])
      expect(refused(override(check)(small()))).toMatchObject({ type: 'NothingToOverride', check })
    const unfinished = through(working(), adding({ ...photo('house_front', 'p1'), verdicts: [] }))
    expect(refused(override('analysis')(unfinished))).toMatchObject({ type: 'NothingToOverride' })
  })

  it('is not overridden when a newer verdict of its check passed', () => {
    const judgedAgain = [...verdicts('pass', 'block'), ...verdicts('pass', 'pass', later(1))]
    const better = through(working(), adding({ ...photo('house_front', 'p1'), verdicts: judgedAgain }))
    expect(refused(override('size')(better))).toMatchObject({ type: 'NothingToOverride' })
  })

  it('of reuse is cleared once, with a reason', () => {
    const decided = clear()(small())
    expect(ok(decided).photos[0]?.reuseCleared).toEqual({
      by: LEAD,
      at: AT,
      reason: 'Same drop, same day',
      photoIds: [],
    })
    expect(refused(clear()(ok(decided)))).toEqual({ type: 'NoReuseToClear', photoId: 'p1' })
    expect(refused(clear('')(small()))).toEqual({ type: 'TextMissing', field: 'reason' })
  })

  it('of reuse is cleared for the photos that it names; a later one of another is cleared beside them', () => {
    const naming = (ticket: ReturnType<typeof small>, ids: ReadonlyArray<string>, at = AT) => ({
      ...ticket,
      photos: ticket.photos.map((one) => ({
        ...one,
        verdicts: one.verdicts.map((verdict) =>
          verdict.check === 'reuse'
            ? { ...verdict, at, evidence: { earlier: ids.map((photoId) => ({ photoId })) } }
            : verdict,
        ),
      })),
    })
    const first = ok(clear()(naming(small(), ['a', 'b'])))
    expect(first.photos[0]?.reuseCleared?.photoIds).toEqual(['a', 'b'])
    const found = naming(first as ReturnType<typeof small>, ['b', 'c'], later(1))
    expect(ok(clear('Agreed')(found)).photos[0]?.reuseCleared).toMatchObject({
      reason: 'Agreed',
      photoIds: ['a', 'b', 'c'],
    })
  })

  it('belongs to one photo: a new photo ends the override', () => {
    const replaced = through(
      small(),
      override('size'),
      adding({ ...photo('house_front', 'p2'), verdicts: verdicts('pass', 'block') }),
    )
    expect(refused(override('size')(replaced))).toEqual({ type: 'PhotoIsNotCurrent', photoId: 'p1' })
    expect(E.isRight(override('size', 'x', 'p2')(replaced))).toBe(true)
    expect(refused(override('size', 'x', 'p9')(replaced))).toEqual({ type: 'PhotoUnknown', photoId: 'p9' })
  })
})

it('the version of a step counts every change of it', () => {
  const twice = through(bare(), recording('house_front', { notes: 'a' }), recording('house_front', { notes: 'b' }))
  expect(versionOf(twice, 'house_front')).toBe(3)
  expect(versionOf(through(ticketIn('qa_in_progress'), rejecting()), 'green_lights')).toBeGreaterThan(
    versionOf(ticketIn('qa_in_progress'), 'green_lights'),
  )
})
