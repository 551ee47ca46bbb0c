import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { StoredAnchor } from '../../domain/handover/anchor.ts'
import { type ChainEntry, type ChainHead, GENESIS } from '../../domain/handover/chain.ts'
import type { SigningKey } from '../../domain/handover/signature.ts'
import type { Instant } from '../../domain/shared/time.ts'
import type { AppError } from '../errors.ts'
import { reachOf } from '../permissions.ts'
import type { AnchorStore } from '../ports/anchor-store.ts'
import type { StorageUnavailable } from '../ports/evidence-store.ts'
import type { ProofRecords } from '../ports/proof-records.ts'
import type { SnapshotQueries } from '../ports/snapshot-queries.ts'
import type { Principal } from '../principal.ts'

/** Everything that is needed to verify a project's chain anywhere, in this order; the bytes, not the copies for queries. */
export type BundleRecord =
  | { readonly type: 'bundle'; readonly version: 1; readonly projectId: string; readonly exportedAt: Instant }
  | { readonly type: 'key'; readonly key: SigningKey }
  | { readonly type: 'anchor'; readonly stored: StoredAnchor }
  | { readonly type: 'head'; readonly head: ChainHead }
  | { readonly type: 'snapshot'; readonly entry: Omit<ChainEntry, 'jsonCopy'> }
  | { readonly type: 'end'; readonly snapshots: number }

export type ExportDeps = {
  readonly snapshotQueries: SnapshotQueries
  readonly proofRecords: ProofRecords
  readonly anchorStore: AnchorStore
  readonly now: () => Instant
}
export type Exported = { readonly snapshots: number; readonly anchors: number; readonly keys: number }
export type ExportSnapshots = (input: {
  readonly principal: Principal
  readonly projectId: string
  /** Takes each record in turn; the next is read when it has answered. */
  readonly write: (record: BundleRecord) => TaskEither<StorageUnavailable, void>
}) => TaskEither<AppError, Exported>

const BATCH = 500

/** A project's chain with its keys and anchors, as of one moment; handovers meanwhile are left to the next export. */
export const exportSnapshots =
  ({ snapshotQueries, proofRecords, anchorStore, now }: ExportDeps): ExportSnapshots =>
  ({ principal, projectId, write }) => {
    if (reachOf(principal, 'verify_snapshots') !== 'any')
      return TE.left({ type: 'NotAllowed', action: 'verify_snapshots', role: principal.role })
    return async () => {
      // Anchors before the head and keys after it: each anchor then has its entry, and each entry its key.
      const anchors = await anchorStore.of(projectId)()
      if (E.isLeft(anchors)) return anchors
      const start = await snapshotQueries.part(projectId, 0, 0)()
      if (E.isLeft(start)) return start
      const keys = await proofRecords.keys()()
      if (E.isLeft(keys)) return keys
      const { head } = start.right
      const first: ReadonlyArray<BundleRecord> = [
        { type: 'bundle', version: 1, projectId, exportedAt: now() },
        ...keys.right.map((key) => ({ type: 'key', key }) as const),
        ...anchors.right.map((stored) => ({ type: 'anchor', stored }) as const),
        { type: 'head', head: head ?? GENESIS },
      ]
      for (const record of first) {
        const written = await write(record)()
        if (E.isLeft(written)) return written
      }
      let snapshots = 0
      for (let after = 0, more = true; more; ) {
        const part = await snapshotQueries.part(projectId, after, BATCH)()
        if (E.isLeft(part)) return part
        const entries = part.right.entries.filter(({ seq }) => head === null || seq <= head.seq)
        more = entries.length === BATCH
        for (const { jsonCopy: _, ...entry } of entries) {
          const written = await write({ type: 'snapshot', entry })()
          if (E.isLeft(written)) return written
          snapshots += 1
          after = entry.seq
        }
      }
      const closed = await write({ type: 'end', snapshots })()
      return E.isLeft(closed) ? closed : E.right({ snapshots, anchors: anchors.right.length, keys: keys.right.length })
    }
  }
