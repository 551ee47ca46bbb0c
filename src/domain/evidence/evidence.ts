import type { JsonObject } from '../shared/json.ts'
import type { Instant } from '../shared/time.ts'
import type { Fingerprint } from './likeness.ts'

/** The checks that can keep a photo from being evidence: each must have finished before it counts for readiness. */
export const blockingChecks = ['decodable', 'size', 'blank', 'black', 'reuse'] as const

/** Each check a verdict can be about; those beside the blocking ones only warn the reviewer. */
export const photoChecks = [
  ...blockingChecks,
  'blur',
  'dark',
  'likeness',
  'sequence',
  'place',
  'barcode',
  'relevance',
] as const
export type PhotoCheck = (typeof photoChecks)[number]

/** `unverifiable`: there was nothing to measure; `not_judged`: on purpose left to a person or not asked of this step. Neither is a pass. */
export const outcomes = ['pass', 'block', 'warn', 'unverifiable', 'not_judged'] as const
export type Outcome = (typeof outcomes)[number]

/** Who judged, with which version of its rules, and when. */
export type Judge = { readonly checker: string; readonly version: string; readonly at: Instant }

/** One check of one photo: what was found, by whom, and the figures it rests on. */
export type Verdict = Judge & {
  readonly check: PhotoCheck
  readonly outcome: Outcome
  readonly reason: string
  readonly evidence: JsonObject
}

export type PictureMime = 'image/jpeg' | 'image/png' | 'image/webp' | 'image/heic'
export type DocumentMime =
  | 'application/pdf'
  | 'image/jpeg'
  | 'image/png'
  | 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

/** Degrees, WGS 84. */
export type Coordinates = { readonly lat: number; readonly lon: number }

/** What can be counted in a picture of at most 512 pixels a side. Luma is 0 (black) to 255 (white). */
export type PictureMeasures = {
  readonly meanLuma: number
  /** Between the 1st and the 99th percentile of luma. */
  readonly lumaSpread: number
  /** The luma that one pixel in two thousand exceeds. */
  readonly brightest: number
  /** Variance of the Laplacian of luma. */
  readonly laplacian: number
  /** Squared gradients of the weakest of four directions, as a share of those of the strongest. */
  readonly gradientBalance: number
  /** Share of pixels that are near white and without colour, 0 to 1. */
  readonly paperShare: number
}

/** The pictures that are shown in place of an original: JPEG, upright, without any metadata. */
export const COPY_SIZES = ['view', 'thumbnail'] as const
export type CopySize = (typeof COPY_SIZES)[number]
export type CopyBytes = { readonly [S in CopySize]: Uint8Array }

/** What the original bytes say of themselves. Width and height are in pixels after EXIF rotation, null when the header cannot be read. */
export type PhotoAnalysis = {
  readonly mime: PictureMime
  readonly extension: string
  readonly width: number | null
  readonly height: number | null
  readonly sizeBytes: number
  readonly capturedAt: Instant | null
  /** Where the camera says it was taken. Never stored: a home is personal. */
  readonly takenAt: Coordinates | null
  /** null when the picture cannot be opened. */
  readonly copies: CopyBytes | null
  /** By what it is compared with other photos; null when it cannot be opened, or its step's pictures are not compared. */
  readonly fingerprint: Fingerprint | null
  readonly verdicts: ReadonlyArray<Verdict>
}

/** Long and short side in pixels, both inclusive, after EXIF rotation. */
export type MinimumSize = { readonly longSide: number; readonly shortSide: number }

export type EvidenceLimits = {
  readonly photoBytes: number
  readonly documentBytes: number
  readonly ticketBytes: number
  readonly pixels: number
}

export type PhotoRefusal =
  | { readonly type: 'UnsupportedPhotoType'; readonly found: string; readonly allowed: ReadonlyArray<string> }
  | { readonly type: 'TooManyPixels'; readonly pixels: number; readonly limit: number }
  | { readonly type: 'PhotoHidesAnotherFile'; readonly found: string }

export type DocumentRefusal =
  | { readonly type: 'UnsupportedDocumentType'; readonly found: string; readonly allowed: ReadonlyArray<string> }
  | { readonly type: 'DocumentDamaged'; readonly found: DocumentMime; readonly detail: string }
  | { readonly type: 'DocumentHidesAnotherFile'; readonly found: string }
  | Extract<PhotoRefusal, { readonly type: 'TooManyPixels' }>
