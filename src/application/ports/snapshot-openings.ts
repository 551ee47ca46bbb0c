import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Opened } from '../../domain/handover/openings.ts'
import type { Unavailable } from '../errors.ts'

/** What was personal in snapshots, where it can be erased; read only to verify and to give to the subject. */
export type SnapshotOpenings = {
  /** By the ids of snapshots. */
  readonly of: (snapshotIds: ReadonlyArray<string>) => TaskEither<Unavailable, ReadonlyMap<string, Opened>>
}
