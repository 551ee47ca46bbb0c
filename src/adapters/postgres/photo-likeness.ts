import type { PhotoLikeness } from '../../application/ports/photo-likeness.ts'
import type { AlikeUse } from '../../domain/evidence/judge-reuse.ts'
import { LOOK_ALIKE_DISTANCE, type PdqHash, REUSE_DISTANCE } from '../../domain/evidence/likeness.ts'
import { inTransaction, isoInstant, type Pool, prepared } from '../contract/pool.ts'
import { orUnavailable } from '../contract/sql-errors.ts'

const SLOTS = 16
const SLOT_BITS = 16
const TOKENS_OF_A_SLOT = SLOT_BITS + 1

/**
 * Two hashes at most 31 bits apart have a slot in which they differ by one bit at most: 16 slots with two or more differences
 * each would be 32 (multi-index hashing, Norouzi, Punjani and Fleet, CVPR 2012). So whoever is that near to a probe has one
 * of these tokens. The index searches 16 short lists faster than one long one.
 */
const neighbourhoods = (probe: PdqHash): ReadonlyArray<number> =>
  Array.from({ length: SLOTS }, (_, slot) => {
    const token = (slot << SLOT_BITS) | Number.parseInt(probe.slice(slot * 4, slot * 4 + 4), 16)
    return [token, ...Array.from({ length: SLOT_BITS }, (_, bit) => token ^ (1 << bit))]
  }).flat()

/** The photos among those found, with the uses that are kept when the host's retention job prunes attachments. */
const usesAmong = (near: string): string => `
select h.photo_id, h.ticket_id, h.step_key, h.dr_number, h.uploaded_at, coalesce(t.ticket_uid, '') as ticket_uid,
  near.distance
from (${near}) near join photo_hashes h using (photo_no) left join tickets t on t.id = h.ticket_id
order by h.uploaded_at, h.photo_id`

/** The distance is asked before the tokens: a table too small for its index is then passed over without comparing lists. */
const REUSES = prepared(
  usesAmong(`
  select f.photo_no, min(bit_count(f.hash # p.hash))::integer as distance
  from (select n, ('x' || hash)::bit(256) as hash from unnest($1::text[]) with ordinality as given (hash, n)) p
  cross join lateral (
    select ($2::integer[])[at + 1 : at + ${TOKENS_OF_A_SLOT}] as tokens
    from generate_series((p.n - 1) * ${SLOTS * TOKENS_OF_A_SLOT}, p.n * ${SLOTS * TOKENS_OF_A_SLOT} - 1, ${TOKENS_OF_A_SLOT}) as at
  ) s
  cross join lateral (
    select f.photo_no, f.hash from photo_fingerprints f
    where bit_count(f.hash # p.hash) <= ${REUSE_DISTANCE} and photo_tokens(f.hash) && s.tokens
  ) f
  group by f.photo_no`),
)

const UP_TO = prepared('select coalesce(max(photo_no), 0)::float8 as up_to from photo_fingerprints')

const OWN = `
select h.probes, h.photo_no::float8 as photo_no from photo_hashes h
where h.photo_id = $1 and h.probes is not null`

/** One pass over all that was kept before, with all probes in one expression, so that the pass can be shared among workers. */
const scan = (probes: number): string => {
  const least = Array.from({ length: probes }, (_, i) => `bit_count(hash # ('x' || $${i + 2}::text)::bit(256))`).join(
    ', ',
  )
  return usesAmong(`
  select photo_no, min(least(${least}))::integer as distance from photo_fingerprints
  where photo_no < $1::float8::bigint and least(${least}) <= ${LOOK_ALIKE_DISTANCE}
  group by photo_no`)
}

/**
 * The planner expects far more finds than there are: it would compile the search, which takes longer than running it, and read
 * all uses of pictures to join the few. For this transaction only.
 */
const FEW_ARE_FOUND = `
select set_config('jit', 'off', true), set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)`

/** Likeness on PostgreSQL 14 or later, by an inverted index over slots of the hashes for the near ones, by a scan for the rest. */
export const postgresPhotoLikeness = (pool: Pool): PhotoLikeness => ({
  reusesOf: (probes) =>
    orUnavailable(() =>
      inTransaction(pool, async (client) => {
        await client.query(FEW_ARE_FOUND)
        // How far is asked first: what is kept between the two questions is then found twice, and never missed.
        const { rows } = await client.query<{ up_to: number }>(UP_TO)
        const found = await client.query(REUSES, [probes, probes.flatMap(neighbourhoods)])
        return { uses: found.rows.map(useOf), upTo: rows[0]?.up_to ?? 0 }
      }),
    ),

  lookAlikesOf: (photoId) =>
    orUnavailable(() =>
      inTransaction(pool, async (client) => {
        await client.query(FEW_ARE_FOUND)
        const { rows } = await client.query<{ probes: string[]; photo_no: number }>(OWN, [photoId])
        const [own] = rows
        if (own === undefined || own.probes.length === 0) return []
        const found = await client.query(scan(own.probes.length), [own.photo_no, ...own.probes])
        return found.rows.map(useOf)
      }),
    ),
})

const useOf = (row: Readonly<Record<string, never>>): AlikeUse => ({
  ticketId: row.ticket_id ?? '',
  ticketUid: row.ticket_uid ?? '',
  stepKey: row.step_key ?? '',
  photoId: row.photo_id ?? '',
  uploadedAt: isoInstant(row.uploaded_at ?? ''),
  drNumber: row.dr_number ?? null,
  distance: row.distance ?? 0,
})
