import type { JsonObject } from '../shared/json.ts'
import type { Instant } from '../shared/time.ts'

/** Each check a verdict can be about. All of these must finish before a photo counts for readiness. */
export const photoChecks = ['decodable', 'size', 'reuse'] as const
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

/** What the original bytes say of themselves. Width and height are in pixels after EXIF rotation, null when the header cannot be read. */
export type PhotoAnalysis = {
  readonly mime: PictureMime
  readonly extension: string
  readonly width: number | null
  readonly height: number | null
  readonly sizeBytes: number
  readonly capturedAt: Instant | null
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

export type DocumentRefusal = {
  readonly type: 'UnsupportedDocumentType'
  readonly found: string
  readonly allowed: ReadonlyArray<string>
}
