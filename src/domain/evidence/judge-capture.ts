import type { Instant } from '../shared/time.ts'
import type { Common } from '../ticket/ticket.ts'
import type { StepKey } from '../verification/steps.ts'
import type { Coordinates, Judge, Verdict } from './evidence.ts'
import { judgePlace } from './judge-place.ts'
import { judgeSequence } from './judge-sequence.ts'

/** What a project allows between where and when a photo was taken and where and when it should have been. */
export type CaptureLimits = { readonly toleranceMinutes: number; readonly distanceMetres: number }

export type CapturedPhoto = {
  readonly id: string
  readonly step: StepKey
  readonly cycle: number
  readonly capturedAt: Instant | null
  readonly takenAt: Coordinates | null
  readonly arrivedAt: Instant
}

type Job = Pick<
  Common,
  'photos' | 'paperwork' | 'sourceCreatedAt' | 'createdAt' | 'history' | 'gps' | 'rectificationCount'
>

/** The verdicts on time and place of one photo of a ticket; `places` are the known coordinates of its drop and pole. */
export const judgeCapture = (
  photo: CapturedPhoto,
  ticket: Job,
  places: ReadonlyArray<Coordinates>,
  limits: CaptureLimits,
  judge: Judge,
): ReadonlyArray<Verdict> => [
  sequenceOf(photo, ticket, limits, judge),
  judgePlace(photo.takenAt, ticket.gps === null ? places : [...places, ticket.gps], judge, limits.distanceMetres),
]

/** The verdict on the time alone, among the photos that are now current in the same work cycle. */
export const sequenceOf = (
  photo: Omit<CapturedPhoto, 'takenAt'>,
  ticket: Job,
  { toleranceMinutes }: Pick<CaptureLimits, 'toleranceMinutes'>,
  judge: Judge,
): Verdict => {
  const sameCycle = ticket.photos.filter(
    (other) => other.current && other.cycle === photo.cycle && other.id !== photo.id && other.step !== photo.step,
  )
  const bounds = { earliest: earliestOf(ticket), latest: photo.arrivedAt }
  return judgeSequence(photo, sameCycle, bounds, judge, toleranceMinutes)
}

/** A job begins when its source says so, when its ticket is made or when it is assigned, whichever is first; paperwork is redone for work long past. */
const earliestOf = ({ paperwork, sourceCreatedAt, createdAt, history }: Job): Instant | null => {
  if (paperwork) return null
  const assigned = history.filter(({ status }) => status === 'assigned').map(({ at }) => at)
  return [createdAt, ...(sourceCreatedAt === null ? [] : [sourceCreatedAt]), ...assigned].reduce((a, b) =>
    a < b ? a : b,
  )
}
