import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { blockingVerdicts, clearedUses } from '../../../src/domain/evidence/blocking.ts'
import { blockingChecks, type Judge, type Outcome, type PhotoCheck } from '../../../src/domain/evidence/evidence.ts'
import { type EarlierUse, type JudgedPhoto, judgeReuse } from '../../../src/domain/evidence/judge-reuse.ts'
import { judgeSize } from '../../../src/domain/evidence/judge-size.ts'
import {
  DEFAULT_LIMITS,
  DEFAULT_MINIMUM_SIZE,
  minimumSizeOf,
  refuseOverTicketLimit,
} from '../../../src/domain/evidence/limits.ts'
import { isObjectName, objectName } from '../../../src/domain/evidence/object-name.ts'
import type { StepKey } from '../../../src/domain/verification/steps.ts'

const judge: Judge = { checker: 'basic', version: '1', at: '2026-11-22T08:00:00.000Z' }

describe('the size of a photo', () => {
  const outcome = (width: number, height: number, step: StepKey = 'house_front') =>
    judgeSize({ width, height }, minimumSizeOf(step), judge).outcome

  it('is enough from 640 by 480 pixels, whichever side is the long one', () => {
    expect([outcome(640, 480), outcome(480, 640), outcome(4000, 480)]).toEqual(['pass', 'pass', 'pass'])
    expect([outcome(639, 480), outcome(640, 479), outcome(479, 4000)]).toEqual(['block', 'block', 'block'])
  })

  it('does not matter for a signature', () => {
    expect(outcome(1, 1, 'customer_signature')).toBe('not_judged')
  })

  it('is told with what was measured and what is needed', () => {
    expect(judgeSize({ width: 320, height: 240 }, DEFAULT_MINIMUM_SIZE, judge)).toEqual({
      ...judge,
      check: 'size',
      outcome: 'block',
      reason: '320 x 240 pixels is too small: at least 640 x 480 is needed',
      evidence: { width: 320, height: 240, longSide: 640, shortSide: 480 },
    })
  })
})

describe('the files of one ticket', () => {
  const MB = 1024 * 1024

  it('may fill 300 MB to the last byte', () => {
    expect(refuseOverTicketLimit(299 * MB, MB)).toEqual(E.right(undefined))
    expect(refuseOverTicketLimit(299 * MB, MB + 1)).toEqual(
      E.left({ type: 'TicketStorageFull', usedBytes: 299 * MB, addedBytes: MB + 1, limitBytes: 300 * MB }),
    )
    expect(refuseOverTicketLimit(5, 5, 9)).toMatchObject({ left: { limitBytes: 9 } })
  })

  it('are photos of 25 MB and 50 megapixels and documents of 20 MB at most', () => {
    expect(DEFAULT_LIMITS).toEqual({
      photoBytes: 25 * MB,
      documentBytes: 20 * MB,
      ticketBytes: 300 * MB,
      pixels: 50_000_000,
    })
  })
})

