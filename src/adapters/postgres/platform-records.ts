import { setImmediate as othersTurn } from 'node:timers/promises'
import type { Said } from '../../application/platform/touched-drops.ts'
import type { PlatformImport } from '../../application/ports/platform-store.ts'
import type { Platform } from '../../domain/readiness/readiness.ts'
import type { Queryable } from '../contract/pool.ts'

const ROWS_AT_ONCE = 2_000

const CLEARED_AT_ONCE = 8_000

const CLEAR = `
delete from platform_records where ctid = any(array(
  select ctid from platform_records where project_id = $1 and platform = $2 limit $3))`

const INSERT = `
insert into platform_records (project_id, platform, as_of, row_no, dr_number, pole_number, pon_number, zone_no,
  ont_serial, installed_on, spare, status, address, latitude, longitude)
select $1, $2, $3, r.*
from unnest($4::integer[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::date[], $11::boolean[],
  $12::text[], $13::text[], $14::double precision[], $15::double precision[]) r`

/**
 * Puts these rows in the place of the platform's former ones, two thousand in one statement. Other work of this process has
 * its turn in between: PGlite computes in it.
 */
export const replaceRecords = async (
  client: Queryable,
  { summary: { projectId, platform, importedAt }, records }: PlatformImport,
): Promise<void> => {
  for (let cleared = CLEARED_AT_ONCE; cleared === CLEARED_AT_ONCE; await othersTurn()) {
    const { rowCount } = await client.query(CLEAR, [projectId, platform, CLEARED_AT_ONCE])
    cleared = rowCount ?? 0
  }
  for (let at = 0; at < records.length; at += ROWS_AT_ONCE) {
    const some = records.slice(at, at + ROWS_AT_ONCE)
    await client.query(INSERT, [
      projectId,
      platform,
      importedAt,
      some.map((record) => record.row),
      some.map((record) => record.dr),
      some.map((record) => record.pole),
      some.map((record) => record.pon),
      some.map((record) => record.zone),
      some.map((record) => record.ontSerial),
      some.map((record) => record.installedOn),
      some.map((record) => record.spare),
      some.map((record) => record.status),
      some.map((record) => record.address),
      some.map((record) => record.lat),
      some.map((record) => record.lon),
    ])
    await othersTurn()
  }
}

const READY_DROPS = `
select distinct dr_number as dr from tickets
where project_id = $1 and deleted_at is null and dr_number is not null
  and (status = 'pending_qa' or (qa_ready and status in ('open', 'assigned', 'in_progress', 'on_hold')))`

/** The drops of the project's pending and ready tickets. */
export const readyDrops = async (client: Queryable, projectId: string): Promise<ReadonlyArray<string>> => {
  const { rows } = await client.query<{ dr: string }>(READY_DROPS, [projectId])
  return rows.map(({ dr }) => dr)
}

const SAID = `
select dr_number as dr, pole_number as pole, pon_number as pon, zone_no as zone, ont_serial as "ontSerial", spare
from platform_records where project_id = $1 and platform = $2 and dr_number = any($3::text[])`

/** What the platform says of these drops now. */
export const saidOf = async (
  client: Queryable,
  projectId: string,
  platform: Platform,
  drops: ReadonlyArray<string>,
): Promise<ReadonlyArray<Said>> => {
  if (drops.length === 0) return []
  const { rows } = await client.query<Said>(SAID, [projectId, platform, drops])
  return rows
}
