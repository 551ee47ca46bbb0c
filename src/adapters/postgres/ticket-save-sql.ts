import {
  BORN_WITH,
  CHANGING,
  CHECK_COLUMNS,
  DECISION_COLUMNS,
  PHOTO_COLUMNS,
  RISK_COLUMNS,
  STEP_COLUMNS,
  WAIVER_COLUMNS,
} from './ticket-columns.ts'
import type { SaveRows } from './ticket-save-rows.ts'

export type Statement = { readonly text: string; readonly values: unknown[] }

/** What the statement answers: `ok` false means that a guard did not hold and nothing of it was written. */
export type SaveAnswer = {
  readonly ok: boolean
  /** The tickets to change as they stand now, those that are there at all. */
  readonly locked: ReadonlyArray<{ readonly id: string; readonly version: number }>
  readonly created: ReadonlyArray<{ readonly id: string; readonly uid: string; readonly version: number }>
  readonly changed: ReadonlyArray<{ readonly id: string; readonly version: number }>
  /** The projects whose facts could be held; one is missing while another transaction writes its first row. */
  readonly projects: number
}

const set = (columns: ReadonlyArray<string>): string => columns.map((column) => `${column} = n.${column}`).join(', ')
const updatable = (columns: ReadonlyArray<string>): ReadonlyArray<string> =>
  columns.filter((column) => column !== 'id' && column !== 'ticket_id')

/** Inserts a set when every guard holds; `more` is a further condition. */
const insert =
  (table: string, columns: ReadonlyArray<string>, more = '') =>
  (rows: string) =>
    `
  insert into ${table} (${columns.join(', ')})
  select ${columns.map((column) => `n.${column}`).join(', ')}
  from jsonb_populate_recordset(null::${table}, ${rows}) n where (select ok from gate) ${more}`

const update = (table: string, columns: ReadonlyArray<string>) => (rows: string) =>
  `
  update ${table} o set ${set(updatable(columns))}
  from jsonb_populate_recordset(null::${table}, ${rows}) n
  where o.id = n.id and o.ticket_id = n.ticket_id and (select ok from gate)
  returning o.id`

const TICKET_COLUMNS = [...BORN_WITH, ...CHANGING]

/** The facts of the projects, held until the end. */
const heldFacts = (facts: string): string => `
facts as (
  select * from jsonb_to_recordset(${facts}) as x (project_id text, facts_version bigint)
), begun as (
  insert into project_settings (project_id) select distinct project_id from facts order by 1
  on conflict do nothing returning project_id, facts_version
), held as (
  select p.project_id, p.facts_version from project_settings p
  where p.project_id in (select project_id from facts) order by p.project_id for share
), known as (
  select * from held union select * from begun
)`

/** The tickets to change, locked in the order of their ids so that two commits never wait for each other. */
const lockedTickets = (versions: string): string => `
versions as (
  select * from jsonb_to_recordset(${versions}) as x (id uuid, version integer)
), locked as (
  select t.id, t.ticket_uid, t.version from tickets t
  where t.id in (select id from versions) and t.deleted_at is null and (select count(*) from known) >= 0
  order by t.id for no key update
)`

const NO_TICKETS = `
locked as (select null::uuid as id, null::text as ticket_uid, null::integer as version where false)`

const FACTS_STAND = `not exists (select from facts f where not exists (
    select from known k where k.project_id = f.project_id and k.facts_version = f.facts_version))`
const VERSIONS_STAND = `not exists (select from versions v where not exists (
    select from locked l where l.id = v.id and l.version = v.version))`

const usedPictures = (pictures: string): string => `
pictures as (
  select * from jsonb_to_recordset(${pictures}) as x (sha256 char(64), uses integer)
), used as (
  insert into photo_digests as d (sha256, uses)
  select p.sha256, p.uses + 1 from pictures p where (select ok from verdict) order by p.sha256
  on conflict (sha256) do update set uses = d.uses + 1 where d.uses = excluded.uses - 1
  returning d.sha256
)`

const PICTURES_STAND = '(select count(*) from used) = (select count(*) from pictures)'

const COUNT_PICTURES = (rows: string): string => `
  insert into photo_digests as d (sha256, uses)
  select n.sha256, count(*) from jsonb_to_recordset(${rows}) as n (sha256 char(64)) where (select ok from gate)
  group by n.sha256 order by n.sha256
  on conflict (sha256) do update set uses = d.uses + excluded.uses`

const CREATE = (rows: string): string => `
  insert into tickets (${TICKET_COLUMNS.join(', ')})
  select ${TICKET_COLUMNS.map((column) =>
    column === 'ticket_uid' ? `coalesce(n.ticket_uid, 'FT' || nextval('ticket_uid_seq'))` : `n.${column}`,
  ).join(', ')}
  from jsonb_populate_recordset(null::tickets, ${rows}) n where (select ok from gate)
  returning id, ticket_uid, version`

const CHANGE = (rows: string): string => `
  update tickets o set version = o.version + 1,
    ${CHANGING.map((column) =>
      column === 'updated_at' ? 'updated_at = coalesce(n.updated_at, now())' : `${column} = n.${column}`,
    ).join(', ')}
  from jsonb_populate_recordset(null::tickets, ${rows}) n where o.id = n.id and (select ok from gate)
  returning o.id, o.ticket_uid, o.version`