describe('reuse of a photo', () => {
  const photo: JudgedPhoto = {
    sha256: 'a'.repeat(64),
    ticketId: 'this',
    stepKey: 'green_lights',
    drNumber: 'DR1730550',
    paperwork: false,
  }
  const elsewhere: EarlierUse = {
    ticketId: 'other',
    ticketUid: 'FT1000007',
    stepKey: 'green_lights',
    photoId: 'p1',
    uploadedAt: '2026-11-01T22:30:00.000Z',
    drNumber: 'DR1730550',
  }
  const judged = (uses: ReadonlyArray<EarlierUse>, changes: Partial<JudgedPhoto> = {}) =>
    judgeReuse({ ...photo, ...changes }, uses, judge)

  it('is not suspected of a photo seen for the first time', () => {
    expect(judged([])).toMatchObject({ check: 'reuse', outcome: 'pass', evidence: { uses: 0, earlier: [] } })
  })

  it('blocks a photo of another ticket and names that ticket, its step and the day in Johannesburg', () => {
    expect(judged([elsewhere])).toEqual({
      ...judge,
      check: 'reuse',
      outcome: 'block',
      reason: 'The same photo is step green_lights of ticket FT1000007, sent on 2026-11-02',
      evidence: {
        sha256: photo.sha256,
        uses: 1,
        earlier: [
          {
            ticketId: 'other',
            ticketUid: 'FT1000007',
            stepKey: 'green_lights',
            photoId: 'p1',
            uploadedAt: elsewhere.uploadedAt,
          },
        ],
      },
    })
  })

  it('blocks the same photo on two steps of one ticket', () => {
    expect(judged([{ ...elsewhere, ticketId: 'this', stepKey: 'house_front' }])).toMatchObject({
      outcome: 'block',
      reason: 'The same photo is step house_front of this ticket, sent on 2026-11-02',
    })
  })

  it('is not the same photo sent again to the same step of the same ticket', () => {
    expect(judged([{ ...elsewhere, ticketId: 'this' }])).toMatchObject({ outcome: 'pass', evidence: { uses: 0 } })
  })

  it('on a paperwork ticket only warns, when the other ticket is of the same DR and step', () => {
    const paperwork = { paperwork: true }
    expect(judged([elsewhere], paperwork).outcome).toBe('warn')
    expect(judged([{ ...elsewhere, stepKey: 'house_front' }], paperwork).outcome).toBe('block')
    expect(judged([{ ...elsewhere, drNumber: 'DR1730551' }], paperwork).outcome).toBe('block')
    expect(judged([{ ...elsewhere, drNumber: null }], { paperwork: true, drNumber: null }).outcome).toBe('block')
    expect(judged([{ ...elsewhere, ticketId: 'this', stepKey: 'house_front' }], paperwork).outcome).toBe('block')
  })

  it('is named by the offence before the harmless use, and by the oldest of several', () => {
    const harmless = { ...elsewhere, uploadedAt: '2026-01-01T10:00:00.000Z' }
    const offence = { ...elsewhere, ticketUid: 'FT1000009', drNumber: 'DR1' }
    const older = { ...offence, ticketUid: 'FT1000008', uploadedAt: '2026-10-01T10:00:00.000Z' }
    expect(judged([harmless, offence, older], { paperwork: true })).toMatchObject({
      outcome: 'block',
      reason: 'The same photo is step green_lights of ticket FT1000008, sent on 2026-10-01',
      evidence: {
        uses: 3,
        earlier: [{ ticketUid: 'FT1000008' }, { ticketUid: 'FT1000009' }, { ticketUid: 'FT1000007' }],
      },
    })
  })

  it('names two uses of the same moment in the order of their ids, and lists no more than ten', () => {
    const uses = Array.from({ length: 12 }, (_, i) => ({
      ...elsewhere,
      photoId: `p${String(99 - i)}`,
      ticketUid: `FT${99 - i}`,
    }))
    const { evidence, reason } = judged(uses)
    expect(reason).toContain('FT88')
    expect(evidence).toMatchObject({ uses: 12 })
    expect(evidence.earlier).toHaveLength(10)
  })
})

