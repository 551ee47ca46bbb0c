import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { allowed } from '../allowed.ts'
import { notFound } from '../change.ts'
import { knowsProject } from '../directory/knows-project.ts'
import type { AppError } from '../errors.ts'
import type { Directory } from '../ports/directory.ts'
import type { ProjectStore, StoredSettings } from '../ports/project-store.ts'
import type { Principal } from '../principal.ts'

export type SettingsDeps = { readonly projects: ProjectStore; readonly directory: Directory }

/** A project's settings with the version to change them by. */
export const readSettings =
  (deps: SettingsDeps) =>
  (principal: Principal, projectId: string): TE.TaskEither<AppError, StoredSettings> =>
    pipe(
      known(deps, principal, projectId),
      TE.flatMap(() => deps.projects.read(projectId)),
    )

/** Every version of a project's settings, newest first. */
export const readSettingsHistory =
  (deps: SettingsDeps) =>
  (principal: Principal, projectId: string): TE.TaskEither<AppError, ReadonlyArray<StoredSettings>> =>
    pipe(
      known(deps, principal, projectId),
      TE.flatMap(() => deps.projects.history(projectId)),
    )

const known = (
  { directory }: SettingsDeps,
  principal: Principal,
  projectId: string,
): TE.TaskEither<AppError, boolean> =>
  pipe(
    TE.fromEither(allowed(principal, 'read_settings')),
    TE.flatMap(() => knowsProject(directory, projectId)),
    TE.filterOrElse(
      (isKnown) => isKnown,
      (): AppError => notFound('Project', projectId),
    ),
  )
