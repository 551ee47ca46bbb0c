import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import {
  comparedBy,
  hashesIn,
  isComparable,
  judgeLikeness,
  likenessAtFirst,
} from '../../../src/domain/evidence/judge-likeness.ts'
import { type AlikeUse, type JudgedPhoto, judgeReuse } from '../../../src/domain/evidence/judge-reuse.ts'
import { noteLikeness } from '../../../src/domain/ticket/note-likeness.ts'
import type { Ticket } from '../../../src/domain/ticket/ticket.ts'
import { ticketIn } from '../../support/lifecycle.ts'
import { later, stamp } from '../../support/tickets.ts'

const judge = { checker: 'basic', version: '1', at: '2026-11-22T08:00:00.000Z' }
const photo: JudgedPhoto = {
  sha256: 'a'.repeat(64),
  ticketId: 'this',
  stepKey: 'green_lights',
  drNumber: 'DR1730550',
  paperwork: false,
}
const alike: AlikeUse = {
  ticketId: 'other',
  ticketUid: 'FT1000007',
  stepKey: 'house_front',
  photoId: 'p1',
  uploadedAt: '2026-11-01T22:30:00.000Z',
  drNumber: 'DR1730551',
  distance: 31,
}
const reuse = (uses: ReadonlyArray<AlikeUse>, changes: Partial<JudgedPhoto> = {}) =>
  judgeReuse({ ...photo, ...changes }, [], judge, uses)

describe('A picture in other bytes', () => {
  it('is reuse up to 31 bits, and names ticket, step and day', () => {
    expect(reuse([alike])).toMatchObject({
      check: 'reuse',
      outcome: 'block',
      reason: 'The same picture is step house_front of ticket FT1000007, sent on 2026-11-02',
      evidence: { uses: 1, earlier: [{ ticketUid: 'FT1000007', photoId: 'p1', distance: 31 }] },
    })
    expect(reuse([{ ...alike, distance: 32 }])).toMatchObject({ outcome: 'pass', evidence: { uses: 0 } })
  })

  it('is reuse on another step of the same ticket, and none on the same step', () => {
    expect(reuse([{ ...alike, ticketId: 'this' }])).toMatchObject({
      outcome: 'block',
      reason: 'The same picture is step house_front of this ticket, sent on 2026-11-02',
    })
    expect(reuse([{ ...alike, ticketId: 'this', stepKey: 'green_lights' }]).outcome).toBe('pass')
  })

  it('on a paperwork ticket only warns, when the other ticket is of the same DR and step', () => {
    const same = { ...alike, stepKey: 'green_lights', drNumber: 'DR1730550' }
    expect(reuse([same], { paperwork: true }).outcome).toBe('warn')
    expect(reuse([same]).outcome).toBe('block')
    expect(reuse([{ ...same, stepKey: 'house_front' }], { paperwork: true }).outcome).toBe('block')
    expect(reuse([{ ...same, drNumber: 'DR1' }], { paperwork: true }).outcome).toBe('block')
  })

  it('is unknown while the picture was not compared, unless its bytes are used elsewhere', () => {
    const { distance: _, ...use } = alike
    const judged = (uses: ReadonlyArray<typeof use>, changes: Partial<JudgedPhoto> = {}) =>
      judgeReuse({ ...photo, ...changes }, uses, judge, null)
    expect(judged([])).toMatchObject({
      check: 'reuse',
      outcome: 'unverifiable',
      reason: 'The picture could not be compared with others yet',
    })
    expect(judged([{ ...use, ticketId: 'this', stepKey: 'green_lights' }]).outcome).toBe('unverifiable')
    expect(judged([{ ...use, stepKey: 'green_lights', drNumber: 'DR1730550' }], { paperwork: true }).outcome).toBe(
      'unverifiable',
    )
    expect(judged([use]).outcome).toBe('block')
  })

  it('counts once when its bytes are the same, too', () => {
    const { distance: _, ...use } = alike
    const verdict = judgeReuse(photo, [use], judge, [alike])
    expect(verdict).toMatchObject({ outcome: 'block', evidence: { uses: 1 } })
    expect(verdict.reason).toContain('The same photo is')
  })
})

describe('A photo that looks like an earlier one', () => {
  const seen = (uses: ReadonlyArray<AlikeUse>) => judgeLikeness(photo, uses, judge)

  it('is never said to look like none when it is the same picture as an earlier one', () => {
    expect(seen([{ ...alike, distance: 31 }])).toMatchObject({
      outcome: 'warn',
      reason: 'It is the same picture as step house_front of ticket FT1000007, sent on 2026-11-02: see reuse',
      evidence: { lookAlikes: 1, earlier: [{ photoId: 'p1', distance: 31 }] },
    })
    expect(reuse([{ ...alike, distance: 31 }]).outcome).toBe('block')
    expect(seen([{ ...alike, distance: 0, ticketId: 'this' }]).outcome).toBe('warn')
    expect(seen([{ ...alike, distance: 0, ticketId: 'this', stepKey: 'green_lights' }]).outcome).toBe('pass')
  })

  it('is shown to the reviewer from 32 to 64 bits, the nearest first', () => {
    expect(seen([{ ...alike, distance: 32 }]).reason).toContain('It looks like')
    expect(seen([{ ...alike, distance: 65 }]).outcome).toBe('pass')
    expect(
      seen([
        { ...alike, distance: 64 },
        { ...alike, photoId: 'p2', ticketUid: 'FT1000008', distance: 32 },
      ]),
    ).toMatchObject({
      check: 'likeness',
      outcome: 'warn',
      reason: 'It looks like step house_front of ticket FT1000008, sent on 2026-11-02',
      evidence: { lookAlikes: 2, earlier: [{ distance: 32 }, { distance: 64 }] },
    })
  })

  it('is none when it is the same step of the same ticket, photographed again', () => {
    expect(seen([{ ...alike, ticketId: 'this', stepKey: 'green_lights', distance: 40 }]).outcome).toBe('pass')
  })

  it('is said not to be there, and when that was looked for', () => {
    expect(seen([])).toEqual({
      ...judge,
      check: 'likeness',
      outcome: 'pass',
      reason: 'No earlier photo looks like it',
      evidence: { lookAlikes: 0 },
    })
  })
})