describe('a photo serves as evidence', () => {
  const verdict = (check: PhotoCheck, outcome: Outcome, at = judge.at) =>
    ({ ...judge, at, check, outcome, reason: `${check} ${outcome}`, evidence: {} }) as const
  const sound = blockingChecks.map((check) => verdict(check, 'pass'))
  const later = '2026-11-22T08:00:01.000Z'
  const word = { by: 'lead', at: judge.at, reason: 'seen on site' }
  const photo = { verdicts: sound, overrides: [], reuseCleared: null }
  const without = (check: PhotoCheck) => sound.filter((found) => found.check !== check)

  it('when every check passed, only warned, or was not asked of its step', () => {
    expect(blockingVerdicts(photo)).toEqual([])
    const verdicts = [
      ...without('size'),
      verdict('size', 'not_judged'),
      verdict('reuse', 'warn'),
      verdict('blur', 'warn'),
    ]
    expect(blockingVerdicts({ ...photo, verdicts })).toEqual([])
  })

  it('never without verdicts: its analysis is unfinished', () => {
    expect(blockingVerdicts({ ...photo, verdicts: [] })).toEqual([
      { check: 'analysis', reason: 'analysis unfinished: decodable, size, blank, black, reuse' },
    ])
  })

  it.each(blockingChecks)('not while its check %s has no answer', (check) => {
    const unfinished = [{ check: 'analysis', reason: `analysis unfinished: ${check}` }]
    expect(blockingVerdicts({ ...photo, verdicts: without(check) })).toEqual(unfinished)
    expect(blockingVerdicts({ ...photo, verdicts: [...without(check), verdict(check, 'unverifiable')] })).toEqual(
      unfinished,
    )
  })

  it.each(blockingChecks)('not when its check %s blocks', (check) => {
    const verdicts = [...without(check), verdict(check, 'block')]
    expect(blockingVerdicts({ ...photo, verdicts })).toEqual([{ check, reason: `${check} block` }])
  })

  it('when a QA lead overrode the one verdict that blocks, and only that one', () => {
    const verdicts = [...sound, verdict('decodable', 'block', later), verdict('size', 'block', later)]
    const overrides = [{ ...word, check: 'size' }]
    expect(blockingVerdicts({ ...photo, verdicts, overrides })).toEqual([
      { check: 'decodable', reason: 'decodable block' },
    ])
    expect(
      blockingVerdicts({ ...photo, verdicts, overrides: [...overrides, { ...word, check: 'decodable' }] }),
    ).toEqual([])
  })

  it('after reuse only when it was cleared: an override is not enough', () => {
    const verdicts = [...without('reuse'), verdict('reuse', 'block')]
    expect(blockingVerdicts({ ...photo, verdicts, overrides: [{ ...word, check: 'reuse' }] })).toHaveLength(1)
    expect(blockingVerdicts({ ...photo, verdicts, reuseCleared: { ...word, photoIds: [] } })).toEqual([])
  })

  describe('after reuse of two photos was cleared', () => {
    const listing = (ids: ReadonlyArray<string>, at = judge.at) => ({
      ...verdict('reuse', 'block', at),
      evidence: { earlier: ids.map((photoId) => ({ photoId })) },
    })
    const cleared = (found: ReadonlyArray<string>, photoIds: ReadonlyArray<string> | null, at = judge.at) => ({
      ...photo,
      verdicts: [...without('reuse'), listing(found, at)],
      reuseCleared: { ...word, photoIds },
    })

    it('when it is reuse of those or of one of them, and not when it is of a third', () => {
      expect(blockingVerdicts(cleared(['a', 'b'], ['a', 'b']))).toEqual([])
      expect(blockingVerdicts(cleared(['b'], ['a', 'b']))).toEqual([])
      expect(blockingVerdicts(cleared(['a', 'c'], ['a', 'b']))).toEqual([{ check: 'reuse', reason: 'reuse block' }])
      expect(blockingVerdicts(cleared(['c'], ['a', 'b'], later))).toHaveLength(1)
    })

    it('by an earlier build, which kept no photos: for those that were known by then', () => {
      expect(blockingVerdicts(cleared(['a', 'b'], null))).toEqual([])
      expect(blockingVerdicts(cleared(['a', 'b'], null, later))).toHaveLength(1)
      const both = { ...cleared(['a'], null), verdicts: [listing(['a']), listing(['c'], later)] }
      expect(clearedUses(both)).toEqual(['a'])
    })
  })

  it('by the newest verdict of each check', () => {
    const better = verdict('size', 'block', '2026-11-23T08:00:00.000Z')
    expect(blockingVerdicts({ ...photo, verdicts: [better, ...sound] })).toHaveLength(1)
    const worse = verdict('size', 'block', '2026-11-21T08:00:00.000Z')
    expect(blockingVerdicts({ ...photo, verdicts: [...sound, worse] })).toEqual([])
    expect(blockingVerdicts({ ...photo, verdicts: [...sound, verdict('size', 'block')] })).toHaveLength(1)
  })
})

describe('the name of a stored file', () => {
  const place = { ticketId: '5f0c1a52-8c1e-4a0e-9f43-1c51b0a7a001', stepKey: 'house_front', extension: 'jpg' }

  it('is made of ticket, step and content', () => {
    const name = objectName(place, 'a'.repeat(64))
    expect(name).toEqual(E.right(`evidence/${place.ticketId}/house_front/${'a'.repeat(64)}.jpg`))
    expect(E.isRight(name) && isObjectName(name.right)).toBe(true)
  })

  it('may hold a ticket id of 64 characters, and no longer one', () => {
    expect(E.isRight(objectName({ ...place, ticketId: 'x'.repeat(64) }, 'a'.repeat(64)))).toBe(true)
    expect(objectName({ ...place, ticketId: 'x'.repeat(65) }, 'a'.repeat(64))).toEqual(
      E.left({ type: 'UnsafeName', part: 'ticketId' }),
    )
  })

  it('holds no hash that is none', () => {
    for (const sha256 of ['', 'a'.repeat(63), 'A'.repeat(64), `${'a'.repeat(64)}\n`])
      expect(objectName(place, sha256)).toEqual(E.left({ type: 'UnsafeName', part: 'sha256' }))
    expect(isObjectName('evidence/../secret')).toBe(false)
    expect(isObjectName(`evidence/t/house_front/${'a'.repeat(64)}.jpg\n`)).toBe(false)
  })
})
