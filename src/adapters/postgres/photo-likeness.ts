import type { PhotoLikeness } from '../../application/ports/photo-likeness.ts'
import type { AlikeUse } from '../../domain/evidence/judge-reuse.ts'
import { LOOK_ALIKE_DISTANCE, type PdqHash, REUSE_DISTANCE } from '../../domain/evidence/likeness.ts'
import { inTransaction, isoInstant, type Pool, prepared } from '../contract/pool.ts'
import { orUnavailable } from '../contract/sql-errors.ts'

const SLOTS = 16
const SLOT_BITS = 16

/**
 * Two hashes at most 31 bits apart have a slot in which they differ by one bit at most: 16 slots with two or more differences
 * each would be 32 (multi-index hashing, Norouzi, Punjani and Fleet, CVPR 2012). So whoever is that near to a probe has one
 * of these tokens; a list for each slot, which the index searches faster than one long list.
 */
const neighbourhoods = (probe: PdqHash): ReadonlyArray<ReadonlyArray<number>> =>
  Array.from({ length: SLOTS }, (_, slot) => {
    const token = (slot << SLOT_BITS) | Number.parseInt(probe.slice(slot * 4, slot * 4 + 4), 16)
    return [token, ...Array.from({ length: SLOT_BITS }, (_, bit) => token ^ (1 << bit))]
  })

/**
 * The kept hashes within so many bits of a probe, one row for each photo. All probes are measured in one expression on one pass,
 * so that a page is read once for all of them and a long pass is shared among workers; the distance is asked first, since
 * it is cheaper than comparing tokens where a small table is passed over whole. `where` names a further condition.
 */
const near = (probes: ReadonlyArray<PdqHash>, bits: number, where: string): string => {
  const least = probes.map((_, i) => `bit_count(hash # ('x' || $${i + 1}::text)::bit(256))`).join(', ')
  return `
select h.photo_id, h.ticket_id, h.step_key, h.dr_number, h.uploaded_at, coalesce(t.ticket_uid, '') as ticket_uid,
  near.distance
from (
  select photo_no, min(least(${least}))::integer as distance from photo_fingerprints
  where least(${least}) <= ${bits} and (${where})
  group by photo_no
) near join photo_hashes h using (photo_no) left join tickets t on t.id = h.ticket_id
order by h.uploaded_at, h.photo_id`
}

const UP_TO = prepared('select coalesce(max(photo_no), 0)::float8 as up_to from photo_fingerprints')

const OWN = `
select h.probes, h.photo_no::float8 as photo_no from photo_hashes h
where h.photo_id = $1 and h.probes is not null`

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
      const { rows } = await pool.query<{ probes: string[]; photo_no: number }>(OWN, [photoId])
      const [own] = rows
      if (own === undefined || own.probes.length === 0) return []
      const earlier = `photo_no < $${own.probes.length + 1}::float8::bigint`
      const found = await pool.query(near(own.probes, LOOK_ALIKE_DISTANCE, earlier), [...own.probes, own.photo_no])
      return found.rows.map(useOf)
    }),
})

/** The planner thinks that so many tokens are in most rows, and would pass over all of them. */
const BY_INDEX = 'set local enable_seqscan = off'

const reusesOn = (pool: Pool, probes: ReadonlyArray<PdqHash>): Promise<ReadonlyArray<AlikeUse>> => {
  const slots = probes.flatMap(neighbourhoods)
  const shares = slots.map((_, i) => `photo_tokens(hash) && $${probes.length + i + 1}::integer[]`).join(' or ')
  return inTransaction(pool, async (client) => {
    await client.query(BY_INDEX)
    const { rows } = await client.query(near(probes, REUSE_DISTANCE, shares), [...probes, ...slots])
    return rows.map(useOf)
  })
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
