import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { allowed } from '../allowed.ts'
import type { AppError } from '../errors.ts'
import type { Known } from '../ports/directory.ts'
import type { Principal } from '../principal.ts'
import { judgeEntries } from './check-entries.ts'
import type { DirectoryDeps } from './read-directory.ts'

/** Adds or replaces entries by their ids, all or none; whoever they name must be known or among them. */
export const changeDirectory =
  ({ directory }: DirectoryDeps) =>
  (principal: Principal, incoming: Partial<Known>): TE.TaskEither<AppError, void> =>
    pipe(
      TE.fromEither<AppError, null>(allowed(principal, 'change_directory')),
      TE.flatMap(() => directory.all()),
      TE.flatMap((known) => {
        const [first] = judgeEntries<Known[keyof Known][number]>(known, incoming).flatMap(({ problems }) => problems)
        return first === undefined ? TE.right(incoming) : TE.left<AppError>(first)
      }),
      TE.flatMap((checked) => directory.save(checked)),
    )
