import * as TE from 'fp-ts/lib/TaskEither.js'
import type { PhotoLikeness } from '../../application/ports/photo-likeness.ts'
import type { AlikeUse } from '../../domain/evidence/judge-reuse.ts'
import { LOOK_ALIKE_DISTANCE, nearest, type PdqHash, REUSE_DISTANCE } from '../../domain/evidence/likeness.ts'
import { type MemoryState, uidOf } from './ticket-state.ts'

/** Compares every probe with every hash kept: what any search must find. */
export const memoryPhotoLikeness = (state: MemoryState): PhotoLikeness => ({
  reusesOf: (probes) =>
    TE.fromIO(() => ({
      uses: usesWithin(state, probes, REUSE_DISTANCE, state.fingerprints.length),
      upTo: state.fingerprints.length,
    })),

  lookAlikesOf: (photoId) =>
    TE.fromIO(() => {
      const own = state.fingerprints.findIndex((kept) => kept.photoId === photoId)
      const probes = state.fingerprints[own]?.fingerprint.probes ?? []
      return probes.length === 0 ? null : usesWithin(state, probes, LOOK_ALIKE_DISTANCE, own)
    }),

  keep: (photoId, fingerprint) =>
    TE.fromIO(() => {
      if (!state.pictures.has(photoId) || state.fingerprints.some((kept) => kept.photoId === photoId)) return false
      state.fingerprints.push({ photoId, fingerprint })
      return true
    }),
})

const usesWithin = (
  state: MemoryState,
  probes: ReadonlyArray<PdqHash>,
  bits: number,
  before: number,
): ReadonlyArray<AlikeUse> =>
  state.fingerprints
    .slice(0, before)
    .flatMap(({ photoId, fingerprint }): ReadonlyArray<AlikeUse> => {
      const distance = nearest(probes, fingerprint.stored)
      const picture = state.pictures.get(photoId)
      if (picture === undefined || distance === null || distance > bits) return []
      const { sha256: _, ...use } = picture
      return [{ ...use, ticketUid: uidOf(state.tickets.get(use.ticketId)?.ticket), distance }]
    })
    .toSorted((a, b) => compare(a.uploadedAt, b.uploadedAt) || compare(a.photoId, b.photoId))

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
