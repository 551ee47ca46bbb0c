import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Before, ChainEntry, ChainHead } from '../../domain/handover/chain.ts'
import type { Json } from '../../domain/shared/json.ts'
import type { Instant } from '../../domain/shared/time.ts'
import type { HandoverType } from '../../domain/ticket/events.ts'
import type { Owner, TicketId } from '../../domain/ticket/ticket.ts'
import type { Unavailable } from '../errors.ts'
import type { Look } from './ticket-record-queries.ts'

/** A sealed handover as stored. */
export type StoredSnapshot = ChainEntry & {
  readonly id: string
  readonly ticketId: TicketId
  /** Null when its ticket is gone or deleted, which no command of ours can do. */
  readonly ticketUid: string | null
  readonly handoverType: HandoverType
  readonly fromOwner: Owner | null
  readonly fromOwnerId: string | null
  readonly toOwner: Owner | null
  readonly toOwnerId: string | null
  readonly handoverAt: Instant
  readonly handoverBy: string
  readonly guaranteeStatus: string | null
  /** As sealed when nobody touched them: a path that leads to the photo itself is left out. */
  readonly evidenceLinks: Json
  readonly decisions: Json
}

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
