import * as TE from 'fp-ts/lib/TaskEither.js'
import type { ProofRecords } from '../../application/ports/proof-records.ts'
import { type Anchor, anchorName } from '../../domain/handover/anchor.ts'
import { compare } from './queries-sight.ts'
import type { MemoryState } from './ticket-state.ts'

/** Public keys and known anchors in memory. */
export const memoryProofRecords = (state: MemoryState): ProofRecords => {
  const anchorsOf = (projectId: string): ReadonlyArray<Anchor> =>
    [...state.anchors.values()]
      .map(({ anchor }) => anchor)
      .filter((anchor) => anchor.projectId === projectId)
      .toSorted((a, b) => a.seq - b.seq || compare(a.chainHash, b.chainHash))
  return {
    keys: () => TE.fromIO(() => [...state.signingKeys.values()]),
    keepKeys: (keys) =>
      TE.fromIO(() => {
        for (const key of keys) if (!state.signingKeys.has(key.keyId)) state.signingKeys.set(key.keyId, key)
      }),
    headsToAnchor: () =>
      TE.fromIO(() => {
        const projects = [...new Set(state.snapshots.map(({ projectId }) => projectId))].toSorted(compare)
        return projects
          .flatMap((projectId) => state.snapshots.findLast((snapshot) => snapshot.projectId === projectId) ?? [])
          .filter((head) => !state.anchors.has(anchorName(head)))
          .map(({ projectId, seq, chainHash }) => ({ projectId, seq, chainHash }))
      }),
    keepAnchor: (anchor, hasToken) =>
      TE.fromIO(() => {
        const name = anchorName(anchor)
        const known = state.anchors.get(name)
        state.anchors.set(name, { anchor: known?.anchor ?? anchor, hasToken: hasToken || known?.hasToken === true })
      }),
    anchorsToStamp: () =>
      TE.fromIO(() => {
        const projects = new Set([...state.anchors.values()].map(({ anchor }) => anchor.projectId))
        return [...projects].toSorted(compare).flatMap((projectId) => {
          const newest = anchorsOf(projectId).at(-1)
          return newest === undefined || state.anchors.get(anchorName(newest))?.hasToken === true ? [] : [newest]
        })
      }),
    newestAnchor: (projectId) => TE.fromIO(() => anchorsOf(projectId).at(-1) ?? null),
    anchorsOf: (projectId) => TE.fromIO(() => anchorsOf(projectId).map(({ seq, chainHash }) => ({ seq, chainHash }))),
  }
}
