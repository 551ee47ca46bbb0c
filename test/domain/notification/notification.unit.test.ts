import { describe, expect, it } from 'vitest'
import { complianceOf, isPrompt } from '../../../src/domain/notification/compliance.ts'
import { learn, UNTOLD } from '../../../src/domain/notification/delivery.ts'
import { batches, GATHER_MS, type Waiting, wordsOf } from '../../../src/domain/notification/digest.ts'
import type { NotificationKind } from '../../../src/domain/notification/notification.ts'
import {
  believedUntil,
  lookUpAt,
  nextSendAt,
  pausedUntil,
  recipientFreeAt,
  restrictedFor,
} from '../../../src/domain/notification/pace.ts'
import { plusMs } from '../../../src/domain/shared/time.ts'

const AT = '2026-11-22T08:00:00.000Z'
const THABO = '+27821234567'
const LERATO = '+27831234567'
const later = (ms: number): string => plusMs(AT, ms)

const waiting = (id: string, ms: number, kind: NotificationKind = 'assignment', address = THABO): Waiting => ({
  id,
  kind,
  address,
  at: later(ms),
})
const idsOf = (all: ReadonlyArray<Waiting>) => batches(all).map(({ parts }) => parts.map(({ id }) => id))

describe('What waits becomes one message', () => {
  it('where kind and recipient are the same and the first is less than thirty seconds old', () => {
    expect(idsOf([waiting('a', 0), waiting('b', GATHER_MS - 1), waiting('c', GATHER_MS)])).toEqual([['a', 'b'], ['c']])
  })
  it('and goes out thirty seconds after the first of it', () => {
    expect(batches([waiting('b', 9), waiting('a', 0)])[0]?.dueAt).toBe(later(GATHER_MS))
  })
  it('never with another kind or another recipient', () => {
    expect(idsOf([waiting('a', 0), waiting('b', 1, 'escalation'), waiting('c', 2, 'assignment', LERATO)])).toEqual([
      ['a'],
      ['b'],
      ['c'],
    ])
  })
  it("but a person's own words go out alone and at once", () => {
    const all = batches([waiting('a', 0, 'message'), waiting('b', 1, 'message')])
    expect(all.map(({ dueAt, parts }) => [dueAt, parts.length])).toEqual([
      [AT, 1],
      [later(1), 1],
    ])
  })
})

describe('The words of a message', () => {
  const words = (text: string, digestLine: string | null = null) => ({ text, digestLine })
  it('are the text itself where there is one', () => {
    expect(wordsOf('assignment', [words('FT1 is yours', 'FT1')])).toBe('FT1 is yours')
  })
  it('list the tickets where there are several', () => {
    expect(wordsOf('assignment', [words('FT1 is yours', 'FT1'), words('FT2 is yours', 'FT2')])).toBe(
      'Tickets assigned (2):\n- FT1\n- FT2',
    )
  })
  it('say nothing twice to one who is told in two roles', () => {
    expect(wordsOf('escalation', [words('Pole A2', 'A2'), words('Pole A2', 'A2')])).toBe('Pole A2')
    expect(wordsOf('escalation', [words('Pole A2 for you', 'A2'), words('Pole A2', 'A2')])).toBe(
      'Escalations (1):\n- A2',
    )
  })
})

describe('The pace', () => {
  it('is never faster than so many a minute, whatever chance says', () => {
    expect(nextSendAt(AT, 30, 0)).toBe(later(2_000))
    expect(nextSendAt(AT, 30, 1)).toBe(later(3_000))
  })
  it('lets a recipient have ten in a minute and the eleventh when the first is a minute old', () => {
    const nine = Array.from({ length: 9 }, (_, n) => later(n))
    expect(recipientFreeAt(nine, later(100), 10)).toBeNull()
    expect(recipientFreeAt([...nine, later(9)], later(100), 10)).toBe(later(60_000))
    expect(recipientFreeAt([...nine, later(9)], later(60_000), 10)).toBeNull()
  })
  it('pauses after unknown outcomes for three recipients, longer each time, half an hour at most', () => {
    expect(pausedUntil(AT, 2, 0)).toBeNull()
    expect(pausedUntil(AT, 3, 0)).toBe(later(60_000))
    expect(pausedUntil(AT, 3, 1)).toBe(later(120_000))
    expect(pausedUntil(AT, 3, 60)).toBe(later(30 * 60_000))
  })
  it('tries a first message ever later while WhatsApp takes none, every three hours at most', () => {
    expect([1, 2, 3, 4, 5, 60].map((inARow) => restrictedFor(inARow) / 60_000)).toEqual([1, 5, 15, 60, 180, 180])
  })
  it('believes a restriction for three days, its last millisecond included', () => {
    const threeDays = 3 * 86_400_000
    expect(believedUntil(later(threeDays), AT)).toBe(later(threeDays))
    expect(believedUntil(later(threeDays + 1), AT)).toBe(later(threeDays))
    expect(believedUntil(later(1), AT)).toBe(later(1))
  })
  it('looks a message up five times, then never again', () => {
    expect(lookUpAt(AT, 0)).toBe(later(120_000))
    expect(lookUpAt(AT, 4)).not.toBeNull()
    expect(lookUpAt(AT, 5)).toBeNull()
  })
})

describe('Compliance', () => {
  it('counts what was sent within one minute, its last millisecond included', () => {
    expect(isPrompt({ happenedAt: AT, status: 'read', sentAt: later(60_000) })).toBe(true)
    expect(isPrompt({ happenedAt: AT, status: 'sent', sentAt: later(60_001) })).toBe(false)
    expect(isPrompt({ happenedAt: AT, status: 'unknown', sentAt: null })).toBe(false)
    expect(isPrompt({ happenedAt: AT, status: 'failed', sentAt: later(1) })).toBe(false)
  })
  it('has no figure where there was nothing to tell', () => {
    expect(complianceOf(0, 0).share).toBeNull()
    expect(complianceOf(4, 3).share).toBe(0.75)
  })
  it('has an unknown message not sent, and one that an ack settles sent when the ack says', () => {
    const unknown = learn(UNTOLD, { type: 'Unclear', error: 'timeout' })
    expect(unknown.sentAt).toBeNull()
    expect(learn(unknown, { type: 'Acked', ack: 2, at: later(5), error: null })).toEqual({
      status: 'delivered',
      sentAt: later(5),
      deliveredAt: later(5),
      readAt: null,
      error: null,
    })
  })
})
