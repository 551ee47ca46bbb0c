import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { SnapshotFault } from '../../domain/handover/snapshot-fault.ts'
import type { Json } from '../../domain/shared/json.ts'
import type { Instant } from '../../domain/shared/time.ts'
import type { HandoverType } from '../../domain/ticket/events.ts'
import type { Owner, TicketId } from '../../domain/ticket/ticket.ts'
import { notFound } from '../change.ts'
import type { AppError } from '../errors.ts'
import { isAllowed, sightOf } from '../permissions.ts'
import type { Principal } from '../principal.ts'
import { judgeOf, type VerifyDeps } from './proof-on-record.ts'

export type HandoverRow = {
  readonly id: string
  readonly handover_type: HandoverType
  readonly from_owner_type: Owner | null
  readonly from_owner_id: string | null
  readonly to_owner_type: Owner | null
  readonly to_owner_id: string | null
  readonly handover_at: Instant
  readonly handover_by: string
  readonly guarantee_status: string | null
  readonly seq: number
  readonly sha256: string
  readonly chain_hash: string
  readonly format_version: number
  /** By which key it was signed, and when; null for a snapshot of format 1. */
  readonly key_id: string | null
  readonly signature: string | null
  readonly signed_at: Instant | null
  /** Whether it, or a later one of its project, is anchored outside the database. */
  readonly anchored: boolean
  readonly snapshot_data: Json
  /** Its own hash, its copy and its link to the entry before it; null for whoever may not verify. */
  readonly verified: boolean | null
  readonly faults: ReadonlyArray<SnapshotFault>
}

export type ReadHandoverHistory = (input: {
  readonly principal: Principal
  readonly ticketId: TicketId
}) => TE.TaskEither<AppError, ReadonlyArray<HandoverRow>>

/** What was sealed at each change of ownership of one ticket, the first handover first. */
export const readHandoverHistory =
  (deps: VerifyDeps): ReadHandoverHistory =>
  ({ principal, ticketId }) =>
    pipe(
      deps.snapshotQueries.ofTicket({ sight: sightOf(principal), ticketId }),
      TE.bindTo('entries'),
      TE.bind('judge', ({ entries }) => judgeOf(deps, [], entries ?? [])),
      TE.flatMap(({ entries, judge }) =>
        entries === null
          ? TE.left<AppError, ReadonlyArray<HandoverRow>>(notFound('Ticket', ticketId))
          : TE.right(
              entries.map((placed): HandoverRow => {
                const { entry, anchored } = placed
                const verifies = isAllowed(principal, 'verify_snapshots')
                const faults = verifies ? judge(placed) : []
                return {
                  id: entry.id,
                  handover_type: entry.handoverType,
                  from_owner_type: entry.fromOwner,
                  from_owner_id: entry.fromOwnerId,
                  to_owner_type: entry.toOwner,
                  to_owner_id: entry.toOwnerId,
                  handover_at: entry.handoverAt,
                  handover_by: entry.handoverBy,
                  guarantee_status: entry.guaranteeStatus,
                  seq: entry.seq,
                  sha256: entry.sha256,
                  chain_hash: entry.chainHash,
                  format_version: entry.formatVersion,
                  key_id: entry.signature?.keyId ?? null,
                  signature: entry.signature?.value ?? null,
                  signed_at: entry.signature?.signedAt ?? null,
                  anchored,
                  snapshot_data: entry.jsonCopy,
                  verified: verifies ? faults.length === 0 : null,
                  faults,
                }
              }),
            ),
      ),
    )
