import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { z } from 'zod'
import type { changeSettings } from '../../application/settings/change-settings.ts'
import type { readSettings, readSettingsHistory } from '../../application/settings/read-settings.ts'
import { inSnakeCase } from '../contract/snake-case.ts'
import { body } from './answer.ts'
import { hostId } from './fields.ts'
import { type Route, route } from './route.ts'
import { settingsShape, settingsView, storedSettingsShape, toSettings, touchedShape } from './settings-shapes.ts'

export type SettingsRoutesDeps = {
  readonly readSettings: ReturnType<typeof readSettings>
  readonly readSettingsHistory: ReturnType<typeof readSettingsHistory>
  readonly changeSettings: ReturnType<typeof changeSettings>
}

const about = { tag: 'Settings', params: { id: hostId }, status: 200 } as const

/** What a project sets for itself. */
export const settingsRoutes = (deps: SettingsRoutesDeps): ReadonlyArray<Route> => [
  route({
    ...about,
    method: 'get',
    path: '/projects/{id}/settings',
    name: 'readSettings',
    summary: 'The settings of a project; at version 0 it has the defaults',
    may: 'read_settings',
    answers: { type: 'body', schema: storedSettingsShape },
    handle: ({ params }, principal) =>
      pipe(
        deps.readSettings(principal, params.id),
        TE.map((stored) => body(settingsView(stored), { version: stored.version })),
      ),
  }),
  route({
    ...about,
    method: 'get',
    path: '/projects/{id}/settings/history',
    name: 'readSettingsHistory',
    summary: 'Every version of the settings, newest first: who set what and when',
    may: 'read_settings',
    answers: { type: 'body', schema: z.array(storedSettingsShape) },
    handle: ({ params }, principal) =>
      pipe(
        deps.readSettingsHistory(principal, params.id),
        TE.map((versions) => body(versions.map(settingsView))),
      ),
  }),
  route({
    ...about,
    method: 'put',
    path: '/projects/{id}/settings',
    name: 'changeSettings',
    summary: 'Replaces all settings; pending tickets are checked again by them at once',
    may: 'change_settings',
    body: z.strictObject({ settings: settingsShape }),
    ifMatch: true,
    current: ({ params }, principal) => pipe(deps.readSettings(principal, params.id), TE.map(settingsView)),
    answers: { type: 'body', schema: storedSettingsShape.extend({ touched: touchedShape }) },
    handle: ({ params, body: said, version }, principal) =>
      pipe(
        deps.changeSettings(principal, { projectId: params.id, version, settings: toSettings(said.settings) }),
        TE.map(({ saved, touched }) => body(inSnakeCase({ ...saved, touched }), { version: saved.version })),
      ),
  }),
]
