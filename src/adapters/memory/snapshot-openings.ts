import * as TE from 'fp-ts/lib/TaskEither.js'
import type { SnapshotOpenings } from '../../application/ports/snapshot-openings.ts'
import type { MemoryState } from './ticket-state.ts'

/** What opens snapshots, in memory. */
export const memorySnapshotOpenings = (state: MemoryState): SnapshotOpenings => ({
  of: (snapshotIds) =>
    TE.fromIO(
      () =>
        new Map(
          state.snapshots
            .filter(({ id }) => snapshotIds.includes(id))
            .map(({ id, openings, ticketId }) => {
              const key = state.subjectKeys.get(ticketId) ?? null
              // a key is destroyed here by nothing but an erasure
              return [id, { openings, key, erasureRecorded: key?.state === 'destroyed' }]
            }),
        ),
    ),
})
