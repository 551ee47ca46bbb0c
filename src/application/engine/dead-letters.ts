import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Instant } from '../../domain/shared/time.ts'
import { allowed } from '../allowed.ts'
import { notFound } from '../change.ts'
import type { AppError } from '../errors.ts'
import { pageSizeAllowed } from '../list-cursor.ts'
import type { DeadLetter, DeadLetterDetail, DeadLetterFilter, DeadLetters, Decided } from '../ports/dead-letters.ts'
import type { PageOf, PageWindow } from '../ports/pages.ts'
import type { Principal } from '../principal.ts'

export type DeadLetterDeps = { readonly deadLetters: DeadLetters; readonly now: () => Instant }

const NAME = 'Dead letter'

/** What no reaction could handle, latest first; nothing of what happened, only that it did. */
export const listDeadLetters =
  ({ deadLetters }: DeadLetterDeps) =>
  (
    principal: Principal,
    asked: { readonly filter: DeadLetterFilter } & PageWindow,
  ): TE.TaskEither<AppError, PageOf<DeadLetter>> =>
    pipe(
      TE.fromEither(allowed(principal, 'handle_dead_letters')),
      TE.flatMapEither((): ReturnType<typeof pageSizeAllowed> => pageSizeAllowed(asked.pageSize)),
      TE.flatMap(() => deadLetters.list(asked.filter, asked)),
    )

/** One dead letter whole: the event, why it could not be handled, and what was decided about it before. */
export const viewDeadLetter =
  ({ deadLetters }: DeadLetterDeps) =>
  (principal: Principal, id: string): TE.TaskEither<AppError, DeadLetterDetail> =>
    pipe(
      TE.fromEither<AppError, null>(allowed(principal, 'handle_dead_letters')),
      TE.flatMap(() => deadLetters.find(id)),
      TE.flatMap((found) => (found === null ? TE.left<AppError>(notFound(NAME, id)) : TE.right(found))),
    )

/** Back to its reaction, before every event of its ticket that still waits there; asked twice it goes once. */
export const retryDeadLetter =
  (deps: DeadLetterDeps) =>
  (principal: Principal, id: string, reason: string): TE.TaskEither<AppError, DeadLetterDetail> =>
    pipe(
      viewDeadLetter(deps)(principal, id),
      TE.flatMap((found) =>
        pipe(
          deps.deadLetters.retry(id, { reason, by: principal.userId, at: deps.now() }),
          TE.flatMap(still(id)),
          TE.map(() => ({ ...found, retryAskedAt: found.retryAskedAt ?? deps.now() })),
        ),
      ),
    )

/** It is never handled; who said so and why is kept. */
export const dropDeadLetter =
  (deps: DeadLetterDeps) =>
  (principal: Principal, id: string, reason: string): TE.TaskEither<AppError, void> =>
    pipe(
      TE.fromEither<AppError, null>(allowed(principal, 'handle_dead_letters')),
      TE.flatMap(() => deps.deadLetters.drop(id, { reason, by: principal.userId, at: deps.now() })),
      TE.flatMap(still(id)),
      TE.flatMap((decided) =>
        decided === 'retrying' ? TE.left<AppError>({ type: 'DeadLetterRetried', id }) : TE.right(undefined),
      ),
    )

const still =
  (id: string) =>
  (decided: Decided): TE.TaskEither<AppError, Decided> =>
    decided === 'gone' ? TE.left(notFound(NAME, id)) : TE.right(decided)
