import * as E from 'fp-ts/lib/Either.js'
import { newestOf } from '../evidence/blocking.ts'
import type { Judge, Verdict } from '../evidence/evidence.ts'
import { type CaptureLimits, sequenceOf } from '../evidence/judge-capture.ts'
import type { Photo } from '../evidence/photo.ts'
import type { TicketEvent } from './events.ts'
import type { Ticket } from './ticket.ts'
import type { Decided, Outcome, Stamp } from './transition.ts'

/**
 * A photo that arrives, is replaced or turns out to be taken at another time moves the order of the others: each current
 * photo whose verdict on the sequence no longer holds is given the one that does, by the same decision.
 */
export const judgingSequenceAgain =
  (limits: CaptureLimits, judge: Omit<Judge, 'at'>, { at, by }: Stamp) =>
  (decided: Decided): Decided =>
    E.isRight(decided) && decided.right[1].some(({ type }) => MOVES_THE_ORDER.has(type))
      ? E.right(sequenceAgain(decided.right, limits, { ...judge, at }, by))
      : decided

const MOVES_THE_ORDER: ReadonlySet<TicketEvent['type']> = new Set(['PhotoAdded', 'PhotoJudgedAgain'])

const sequenceAgain = ([ticket, events]: Outcome, limits: CaptureLimits, judge: Judge, by: string): Outcome => {
  const changed = ticket.photos.flatMap((photo) => {
    const verdict = otherwise(photo, ticket, limits, judge)
    return verdict === null ? [] : [{ ...photo, verdicts: [...withoutRule(photo.verdicts, verdict), verdict] }]
  })
  return [
    { ...ticket, photos: ticket.photos.map((photo) => changed.find(({ id }) => id === photo.id) ?? photo) },
    [
      ...events,
      ...changed.map(
        ({ id }): TicketEvent => ({ type: 'PhotoJudgedAgain', photoId: id, blocks: [], at: judge.at, by }),
      ),
    ],
  ]
}

/** The verdict that holds now; null when the standing one does, or when the photo was never judged on it. */
const otherwise = (photo: Photo, ticket: Ticket, limits: CaptureLimits, judge: Judge): Verdict | null => {
  const standing = newestOf('sequence', photo.verdicts)
  if (!photo.current || standing === undefined) return null
  const verdict = sequenceOf(photo, ticket, limits, judge)
  return saysOf(verdict) === saysOf(standing) ? null : verdict
}

/** What a reader would learn: tolerances and the order of its members do not count. */
const saysOf = ({ outcome, reason, evidence }: Verdict): string => {
  const others = (evidence.outOfOrder ?? []) as ReadonlyArray<{ readonly step: string; readonly capturedAt: string }>
  return JSON.stringify([outcome, reason, others.map(({ step, capturedAt }) => `${step} ${capturedAt}`).toSorted()])
}

const withoutRule = (verdicts: ReadonlyArray<Verdict>, { check, checker, version }: Verdict): ReadonlyArray<Verdict> =>
  verdicts.filter((known) => known.check !== check || known.checker !== checker || known.version !== version)
