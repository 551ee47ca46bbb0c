import * as E from 'fp-ts/lib/Either.js'
import type { Stale } from '../../application/errors.ts'
import { isSameFile } from '../../application/platform/import-platform.ts'
import { touchedDrops, touchesAll } from '../../application/platform/touched-drops.ts'
import type {
  Installation,
  PlatformImport,
  PlatformStore,
  Replaced,
  StandingImport,
} from '../../application/ports/platform-store.ts'
import type { Touch, Touched } from '../../application/ports/project-store.ts'
import type { Platform } from '../../domain/readiness/readiness.ts'
import type { Pool, Queryable } from '../contract/pool.ts'
import { orUnavailable } from '../contract/sql-errors.ts'
import { moveFacts, touchDrops, touchReady } from './platform-outside-change.ts'
import { readyDrops, replaceRecords, saidOf } from './platform-records.ts'
import { toImport, toInstallation } from './platform-rows.ts'
import { inOneTransaction } from './platform-transaction.ts'
import type { TicketStoreOptions } from './ticket-store.ts'

const STANDING = `
select i.* from platform_connections c join platform_imports i on i.id = c.import_id
where c.project_id = $1 and c.platform = $2`

const IMPORTS = 'select * from platform_imports where project_id = $1 order by imported_at desc, id desc limit 100'

const RECORD_IMPORT = `
with recorded as (
  insert into platform_imports (id, project_id, platform, filename, file_sha256, layout, carries, rows_read, rows_kept,
    drops, repeated_drops, spares, problem_count, problems, imported_by, imported_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
  returning id, project_id, platform, carries, imported_at
)
insert into platform_connections (import_id, project_id, platform, carries, imported_at)
select id, project_id, platform, carries, imported_at from recorded
on conflict (project_id, platform) do update
set carries = excluded.carries, import_id = excluded.import_id, imported_at = excluded.imported_at`

const RECORD_TOUCHED = `
update platform_imports set tickets_rechecked = $2, tickets_fallen_back = $3, tickets_reset = $4 where id = $1`

/** Waits for whoever changes the project's facts now. */
const HOLD_PROJECT = `
insert into project_settings (project_id) values ($1)
on conflict (project_id) do update set project_id = excluded.project_id`

const INSTALLATION = `
select project_id, dr_number, installed_on::text, said_source, recorded_by, recorded_at, version
from drop_installations where project_id = $1 and dr_number = $2`

const ENTER_INSTALLATION = `
insert into drop_installations (project_id, dr_number, installed_on, said_source, recorded_by, recorded_at, version)
values ($1, $2, $3, $4, $5, $6, $7::integer + 1) on conflict do nothing`

const CORRECT_INSTALLATION = `
update drop_installations d set installed_on = $3, source = 'entered', said_source = $4, recorded_by = $5, recorded_at = $6,
  version = d.version + 1, earlier = d.earlier || jsonb_build_object('installed_on', d.installed_on, 'source', d.said_source,
    'recorded_by', d.recorded_by, 'recorded_at', d.recorded_at)
where project_id = $1 and dr_number = $2 and version = $7`

const standing = async (client: Queryable, projectId: string, platform: Platform): Promise<StandingImport | null> => {
  const { rows } = await client.query(STANDING, [projectId, platform])
  return rows[0] === undefined ? null : toImport(rows[0])
}

const recordImport = (client: Queryable, { summary, layout }: PlatformImport) =>
  client.query(RECORD_IMPORT, [
    summary.id,
    summary.projectId,
    summary.platform,
    summary.filename,
    summary.sha256,
    JSON.stringify(layout),
    summary.carries,
    summary.rowsRead,
    summary.rowsKept,
    summary.drops,
    summary.repeatedDrops,
    summary.spares,
    summary.problemCount,
    JSON.stringify(summary.problems),
    summary.importedBy,
    summary.importedAt,
  ])

