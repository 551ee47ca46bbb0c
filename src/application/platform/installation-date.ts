import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { type Day, dayInJohannesburg, type Instant } from '../../domain/shared/time.ts'
import { allowed } from '../allowed.ts'
import { type ChangeDeps, notFound } from '../change.ts'
import { knowsProject } from '../directory/knows-project.ts'
import type { AppError } from '../errors.ts'
import type { Directory } from '../ports/directory.ts'
import type { Installation, PlatformStore } from '../ports/platform-store.ts'
import type { Principal } from '../principal.ts'
import { namedDrop } from './named-drop.ts'
import { resettled } from './recheck-touched.ts'

export type InstallationDeps = { readonly platforms: PlatformStore; readonly directory: Directory }

export type SetInstallationDate = {
  readonly projectId: string
  /** In any spelling. */
  readonly dr: string
  readonly installedOn: Day
  /** Where the date comes from, in words. */
  readonly source: string
  /** The version it was read with; 0 when nothing was entered yet. */
  readonly version: number
}

const FIRST_DAY: Day = '2000-01-01'

/** What was entered for a drop; NotFound when nothing was. */
export const readInstallationDate =
  ({ platforms }: Pick<InstallationDeps, 'platforms'>) =>
  (principal: Principal, projectId: string, drop: string): TE.TaskEither<AppError, Installation> =>
    pipe(
      TE.fromEither<AppError, null>(allowed(principal, 'lookup_drop')),
      TE.flatMap(() => TE.fromEither(namedDrop(drop))),
      TE.flatMap((dr) =>
        pipe(
          platforms.installation(projectId, dr),
          TE.flatMap((found) =>
            found === null ? TE.left<AppError>(notFound('Installation date', dr)) : TE.right(found),
          ),
        ),
      ),
    )

/** The day a drop was installed, entered with its source: the guarantee of the drop's tickets starts there at once. */
export const setInstallationDate =
  (deps: ChangeDeps & InstallationDeps) =>
  (principal: Principal, said: SetInstallationDate): TE.TaskEither<AppError, Installation> => {
    const at = deps.now()
    return pipe(
      TE.fromEither<AppError, null>(allowed(principal, 'set_installation_date')),
      TE.flatMap(() => knowsProject(deps.directory, said.projectId)),
      TE.filterOrElse(
        (isKnown) => isKnown,
        (): AppError => notFound('Project', said.projectId),
      ),
      TE.flatMap(() => TE.fromEither(entryOf(principal, said, at))),
      TE.flatMap((entry) => deps.platforms.recordInstallation(entry, resettled(deps, at))),
    )
  }

const entryOf = (
  principal: Principal,
  { projectId, dr, installedOn, source, version }: SetInstallationDate,
  at: Instant,
): E.Either<AppError, Installation> =>
  pipe(
    namedDrop(dr),
    E.filterOrElse(
      () => installedOn >= FIRST_DAY && installedOn <= dayInJohannesburg(at),
      (): AppError => ({
        type: 'FieldInvalid',
        field: 'installed_on',
        rule: `a day from ${FIRST_DAY} to today`,
        value: installedOn,
      }),
    ),
    E.filterOrElse(
      () => source.trim() !== '',
      (): AppError => ({ type: 'FieldInvalid', field: 'source', rule: 'where the date comes from', value: source }),
    ),
    E.map((drop) => ({
      projectId,
      dr: drop,
      installedOn,
      source: source.trim(),
      recordedBy: principal.userId,
      recordedAt: at,
      version: version + 1,
    })),
  )
