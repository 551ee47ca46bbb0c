import * as E from 'fp-ts/lib/Either.js'
import type { Stale } from '../../application/errors.ts'
import type { ProjectStore, SettingsChange, StoredSettings, Touched } from '../../application/ports/project-store.ts'
import { DEFAULT_SETTINGS, type ProjectSettings } from '../../domain/settings/settings.ts'
import { isoInstant, type Pool, type Queryable } from '../contract/pool.ts'
import { orUnavailable } from '../contract/sql-errors.ts'
import { moveFacts, touchCovered, touchReady } from './platform-outside-change.ts'
import { inOneTransaction } from './platform-transaction.ts'
import { settingsOf } from './ticket-settings.ts'
import type { TicketStoreOptions } from './ticket-store.ts'

const READ = `
select s.version, s.settings, s.updated_at as changed_at, s.updated_by as changed_by, row_to_json(g) as guarantee
from (select $1::text as project_id) p
left join project_settings s on s.project_id = p.project_id
left join guarantee_periods g on g.project_id = p.project_id`

const HISTORY = `
select version, settings, changed_at, changed_by from project_settings_history
where project_id = $1 order by version desc`

const WRITE = `
with written as (
  update project_settings set settings = $3, version = version + 1, updated_at = $5, updated_by = $4
  where project_id = $1 and version = $2
  returning project_id, version, settings, updated_by, updated_at
), kept as (
  insert into project_settings_history (project_id, version, settings, changed_by, changed_at)
  select project_id, version, settings, updated_by, updated_at from written
), periods as (
  insert into guarantee_periods (project_id, installation_guarantee_days, material_guarantee_days,
    contractor_liable_during_guarantee, auto_classify_out_of_guarantee)
  select project_id, $6, $7, $8, $9 from written
  on conflict (project_id) do update set
    installation_guarantee_days = excluded.installation_guarantee_days,
    material_guarantee_days = excluded.material_guarantee_days,
    contractor_liable_during_guarantee = excluded.contractor_liable_during_guarantee,
    auto_classify_out_of_guarantee = excluded.auto_classify_out_of_guarantee,
    updated_at = now()
)
select version from written`

/** What a project set is stored by its difference from the defaults, so that a better default reaches it. */
const ownOf = (settings: ProjectSettings): Partial<ProjectSettings> =>
  Object.fromEntries(
    Object.entries(settings).filter(
      ([key, value]) => JSON.stringify(value) !== JSON.stringify(DEFAULT_SETTINGS[key as keyof ProjectSettings]),
    ),
  )

type Row = {
  readonly version: number | null
  readonly settings: unknown
  readonly changed_at: Date | null
  readonly changed_by: string | null
  readonly guarantee?: unknown
}

const toStored = (projectId: string, row: Row | undefined): StoredSettings => ({
  projectId,
  version: row?.version ?? 0,
  settings: settingsOf(row?.settings ?? null, row?.guarantee ?? null),
  changedBy: row?.changed_by ?? null,
  changedAt: row?.version && row.changed_at !== null ? isoInstant(row.changed_at) : null,
})

const read = async (client: Queryable, projectId: string): Promise<StoredSettings> => {
  const { rows } = await client.query<Row>(READ, [projectId])
  return toStored(projectId, rows[0])
}

const write = async (client: Queryable, { projectId, version, settings, by, at }: SettingsChange): Promise<boolean> => {
  const { guarantee } = settings
  const { rowCount } = await client.query(WRITE, [
    projectId,
    version,
    JSON.stringify(ownOf(settings)),
    by,
    at,
    guarantee.installationDays,
    guarantee.materialDays,
    guarantee.contractorLiable,
    guarantee.autoClassifyOutOfGuarantee,
  ])
  return rowCount === 1
}

/** Settings in `project_settings`, each version in its history, and the guarantee in the host's own table beside them. */
export const postgresProjectStore = (pool: Pool, tickets: TicketStoreOptions): ProjectStore => ({
  read: (projectId) => orUnavailable(() => read(pool, projectId)),
  history: (projectId) =>
    orUnavailable(async () => {
      const { rows } = await pool.query<Row>(HISTORY, [projectId])
      return rows.map((row) => toStored(projectId, row))
    }),
  save: (change, touch) =>
    inOneTransaction<Stale, { saved: StoredSettings; touched: Touched }>(pool, tickets.nudge, async (client) => {
      await moveFacts(client, change.projectId)
      const { settings: before } = await read(client, change.projectId)
      if (!(await write(client, change))) {
        const { version } = await read(client, change.projectId)
        return E.left({ type: 'Stale', id: change.projectId, version })
      }
      const touched = await touchReady(tickets, client, touch, change.projectId, null)
      if (JSON.stringify(before.guarantee) !== JSON.stringify(change.settings.guarantee))
        await touchCovered(tickets, client, touch, change.projectId)
      return E.right({ saved: await read(client, change.projectId), touched })
    }),
})
