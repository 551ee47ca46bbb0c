import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { PlatformLayout, RecordField } from '../../domain/platform-records/layouts.ts'
import type { PlatformRecord } from '../../domain/platform-records/read-platform-rows.ts'
import type { Platform, PlatformState } from '../../domain/readiness/readiness.ts'
import type { Day, Instant } from '../../domain/shared/time.ts'
import type { Stale, Unavailable } from '../errors.ts'
import type { Touch, Touched } from './project-store.ts'

/** A value in a row that could not be taken as it stands; the rest of the row was. */
export type RowProblem = { readonly row: number; readonly field: RecordField; readonly value: string }

/** What one workbook brought in: rows, drops and what was wrong with them. */
export type ImportSummary = {
  readonly id: string
  readonly projectId: string
  readonly platform: Platform
  readonly filename: string
  readonly sha256: string
  /** The fields it carries; the others are not compared with tickets. */
  readonly carries: PlatformState['carries']
  readonly rowsRead: number
  readonly rowsKept: number
  readonly drops: number
  /** Drops that stand in more than one row. */
  readonly repeatedDrops: number
  readonly spares: number
  readonly problemCount: number
  /** The first of them. */
  readonly problems: ReadonlyArray<RowProblem>
  readonly importedBy: string
  readonly importedAt: Instant
}

export type PlatformImport = {
  readonly summary: ImportSummary
  readonly layout: PlatformLayout
  /** Every row with a drop number. */
  readonly records: ReadonlyArray<PlatformRecord & { readonly dr: string }>
}

/** The import that stands for a platform now, with what it did to tickets. */
export type StandingImport = ImportSummary & { readonly layout: PlatformLayout; readonly touched: Touched }

export type Replaced = {
  /** The very file stands already, read by the same layout: nothing was changed. */
  readonly sameFile: boolean
  readonly standing: StandingImport
}

/** The day a drop was installed, as someone entered it, and where they have it from. */
export type Installation = {
  readonly projectId: string
  readonly dr: string
  readonly installedOn: Day
  readonly source: string
  readonly recordedBy: string
  readonly recordedAt: Instant
  readonly version: number
}

/** What SOW, SharePoint and tracker say of each drop, by the workbook imported last, and what was entered by hand. */
export type PlatformStore = {
  /** The workbook that stands for a platform; null when none was ever imported. */
  readonly standing: (projectId: string, platform: Platform) => TaskEither<Unavailable, StandingImport | null>
  /** Every import of a project, newest first, at most 100. */
  readonly imports: (projectId: string) => TaskEither<Unavailable, ReadonlyArray<StandingImport>>
  /**
   * Puts these records in place of the platform's former ones, moves the project's facts and touches the pending and
   * ready tickets whose answer could differ; all or none. Imports of one project wait for each other.
   */
  readonly replace: (incoming: PlatformImport, touch: Touch) => TaskEither<Unavailable, Replaced>
  readonly installation: (projectId: string, dr: string) => TaskEither<Unavailable, Installation | null>
  /** `version` is the one this entry gets: Stale unless its predecessor stands. Touches every ticket of the drop. */
  readonly recordInstallation: (entry: Installation, touch: Touch) => TaskEither<Stale | Unavailable, Installation>
  /** Touches every ticket of the drop, whatever its state, all or none; the project's facts stay as they are. */
  readonly settle: (projectId: string, dr: string, touch: Touch) => TaskEither<Unavailable, Touched>
}
