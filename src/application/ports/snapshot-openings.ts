import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Openings } from '../../domain/handover/personal.ts'
import type { Unavailable } from '../errors.ts'
import type { SubjectKey } from './subject-keys.ts'

/** What opens a snapshot's commitments (null: gone) and the key of its ticket (null: none on record), as of one moment. */
export type Opened = {
  readonly openings: Openings | null
  readonly key: SubjectKey | null
  /** Whether someone's erasure of the ticket is on record. */
  readonly erasureRecorded: boolean
}

/** What was personal in snapshots, where it can be erased; read only to verify and to give to the subject. */
export type SnapshotOpenings = {
  /** By the ids of snapshots. */
  readonly of: (snapshotIds: ReadonlyArray<string>) => TaskEither<Unavailable, ReadonlyMap<string, Opened>>
}
