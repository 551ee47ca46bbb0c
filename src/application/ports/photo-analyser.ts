import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type {
  DocumentMime,
  DocumentRefusal,
  MinimumSize,
  PhotoAnalysis,
  PhotoRefusal,
} from '../../domain/evidence/evidence.ts'
import type { Instant } from '../../domain/shared/time.ts'
import type { StepKey } from '../../domain/verification/steps.ts'
import type { StagedContent, StorageUnavailable } from './evidence-store.ts'

/** What a step asks of its pictures: `minimumSize` null accepts any size; `pixels` is the most that is ever decoded. */
export type PhotoDemands = {
  readonly step: StepKey
  readonly minimumSize: MinimumSize | null
  readonly pixels: number
  readonly at: Instant
}

export type DocumentKind = { readonly mime: DocumentMime; readonly extension: string }

export type PhotoAnalyser = {
  readonly checker: string
  readonly version: string
  /** Judges the original bytes alone. Verdicts that need other photos or the ticket are made by rules. */
  readonly analyse: (
    content: StagedContent,
    demands: PhotoDemands,
  ) => TaskEither<PhotoRefusal | StorageUnavailable, PhotoAnalysis>
  /**
   * What a document is by its content, whatever its name says: a scan that opens, within that many pixels, or a PDF or
   * workbook that is there to its end and is no other file besides.
   */
  readonly identifyDocument: (
    content: StagedContent,
    pixels: number,
  ) => TaskEither<DocumentRefusal | StorageUnavailable, DocumentKind>
}
