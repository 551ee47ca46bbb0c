import { type Prepared, prepared } from '../contract/pool.ts'
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

/** What the statement answers: `ok` false means that a guard did not hold and nothing of it was written. */
export type SaveAnswer = {
  readonly ok: boolean
  /** The tickets to change as they stand now, those that are there at all. */
  readonly locked: ReadonlyArray<{ readonly id: string; readonly version: number }>
  readonly created: ReadonlyArray<{ readonly id: string; readonly uid: string; readonly version: number }>
  readonly changed: ReadonlyArray<{ readonly id: string; readonly version: number }>
  /** How many projects' facts could be held; one that has no row of them yet is missing. */
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
), known as (
  select p.project_id, p.facts_version from project_settings p
  where p.project_id in (select project_id from facts) order by p.project_id for share
)`

/** Gives the projects their first row where they have none; what they are held by from then on. */
export const BEGIN_PROJECTS = `
insert into project_settings (project_id) select distinct project_id from unnest($1::text[]) as x (project_id)
order by 1 on conflict do nothing`

/** The tickets to change, locked in the order of their ids so that two commits never wait for each other. */
const lockedTickets = (versions: string): string => `
versions as (
  select * from jsonb_to_recordset(${versions}) as x (id uuid, version integer, used_bytes bigint)
), locked as (
  select t.id, t.ticket_uid, t.version from tickets t
  where t.id in (select id from versions) and t.deleted_at is null and (select count(*) from known) >= 0
  order by t.id for no key update
)`

const FACTS_STAND = `not exists (select from facts f where not exists (
    select from known k where k.project_id = f.project_id and k.facts_version = f.facts_version))`
const VERSIONS_STAND = `not exists (select from versions v where not exists (
    select from locked l where l.id = v.id and l.version = v.version
      and (v.used_bytes is null or v.used_bytes = bytes_of_ticket(l.id))))`

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

/** The events with the number of their ticket, which is among `tickets`. */
const EVENTS = (rows: string, tickets: string): string => `
  select e.*, t.ticket_uid as uid
  from rows from (jsonb_to_recordset(${rows})
    as (id uuid, ticket_id uuid, type text, at timestamptz, by text, sentence text, event jsonb, body jsonb))
    with ordinality as e (id, ticket_id, type, at, by, sentence, event, body, n)
  join (${tickets}) t on t.id = e.ticket_id
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

const HASH_COLUMNS = [
  'photo_id',
  'sha256',
  'ticket_id',
  'step_key',
  'project_id',
  'dr_number',
  'uploaded_at',
  'quality',
  'probes',
]

/** Hashes are kept under the number that their photo is given in the same statement. */
const FINGERPRINTS = (rows: string): string => `
  insert into photo_fingerprints (photo_no, hash)
  select h.photo_no, n.hash from jsonb_to_recordset(${rows}) as n (photo_id uuid, hash bit(256))
  join hashes h using (photo_id) where (select ok from gate)`

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
  ['hashes', 'hashes', insert('photo_hashes', HASH_COLUMNS, 'returning photo_id, photo_no')],
  ['fingerprints', 'fingerprints', FINGERPRINTS],
  ['newRisks', 'new_risks', insert('qa_risk_acceptances', RISK_COLUMNS)],
  ['changedRisks', 'changed_risks', update('qa_risk_acceptances', RISK_COLUMNS)],
  ['decisions', 'decisions', insert('qa_decisions', DECISION_COLUMNS)],
  ['waivers', 'waivers', insert('platform_waivers', WAIVER_COLUMNS)],
  ['endedWaivers', 'ended_waivers', END_WAIVERS],
  ['checks', 'checks', insert('qa_readiness_checks', CHECK_COLUMNS)],
]

/** One commit as one statement: all guards, then every set that is not empty, with its events. */
export const saveStatement = (rows: SaveRows): { readonly statement: Prepared; readonly values: unknown[] } => {
  const filled = (Object.keys(rows) as ReadonlyArray<keyof SaveRows>).filter((key) => rows[key].length > 0)
  const shape = filled.join()
  const statement = statements.get(shape) ?? prepared(textFor(filled))
  statements.set(shape, statement)
  return { statement, values: filled.map((key) => toJson(rows[key])) }
}

/** By the sets it writes: commands come in few shapes. */
const statements = new Map<string, Prepared>()

/** A member left out reads as null like one that is null, and most members of a new row are null. */
const toJson = (rows: SaveRows[keyof SaveRows]): string =>
  JSON.stringify(
    rows.map((row) => {
      const told: Record<string, unknown> = {}
      for (const key in row) if (row[key] !== null) told[key] = row[key]
      return told
    }),
  )

const textFor = (filled: ReadonlyArray<keyof SaveRows>): string => {
  const has = (key: keyof SaveRows): boolean => filled.includes(key)
  const value = (key: keyof SaveRows): string => `$${filled.indexOf(key) + 1}::jsonb`
  const when = (key: keyof SaveRows, name: string, of: (rows: string) => string): ReadonlyArray<string> =>
    has(key) ? [`${name} as (${of(value(key))})`] : []
  const photos = insert('ticket_attachments', PHOTO_COLUMNS, has('changedPhotos') ? RETIRED_FIRST : '')
  const parts = [
    heldFacts(value('facts')),
    ...(has('versions') ? [lockedTickets(value('versions'))] : []),
    `verdict as (select ${FACTS_STAND}${has('versions') ? ` and ${VERSIONS_STAND}` : ''} as ok)`,
    ...(has('pictures') ? [usedPictures(value('pictures'))] : []),
    `gate as (select ok${has('pictures') ? ` and ${PICTURES_STAND}` : ''} as ok from verdict)`,
    ...when('created', 'created', CREATE),
    ...when('changed', 'changed', CHANGE),
    ...when('changedPhotos', 'changed_photos', update('ticket_attachments', PHOTO_COLUMNS)),
    ...when('newPhotos', 'new_photos', photos),
    ...SETS.flatMap(([key, name, of]) => when(key, name, of)),
    ...(has('events')
      ? [
          `told as materialized (${EVENTS(value('events'), numbered(has))})`,
          `notes as (${NOTES})`,
          `sent as (${OUTBOX})`,
        ]
      : []),
  ]
  const answered = (key: keyof SaveRows, set: string, columns: string): string =>
    `${has(key) ? `(select coalesce(json_agg(json_build_object(${columns})), '[]') from ${set})` : "'[]'::json"} as ${set}`
  return `with ${parts.join(', ')}
select (select ok from gate) as ok,
  ${answered('versions', 'locked', "'id', id, 'version', version")},
  ${answered('created', 'created', "'id', id, 'uid', ticket_uid, 'version', version")},
  ${answered('changed', 'changed', "'id', id, 'version', version")},
  (select count(*)::integer from known) as projects`
}

/** Ids and numbers of the tickets that a commit is about. */
const numbered = (has: (key: keyof SaveRows) => boolean): string =>
  [
    ...(has('versions') ? ['select id, ticket_uid from locked'] : []),
    ...(has('created') ? ['select id, ticket_uid from created'] : []),
  ].join(' union all ')
