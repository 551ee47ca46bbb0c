import type { PhotoLikeness } from '../../application/ports/photo-likeness.ts'
import type { AlikeUse } from '../../domain/evidence/judge-reuse.ts'
import { LOOK_ALIKE_DISTANCE, type PdqHash, REUSE_DISTANCE } from '../../domain/evidence/likeness.ts'
import { inTransaction, isoInstant, type Pool, prepared } from '../contract/pool.ts'
import { orUnavailable } from '../contract/sql-errors.ts'
import { WAIT_FOR_TURN } from './photo-likeness-guard.ts'

/** Bits of the slots that a hash is cut into, and how many of them may differ there; `photo_tokens` in the database cuts alike. */
const SLOTS = [
  ...Array(4).fill({ bits: 20, differing: 1 }),
  ...Array(8).fill({ bits: 22, differing: 2 }),
] as ReadonlyArray<{
  readonly bits: number
  readonly differing: 1 | 2
}>
const WIDEST = 22

/**
 * Two hashes at most 31 bits apart have a narrow slot in which they differ by one bit at most, or a wide one in which they
 * differ by two: else they would differ by 4 x 2 + 8 x 3 = 32 at least (multi-index hashing, Norouzi, Punjani and Fleet, CVPR
 * 2012; unequal slots, Qin et al., ICDE 2018). So whoever is that near to a probe has one of these tokens, one list for
 * each slot. Slots this wide name few of millions by chance: fetching those is what takes the time.
 */
const neighbourhoods = (probe: PdqHash): ReadonlyArray<ReadonlyArray<number>> => {
  const bits = [...probe].map((digit) => Number.parseInt(digit, 16).toString(2).padStart(4, '0')).join('')
  let from = 0
  return SLOTS.map((slot, number) => {
    const token = (number << WIDEST) | Number.parseInt(bits.slice(from, from + slot.bits), 2)
    from += slot.bits
    const one = Array.from({ length: slot.bits }, (_, bit) => token ^ (1 << bit))
    const two = one.flatMap((near, bit) => Array.from({ length: bit }, (_, other) => near ^ (1 << other)))
    return slot.differing === 1 ? [token, ...one] : [token, ...one, ...two]
  })
}

/** One row for each slot of each probe: the probe, and where its tokens begin and end among all. */
const asked = (probes: ReadonlyArray<PdqHash>): ReadonlyArray<unknown> => {
  const lists = probes.flatMap((probe) => neighbourhoods(probe).map((tokens) => ({ probe, tokens })))
  const ends: number[] = []
  for (const { tokens } of lists) ends.push((ends.at(-1) ?? 0) + tokens.length)
  return [
    lists.map(({ probe }) => probe),
    lists.map(({ tokens }, n) => (ends[n] ?? 0) - tokens.length + 1),
    ends,
    lists.flatMap(({ tokens }) => tokens),
  ]
}

/** The photos among those found, with the uses that are kept when the host's retention job prunes attachments. */
const usesAmong = (near: string): string => `
select h.photo_id, h.ticket_id, h.step_key, h.dr_number, h.uploaded_at, coalesce(t.ticket_uid, '') as ticket_uid,
  near.distance
from (${near}) near join photo_hashes h using (photo_no) left join tickets t on t.id = h.ticket_id
order by h.uploaded_at, h.photo_id`

/**
 * A search of the index for each slot of each probe: short lists are searched faster than one long one. `offset 0` keeps the
 * planner from reading each probe anew for every candidate. The distance is asked before the tokens, so that a table too
 * small for its index is passed over without comparing lists.
 */
const REUSES = prepared(
  usesAmong(`
  select f.photo_no, min(bit_count(f.hash # p.hash))::integer as distance
  from (
    select ('x' || s.hash)::bit(256) as hash, ($4::integer[])[s.first : s.last] as tokens
    from unnest($1::text[], $2::integer[], $3::integer[]) as s (hash, first, last) offset 0
  ) p
  cross join lateral (
    select f.photo_no, f.hash from photo_fingerprints f
    where bit_count(f.hash # p.hash) <= ${REUSE_DISTANCE} and photo_tokens(f.hash) && p.tokens
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

/** Under a new number: whoever looked before must see that there is more to find. */
const KEEP = prepared(`
with photo as (
  update photo_hashes set photo_no = default, quality = $2, probes = $3 where photo_id = $1 and quality is null
  returning photo_no
), kept as (
  insert into photo_fingerprints (photo_no, hash)
  select photo_no, ('x' || hash)::bit(256) from photo, unnest($4::text[]) as hash
)
select photo_no from photo`)

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
        const found = await client.query(REUSES, [...asked(probes)])
        return { uses: found.rows.map(useOf), upTo: rows[0]?.up_to ?? 0 }
      }),
    ),

  lookAlikesOf: (photoId) =>
    orUnavailable(() =>
      inTransaction(pool, async (client) => {
        await client.query(FEW_ARE_FOUND)
        const { rows } = await client.query<{ probes: string[]; photo_no: number }>(OWN, [photoId])
        const [own] = rows
        if (own === undefined || own.probes.length === 0) return null
        const found = await client.query(scan(own.probes.length), [own.photo_no, ...own.probes])
        return found.rows.map(useOf)
      }),
    ),

  keep: (photoId, { quality, stored, probes }) =>
    orUnavailable(() =>
      inTransaction(pool, async (client) => {
        await client.query(WAIT_FOR_TURN)
        const { rowCount } = await client.query(KEEP, [photoId, quality, probes, stored])
        return rowCount === 1
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
