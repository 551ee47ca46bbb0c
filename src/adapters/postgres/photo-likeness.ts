import type { PhotoLikeness } from '../../application/ports/photo-likeness.ts'
import type { AlikeUse } from '../../domain/evidence/judge-reuse.ts'
import { LOOK_ALIKE_DISTANCE, type PdqHash, REUSE_DISTANCE } from '../../domain/evidence/likeness.ts'
import { isoInstant, type Pool, prepared, type Queryable } from '../contract/pool.ts'
import { orUnavailable } from '../contract/sql-errors.ts'

const SLOTS = 16
const SLOT_BITS = 16

/** A hash as the index knows it: 16 slots of 16 bits, each with its place. */
export const tokensOf = (hash: PdqHash): ReadonlyArray<number> =>
  Array.from(
    { length: SLOTS },
    (_, slot) => (slot << SLOT_BITS) | Number.parseInt(hash.slice(slot * 4, slot * 4 + 4), 16),
  )

/**
 * Two hashes at most 31 bits apart have a slot in which they differ by one bit at most, or not at all: 16 slots with two or
 * more differences each would be 32 (multi-index hashing, Norouzi et al., CVPR 2012). So whoever is that near to a probe
 * has one of these tokens; one row for each slot, with the probe's place in the list.
 */
const neighbourhoods = (probes: ReadonlyArray<PdqHash>) =>
  probes.flatMap((hash, probe) =>
    tokensOf(hash).map((token) => ({
      probe: probe + 1,
      tokens: [token, ...Array.from({ length: SLOT_BITS }, (_, bit) => token ^ (1 << bit))],
    })),
  )

const TOKENS_IN_A_ROW = SLOT_BITS + 1

/** The distance is asked before the tokens, so that a table too small for its index is not searched by comparing lists. */
const NEAR = `
select f.photo_id, min(bit_count(f.hash # p.hash))::integer as distance
from (select n, ('x' || hash)::bit(256) as hash from unnest($1::text[]) with ordinality as given (hash, n)) p
join (
  select i, ($2::integer[])[i] as probe,
    ($3::integer[])[(i - 1) * ${TOKENS_IN_A_ROW} + 1 : i * ${TOKENS_IN_A_ROW}] as tokens
  from generate_series(1, cardinality($2::integer[])) as i
) s on s.probe = p.n
cross join lateral (
  select f.photo_id, f.hash from photo_fingerprints f
  where bit_count(f.hash # p.hash) <= ${REUSE_DISTANCE} and f.tokens && s.tokens
) f
group by f.photo_id`

/** What is found among the uses of pictures, which are kept when the host's retention job prunes attachments. */
const usesAmong = (near: string): string => `
select h.photo_id, h.ticket_id, h.step_key, h.dr_number, h.uploaded_at, coalesce(t.ticket_uid, '') as ticket_uid,
  near.distance
from (${near}) near join photo_hashes h using (photo_id) left join tickets t on t.id = h.ticket_id
order by h.uploaded_at, h.photo_id`

const REUSES = prepared(usesAmong(NEAR))
const UP_TO = prepared('select coalesce(max(seq), 0)::float8 as up_to from photo_fingerprints')

const OWN = `
select p.probes, min(f.seq)::float8 as first
from photo_hashes p join photo_fingerprints f using (photo_id)
where p.photo_id = $1 and p.probes is not null group by p.photo_id`

/** One pass over all that was kept before; an expression, not a join, so that the passes are shared among workers. */
const scan = (probes: number): string => {
  const least = Array.from({ length: probes }, (_, i) => `bit_count(hash # ('x' || $${i + 2}::text)::bit(256))`).join(
    ', ',
  )
  return usesAmong(`
  select photo_id, min(distance)::integer as distance
  from (select photo_id, least(${least}) as distance from photo_fingerprints where seq < $1) every_hash
  where distance <= ${LOOK_ALIKE_DISTANCE}
  group by photo_id`)
}

/** Likeness on PostgreSQL 14 or later, by an inverted index over slots of the hashes for the near ones, by a scan for the rest. */
export const postgresPhotoLikeness = (pool: Pool): PhotoLikeness => ({
  reusesOf: (probes) =>
    orUnavailable(async () => {
      // How far is asked first: what is kept between the two questions is then found twice, and never missed.
      const { rows } = await pool.query<{ up_to: number }>(UP_TO)
      return { uses: probes.length === 0 ? [] : await reusesOn(pool, probes), upTo: rows[0]?.up_to ?? 0 }
    }),

  lookAlikesOf: (photoId) =>
    orUnavailable(async () => {
      const { rows } = await pool.query<{ probes: string[]; first: number }>(OWN, [photoId])
      const [own] = rows
      if (own === undefined || own.probes.length === 0) return []
      const found = await pool.query(scan(own.probes.length), [own.first, ...own.probes])
      return found.rows.map(useOf)
    }),
})

const reusesOn = async (client: Queryable, probes: ReadonlyArray<PdqHash>): Promise<ReadonlyArray<AlikeUse>> => {
  const slots = neighbourhoods(probes)
  const { rows } = await client.query(REUSES, [
    probes,
    slots.map(({ probe }) => probe),
    slots.flatMap(({ tokens }) => tokens),
  ])
  return rows.map(useOf)
}

const useOf = (row: Readonly<Record<string, never>>): AlikeUse => ({
  ticketId: row.ticket_id ?? '',
  ticketUid: row.ticket_uid ?? '',
  stepKey: row.step_key ?? '',
  photoId: row.photo_id ?? '',
  uploadedAt: isoInstant(row.uploaded_at ?? ''),
  drNumber: row.dr_number ?? null,
  distance: row.distance ?? 0,
})
