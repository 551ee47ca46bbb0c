import * as TE from 'fp-ts/lib/TaskEither.js'
import type { SnapshotQueries } from '../../application/ports/snapshot-queries.ts'
import type { StoredSnapshot } from '../../domain/handover/stored-snapshot.ts'
import type { Json } from '../../domain/shared/json.ts'
import { compare, ticketInSight } from './queries-sight.ts'
import type { KeptSnapshot, MemoryState } from './ticket-state.ts'

const guaranteeIn = (content: Json): string | null => {
  const guarantee = (content as { readonly guarantee?: { readonly status?: string } } | null)?.guarantee
  return guarantee?.status ?? null
}

const partOf = (content: Json, key: string): Json => (content as Readonly<Record<string, Json>> | null)?.[key] ?? null

/** Sealed handovers in memory. */
export const memorySnapshotQueries = (state: MemoryState): SnapshotQueries => {
  const stored = ({ event, ...kept }: KeptSnapshot): StoredSnapshot => {
    const ticket = state.tickets.get(kept.ticketId)?.ticket
    return {
      ...kept,
      ticketUid: ticket === undefined || ticket.deletedAt !== null ? null : ticket.uid,
      handoverType: event.handover,
      fromOwner: event.fromOwner,
      fromOwnerId: event.fromOwnerId,
      toOwner: event.toOwner,
      toOwnerId: event.toOwnerId,
      handoverAt: event.at,
      handoverBy: event.by,
      guaranteeStatus: guaranteeIn(kept.jsonCopy),
      evidenceLinks: partOf(kept.jsonCopy, 'evidence'),
      decisions: partOf(kept.jsonCopy, 'decisions'),
    }
  }
  const chainOf = (projectId: string): ReadonlyArray<KeptSnapshot> =>
    state.snapshots.filter((snapshot) => snapshot.projectId === projectId).toSorted((a, b) => a.seq - b.seq)
  const headOf = ({ seq, chainHash }: KeptSnapshot) => ({ seq, chainHash })
  return {
    projects: () => TE.fromIO(() => [...new Set(state.snapshots.map(({ projectId }) => projectId))].toSorted(compare)),
    part: (projectId, afterSeq, limit) =>
      TE.fromIO(() => {
        const chain = chainOf(projectId)
        const last = chain.at(-1)
        return {
          head: last === undefined ? null : headOf(last),
          entries: chain
            .filter(({ seq }) => seq > afterSeq)
            .slice(0, limit)
            .map(stored),
        }
      }),
    ofTicket: ({ sight, ticketId }) =>
      TE.fromIO(() =>
        ticketInSight(state, sight, ticketId) === null
          ? null
          : state.snapshots
              .filter((snapshot) => snapshot.ticketId === ticketId)
              .toSorted((a, b) => compare(a.event.at, b.event.at) || a.seq - b.seq)
              .map((snapshot) => {
                const previous = chainOf(snapshot.projectId).find(({ seq }) => seq === snapshot.seq - 1)
                const anchored = [...state.anchors.values()].some(
                  ({ anchor }) => anchor.projectId === snapshot.projectId && anchor.seq >= snapshot.seq,
                )
                return {
                  entry: stored(snapshot),
                  previous:
                    previous === undefined ? null : { ...headOf(previous), formatVersion: previous.formatVersion },
                  anchored,
                }
              }),
      ),
  }
}