/** The touched tickets: all of them when the platform is new or carries other fields, else those whose drop it describes anew. */
const replaceOn = async (
  tickets: TicketStoreOptions,
  client: Queryable,
  incoming: PlatformImport,
  touch: Touch,
): Promise<Replaced> => {
  const { projectId, platform, sha256, carries } = incoming.summary
  await client.query(HOLD_PROJECT, [projectId])
  const former = await standing(client, projectId, platform)
  if (former !== null && isSameFile(former, sha256, incoming.layout)) return { sameFile: true, standing: former }
  await moveFacts(client, projectId)
  const drops = await readyDrops(client, projectId)
  const before = await saidOf(client, projectId, platform, drops)
  const dated = await trackerDates(client, incoming)
  await replaceRecords(client, incoming)
  await recordImport(client, incoming)
  const after = await saidOf(client, projectId, platform, drops)
  const named = touchesAll(former?.carries ?? null, carries) ? drops : touchedDrops(drops, before, after)
  const touched = await touchReady(tickets, client, touch, projectId, named)
  const redated = await trackerDates(client, incoming)
  const moved = [...redated].filter(([dr, day]) => day !== dated.get(dr)).map(([dr]) => dr)
  if (moved.length > 0) await touchDrops(tickets, client, touch, projectId, moved)
  await client.query(RECORD_TOUCHED, [incoming.summary.id, touched.rechecked, touched.fellBack, touched.reset])
  return { sameFile: false, standing: { ...incoming.summary, layout: incoming.layout, touched } }
}

const TRACKER_DATES = `
select t.dr_number as dr, max(r.installed_on)::text as day
from tickets t
left join platform_records r on r.project_id = $1 and r.platform = 'tracker' and r.dr_number = t.dr_number
where t.project_id = $1 and t.deleted_at is null and t.fault_cause in ('workmanship', 'material_failure')
  and t.dr_number is not null
group by t.dr_number`

/** The installation date that the tracker holds for each drop with a ticket whose guarantee depends on it. */
const trackerDates = async (
  client: Queryable,
  { summary: { projectId, platform } }: PlatformImport,
): Promise<ReadonlyMap<string, string | null>> => {
  if (platform !== 'tracker') return new Map()
  const { rows } = await client.query<{ dr: string; day: string | null }>(TRACKER_DATES, [projectId])
  return new Map(rows.map(({ dr, day }) => [dr, day]))
}

const enter = async (client: Queryable, entry: Installation): Promise<boolean> => {
  const { projectId, dr, installedOn, source, recordedBy, recordedAt, version } = entry
  const { rowCount } = await client.query(version === 1 ? ENTER_INSTALLATION : CORRECT_INSTALLATION, [
    projectId,
    dr,
    installedOn,
    source,
    recordedBy,
    recordedAt,
    version - 1,
  ])
  return rowCount === 1
}

const installation = async (client: Queryable, projectId: string, dr: string): Promise<Installation | null> => {
  const { rows } = await client.query(INSTALLATION, [projectId, dr])
  return rows[0] === undefined ? null : toInstallation(rows[0])
}

/** Imported workbooks row by row, which of them stands, and what was entered by hand. */
export const postgresPlatformStore = (pool: Pool, tickets: TicketStoreOptions): PlatformStore => ({
  standing: (projectId, platform) => orUnavailable(() => standing(pool, projectId, platform)),
  imports: (projectId) => orUnavailable(async () => (await pool.query(IMPORTS, [projectId])).rows.map(toImport)),
  replace: (incoming, touch) =>
    inOneTransaction<never, Replaced>(pool, tickets.nudge, async (client) =>
      E.right(await replaceOn(tickets, client, incoming, touch)),
    ),
  installation: (projectId, dr) => orUnavailable(() => installation(pool, projectId, dr)),
  recordInstallation: (entry, touch) =>
    inOneTransaction<Stale, Installation>(pool, tickets.nudge, async (client) => {
      await moveFacts(client, entry.projectId)
      if (!(await enter(client, entry))) {
        const version = (await installation(client, entry.projectId, entry.dr))?.version ?? 0
        return E.left({ type: 'Stale', id: entry.dr, version })
      }
      await touchDrops(tickets, client, touch, entry.projectId, [entry.dr])
      return E.right(entry)
    }),
  settle: (projectId, dr, touch) =>
    inOneTransaction<never, Touched>(pool, tickets.nudge, async (client) => {
      await client.query(HOLD_PROJECT, [projectId])
      return E.right(await touchDrops(tickets, client, touch, projectId, [dr]))
    }),
})
