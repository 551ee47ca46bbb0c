import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { notFound } from '../change.ts'
import type { AppError } from '../errors.ts'
import { allowed } from '../platform/allowed.ts'
import type {
  EscalationDetail,
  EscalationFilters,
  EscalationPosition,
  EscalationQueries,
  EscalationView,
} from '../ports/escalation-store.ts'
import type { Principal } from '../principal.ts'
import { cursorOf, positionOf } from '../ticket/list-cursor.ts'

export type ReadDeps = { readonly escalationQueries: EscalationQueries }
export type ListEscalations = {
  readonly filters: EscalationFilters
  readonly cursor: string | null
  readonly limit: number
}
export type EscalationList = {
  readonly rows: ReadonlyArray<EscalationView>
  readonly next_cursor: string | null
}

const MAX_LIMIT = 100

const isMoment = (key: string): boolean =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(key) && !Number.isNaN(Date.parse(key))

/** Escalations, newest first, after a cursor or from the beginning. */
export const listEscalations =
  ({ escalationQueries }: ReadDeps) =>
  (principal: Principal, { filters, cursor, limit }: ListEscalations): TE.TaskEither<AppError, EscalationList> => {
    const list = ['escalations', Object.entries(filters).toSorted(([a], [b]) => (a < b ? -1 : 1))]
    return pipe(
      TE.fromEither<AppError, null>(allowed(principal, 'read_escalations')),
      TE.flatMap(() =>
        TE.fromEither(
          limit < 1 || limit > MAX_LIMIT
            ? E.left<AppError>({ type: 'TooMany', field: 'pageSize', max: MAX_LIMIT, actual: limit })
            : cursor === null
              ? E.right<AppError, EscalationPosition | null>(null)
              : positionOf(list, cursor, isMoment),
        ),
      ),
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
