import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { allowed } from '../allowed.ts'
import { notFound } from '../change.ts'
import type { AppError } from '../errors.ts'
import { cursorOf, isMoment, pageSizeAllowed, positionOf } from '../list-cursor.ts'
import type {
  EscalationDetail,
  EscalationFilters,
  EscalationQueries,
  EscalationView,
} from '../ports/escalation-store.ts'
import type { PageOf, PageWindow } from '../ports/pages.ts'
import type { Principal } from '../principal.ts'

export type ReadDeps = { readonly escalationQueries: EscalationQueries }
type Filtered = { readonly filters: EscalationFilters }
export type WalkEscalations = Filtered & { readonly cursor: string | null; readonly limit: number }
export type EscalationList = {
  readonly rows: ReadonlyArray<EscalationView>
  readonly next_cursor: string | null
}

/** A page of the escalations, newest first, with their number. */
export const listEscalations =
  ({ escalationQueries }: ReadDeps) =>
  (
    principal: Principal,
    { filters, page, pageSize }: Filtered & PageWindow,
  ): TE.TaskEither<AppError, PageOf<EscalationView>> =>
    pipe(
      TE.fromEither<AppError, null>(allowed(principal, 'read_escalations')),
      TE.flatMapEither(() => pageSizeAllowed(pageSize)),
      TE.flatMap(() => escalationQueries.page(filters, { page: Math.max(1, page), pageSize })),
    )

/** Escalations, newest first, after a cursor or from the beginning. */
export const listEscalationsAfter =
  ({ escalationQueries }: ReadDeps) =>
  (principal: Principal, { filters, cursor, limit }: WalkEscalations): TE.TaskEither<AppError, EscalationList> => {
    const list = ['escalations', Object.entries(filters).toSorted(([a], [b]) => (a < b ? -1 : 1))]
    return pipe(
      TE.fromEither<AppError, null>(allowed(principal, 'read_escalations')),
      TE.flatMapEither(() => pageSizeAllowed(limit)),
      TE.flatMapEither(() => positionOf(list, cursor, isMoment)),
      TE.flatMap((after) => escalationQueries.list(filters, { after, limit })),
      TE.map(({ rows, next }) => ({ rows, next_cursor: next === null ? null : cursorOf(list, next) })),
    )
  }

/** One escalation with its infrastructure ticket and the faults that made it. */
export const viewEscalation =
  ({ escalationQueries }: ReadDeps) =>
  (principal: Principal, id: string): TE.TaskEither<AppError, EscalationDetail> =>
    pipe(
      TE.fromEither<AppError, null>(allowed(principal, 'read_escalations')),
      TE.flatMap(() => escalationQueries.detail(id)),
      TE.flatMap((found) => (found === null ? TE.left(notFound('Escalation', id)) : TE.right(found))),
    )
