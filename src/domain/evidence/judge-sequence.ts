import { type Instant, plusMs } from '../shared/time.ts'
import { type StepKey, stepOrder } from '../verification/steps.ts'
import type { Judge, Outcome, Verdict } from './evidence.ts'

/** How far the clocks of two phones, or of a phone and this system, may lie apart before it means anything. */
export const DEFAULT_TOLERANCE_MINUTES = 5

/** A photo with its capture time; null when the picture carries none. */
export type Captured = { readonly step: StepKey; readonly capturedAt: Instant | null }

/** A photo of this job was taken no later than it arrived and, where `earliest` is known, no earlier than that. */
export type CaptureBounds = { readonly earliest: Instant | null; readonly latest: Instant }

/**
 * Whether a photo was taken when its step is worked: within the job, and in the order of the step list among the photos
 * of its work cycle. A capture time is easily forged, so this warns a reviewer and never blocks.
 */
export const judgeSequence = (
  photo: Captured,
  sameCycle: ReadonlyArray<Captured>,
  { earliest, latest }: CaptureBounds,
  judge: Judge,
  toleranceMinutes: number = DEFAULT_TOLERANCE_MINUTES,
): Verdict => {
  const { capturedAt } = photo
  const verdict = (outcome: Outcome, reason: string, evidence: Verdict['evidence']): Verdict => ({
    ...judge,
    check: 'sequence',
    outcome,
    reason,
    evidence,
  })
  if (capturedAt === null)
    return verdict('unverifiable', 'The picture does not say when it was taken; messengers remove that', {})
  const tolerance = toleranceMinutes * 60_000
  const evidence = { capturedAt, toleranceMinutes }
  if (capturedAt > plusMs(latest, tolerance))
    return verdict('warn', 'The camera says it was taken after it arrived here', { ...evidence, arrivedAt: latest })
  if (earliest !== null && capturedAt < plusMs(earliest, -tolerance))
    return verdict('warn', 'The camera says it was taken before this job began', { ...evidence, jobBegan: earliest })
  const broken = sameCycle.flatMap((other) => (isOutOfOrder(photo, other, tolerance) ? [other] : []))
  const [first] = broken
  return first === undefined
    ? verdict('pass', 'It was taken within the job and in the order of the steps', evidence)
    : verdict('warn', `It was taken on the wrong side of step ${first.step}`, {
        ...evidence,
        outOfOrder: broken.map((other) => ({ step: other.step, capturedAt: other.capturedAt })),
      })
}

const isOutOfOrder = (photo: Captured, other: Captured, toleranceMs: number): boolean =>
  comesBefore(photo.step, other.step)
    ? isLater(photo, other, toleranceMs)
    : comesBefore(other.step, photo.step) && isLater(other, photo, toleranceMs)

const isLater = (a: Captured, b: Captured, toleranceMs: number): boolean =>
  a.capturedAt !== null && b.capturedAt !== null && a.capturedAt > plusMs(b.capturedAt, toleranceMs)

/** The step list names neighbours only: 5 before 6 and 6 before 7 also means 5 before 7. */
const comesBefore = (first: StepKey, second: StepKey): boolean => AFTER.get(first)?.has(second) ?? false

const followersOf = (step: StepKey): ReadonlyArray<StepKey> =>
  stepOrder.filter(([before]) => before === step).flatMap(([, after]) => [after, ...followersOf(after)])

const AFTER: ReadonlyMap<StepKey, ReadonlySet<StepKey>> = new Map(
  stepOrder.map(([before]) => [before, new Set(followersOf(before))]),
)
