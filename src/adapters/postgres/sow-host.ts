import type { PlatformField } from '../../domain/readiness/readiness.ts'
import type { Queryable } from '../contract/pool.ts'

/** The columns of one of the host's tables or views, with their types; null when there is no such table. */
type Columns = ReadonlyMap<string, string> | null

/** The host's own design tables as found in the database: hosts differ in which columns, and which tables, they have. */
export type HostSow = { readonly drops: ReadonlyMap<string, string>; readonly poles: Columns; readonly homes: Columns }

const COLUMNS = `
select a.attname as name, format_type(a.atttypid, null) as type from pg_attribute a
where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped`

/** A table's columns; null when there is no such table, or one of those needed is not in it. */
export const columnsOf = async (client: Queryable, table: string, needed: ReadonlyArray<string>): Promise<Columns> => {
  const { rows } = await client.query<{ name: string; type: string }>(COLUMNS, [table])
  const columns = new Map(rows.map(({ name, type }) => [name, type]))
  return needed.every((name) => columns.has(name)) ? columns : null
}

/** Looks for `sow_drops`, and for `sow_poles` and `drops` beside it; null when the host has no design in this database. */
export const findHostSow = async (client: Queryable): Promise<HostSow | null> => {
  const drops = await columnsOf(client, 'sow_drops', ['project_id', 'drop_number'])
  if (drops === null) return null
  const poles = await columnsOf(client, 'sow_poles', ['project_id', 'pole_number'])
  const homes = await columnsOf(client, 'drops', ['project_id', 'drop_number', 'pole_number'])
  return { drops, poles, homes }
}

const has = (columns: Columns, name: string): boolean => columns?.has(name) ?? false
const isJson = (columns: Columns, name: string): boolean => columns?.get(name)?.startsWith('json') ?? false

const firstOf = (expressions: ReadonlyArray<string>): string =>
  expressions.length === 0 ? 'null::text' : `coalesce(${expressions.join(', ')})`

/** What a drop's row says under any of these names, in columns or in the imported row kept beside them. */
const said = (host: HostSow, ...names: ReadonlyArray<string>): ReadonlyArray<string> => [
  ...names.filter((name) => has(host.drops, name)).map((name) => `nullif(trim(d.${name}::text), '')`),
  ...['raw_data', 'metadata']
    .filter((column) => isJson(host.drops, column))
    .flatMap((column) => names.map((name) => `nullif(trim(d.${column} ->> '${name}'), '')`)),
]

/** PON 7, 07, 7.0 and "Zone 7" are `7`, as the same texts are everywhere else. */
const networkNumber = (expression: string): string => `
  (select case when bare ~ '^\\d{1,9}(\\.0+)?$' then trunc(bare::numeric)::text else nullif(bare, '') end
   from (select regexp_replace(regexp_replace(upper(${expression}), '\\s', '', 'g'),
     '^(PON|ZONE)([._-]?NO)?[.:#_-]*', '') as bare) n)`

const decimal = (expression: string): string =>
  `case when (${expression}) ~ '^-?\\d+(\\.\\d+)?$' then (${expression})::double precision end`

/** The host's key may be a uuid or a number: our text is cast to it, so that its index is used; what cannot be one matches nothing. */
export const sameProject = (column: string, type: string | undefined, project: string): string => {
  if (type === 'uuid')
    return `${column} = case when ${project} ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then (${project})::uuid end`
  if (type === 'integer' || type === 'bigint')
    return `${column} = case when ${project} ~ '^\\d{1,9}$' then (${project})::integer end`
  return `${column}::text = ${project}`
}

const isText = (type: string | undefined): boolean => type === 'text' || type === 'character varying'

/** A drop number as hosts spell it; the column is compared as it stands, so that its index is used. */
export const spelt = (drops: string, type: string | undefined): string => `
  ${isText(type) ? 'd.drop_number' : 'd.drop_number::text'} in (select s.spelt from unnest(${drops}) as asked (dr), lateral (values (asked.dr), (lower(asked.dr)),
    ('DR ' || substr(asked.dr, 3)), ('DR-' || substr(asked.dr, 3)), ('Dr' || substr(asked.dr, 3)), (substr(asked.dr, 3))) as s (spelt))`

