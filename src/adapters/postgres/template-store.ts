import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Stale } from '../../application/errors.ts'
import type { OwnTemplates, StoredTemplates, TemplateStore } from '../../application/ports/template-store.ts'
import { TEMPLATE_KINDS } from '../../domain/notification/template-kinds.ts'
import { isoInstant, type Pool } from '../contract/pool.ts'
import { orUnavailable } from '../contract/sql-errors.ts'

const READ = `
select version, templates, updated_at, updated_by from project_templates where project_id = $1`

/** One statement, so that of two who read the same version one wins: the first change of a project inserts. */
const SAVE = `
insert into project_templates as p (project_id, version, templates, updated_by, updated_at)
select $1, 1, $3::jsonb, $4, $5::timestamptz where $2 = 0 or exists (select from project_templates where project_id = $1)
on conflict (project_id) do update set version = p.version + 1, templates = excluded.templates,
  updated_by = excluded.updated_by, updated_at = excluded.updated_at
where p.version = $2
returning version, templates, updated_at, updated_by`

type Row = {
  readonly version: number
  readonly templates: Readonly<Record<string, unknown>>
  readonly updated_at: Date
  readonly updated_by: string
}

/** A kind that this version does not know is left alone. */
const ownIn = (templates: Row['templates']): OwnTemplates =>
  Object.fromEntries(
    TEMPLATE_KINDS.flatMap((kind) => {
      const text = templates[kind]
      return typeof text === 'string' ? [[kind, text]] : []
    }),
  )

const toStored = (projectId: string, row: Row | undefined): StoredTemplates => ({
  projectId,
  version: row?.version ?? 0,
  own: row === undefined ? {} : ownIn(row.templates),
  changedBy: row?.updated_by ?? null,
  changedAt: row === undefined ? null : isoInstant(row.updated_at),
})

/** Templates in `project_templates`. */
export const postgresTemplateStore = (pool: Pool): TemplateStore => {
  const read = async (projectId: string): Promise<StoredTemplates> =>
    toStored(projectId, (await pool.query<Row>(READ, [projectId])).rows[0])
  return {
    read: (projectId) => orUnavailable(() => read(projectId)),
    save: ({ projectId, version, own, by, at }) =>
      pipe(
        orUnavailable(async (): Promise<E.Either<Stale, StoredTemplates>> => {
          const { rows } = await pool.query<Row>(SAVE, [projectId, version, JSON.stringify(own), by, at])
          return rows[0] === undefined
            ? E.left({ type: 'Stale', id: projectId, version: (await read(projectId)).version })
            : E.right(toStored(projectId, rows[0]))
        }),
        TE.flatMapEither((saved) => saved),
      ),
  }
}
