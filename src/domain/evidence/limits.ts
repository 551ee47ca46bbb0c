import * as E from 'fp-ts/lib/Either.js'
import type { EvidenceLimits, MinimumSize } from './evidence.ts'

const MB = 1024 * 1024

/** What an upload may weigh unless a project's settings say otherwise. */
export const DEFAULT_LIMITS: EvidenceLimits = {
  photoBytes: 25 * MB,
  documentBytes: 20 * MB,
  ticketBytes: 300 * MB,
  pixels: 50_000_000,
}

export const DEFAULT_MINIMUM_SIZE: MinimumSize = { longSide: 640, shortSide: 480 }

/** A signature is a few strokes: its picture may be of any size. */
const EXEMPT_FROM_SIZE: ReadonlySet<string> = new Set(['customer_signature'])

/** The smallest picture a step accepts; null when any size will do. */
export const minimumSizeOf = (stepKey: string, usual: MinimumSize = DEFAULT_MINIMUM_SIZE): MinimumSize | null =>
  EXEMPT_FROM_SIZE.has(stepKey) ? null : usual

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
