import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { z } from 'zod'
import type { readInstallationDate, setInstallationDate } from '../../application/platform/installation-date.ts'
import type { Installation } from '../../application/ports/platform-store.ts'
import { type Answer, body } from './answer.ts'
import { day, drop, hostId, line } from './fields.ts'
import { type Route, route } from './route.ts'

export type InstallationRoutesDeps = {
  readonly read: ReturnType<typeof readInstallationDate>
  readonly set: ReturnType<typeof setInstallationDate>
}

const shown = (found: Installation): Answer =>
  body(
    {
      project_id: found.projectId,
      dr_number: found.dr,
      installed_on: found.installedOn,
      source: found.source,
      recorded_by: found.recordedBy,
      recorded_at: found.recordedAt,
      version: found.version,
    },
    { version: found.version },
  )

const common = {
  path: '/projects/{id}/drops/{dr}/installation-date',
  tag: 'Fault and billing',
  params: { id: hostId, dr: drop },
  status: 200,
  answers: {
    type: 'body',
    schema: z.object({
      project_id: z.string(),
      dr_number: z.string(),
      installed_on: z.string(),
      source: z.string(),
      recorded_by: z.string(),
      recorded_at: z.string(),
      version: z.int(),
    }),
  },
} as const

export const installationRoutes = (deps: InstallationRoutesDeps): ReadonlyArray<Route> => [
  route({
    ...common,
    method: 'get',
    name: 'getInstallationDate',
    summary: 'When a drop was installed, as somebody entered it',
    may: 'lookup_drop',
    handle: ({ params }, principal) => pipe(deps.read(principal, params.id, params.dr), TE.map(shown)),
  }),
  route({
    ...common,
    method: 'put',
    name: 'setInstallationDate',
    summary: 'Enter when a drop was installed, with where the date comes from; If-Match "0" enters the first',
    may: 'set_installation_date',
    body: z.strictObject({ installed_on: day, source: line(255) }),
    ifMatch: true,
    handle: ({ params, body: said, version }, principal) =>
      pipe(
        deps.set(principal, {
          projectId: params.id,
          dr: params.dr,
          installedOn: said.installed_on,
          source: said.source,
          version,
        }),
        TE.map(shown),
      ),
  }),
]