const EVENTS = (rows: string): string => `
  select e.*, coalesce(l.ticket_uid, c.ticket_uid) as uid
  from rows from (jsonb_to_recordset(${rows})
    as (id uuid, ticket_id uuid, type text, at timestamptz, by text, sentence text, event jsonb, body jsonb))
    with ordinality as e (id, ticket_id, type, at, by, sentence, event, body, n)
  left join locked l on l.id = e.ticket_id left join created c on c.id = e.ticket_id
  where (select ok from gate)`

const NOTES = `
  insert into ticket_notes (id, ticket_id, note_type, content, created_by, created_at, system_event, event_data)
  select id, ticket_id, 'system', sentence, by, at, type, event from told order by n`

const OUTBOX = `
  insert into outbox (event_id, type, ticket_id, body, at)
  select id, type, ticket_id, body || jsonb_build_object('ticketUid', uid), at from told order by n`

const END_WAIVERS = (rows: string): string => `
  delete from platform_waivers w using jsonb_to_recordset(${rows}) as n (ticket_id uuid, platform text)
  where w.ticket_id = n.ticket_id and w.platform = n.platform and (select ok from gate)`

/** A photo that is replaced gives its place up before the new one takes it. */
const RETIRED_FIRST = 'and (select count(*) from changed_photos) >= 0'

const HASH_COLUMNS = ['photo_id', 'sha256', 'ticket_id', 'step_key', 'project_id', 'dr_number', 'uploaded_at']

/** The sets a commit may write. Those that are empty are left out, so that a small command is a small statement. */
const SETS: ReadonlyArray<readonly [keyof SaveRows, string, (rows: string) => string]> = [
  [
    'clients',
    'clients',
    insert(
      'ticket_clients',
      ['ticket_id', 'name', 'phone', 'email'],
      'on conflict (ticket_id) do update set name = excluded.name, phone = excluded.phone, email = excluded.email',
    ),
  ],
  ['newSteps', 'new_steps', insert('verification_steps', STEP_COLUMNS)],
  ['changedSteps', 'changed_steps', update('verification_steps', STEP_COLUMNS)],
  ['countedPictures', 'counted_pictures', COUNT_PICTURES],
  ['hashes', 'hashes', insert('photo_hashes', HASH_COLUMNS)],
  ['newRisks', 'new_risks', insert('qa_risk_acceptances', RISK_COLUMNS)],
  ['changedRisks', 'changed_risks', update('qa_risk_acceptances', RISK_COLUMNS)],
  ['decisions', 'decisions', insert('qa_decisions', DECISION_COLUMNS)],
  ['waivers', 'waivers', insert('platform_waivers', WAIVER_COLUMNS)],
  ['endedWaivers', 'ended_waivers', END_WAIVERS],
  ['checks', 'checks', insert('qa_readiness_checks', CHECK_COLUMNS)],
]

/** One commit as one statement: all guards, then every set, with its events. */
export const saveStatement = (rows: SaveRows): Statement => {
  const values: unknown[] = []
  const value = (given: unknown): string => `$${values.push(JSON.stringify(given))}::jsonb`
  const changes = rows.versions.length > 0
  const pictures = rows.pictures.length > 0
  const parts = [
    heldFacts(value(rows.facts)),
    changes ? lockedTickets(value(rows.versions)) : NO_TICKETS,
    `verdict as (select ${FACTS_STAND}${changes ? ` and ${VERSIONS_STAND}` : ''} as ok)`,
    ...(pictures ? [usedPictures(value(rows.pictures))] : []),
    `gate as (select ok${pictures ? ` and ${PICTURES_STAND}` : ''} as ok from verdict)`,
    rows.created.length === 0
      ? 'created as (select id, ticket_uid, version from locked where false)'
      : `created as (${CREATE(value(rows.created))})`,
    rows.changed.length === 0
      ? 'changed as (select id, ticket_uid, version from locked where false)'
      : `changed as (${CHANGE(value(rows.changed))})`,
    ...(rows.changedPhotos.length === 0
      ? []
      : [`changed_photos as (${update('ticket_attachments', PHOTO_COLUMNS)(value(rows.changedPhotos))})`]),
    ...(rows.newPhotos.length === 0
      ? []
      : [
          `new_photos as (${insert(
            'ticket_attachments',
            PHOTO_COLUMNS,
            rows.changedPhotos.length === 0 ? '' : RETIRED_FIRST,
          )(value(rows.newPhotos))})`,
        ]),
    ...SETS.flatMap(([key, name, of]) => (rows[key].length === 0 ? [] : [`${name} as (${of(value(rows[key]))})`])),
    ...(rows.events.length === 0
      ? []
      : [`told as materialized (${EVENTS(value(rows.events))})`, `notes as (${NOTES})`, `sent as (${OUTBOX})`]),
  ]
  const text = `with ${parts.join(', ')}
select (select ok from gate) as ok,
  (select coalesce(json_agg(json_build_object('id', id, 'version', version)), '[]') from locked) as locked,
  (select coalesce(json_agg(json_build_object('id', id, 'uid', ticket_uid, 'version', version)), '[]') from created) as created,
  (select coalesce(json_agg(json_build_object('id', id, 'version', version)), '[]') from changed) as changed,
  (select count(distinct project_id)::integer from known) as projects`
  return { text, values }
}
