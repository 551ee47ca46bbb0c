import type { JsonObject } from '../shared/json.ts'
import type { StepKey } from '../verification/steps.ts'
import { stepList } from '../verification/steps.ts'
import type { Judge, PictureMeasures, Verdict } from './evidence.ts'
import { isExempt } from './limits.ts'

/** How likely the picture shows what its step asks for, 0 to 1, and who says so. */
export type Relevance = { readonly confidence: number; readonly threshold: number; readonly model: JsonObject }

/** A page or an empty screen fills the picture. Camera photographs had at most 27 % of such pixels (24 measured). */
const PAPER_ABOVE = 0.7

/** Low confidence asks a person; it never rejects a photo. */
export const judgeConfidence = ({ confidence, threshold, model }: Relevance, step: StepKey, judge: Judge): Verdict => {
  const low = confidence < threshold
  return {
    ...judge,
    check: 'relevance',
    outcome: low ? 'warn' : 'pass',
    reason: low
      ? `The model is not sure that this shows "${stepList[step].name}": please look`
      : `The model takes this for "${stepList[step].name}"`,
    evidence: { confidence, threshold, model },
  }
}

/** Without a model only what can be counted is judged: whether the picture is of a page. What it shows is left to a person. */
export const judgeByMeasures = (
  { paperShare }: Pick<PictureMeasures, 'paperShare'>,
  step: StepKey,
  judge: Judge,
): Verdict => {
  const document = !isExempt('document', step) && paperShare > PAPER_ABOVE
  return {
    ...judge,
    check: 'relevance',
    outcome: document ? 'warn' : 'not_judged',
    reason: document
      ? 'This looks like a page or a screen, not like the place itself'
      : 'What the picture shows was not judged',
    evidence: { paperShare },
  }
}
