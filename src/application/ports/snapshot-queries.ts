import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Before, ChainHead } from '../../domain/handover/chain.ts'
import type { StoredSnapshot } from '../../domain/handover/stored-snapshot.ts'
import type { Unavailable } from '../errors.ts'
import type { Look } from './ticket-record-queries.ts'

/** Some of a project's snapshots in order, with the head its chain had at that same moment. */
export type ChainPart = { readonly head: ChainHead | null; readonly entries: ReadonlyArray<StoredSnapshot> }

/** One snapshot with the entry before it in its chain, and whether it or a later one is known to be anchored. */
export type PlacedSnapshot = {
  readonly entry: StoredSnapshot
  readonly previous: Before | null
  readonly anchored: boolean
}

/** Sealed handovers, read only. */
export type SnapshotQueries = {
  /** Every project that has a chain or a snapshot. */
  readonly projects: () => TaskEither<Unavailable, ReadonlyArray<string>>
  /** The next `limit` snapshots of a project after `seq`. */
  readonly part: (projectId: string, afterSeq: number, limit: number) => TaskEither<Unavailable, ChainPart>
  /** Those of one ticket in order; null when the ticket is not within sight. */
  readonly ofTicket: (look: Look) => TaskEither<Unavailable, ReadonlyArray<PlacedSnapshot> | null>
}
