import type { Judge, Outcome, PictureMeasures, Verdict } from './evidence.ts'

type Sharpness = Pick<PictureMeasures, 'laplacian' | 'gradientBalance' | 'lumaSpread'>

/**
 * Variance of the Laplacian over the squared spread of luma, so that darkness and haze do not count as blur. On 24 camera
 * photographs it was 0.0023 and more; of the same blurred by 0.5 % of their width (sigma) 0.0004 and less, so that all were
 * found and no sharp one was warned of; blurred by 0.25 %, 19 of 24 were.
 */
const BLURRED_BELOW = 0.0015

/**
 * A smear along one direction takes its gradients: the weakest of four directions against the strongest was 0.38 and more.
 * Of the same photographs smeared by 2 % of their width 40 of 48 were found, by 1 % a third. Wires and walls have one
 * direction, too, so that it only counts where the picture is soft as well.
 */
const SMEARED_BELOW_BALANCE = 0.3
const SMEARED_BELOW = 0.02

/** Below this spread there are no edges to tell sharp from soft. */
const LEAST_SPREAD = 8

/** Blur, of focus or of motion, warns the reviewer. */
export const judgeBlur = ({ laplacian, gradientBalance, lumaSpread }: Sharpness, judge: Judge): Verdict => {
  const sharpness = Math.round((laplacian / Math.max(1, lumaSpread) ** 2) * 1e6) / 1e6
  const verdict = (outcome: Outcome, reason: string): Verdict => ({
    ...judge,
    check: 'blur',
    outcome,
    reason,
    evidence: { sharpness, laplacian, gradientBalance },
  })
  if (lumaSpread < LEAST_SPREAD) return verdict('unverifiable', 'There are no edges to judge sharpness by')
  if (sharpness < BLURRED_BELOW) return verdict('warn', 'The picture is blurred: take it again with a steady hand')
  if (gradientBalance < SMEARED_BELOW_BALANCE && sharpness < SMEARED_BELOW)
    return verdict('warn', 'The picture is smeared along one direction: take it again with a steady hand')
  return verdict('pass', 'The picture is sharp enough')
}
