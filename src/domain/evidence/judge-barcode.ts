import { type StepKey, stepList } from '../verification/steps.ts'
import { newestOf } from './blocking.ts'
import type { Judge, Verdict } from './evidence.ts'
import type { Photo } from './photo.ts'

/** The labels that steps 8 and 9 photograph. */
export type BarcodeKind = 'ont_serial' | 'ups_serial'

/** The label a step photographs; null for a step without one. */
export const barcodeOf = (step: StepKey): BarcodeKind | null => {
  const { value } = stepList[step]
  return value === 'ont_serial' || value === 'ups_serial' ? value : null
}

/** The serials that could be read from the label; what they are compared with is decided at the gate, by the values of then. */
export const judgeBarcode = (serials: ReadonlyArray<string>, judge: Judge): Verdict => ({
  ...judge,
  check: 'barcode',
  outcome: serials.length === 0 ? 'unverifiable' : 'pass',
  reason:
    serials.length === 0
      ? 'No serial could be read from a barcode in this picture'
      : `Read from the label: ${serials.join(', ')}`,
  evidence: { serials },
})

/** The serials read from a photo of a label; empty when none was, or none was looked for. */
export const serialsReadFrom = (photo: Pick<Photo, 'verdicts'>): ReadonlyArray<string> => {
  const serials = newestOf('barcode', photo.verdicts)?.evidence.serials
  return Array.isArray(serials) ? serials.filter((serial) => typeof serial === 'string') : []
}
