import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { AlikeUse } from '../../domain/evidence/judge-reuse.ts'
import type { Fingerprint, PdqHash } from '../../domain/evidence/likeness.ts'
import type { Unavailable } from '../errors.ts'

/** Earlier photos found, and how far was looked: whatever is kept later has a higher number than `upTo`. */
export type Found = { readonly uses: ReadonlyArray<AlikeUse>; readonly upTo: number }

/**
 * The photos of all tickets by how they look. Both searches are exact: they find what comparing every probe with every
 * kept hash would, one use per photo with its least distance, oldest first. The photos are kept by the ticket store.
 */
export type PhotoLikeness = {
  /** Photos at most 31 bits from a probe; quick enough to wait for. */
  readonly reusesOf: (probes: ReadonlyArray<PdqHash>) => TaskEither<Unavailable, Found>
  /** Photos kept before this one and at most 64 bits from it; seconds in a large archive. null for a photo that is not compared. */
  readonly lookAlikesOf: (photoId: string) => TaskEither<Unavailable, ReadonlyArray<AlikeUse> | null>
  /** Keeps the hashes of a photo that was stored without any; false when it has them by now, and changes nothing. */
  readonly keep: (photoId: string, fingerprint: Fingerprint) => TaskEither<Unavailable, boolean>
}
