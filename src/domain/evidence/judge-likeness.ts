import type { StepKey } from '../verification/steps.ts'
import type { Judge, Outcome, PhotoAnalysis, Verdict } from './evidence.ts'
import { type AlikeUse, isResubmission, type JudgedPhoto, listed, whereAndWhen } from './judge-reuse.ts'
import { COMPARED_QUALITY, type Fingerprint, LOOK_ALIKE_DISTANCE, REUSE_DISTANCE } from './likeness.ts'
import { isExempt } from './limits.ts'

/** What is kept of a photo of this step, of a flat one without any hash; null when it is compared by its bytes alone, or could not be opened. */
export const comparedBy = (step: StepKey, fingerprint: Fingerprint | null): Fingerprint | null =>
  fingerprint === null || isExempt('likeness', step)
    ? null
    : fingerprint.quality < COMPARED_QUALITY
      ? { ...NOTHING_TO_COMPARE, quality: fingerprint.quality }
      : fingerprint

/** Of a picture that cannot be opened, ever. */
const NOTHING_TO_COMPARE: Fingerprint = { quality: 0, stored: [], probes: [] }

/** What an analysis lets a photo be compared by; null where nothing is, or where it is unknown as yet what the picture shows. */
export const hashesIn = (
  step: StepKey,
  { fingerprint, verdicts }: Pick<PhotoAnalysis, 'fingerprint' | 'verdicts'>,
): Fingerprint | null =>
  comparedBy(step, fingerprint) ??
  (verdicts.some(({ check, outcome }) => check === 'decodable' && outcome === 'block') ? NOTHING_TO_COMPARE : null)

/** Whether all is known that reuse of this picture is judged by. */
export const isComparable = (step: StepKey, analysis: Pick<PhotoAnalysis, 'fingerprint' | 'verdicts'>): boolean =>
  isExempt('likeness', step) || hashesIn(step, analysis) !== null

/** What a photo's likeness verdict says when it arrives, before the slow search for look-alikes has been made. */
export const likenessAtFirst = (step: StepKey, fingerprint: Fingerprint | null, judge: Judge): Verdict => {
  const verdict = (outcome: Outcome, reason: string, evidence: Verdict['evidence']): Verdict => ({
    ...judge,
    check: 'likeness',
    outcome,
    reason,
    evidence,
  })
  if (isExempt('likeness', step))
    return verdict('not_judged', 'Photos of this step are compared by their bytes, not by how they look', {})
  if (fingerprint === null) return verdict('unverifiable', 'The picture could not be compared with others', {})
  const { quality } = fingerprint
  return quality < COMPARED_QUALITY
    ? verdict('not_judged', 'The picture is too flat to be compared with others', { quality })
    : verdict('not_judged', 'Earlier photos that look like it are searched for, and named here when there are any', {
        quality,
      })
}

/** How many look-alikes a verdict lists; it always says how many there are. */
const LISTED_LOOK_ALIKES = 10

/**
 * Photos elsewhere that are at most 64 bits apart, the nearest first: for the reviewer to look at, never a block. The same
 * picture, at most 31 bits apart, is named too: that it is reuse is judged there.
 */
export const judgeLikeness = (
  photo: Pick<JudgedPhoto, 'ticketId' | 'stepKey'>,
  alike: ReadonlyArray<AlikeUse>,
  judge: Judge,
): Verdict => {
  const lookAlikes = alike
    .filter((use) => use.distance <= LOOK_ALIKE_DISTANCE)
    .filter((use) => !isResubmission(photo, use))
    .toSorted((a, b) => a.distance - b.distance || (a.uploadedAt < b.uploadedAt ? -1 : 1))
  const [nearest] = lookAlikes
  return nearest === undefined
    ? {
        ...judge,
        check: 'likeness',
        outcome: 'pass',
        reason: 'No earlier photo looks like it',
        evidence: { lookAlikes: 0 },
      }
    : {
        ...judge,
        check: 'likeness',
        outcome: 'warn',
        reason:
          nearest.distance > REUSE_DISTANCE
            ? `It looks like ${whereAndWhen(photo, nearest)}`
            : `It is the same picture as ${whereAndWhen(photo, nearest)}: see reuse`,
        evidence: { lookAlikes: lookAlikes.length, earlier: lookAlikes.slice(0, LISTED_LOOK_ALIKES).map(listed) },
      }
}