describe('A photo is compared with others', () => {
  const print = (quality: number) => ({ quality, stored: ['0'], probes: ['0'] })

  it('from quality 50, and not when it is a signature', () => {
    expect(comparedBy('green_lights', print(50))).toEqual(print(50))
    expect(comparedBy('green_lights', print(49))).toEqual({ quality: 49, stored: [], probes: [] })
    expect(comparedBy('customer_signature', print(100))).toBeNull()
    expect(comparedBy('green_lights', null)).toBeNull()
  })

  it('once it is known what it shows: never of one that cannot be opened, and of a signature by its bytes', () => {
    const opened = { fingerprint: print(50), verdicts: [] }
    const killed = { fingerprint: null, verdicts: [] }
    const verdicts = [{ ...judge, check: 'decodable', outcome: 'block', reason: 'damaged', evidence: {} } as const]
    expect([isComparable('green_lights', opened), isComparable('green_lights', killed)]).toEqual([true, false])
    expect(isComparable('customer_signature', killed)).toBe(true)
    expect(isComparable('green_lights', { fingerprint: null, verdicts })).toBe(true)
    expect(hashesIn('green_lights', { fingerprint: null, verdicts })).toEqual({ quality: 0, stored: [], probes: [] })
    expect(hashesIn('green_lights', killed)).toBeNull()
  })

  it('and says so before it is done', () => {
    expect(likenessAtFirst('green_lights', print(50), judge)).toMatchObject({ outcome: 'not_judged' })
    expect(likenessAtFirst('green_lights', print(49), judge)).toMatchObject({
      outcome: 'not_judged',
      reason: 'The picture is too flat to be compared with others',
    })
    expect(likenessAtFirst('customer_signature', null, judge).outcome).toBe('not_judged')
    expect(likenessAtFirst('green_lights', null, judge).outcome).toBe('unverifiable')
  })
})

describe('A look-alike that is found later', () => {
  const verdict = judgeLikeness(photo, [{ ...alike, distance: 40 }], judge)
  const passed = judgeLikeness(photo, [], judge)
  const noted = (
    status: Parameters<typeof ticketIn>[0],
    photoId?: string,
    what = verdict,
    ticket: Ticket = ticketIn(status),
  ) => {
    const id = photoId ?? ticket.photos[0]?.id ?? ''
    const decided = noteLikeness({ ...stamp('system', later(9)), photoId: id, verdict: what })(ticket)
    if (E.isLeft(decided)) throw new Error('refused')
    return { ticket, id, next: decided.right[0], events: decided.right[1] }
  }

  it.each(['in_progress', 'pending_qa', 'qa_in_progress'] as const)(
    'is told the reviewer of a ticket in %s',
    (status) => {
      const { ticket, id, next, events } = noted(status)
      expect(next.photos.find((one) => one.id === id)?.verdicts.at(-1)).toEqual(verdict)
      expect(next).toEqual({ ...ticket, photos: next.photos })
      expect(events).toEqual([
        { type: 'LookAlikeFound', photoId: id, reason: verdict.reason, at: later(9), by: 'system' },
      ])
    },
  )

  it('is told, without an event, when there is none; and once there is one that stays', () => {
    const { id, next, events } = noted('pending_qa', undefined, passed)
    expect(next.photos.find((one) => one.id === id)?.verdicts.at(-1)).toEqual(passed)
    expect(events).toEqual([])
    expect(noted('pending_qa', id, passed, next).next).toBe(next)
    const found = noted('pending_qa', id, verdict, next)
    expect(found.next.photos.find((one) => one.id === id)?.verdicts.at(-1)).toEqual(verdict)
    expect(noted('pending_qa', id, passed, found.next).next).toBe(found.next)
  })

  it('of a photo whose bytes are used elsewhere never says that it looks like none', () => {
    const ticket = ticketIn('pending_qa')
    const { distance: _, ...use } = alike
    const reused = judgeReuse(photo, [use], { ...judge, at: later(1) })
    const photos = ticket.photos.map((one) => ({ ...one, verdicts: [...one.verdicts, reused] }))
    const { next, id, events } = noted('pending_qa', undefined, passed, { ...ticket, photos })
    expect(next.photos.find((one) => one.id === id)?.verdicts.at(-1)).toMatchObject({
      check: 'likeness',
      outcome: 'warn',
      reason: 'The same photo is step house_front of ticket FT1000007, sent on 2026-11-02: see reuse',
    })
    expect(events).toMatchObject([{ type: 'LookAlikeFound' }])
    expect(noted('pending_qa', id, passed, next).next).toBe(next)
  })

  it('changes nothing when it is told twice, of no photo of the ticket, or of one that is handed over', () => {
    const { next, id } = noted('pending_qa')
    const again = noteLikeness({ ...stamp('system', later(9)), photoId: id, verdict })(next)
    expect(again).toEqual(E.right([next, []]))
    for (const { ticket, next, events } of [noted('pending_qa', 'unknown'), noted('handed_to_maintenance')]) {
      expect(next).toBe(ticket)
      expect(events).toEqual([])
    }
  })
})
