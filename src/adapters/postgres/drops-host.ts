import type { Queryable } from '../contract/pool.ts'
import { columnsOf, sameProject, spelt } from './sow-host.ts'
import type { HostInstallations } from './ticket-context.ts'

const TODAY = "(now() at time zone 'Africa/Johannesburg')::date"

/** The column's day; a moment is read in Africa/Johannesburg, one without a zone as it is written. Null for what is no date. */
const dayOf = (name: string, type: string | undefined): string | null => {
  if (type === 'date') return `d.${name}`
  if (type === 'timestamp without time zone') return `d.${name}::date`
  if (type === 'timestamp with time zone') return `(d.${name} at time zone 'Africa/Johannesburg')::date`
  return null
}

/** A day as a person could enter it: what is still to come is a plan, and no installation yet. */
const happened = (day: string): string => `case when ${day} between date '2000-01-01' and ${TODAY} then ${day} end`

const MAY_READ = `select has_table_privilege(to_regclass('drops'), 'select') as may_read`

/**
 * Looks for the host's `drops` and what in it tells the day of an installation: `installation_date`, and `installed_at`
 * where that says nothing. Null when there is no such table, nothing of the kind in it, or it may not be read.
 */
export const findHostInstallations = async (client: Queryable): Promise<HostInstallations | null> => {
  const drops = await columnsOf(client, 'drops', ['project_id', 'drop_number'])
  const days = ['installation_date', 'installed_at'].flatMap((name) => dayOf(name, drops?.get(name)) ?? [])
  if (drops === null || days.length === 0) return null
  const { rows } = await client.query<{ may_read: boolean }>(MAY_READ)
  if (rows[0]?.may_read !== true) return null
  return (project, dr) => `
    select h.day from (select coalesce(${days.map(happened).join(', ')}) as day from drops d
      where ${sameProject('d.project_id', drops.get('project_id'), project)}
        and ${spelt(`array[(${dr})::text]`, drops.get('drop_number'))}) h
    where h.day is not null`
}
