import * as E from 'fp-ts/lib/Either.js'
import type { StepKey } from '../verification/steps.ts'
import type { EvidenceLimits, MinimumSize, PhotoCheck } from './evidence.ts'

const MB = 1024 * 1024

/** What an upload may weigh unless a project's settings say otherwise. */
export const DEFAULT_LIMITS: EvidenceLimits = {
  photoBytes: 25 * MB,
  documentBytes: 20 * MB,
  ticketBytes: 300 * MB,
  pixels: 50_000_000,
}

export const DEFAULT_MINIMUM_SIZE: MinimumSize = { longSide: 640, shortSide: 480 }

/**
 * What a step's picture is not judged by (requirements section 5): a signature is a few strokes on a page and like every
 * other; labels, meters and lights are photographed in cupboards.
 */
const EXEMPTIONS: { readonly [K in StepKey]?: ReadonlyArray<Exemption> } = {
  customer_signature: ['size', 'blank', 'document', 'likeness'],
  ont_barcode: ['dark'],
  ups_serial: ['dark'],
  power_meter_reading: ['dark'],
  green_lights: ['dark'],
}
type Exemption = PhotoCheck | 'document'

/** Whether a step's picture is not judged by this; `document`: by whether it looks like a page. */
export const isExempt = (check: Exemption, step: StepKey): boolean => EXEMPTIONS[step]?.includes(check) ?? false

/** The smallest picture a step accepts; null when any size will do. */
export const minimumSizeOf = (step: StepKey, usual: MinimumSize = DEFAULT_MINIMUM_SIZE): MinimumSize | null =>
  isExempt('size', step) ? null : usual

export type TicketStorageFull = {
  readonly type: 'TicketStorageFull'
  readonly usedBytes: number
  readonly addedBytes: number
  readonly limitBytes: number
}

/** The files of one ticket together stay within its limit, the limit included. */
export const refuseOverTicketLimit = (
  usedBytes: number,
  addedBytes: number,
  limitBytes: number = DEFAULT_LIMITS.ticketBytes,
): E.Either<TicketStorageFull, void> =>
  usedBytes + addedBytes > limitBytes
    ? E.left({ type: 'TicketStorageFull', usedBytes, addedBytes, limitBytes })
    : E.right(undefined)
