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
): ReadonlyArray<Verdict> => {
  const sameCycle = ticket.photos.filter(
    (other) => other.current && other.cycle === photo.cycle && other.id !== photo.id && other.step !== photo.step,
  )
  return [
    judgeSequence(
      photo,
      sameCycle,
      { earliest: earliestOf(ticket), latest: photo.arrivedAt },
      judge,
      limits.toleranceMinutes,
    ),
    judgePlace(photo.takenAt, ticket.gps === null ? places : [...places, ticket.gps], judge, limits.distanceMetres),
  ]
}

/** A job begins when its source says so, when its ticket is made or when it is assigned, whichever is first; paperwork is redone for work long past. */
const earliestOf = ({ paperwork, sourceCreatedAt, createdAt, history }: Job): Instant | null => {
  if (paperwork) return null
  const assigned = history.filter(({ status }) => status === 'assigned').map(({ at }) => at)
  return [createdAt, ...(sourceCreatedAt === null ? [] : [sourceCreatedAt]), ...assigned].reduce((a, b) =>
    a < b ? a : b,
  )
}
