import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { z } from 'zod'
import type { changeDirectory } from '../../application/directory/change-directory.ts'
import type { uploadDirectory } from '../../application/directory/import-directory.ts'
import { parsePhone } from '../../application/directory/phone.ts'
import type { readDirectory } from '../../application/directory/read-directory.ts'
import type { Known } from '../../application/ports/directory.ts'
import { ROLES } from '../../application/principal.ts'
import { inSnakeCase } from '../contract/snake-case.ts'
import { body, nothing } from './answer.ts'
import { hostId, line } from './fields.ts'
import { type Route, route } from './route.ts'

export type DirectoryRoutesDeps = {
  readonly readDirectory: ReturnType<typeof readDirectory>
  readonly changeDirectory: ReturnType<typeof changeDirectory>
  readonly uploadDirectory: ReturnType<typeof uploadDirectory>
}

const MOST_ENTRIES = 1_000

const phone = line(30)
  .transform((said, context) => {
    const parsed = parsePhone(said)
    if (E.isRight(parsed)) return parsed.right
    context.addIssue({
      code: 'custom',
      message: 'must be a telephone number such as +27821234567',
      params: { silent: true },
    })
    return z.NEVER
  })
  .nullable()
  .default(null)
const name = line(255)
const groupId = line(64).nullable().default(null)
const contractorId = hostId.nullable().default(null)

const person = z
  .strictObject({
    id: hostId,
    name,
    role: z.enum(ROLES),
    contractor_id: contractorId,
    phone,
    email: line(255).nullable().default(null),
  })
  .transform(({ contractor_id, ...same }) => ({ ...same, contractorId: contractor_id }))
const contractor = z
  .strictObject({ id: hostId, name, phone, group_id: groupId, is_own: z.boolean().default(false) })
  .transform(({ group_id, is_own, ...same }) => ({ ...same, groupId: group_id, isOwn: is_own }))
const team = z
  .strictObject({
    id: hostId,
    name,
    contractor_id: contractorId,
    member_ids: z.array(hostId).max(MOST_ENTRIES).default([]),
    phone,
    group_id: groupId,
  })
  .transform(({ contractor_id, member_ids, group_id, ...same }) => ({
    ...same,
    contractorId: contractor_id,
    memberIds: member_ids,
    groupId: group_id,
  }))
const project = z
  .strictObject({ id: hostId, name, code: line(20), manager_id: hostId.nullable().default(null), group_id: groupId })
  .transform(({ manager_id, group_id, code, ...same }) => ({
    ...same,
    code: code.toUpperCase(),
    managerId: manager_id,
    groupId: group_id,
  }))

const list = <T extends z.ZodType>(entry: T) => z.strictObject({ entries: z.array(entry).min(1).max(MOST_ENTRIES) })
const requests = { people: list(person), contractors: list(contractor), teams: list(team), projects: list(project) }

const text = z.string().nullable()
const shapes = {
  people: z.object({
    id: z.string(),
    name: z.string(),
    role: z.enum(ROLES),
    contractor_id: text,
    phone: text,
    email: text,
  }),
  contractors: z.object({ id: z.string(), name: z.string(), phone: text, group_id: text, is_own: z.boolean() }),
  teams: z.object({
    id: z.string(),
    name: z.string(),
    contractor_id: text,
    member_ids: z.array(z.string()),
    phone: text,
    group_id: text,
  }),
  projects: z.object({ id: z.string(), code: z.string(), name: z.string(), manager_id: text, group_id: text }),
} as const

const importedShape = z
  .object({
    people: z.int(),
    contractors: z.int(),
    teams: z.int(),
    projects: z.int(),
    problems: z.array(z.object({ sheet: z.string(), row: z.int(), field: z.string(), rule: z.string() })),
  })
  .meta({ id: 'DirectoryImport' })

const KINDS = ['projects', 'people', 'contractors', 'teams'] as const
const capital = (kind: string): string => `${kind[0]?.toUpperCase()}${kind.slice(1)}`

/** Who people, contractors, teams and projects are. */
export const directoryRoutes = (deps: DirectoryRoutesDeps): ReadonlyArray<Route> => [
  ...KINDS.map((kind) =>
    route({
      method: 'get',
      path: `/directory/${kind}`,
      name: `list${capital(kind)}`,
      tag: 'Directory',
      summary: `All ${kind} of the directory by name; numbers are shown to those who need them`,
      may: 'read_directory',
      status: 200,
      answers: { type: 'body', schema: z.array(shapes[kind]) },
      handle: (_, principal) =>
        pipe(
          deps.readDirectory(principal),
          TE.map((known) => body(inSnakeCase(known[kind]))),
        ),
    }),
  ),
  ...KINDS.map((kind) =>
    route({
      method: 'post',
      path: `/directory/${kind}`,
      name: `save${capital(kind)}`,
      tag: 'Directory',
      summary: `Adds ${kind} or replaces those of the same ids, all or none`,
      may: 'change_directory',
      body: requests[kind],
      status: 204,
      answers: { type: 'nothing' },
      handle: ({ body: said }, principal) =>
        pipe(
          deps.changeDirectory(principal, { [kind]: said.entries } as Partial<Known>),
          TE.map(() => nothing),
        ),
    }),
  ),
  route({
    method: 'post',
    path: '/directory/import',
    name: 'importDirectory',
    tag: 'Directory',
    summary: 'Adds or replaces people, contractors, teams and projects from the sheets of those names',
    may: 'change_directory',
    upload: { field: 'file', description: 'The workbook (.xlsx), at most 50 MiB' },
    body: z.strictObject({}),
    status: 200,
    answers: { type: 'body', schema: importedShape },
    handle: ({ upload: { content } }, principal, { signal }) =>
      pipe(
        deps.uploadDirectory(principal, content, signal),
        TE.map((imported) => body(imported)),
      ),
  }),
]
