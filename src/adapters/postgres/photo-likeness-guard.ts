import type { Change, PictureUse } from '../../application/ports/ticket-store.ts'
import { REUSE_DISTANCE } from '../../domain/evidence/likeness.ts'
import { prepared, type Queryable } from '../contract/pool.ts'

/** Held until the commit, so that the numbers of hashes are in the order of their commits. */
export const WAIT_FOR_TURN = prepared(`select pg_advisory_xact_lock(hashtextextended('photo_fingerprints', 12))`)

const KEPT_SINCE = prepared(`
select exists (
  select from photo_fingerprints f, unnest($2::text[]) as p (hash)
  where f.photo_no > $1::float8::bigint and bit_count(f.hash # ('x' || p.hash)::bit(256)) <= ${REUSE_DISTANCE}
) as moved`)

/** Of the pictures that are compared: a flat one has nothing to be compared by. */
export const likenessesIn = (changes: ReadonlyArray<Change>): ReadonlyArray<NonNullable<PictureUse['likeness']>> =>
  changes.flatMap(({ picture }) =>
    picture === null || picture.likeness === null || picture.likeness.fingerprint.stored.length === 0
      ? []
      : [picture.likeness],
  )

/**
 * Of two alike photos that are added at the same moment the later one waits here for the earlier, and then finds it: true
 * when a picture within reuse was kept after the decision looked. Inside the caller's transaction, before anything is locked.
 */
export const likenessMoved = async (client: Queryable, changes: ReadonlyArray<Change>): Promise<boolean> => {
  const likenesses = likenessesIn(changes)
  if (likenesses.length === 0) return false
  await client.query(WAIT_FOR_TURN)
  for (const { fingerprint, upTo } of likenesses) {
    const { rows } = await client.query<{ moved: boolean }>(KEPT_SINCE, [upTo, fingerprint.probes])
    if (rows[0]?.moved === true) return true
  }
  return false
}
