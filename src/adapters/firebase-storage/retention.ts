import type { FileMetadata } from '@google-cloud/storage'
import { isCopyStep } from '../../domain/evidence/object-name.ts'
import type { Retention } from '../../domain/evidence/retention.ts'
import type { Instant } from '../../domain/shared/time.ts'

/**
 * What is put on each original when it is stored. `hold` is an event-based one, released at the end of the contract, so
 * that the bucket's own period begins then; `locked` for so many days, or (null) for as long as the bucket's locked
 * policy says (https://cloud.google.com/storage/docs/object-holds, …/object-lock, …/bucket-lock).
 */
export type RetentionAsked =
  | { readonly level: 'none' }
  | { readonly level: 'hold' }
  | { readonly level: 'locked'; readonly days: number | null }

const DAY_MS = 86_400_000
const RANK: { readonly [L in Retention]: number } = { none: 0, hold: 1, locked: 2 }

/** Viewing copies are made again from their original and erased with it: nothing keeps them. */
export const askedFor = (stepKey: string, asked: RetentionAsked): RetentionAsked =>
  isCopyStep(stepKey) ? { level: 'none' } : asked

/** The fields of a new object; a copy is not even under the hold that its bucket may put on everything by itself. */
export const firstFieldsOf = (stepKey: string, asked: RetentionAsked, now: Instant): FileMetadata =>
  isCopyStep(stepKey) ? { eventBasedHold: false } : fieldsOf(asked, now)

/** The fields of an object that ask for it. */
export const fieldsOf = (asked: RetentionAsked, now: Instant): FileMetadata => {
  if (asked.level === 'hold') return { eventBasedHold: true }
  if (asked.level === 'none' || asked.days === null) return {}
  const until = new Date(Date.parse(now) + asked.days * DAY_MS).toISOString()
  return { retention: { mode: 'Locked', retainUntilTime: until } }
}

/** What an object says is in force for it now; `bucketLocked`: its bucket's retention policy can never be taken back. */
export const levelOf = (metadata: FileMetadata, bucketLocked: boolean, now: Instant): Retention => {
  const { retention, retentionExpirationTime, eventBasedHold, temporaryHold } = metadata
  const after = (text: unknown): boolean => typeof text === 'string' && Date.parse(text) > Date.parse(now)
  const ownLock = retention?.mode === 'Locked' && after(String(retention.retainUntilTime))
  const held = eventBasedHold === true || temporaryHold === true
  if (ownLock || (bucketLocked && (after(retentionExpirationTime) || held))) return 'locked'
  return held ? 'hold' : 'none'
}

export const isLess = (found: Retention, asked: RetentionAsked): boolean => RANK[found] < RANK[asked.level]
