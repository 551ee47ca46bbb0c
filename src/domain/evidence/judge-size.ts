import type { Judge, MinimumSize, Verdict } from './evidence.ts'

/** A picture smaller than its step needs cannot be judged by a reviewer, so it blocks readiness. */
export const judgeSize = (
  picture: { readonly width: number; readonly height: number },
  minimum: MinimumSize | null,
  judge: Judge,
): Verdict => {
  const { width, height } = picture
  if (minimum === null) {
    return {
      ...judge,
      check: 'size',
      outcome: 'not_judged',
      reason: 'This step accepts a picture of any size',
      evidence: { width, height },
    }
  }
  const { longSide, shortSide } = minimum
  const large = Math.max(width, height) >= longSide && Math.min(width, height) >= shortSide
  return {
    ...judge,
    check: 'size',
    outcome: large ? 'pass' : 'block',
    reason: large
      ? `${width} x ${height} pixels is large enough`
      : `${width} x ${height} pixels is too small: at least ${longSide} x ${shortSide} is needed`,
    evidence: { width, height, longSide, shortSide },
  }
}
