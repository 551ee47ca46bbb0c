import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { ProjectSettings } from '../../domain/settings/settings.ts'
import { allowed } from '../allowed.ts'
import { type ChangeDeps, notFound } from '../change.ts'
import { knowsProject } from '../directory/knows-project.ts'
import type { AppError } from '../errors.ts'
import { recheckTouched } from '../platform/recheck-touched.ts'
import type { StoredSettings, Touched } from '../ports/project-store.ts'
import type { Principal } from '../principal.ts'
import { checkSettings } from './check-settings.ts'
import type { SettingsDeps } from './read-settings.ts'

export type ChangeSettings = {
  readonly projectId: string
  /** The version it was read with; 0 for a project that has the defaults. */
  readonly version: number
  readonly settings: ProjectSettings
}

/** Replaces a project's settings; its pending tickets are checked again by them before anyone sees the change. */
export const changeSettings =
  (deps: ChangeDeps & SettingsDeps) =>
  (
    principal: Principal,
    { projectId, version, settings }: ChangeSettings,
  ): TE.TaskEither<AppError, { readonly saved: StoredSettings; readonly touched: Touched }> => {
    const done = { at: deps.now(), by: principal.userId }
    return pipe(
      TE.fromEither<AppError, null>(allowed(principal, 'change_settings')),
      TE.flatMap(() => knowsProject(deps.directory, projectId)),
      TE.filterOrElse(
        (isKnown) => isKnown,
        (): AppError => notFound('Project', projectId),
      ),
      TE.flatMap(() => TE.fromEither<AppError, ProjectSettings>(checkSettings(settings, deps.slaTerms))),
      TE.flatMap((checked) =>
        deps.projects.save(
          { projectId, version, settings: checked, ...done },
          recheckTouched(deps, { ...done, because: 'the settings of the project changed' }),
        ),
      ),
    )
  }
