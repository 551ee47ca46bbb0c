import { z } from 'zod'
import type { SowRow, SowSource } from '../../application/ports/sow-source.ts'
import type { Coordinates } from '../../domain/evidence/evidence.ts'
import { isoInstant, type Pool } from '../contract/pool.ts'
import { orUnavailable } from '../contract/sql-errors.ts'
import { type HostSow, hostPolePlaces, hostSowProjects, hostSowSql } from './sow-host.ts'

const IMPORTED = `
select r.project_id, r.dr_number, r.pole_number, r.pon_number, r.zone_no, r.address, r.latitude, r.longitude, r.status,
  r.spare, r.as_of, s.pons as pole_pons, s.zones as pole_zones
from platform_records r
left join lateral (
  select array_agg(distinct o.pon_number) filter (where o.pon_number is not null) as pons,
    array_agg(distinct o.zone_no) filter (where o.zone_no is not null) as zones
  from platform_records o
  where o.project_id = r.project_id and o.platform = 'sow' and o.pole_number = r.pole_number) s on true
where r.platform = 'sow' and r.dr_number = $1
  and r.project_id in (select c.project_id from platform_connections c
    where c.platform = 'sow' and ($2::text is null or c.project_id = $2))
order by r.project_id, r.row_no`

const IMPORTED_POLE = `
select distinct latitude as lat, longitude as lon from platform_records
where platform = 'sow' and pole_number = $1 and project_id = $2 and latitude is not null and longitude is not null
order by lat, lon`

const IMPORTED_PROJECTS = `
select project_id from platform_connections
where platform = 'sow' and ($1::text is null or project_id = $1) order by project_id`

const text = z.string().nullable()
const row = z.object({
  project_id: z.string(),
  dr_number: z.string(),
  pole_number: text,
  pon_number: text,
  zone_no: text,
  address: text,
  latitude: z.number().nullable(),
  longitude: z.number().nullable(),
  status: text,
  spare: z.boolean(),
  as_of: z.date().nullish(),
  pole_pons: z.array(z.string()).nullable(),
  pole_zones: z.array(z.string()).nullable(),
})

const toRow =
  (source: SowRow['source']) =>
  (found: unknown): SowRow => {
    const { project_id, dr_number, pole_number, pon_number, zone_no, as_of, pole_pons, pole_zones, ...same } =
      row.parse(found)
    return {
      ...same,
      projectId: project_id,
      dr: dr_number,
      pole: pole_number,
      pon: pon_number,
      zone: zone_no,
      source,
      asOf: as_of == null ? null : isoInstant(as_of),
      poleSays: pole_pons === null && pole_zones === null ? null : { pons: pole_pons ?? [], zones: pole_zones ?? [] },
    }
  }

/** The design from imported workbooks, or from the host's own tables where the installation says so. */
export const postgresSowSource = (pool: Pool, host: HostSow | null): SowSource => ({
  placesOfPole: (pole, projectId) =>
    orUnavailable(async () => {
      const places = host === null ? IMPORTED_POLE : hostPolePlaces(host)
      if (places === null) return []
      return (await pool.query<Coordinates>(places, [pole, projectId])).rows
    }),

  rowsOf: (dr, projectId) =>
    orUnavailable(async () => {
      if (host === null) {
        const { rows } = await pool.query(IMPORTED, [dr, projectId])
        const { rows: projects } = await pool.query<{ project_id: string }>(IMPORTED_PROJECTS, [projectId])
        return { rows: rows.map(toRow('workbook')), connected: projects.map(({ project_id }) => project_id) }
      }
      const limits = { drops: '$1::text[]', project: projectId === null ? null : '$2::text' }
      const { rows } = await pool.query(
        `${hostSowSql(host, limits)} order by 1, 3, 4, 5`,
        projectId === null ? [[dr]] : [[dr], projectId],
      )
      const { rows: projects } = await pool.query<{ project_id: string }>(
        `${hostSowProjects(host, projectId === null ? null : '$1::text')} order by 1`,
        projectId === null ? [] : [projectId],
      )
      return { rows: rows.map(toRow('host')), connected: projects.map(({ project_id }) => project_id) }
    }),
})
