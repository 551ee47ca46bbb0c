import type { Instant } from '../shared/time.ts'
import type { StepKey } from '../verification/steps.ts'
import type { CopySize, Verdict } from './evidence.ts'

/** SHA-256 in lower-case hexadecimal, and how many bytes. */
export type Content = { readonly sha256: string; readonly size: number }

/** Where a file lies in permanent storage; `sha256` and `size` are those of its own bytes, as they came. */
export type StoredObject = Content & {
  readonly bucket: string
  readonly name: string
  readonly generation: string
  /** What the storage holds of an encrypted file; null when it holds the bytes themselves. */
  readonly stored: Content | null
}

/** What the storage must hold, encrypted or not. */
export const storedContent = ({ sha256, size, stored }: Pick<StoredObject, 'sha256' | 'size' | 'stored'>): Content =>
  stored ?? { sha256, size }

/** Where its viewing copies lie: they can be made again from the original, and are erased with it. */
export type PhotoCopies = { readonly [S in CopySize]: StoredObject }

/** A QA lead's word against one blocking verdict of one photo; a new photo ends it. */
export type VerdictOverride = {
  readonly check: string
  readonly by: string
  readonly at: Instant
  readonly reason: string
}

/** A QA lead's word that a photo may share its picture with those named, and with no others that are found later. */
export type ReuseCleared = {
  readonly by: string
  readonly at: Instant
  readonly reason: string
  /** null as earlier builds kept it. */
  readonly photoIds: ReadonlyArray<string> | null
}

export type Photo = {
  /** Made by the client, so that the same photo sent twice is one photo. */
  readonly id: string
  readonly step: StepKey
  /** One photo of a step is current; the earlier ones stay as history. */
  readonly current: boolean
  readonly filename: string
  readonly mime: string
  readonly width: number | null
  readonly height: number | null
  readonly object: StoredObject
  /** null when the original cannot be opened, or was judged before copies were made. */
  readonly copies: PhotoCopies | null
  /** EXIF capture time, read as Africa/Johannesburg; null when the picture carries none. */
  readonly capturedAt: Instant | null
  readonly doneAt: Instant | null
  readonly arrivedAt: Instant
  readonly uploadedBy: string
  readonly cycle: number
  readonly verdicts: ReadonlyArray<Verdict>
  readonly overrides: ReadonlyArray<VerdictOverride>
  readonly reuseCleared: ReuseCleared | null
}
