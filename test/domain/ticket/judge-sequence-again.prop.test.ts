import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import { newestOf } from '../../../src/domain/evidence/blocking.ts'
import { judgeCapture, sequenceOf } from '../../../src/domain/evidence/judge-capture.ts'
import { addPhoto } from '../../../src/domain/ticket/add-photo.ts'
import { judgePhotoAgain } from '../../../src/domain/ticket/judge-photo-again.ts'
import { judgingSequenceAgain } from '../../../src/domain/ticket/judge-sequence-again.ts'
import type { Ticket } from '../../../src/domain/ticket/ticket.ts'
import type { StepKey } from '../../../src/domain/verification/steps.ts'
import { begin, eventsOf, facts, later, ok, photo, stamp } from '../../support/tickets.ts'

const limits = { toleranceMinutes: 5, distanceMetres: 250 }
const checker = { checker: 'full', version: '1' }

/** A photo that was taken, and arrives, these minutes after the ticket was made. */
const adding = (ticket: Ticket, step: StepKey, taken: number | null, minute: number, id = `${step}-${minute}`) => {
  const at = later(minute)
  const capturedAt = taken === null ? null : later(taken)
  const captured = { id, step, cycle: ticket.rectificationCount, capturedAt, takenAt: null, arrivedAt: at }
  const { verdicts, ...picture } = photo(step, id)
  return pipe(
    ticket,
    addPhoto(
      {
        ...stamp('thandi', at),
        limitBytes: 1_000_000,
        usedBytes: 0,
        photo: {
          ...picture,
          capturedAt,
          verdicts: [...verdicts, ...judgeCapture(captured, ticket, [], limits, { ...checker, at })],
        },
      },
      facts(),
    ),
    judgingSequenceAgain(limits, checker, stamp('thandi', at)),
  )
}
const standing = (ticket: Ticket, id: string) =>
  newestOf('sequence', ticket.photos.find((one) => one.id === id)?.verdicts ?? [])

describe('The order of the photos of a step list', () => {
  const wall = ok(adding(begin(), 'wall_before_install', 100, 200))
  const wrong = adding(wall, 'ont_back_after_install', 90, 201)

  it('is judged for both when a later step turns out to be taken before an earlier one', () => {
    expect(standing(wall, 'wall_before_install-200')?.outcome).toBe('pass')
    expect(standing(ok(wrong), 'wall_before_install-200')).toMatchObject({
      outcome: 'warn',
      reason: 'It was taken on the wrong side of step ont_back_after_install',
      at: later(201),
      evidence: { outOfOrder: [{ step: 'ont_back_after_install' }] },
    })
    expect(standing(ok(wrong), 'ont_back_after_install-201')?.outcome).toBe('warn')
    expect(eventsOf(wrong)).toMatchObject([
      { type: 'PhotoAdded' },
      { type: 'PhotoJudgedAgain', photoId: 'wall_before_install-200', blocks: [] },
    ])
  })

  it('is in order again for both when the wrong photo is replaced by a right one', () => {
    const mended = ok(adding(ok(wrong), 'ont_back_after_install', 110, 202))
    expect(standing(mended, 'wall_before_install-200')).toMatchObject({ outcome: 'pass', at: later(202) })
    expect(standing(mended, 'ont_back_after_install-202')?.outcome).toBe('pass')
    expect(standing(mended, 'ont_back_after_install-201')?.outcome).toBe('warn')
  })

  it('stays as it was judged, and when, where nothing moved', () => {
    const next = adding(wall, 'ont_back_after_install', 95, 201)
    expect(eventsOf(next)).toMatchObject([{ type: 'PhotoAdded' }])
    expect(ok(next).photos[0]).toEqual(wall.photos[0])
  })

  it('is not made up for a photo that was never judged on it', () => {
    const basic = { ...wall, photos: wall.photos.map((one) => ({ ...one, verdicts: photo(one.step).verdicts })) }
    const after = ok(adding(basic, 'ont_back_after_install', 90, 201))
    expect(standing(after, 'wall_before_install-200')).toBeUndefined()
  })

  it('moves, too, when a photo judged again turns out to be taken at another time', () => {
    const at = later(203)
    const { width, height, copies } = ok(wrong).photos[1] ?? photo('ont_back_after_install')
    const found = { width, height, copies, capturedAt: later(120) }
    const verdict = { ...checker, at, check: 'blur', outcome: 'warn', reason: 'blurred', evidence: {} } as const
    const judged = pipe(
      ok(wrong),
      judgePhotoAgain(
        { ...stamp('system', at), photoId: 'ont_back_after_install-201', found, verdicts: [verdict] },
        facts(),
      ),
      judgingSequenceAgain(limits, checker, stamp('system', at)),
    )
    expect(standing(ok(judged), 'wall_before_install-200')?.outcome).toBe('pass')
    expect(standing(ok(judged), 'ont_back_after_install-201')?.outcome).toBe('pass')
  })

  it('is left alone by a decision that is refused or that changes nothing', () => {
    const refused = E.left({ type: 'PhotoTooLate', why: 'frozen', ticketUid: '' } as const)
    expect(judgingSequenceAgain(limits, checker, stamp())(refused)).toBe(refused)
    const nothing = E.right([ok(wrong), []] as const)
    expect(judgingSequenceAgain(limits, checker, stamp())(nothing)).toBe(nothing)
  })

  it('after any photos in any order is what judging each current one now would say', () => {
    const reached = { pass: 0, warn: 0, unverifiable: 0, replaced: 0, mended: 0 }
    const arriving = fc.record({
      step: fc.constantFrom<StepKey>('wall_before_install', 'ont_back_after_install', 'work_area_final'),
      taken: fc.option(fc.integer({ min: 0, max: 120 }), { freq: 6 }),
    })
    fc.assert(
      fc.property(fc.array(arriving, { minLength: 2, maxLength: 8 }), (photos) => {
        const ticket = photos.reduce((before, { step, taken }, n) => {
          const after = ok(adding(before, step, taken, 200 + n))
          const wasWarned = ({ id }: { readonly id: string }) => standing(before, id)?.outcome === 'warn'
          reached.mended += after.photos.filter(
            (one) => one.current && wasWarned(one) && standing(after, one.id)?.outcome === 'pass',
          ).length
          return after
        }, begin())
        for (const one of ticket.photos) {
          if (!one.current) {
            reached.replaced += 1
            continue
          }
          const { outcome, reason, evidence } = sequenceOf(one, ticket, limits, { ...checker, at: later(1) })
          expect(standing(ticket, one.id)).toMatchObject({ outcome, reason })
          expect(standing(ticket, one.id)?.evidence.outOfOrder).toEqual(evidence.outOfOrder)
          reached[outcome as 'pass'] += 1
        }
      }),
      { numRuns: 300 },
    )
    for (const times of Object.values(reached)) expect(times).toBeGreaterThan(10)
  })
})