const poleJoin = ({ poles }: HostSow, pole: string): string => {
  const listOf = (column: string): string =>
    has(poles, column)
      ? `array_agg(distinct ${networkNumber(`p.${column}::text`)}) filter (where p.${column} is not null)`
      : 'null::text[]'
  const oneOf = (column: string): string => (has(poles, column) ? `min(p.${column}::text)` : 'null::text')
  return poles === null
    ? 'cross join (select null::text[] as pons, null::text[] as zones, null::text as latitude, null::text as longitude) p'
    : `left join lateral (
    select ${listOf('pon_no')} as pons, ${listOf('zone_no')} as zones,
      ${oneOf('latitude')} as latitude, ${oneOf('longitude')} as longitude
    from sow_poles p where p.project_id = d.project_id and p.pole_number = ${pole}) p on true`
}

/**
 * The host's rows as a query with `project_id`, `dr_number`, `pole_number`, `pon_number`, `zone_no`, `address`, `status`
 * (text), `spare`, `latitude`, `longitude`, `pole_pons` and `pole_zones`. Pole, PON, zone and coordinates come from the
 * drop where it has them, else from its home's row and its pole's. `project` and `drops` (a text[] of DR numbers) are SQL
 * expressions; null for no limit.
 */
export const hostSowSql = (
  host: HostSow,
  { project, drops }: { readonly project: string | null; readonly drops: string | null },
): string => {
  const home = host.homes !== null && !has(host.drops, 'pole_number')
  const pole = firstOf([
    ...said(host, 'pole_number', 'strtfeat'),
    ...(home ? ["nullif(trim(h.pole_number::text), '')"] : []),
  ])
  const onePole = (list: string): string => `case when cardinality(${list}) = 1 then ${list}[1] end`
  const where = [
    ...(project === null ? [] : [sameProject('d.project_id', host.drops.get('project_id'), project)]),
    ...(drops === null ? [] : [spelt(drops, host.drops.get('drop_number'))]),
  ]
  return `
  select distinct d.project_id::text as project_id, 'DR' || substring(d.drop_number from '(\\d{6,8})\\s*$') as dr_number,
    upper(regexp_replace(place.pole, '\\s', '', 'g')) as pole_number,
    coalesce(${networkNumber(firstOf(said(host, 'pon_no')))}, ${onePole('p.pons')}) as pon_number,
    coalesce(${networkNumber(firstOf(said(host, 'zone_no')))}, ${onePole('p.zones')}) as zone_no,
    ${firstOf(said(host, 'address'))} as address, ${firstOf(said(host, 'status'))} as status,
    lower(${firstOf(said(host, 'comments', 'notes', 'status'))}) is not distinct from 'spare' as spare,
    ${decimal(`coalesce(${firstOf(said(host, 'latitude'))}, p.latitude)`)} as latitude,
    ${decimal(`coalesce(${firstOf(said(host, 'longitude'))}, p.longitude)`)} as longitude,
    p.pons as pole_pons, p.zones as pole_zones
  from sow_drops d
  ${home ? 'left join drops h on h.drop_number = d.drop_number and h.project_id = d.project_id' : ''}
  cross join lateral (select ${pole} as pole) place
  ${poleJoin(host, 'place.pole')}
  where substring(d.drop_number from '(\\d{6,8})\\s*$') is not null${where.map((limit) => `\n    and ${limit}`).join('')}`
}

/** Where the pole $1 of the project $2 stands; null where this host's poles have no coordinates. */
export const hostPolePlaces = ({ poles }: HostSow): string | null => {
  if (!has(poles, 'latitude') || !has(poles, 'longitude')) return null
  const place = (column: string): string => decimal(`nullif(trim(p.${column}::text), '')`)
  return `
  select distinct lat, lon from (
    select ${place('latitude')} as lat, ${place('longitude')} as lon from sow_poles p
    where ${sameProject('p.project_id', poles?.get('project_id'), '$2::text')}
      and upper(regexp_replace(p.pole_number::text, '\\s', '', 'g')) = $1::text) places
  where lat is not null and lon is not null order by lat, lon`
}

/** Which of pole, PON and zone this host's tables can say; the others are not compared with tickets. */
export const hostSowCarries = (host: HostSow): ReadonlyArray<PlatformField> => {
  const pole = said(host, 'pole_number', 'strtfeat').length > 0 || host.homes !== null
  const knows = (column: string): boolean => said(host, column).length > 0 || (pole && has(host.poles, column))
  return [
    ...(pole ? (['pole'] as const) : []),
    ...(knows('pon_no') ? (['pon'] as const) : []),
    ...(knows('zone_no') ? (['zone'] as const) : []),
  ]
}

/** Projects of which the host has a design; of the one that the SQL expression names only, unless it is null. */
export const hostSowProjects = (host: HostSow, project: string | null): string => `
  select distinct d.project_id::text as project_id from sow_drops d
  ${project === null ? '' : `where ${sameProject('d.project_id', host.drops.get('project_id'), project)}`}`
