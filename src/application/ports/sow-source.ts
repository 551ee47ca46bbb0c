import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Coordinates } from '../../domain/evidence/evidence.ts'
import type { Instant } from '../../domain/shared/time.ts'
import type { Unavailable } from '../errors.ts'

/** The PON and zone that a pole has in the design, each as often as its drops or its own row name it. */
export type PoleSays = { readonly pons: ReadonlyArray<string>; readonly zones: ReadonlyArray<string> }

/** One row of the design for a drop. */
export type SowRow = {
  readonly projectId: string
  readonly dr: string
  readonly pole: string | null
  readonly pon: string | null
  readonly zone: string | null
  readonly address: string | null
  readonly latitude: number | null
  readonly longitude: number | null
  readonly status: string | null
  /** A drop that no home hangs on. */
  readonly spare: boolean
  /** An imported workbook, or the host's own tables. */
  readonly source: 'workbook' | 'host'
  readonly asOf: Instant | null
  /** What the pole says beside the drop; null when nothing is known of it. */
  readonly poleSays: PoleSays | null
}

export type SowAnswer = {
  readonly rows: ReadonlyArray<SowRow>
  /** The projects that were searched: those with a SOW. */
  readonly connected: ReadonlyArray<string>
}

/** The design: which drop hangs on which pole, PON and zone. */
export type SowSource = {
  /** Every row of the drop in one project, or in all that have a SOW. */
  readonly rowsOf: (dr: string, projectId: string | null) => TaskEither<Unavailable, SowAnswer>
  /** Where a project's pole stands; in a workbook, which has no poles of their own, where its drops are. None where it does not say. */
  readonly placesOfPole: (pole: string, projectId: string) => TaskEither<Unavailable, ReadonlyArray<Coordinates>>
}
