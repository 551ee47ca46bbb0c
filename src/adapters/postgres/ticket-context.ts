import { z } from 'zod'
import type { ProjectContext } from '../../application/ports/ticket-store.ts'
import { installedOn } from '../../domain/guarantee/installed-on.ts'
import {
  PLATFORM_FIELDS,
  PLATFORMS,
  type Platform,
  type PlatformField,
  type PlatformState,
  type ProjectFacts,
} from '../../domain/readiness/readiness.ts'
import { instant } from './ticket-columns.ts'
import { settingsOf } from './ticket-settings.ts'

const CARRIED = [...PLATFORM_FIELDS, 'ont_serial'] as const

/**
 * Where the design (SOW) is read: from imported workbooks, or from the host's own tables. `rows` makes the query for SQL
 * expressions of a project and of a `text[]` of drops; it gives at least `dr_number`, `pole_number`, `pon_number`,
 * `zone_no` (text) and `spare`. `connected` makes the condition that the host has a design of a project; `carries` names
 * the fields that are compared.
 */
export type SowSource =
  | 'platform_records'
  | {
      readonly rows: (project: string, drops: string) => string
      readonly connected: (project: string) => string
      readonly carries: ReadonlyArray<PlatformField>
    }

/** The days on which the host's own `drops` say one was installed, as rows of one `day`; the arguments are SQL expressions. */
export type HostInstallations = (project: string, dr: string) => string

/** Where what stands outside the tickets is read. */
export type ContextSources = {
  readonly sow: SowSource
  /** Left out where the database has no such table of the host. */
  readonly hostInstallations?: HostInstallations
}

/** The project a ticket is in and its platforms' rows of some drops, as members of one JSON object. All arguments are SQL expressions. */
export const contextMembers = (
  { sow, hostInstallations }: ContextSources,
  project: string,
  dr: string,
  drs: string,
): string => `
  'project', (select json_build_object('settings', p.settings, 'facts_version', p.facts_version)
    from project_settings p where p.project_id = ${project}),
  'guarantee', (select row_to_json(g) from guarantee_periods g where g.project_id = ${project}),
  'connections', (select json_agg(json_build_object('platform', c.platform, 'carries', c.carries))
    from platform_connections c where c.project_id = ${project}),
  'host_design', ${sow === 'platform_records' ? 'null' : sow.connected(project)},
  'rows', (select json_agg(r) from (${rowsOf(sow, project, drs)}) r),
  'installations', (select json_agg(i) from (
    select d.installed_on as day, d.source from drop_installations d
    where d.project_id = ${project} and d.dr_number = ${dr}
    ${hostInstallations === undefined ? '' : `union all select o.day, 'host_drops' from (${hostInstallations(project, dr)}) o`}
    union all
    select r.installed_on, 'tracker' from platform_records r
    where r.project_id = ${project} and r.platform = 'tracker' and r.dr_number = ${dr} and r.installed_on is not null) i),
  'handed_over_at', (select s.handover_at from tickets i join handover_snapshots s on s.ticket_id = i.id
    where i.project_id = ${project} and i.dr_number = ${dr} and i.ticket_type = 'new_installation'
      and i.deleted_at is null and s.handover_type = 'qa_to_maintenance'
    order by s.handover_at desc limit 1)`

const rowsOf = (sow: SowSource, project: string, drs: string): string => {
  const imported = (platforms: string): string => `
    select r.platform, r.dr_number, r.pole_number, r.pon_number, r.zone_no, r.ont_serial, r.spare, r.as_of
    from platform_records r
    where r.project_id = ${project} and r.platform in (${platforms}) and r.dr_number = any(${drs})`
  if (sow === 'platform_records') return imported("'sow', 'sharepoint', 'tracker'")
  return `${imported("'sharepoint', 'tracker'")}
    union all
    select 'sow', h.dr_number, h.pole_number, h.pon_number, h.zone_no, null, h.spare, now()
    from (${sow.rows(project, drs)}) h where h.dr_number = any(${drs})`
}

/** The members as the driver gives them; an empty list comes as null. */
export const contextRow = z.object({
  project: z.object({ settings: z.unknown(), facts_version: z.number() }).nullable(),
  guarantee: z.unknown(),
  connections: z.array(z.object({ platform: z.enum(PLATFORMS), carries: z.array(z.enum(CARRIED)) })).nullable(),
  host_design: z.boolean().nullable(),
  rows: z
    .array(
      z.object({
        platform: z.enum(PLATFORMS),
        dr_number: z.string(),
        pole_number: z.string().nullable(),
        pon_number: z.string().nullable(),
        zone_no: z.string().nullable(),
        ont_serial: z.string().nullable(),
        spare: z.boolean(),
        as_of: instant,
      }),
    )
    .nullable(),
  installations: z
    .array(z.object({ day: z.iso.date(), source: z.enum(['entered', 'host_drops', 'tracker']) }))
    .nullable(),
  handed_over_at: instant.nullable(),
})

/** The version of the facts of a project that nobody has set anything for: what its first row holds. */
const FIRST_FACTS_VERSION = 1

export const toContext = (sow: SowSource, row: z.infer<typeof contextRow>): ProjectContext => {
  const settings = settingsOf(row.project?.settings ?? null, row.guarantee ?? null)
  const state = (platform: Platform): PlatformState => {
    if (platform === 'sow' && sow !== 'platform_records')
      return { connected: row.host_design === true, carries: sow.carries }
    const connection = row.connections?.find((known) => known.platform === platform)
    return { connected: connection !== undefined, carries: connection?.carries ?? [] }
  }
  const facts: ProjectFacts = {
    version: row.project?.facts_version ?? FIRST_FACTS_VERSION,
    rxMin: settings.rx.min,
    rxMax: settings.rx.max,
    requiredPlatforms: settings.requiredPlatforms,
    platforms: { sow: state('sow'), sharepoint: state('sharepoint'), tracker: state('tracker') },
    rows: (row.rows ?? []).map((found) => ({
      platform: found.platform,
      dr: found.dr_number,
      pole: found.pole_number,
      pon: found.pon_number,
      zone: found.zone_no,
      ontSerial: found.ont_serial,
      spare: found.spare,
      asOf: found.as_of,
    })),
  }
  const installed = installedOn({ dates: row.installations ?? [], handedOverAt: row.handed_over_at })
  return { settings, facts, installed }
}
