import { type Instant, plusMs } from '../shared/time.ts'

const MINUTE_MS = 60_000

/** How fast messages may go out. */
export type Pace = {
  /** All together. */
  readonly perMinute: number
  readonly perRecipientPerMinute: number
  /** From when on a message that waits has failed. */
  readonly expireHours: number
}

export const DEFAULT_PACE: Pace = { perMinute: 30, perRecipientPerMinute: 10, expireHours: 12 }

/** When the next message may follow one sent now: never sooner than the limit says, and up to half as long again. `chance` is from 0 to 1. */
export const nextSendAt = (now: Instant, perMinute: number, chance: number): Instant =>
  plusMs(now, Math.ceil((MINUTE_MS / perMinute) * (1 + chance / 2)))

/** When a recipient who was sent these messages may be sent one more; null: now. */
export const recipientFreeAt = (sentAt: ReadonlyArray<Instant>, now: Instant, perMinute: number): Instant | null => {
  const recent = sentAt.filter((at) => plusMs(at, MINUTE_MS) > now).toSorted()
  const oldest = recent.at(-perMinute)
  return oldest === undefined ? null : plusMs(oldest, MINUTE_MS)
}

/** What waits since before this has expired. */
export const expiredBefore = (now: Instant, hours: number): Instant => plusMs(now, -hours * 60 * MINUTE_MS)

const RECIPIENTS_BEFORE_A_PAUSE = 3
const LONGEST_PAUSE_MS = 30 * MINUTE_MS

/** How long everything waits once nobody knows what became of messages to so many: WAHA is unwell, and each more would need a person. One recipient alone may be the reason himself. */
export const pausedUntil = (now: Instant, recipients: number, pausesBefore: number): Instant | null =>
  recipients < RECIPIENTS_BEFORE_A_PAUSE ? null : plusMs(now, Math.min(LONGEST_PAUSE_MS, MINUTE_MS * 2 ** pausesBefore))

const LONGEST_RESTRICTION_MS = 3 * 24 * 60 * MINUTE_MS

/** Until when a restriction WhatsApp told of is believed: a slip of somebody's clock must not silence us for years. */
export const believedUntil = (until: Instant, heardAt: Instant): Instant => {
  const latest = plusMs(heardAt, LONGEST_RESTRICTION_MS)
  return until < latest ? until : latest
}

const RESTRICTED_MINUTES = [1, 5, 15, 60]
const LONGEST_RESTRICTED_MINUTES = 180

/** For how many milliseconds no first message is tried after WhatsApp refused so many in a row without saying until when. */
export const restrictedFor = (inARow: number): number =>
  (RESTRICTED_MINUTES[inARow - 1] ?? LONGEST_RESTRICTED_MINUTES) * MINUTE_MS

const LOOK_UP_AFTER_MINUTES = [2, 5, 15, 60, 360]

/** When a message that nothing was heard of is looked up for the n-th time (from 0); null: never again. */
export const lookUpAt = (now: Instant, lookUps: number): Instant | null => {
  const minutes = LOOK_UP_AFTER_MINUTES[lookUps]
  return minutes === undefined ? null : plusMs(now, minutes * MINUTE_MS)
}
