import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { z } from 'zod'
import type { readInstallationDate, setInstallationDate } from '../../application/platform/installation-date.ts'
import type { lookUpDrop } from '../../application/platform/look-up-drop.ts'
import type { Installation } from '../../application/ports/platform-store.ts'
import { body } from './answer.ts'
import { day, hostId, line } from './fields.ts'
import { type Route, route } from './route.ts'

export type DropRoutesDeps = {
  readonly lookUpDrop: ReturnType<typeof lookUpDrop>
  readonly readInstallationDate: ReturnType<typeof readInstallationDate>
  readonly setInstallationDate: ReturnType<typeof setInstallationDate>
}

const text = z.string().nullable()
const lookupShape = z
  .object({
    dr_number: z.string(),
    outcome: z.enum(['found', 'spare', 'ambiguous', 'not_found', 'no_sow']),
    sow_connected: z.boolean(),
    projects_searched: z.array(z.string()),
    rows: z.array(
      z.object({
        project_id: z.string(),
        project_name: text,
        project_code: text,
        dr_number: z.string(),
        pole_number: text,
        pon_number: text,
        zone_no: text,
        address: text,
        latitude: z.number().nullable(),
        longitude: z.number().nullable(),
        status: text,
        spare: z.boolean(),
        source: z.enum(['workbook', 'host']),
        as_of: text,
        pole_disagreements: z.array(
          z.object({ field: z.enum(['pon_number', 'zone_no']), drop: text, pole: z.array(z.string()) }),
        ),
      }),
    ),
  })
  .meta({ id: 'DropLookup' })

const installationShape = z
  .object({
    project_id: z.string(),
    dr_number: z.string(),
    installed_on: z.string(),
    source: z.string(),
    recorded_by: z.string(),
    recorded_at: z.string(),
    version: z.int(),
  })
  .meta({ id: 'InstallationDate' })

const installationView = ({ projectId, dr, installedOn, source, recordedBy, recordedAt, version }: Installation) => ({
  project_id: projectId,
  dr_number: dr,
  installed_on: installedOn,
  source,
  recorded_by: recordedBy,
  recorded_at: recordedAt,
  version,
})

const place = {
  path: '/projects/{id}/drops/{dr}/installation-date',
  tag: 'Drops',
  params: { id: hostId, dr: line(50) },
} as const

/** One home's fibre connection: where the design has it, and since when it is installed. */
export const dropRoutes = (deps: DropRoutesDeps): ReadonlyArray<Route> => [
  route({
    method: 'get',
    path: '/dr-lookup/{drNumber}',
    name: 'lookUpDrop',
    tag: 'Drops',
    summary:
      'Where the design has a drop, in any spelling of its number: one row, several, a spare, none, or no design to look in',
    may: 'lookup_drop',
    params: { drNumber: line(50) },
    query: { project_id: hostId.optional() },
    status: 200,
    answers: { type: 'body', schema: lookupShape },
    handle: ({ params, query }, principal) =>
      pipe(
        deps.lookUpDrop(principal, params.drNumber, query.project_id ?? null),
        TE.map((found) => body(found)),
      ),
  }),
  route({
    ...place,
    method: 'get',
    name: 'readInstallationDate',
    summary: 'The installation date that was entered for a drop, with its source',
    may: 'lookup_drop',
    status: 200,
    answers: { type: 'body', schema: installationShape },
    handle: ({ params }, principal) =>
      pipe(
        deps.readInstallationDate(principal, params.id, params.dr),
        TE.map((found) => body(installationView(found), { version: found.version })),
      ),
  }),
  route({
    ...place,
    method: 'put',
    name: 'setInstallationDate',
    summary: 'Enters when a drop was installed and where the date comes from; If-Match "0" for the first time',
    may: 'set_installation_date',
    body: z.strictObject({ installed_on: day, source: line(200) }),
    ifMatch: true,
    current: ({ params }, principal) =>
      pipe(deps.readInstallationDate(principal, params.id, params.dr), TE.map(installationView)),
    status: 200,
    answers: { type: 'body', schema: installationShape },
    handle: ({ params, body: said, version }, principal) =>
      pipe(
        deps.setInstallationDate(principal, {
          projectId: params.id,
          dr: params.dr,
          installedOn: said.installed_on,
          source: said.source,
          version,
        }),
        TE.map((entered) => body(installationView(entered), { version: entered.version })),
      ),
  }),
]
