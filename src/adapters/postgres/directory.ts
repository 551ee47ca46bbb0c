import * as E from 'fp-ts/lib/Either.js'
import type { AlreadyExists } from '../../application/errors.ts'
import type { Contractor, Directory, Known, Person, Project, Team } from '../../application/ports/directory.ts'
import { inTransaction, type Pool, type Queryable } from '../contract/pool.ts'
import { classify, orUnavailable } from '../contract/sql-errors.ts'
import { directoryRows } from './directory-rows.ts'

/** Everything asked for in one look; null asks for all. */
const FIND = `
select
  (select json_agg(d order by name, id) from directory_people d where $1::text[] is null or id = any($1)) as people,
  (select json_agg(d order by name, id) from directory_contractors d where $2::text[] is null or id = any($2)) as contractors,
  (select json_agg(d order by name, id) from directory_teams d where $3::text[] is null or id = any($3)) as teams,
  (select json_agg(d order by name, id) from directory_projects d where $4::text[] is null or id = any($4)) as projects`

const SAVE = {
  contractors: `
insert into directory_contractors (id, name, phone, group_id, is_own)
select id, name, phone, "groupId", "isOwn"
from jsonb_to_recordset($1::jsonb) as r(id text, name text, phone text, "groupId" text, "isOwn" boolean)
on conflict (id) do update set name = excluded.name, phone = excluded.phone, group_id = excluded.group_id, is_own = excluded.is_own`,
  people: `
insert into directory_people (id, name, role, contractor_id, phone, email)
select id, name, role, "contractorId", phone, email
from jsonb_to_recordset($1::jsonb) as r(id text, name text, role text, "contractorId" text, phone text, email text)
on conflict (id) do update set name = excluded.name, role = excluded.role, contractor_id = excluded.contractor_id,
  phone = excluded.phone, email = excluded.email`,
  teams: `
insert into directory_teams (id, name, contractor_id, member_ids, phone, group_id)
select id, name, "contractorId", "memberIds", phone, "groupId"
from jsonb_to_recordset($1::jsonb) as r(id text, name text, "contractorId" text, "memberIds" text[], phone text, "groupId" text)
on conflict (id) do update set name = excluded.name, contractor_id = excluded.contractor_id,
  member_ids = excluded.member_ids, phone = excluded.phone, group_id = excluded.group_id`,
  projects: `
insert into directory_projects (id, code, name, manager_id, group_id)
select id, code, name, "managerId", "groupId"
from jsonb_to_recordset($1::jsonb) as r(id text, code text, name text, "managerId" text, "groupId" text)
on conflict (id) do update set code = excluded.code, name = excluded.name, manager_id = excluded.manager_id,
  group_id = excluded.group_id`,
} as const satisfies { readonly [K in keyof Known]: string }

/** Contractors come first: people and teams belong to them. */
const ORDER = ['contractors', 'people', 'teams', 'projects'] as const

const find = async (client: Queryable, wanted: ReadonlyArray<ReadonlyArray<string> | null>): Promise<Known> => {
  const { rows } = await client.query(FIND, [...wanted])
  return directoryRows(rows[0])
}

/** The later of two entries with one id stands; one statement cannot write a row twice. */
const byId = <A extends Person | Contractor | Team | Project>(entries: ReadonlyArray<A>): ReadonlyArray<A> => [
  ...new Map(entries.map((entry) => [entry.id, entry])).values(),
]

const save = async (client: Queryable, known: Partial<Known>): Promise<void> => {
  for (const kind of ORDER) {
    const entries = byId<Person | Contractor | Team | Project>(known[kind] ?? [])
    if (entries.length > 0) await client.query(SAVE[kind], [JSON.stringify(entries)])
  }
}

/** The directory in tables of its own, filled by hand, by HTTP and by workbook. */
export const postgresDirectory = (pool: Pool): Directory => ({
  find: ({ people = [], contractors = [], teams = [], projects = [] }) =>
    orUnavailable(() => find(pool, [people, contractors, teams, projects])),
  all: () => orUnavailable(() => find(pool, [null, null, null, null])),
  save: (known) => async () => {
    const saved = await orUnavailable(async () => {
      try {
        return E.right(await inTransaction(pool, (client) => save(client, known)))
      } catch (error) {
        const failure = classify(error)
        if (failure.type !== 'UniqueViolation') throw error
        return E.left<AlreadyExists>({ type: 'AlreadyExists', constraint: failure.constraint })
      }
    })()
    return E.isLeft(saved) ? saved : saved.right
  },
})
