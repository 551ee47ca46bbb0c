import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { dayInJohannesburg, type Instant } from '../../domain/shared/time.ts'
import type { TicketId } from '../../domain/ticket/ticket.ts'
import { notFound } from '../change.ts'
import type { AppError } from '../errors.ts'
import { sightOf } from '../permissions.ts'
import type { PageOf, PageWindow } from '../ports/pages.ts'
import type { RiskFilters, RiskPosition, RiskQueries, RiskRow } from '../ports/risk-queries.ts'
import type { Principal } from '../principal.ts'
import { cursorOf, positionOf } from '../ticket/list-cursor.ts'

const MAX_LIMIT = 100

export type RiskListDeps = { readonly riskQueries: RiskQueries; readonly now: () => Instant }
type Listed = { readonly principal: Principal; readonly filters: RiskFilters }
export type ListRisks = (input: Listed & PageWindow) => TE.TaskEither<AppError, PageOf<RiskRow>>
export type ListRisksAfter = (
  input: Listed & { readonly cursor: string | null; readonly limit: number },
) => TE.TaskEither<AppError, { readonly rows: ReadonlyArray<RiskRow>; readonly next_cursor: string | null }>
export type ListTicketRisks = (input: {
  readonly principal: Principal
  readonly ticketId: TicketId
}) => TE.TaskEither<AppError, ReadonlyArray<RiskRow>>

const isDay = (key: string): boolean => /^\d{4}-\d\d-\d\d$/.test(key) && !Number.isNaN(Date.parse(key))

const tooMany = (actual: number): TE.TaskEither<AppError, never> =>
  TE.left({ type: 'TooMany', field: 'pageSize', max: MAX_LIMIT, actual })

/** A page of the risks that someone took upon themselves, the most urgent date first, with their number. */
export const listRisks =
  ({ riskQueries, now }: RiskListDeps): ListRisks =>
  ({ principal, filters, page, pageSize }) =>
    pageSize < 1 || pageSize > MAX_LIMIT
      ? tooMany(pageSize)
      : riskQueries.page(
          { sight: sightOf(principal), filters, today: dayInJohannesburg(now()) },
          { page: Math.max(1, page), pageSize },
        )

/** The same list after a cursor, from the beginning when null. */
export const listRisksAfter =
  ({ riskQueries, now }: RiskListDeps): ListRisksAfter =>
  ({ principal, filters, cursor, limit }) => {
    const list = ['risks', Object.entries(filters).toSorted(([a], [b]) => (a < b ? -1 : 1))]
    const after = cursor === null ? E.right<AppError, RiskPosition | null>(null) : positionOf(list, cursor, isDay)
    return limit < 1 || limit > MAX_LIMIT
      ? tooMany(limit)
      : pipe(
          TE.fromEither(after),
          TE.flatMap((position) =>
            riskQueries.slice(
              { sight: sightOf(principal), filters, today: dayInJohannesburg(now()) },
              { after: position, limit },
            ),
          ),
          TE.map(({ rows, next }) => ({ rows, next_cursor: next === null ? null : cursorOf(list, next) })),
        )
  }

/** Every risk acceptance of one ticket, the oldest first. */
export const listTicketRisks =
  ({ riskQueries, now }: RiskListDeps): ListTicketRisks =>
  ({ principal, ticketId }) =>
    pipe(
      riskQueries.ofTicket(sightOf(principal), ticketId, dayInJohannesburg(now())),
      TE.flatMap((risks) => (risks === null ? TE.left<AppError>(notFound('Ticket', ticketId)) : TE.right(risks))),
    )
