import type { StepKey } from '../verification/steps.ts'
import type { Judge, Outcome, PhotoCheck, PictureMeasures, Verdict } from './evidence.ts'
import { isExempt } from './limits.ts'

type Light = Pick<PictureMeasures, 'meanLuma' | 'lumaSpread' | 'brightest'>

/**
 * Luma from 0 to 255 at 512 pixels, measured on 24 camera photographs and the same darkened to 15 %: spreads were 106 to
 * 254 (16 to 38 darkened), means 47 to 132 (7 to 19 darkened), the brightest of 2,000 pixels 190 and more (28 and more).
 * A covered lens or one plain colour lies below all of them.
 */
const BLANK_BELOW_SPREAD = 8
const BLACK_BELOW_BRIGHTEST = 24
const DARK_BELOW_MEAN = 30

/** Blankness and blackness keep a photo from being evidence: there is nothing to be seen. Darkness warns. */
export const judgeLight = (light: Light, step: StepKey, judge: Judge): ReadonlyArray<Verdict> => {
  const evidence = { ...light }
  const verdict = (check: PhotoCheck, bad: Outcome | null, badReason: string, goodReason: string): Verdict => {
    if (isExempt(check, step))
      return { ...judge, check, outcome: 'not_judged', reason: 'This step is not judged by that', evidence }
    return { ...judge, check, outcome: bad ?? 'pass', reason: bad === null ? goodReason : badReason, evidence }
  }
  const { lumaSpread, brightest, meanLuma } = light
  return [
    verdict(
      'blank',
      lumaSpread < BLANK_BELOW_SPREAD ? 'block' : null,
      'The picture is one plain colour: there is nothing on it',
      'The picture shows something',
    ),
    verdict(
      'black',
      brightest < BLACK_BELOW_BRIGHTEST ? 'block' : null,
      'The picture is black: there is nothing to be seen',
      'The picture is not black',
    ),
    verdict(
      'dark',
      meanLuma < DARK_BELOW_MEAN ? 'warn' : null,
      'The picture is dark: details may not be seen',
      'The picture is light enough',
    ),
  ]
}
