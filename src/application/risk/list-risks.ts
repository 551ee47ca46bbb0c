import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { dayInJohannesburg, type Instant } from '../../domain/shared/time.ts'
import type { TicketId } from '../../domain/ticket/ticket.ts'
import { notFound } from '../change.ts'
import type { AppError } from '../errors.ts'
import { cursorOf, pageSizeAllowed, positionOf } from '../list-cursor.ts'
import { sightOf } from '../permissions.ts'
import type { PageOf, PageWindow } from '../ports/pages.ts'
import type { RiskFilters, RiskQueries, RiskRow } from '../ports/risk-queries.ts'
import type { Principal } from '../principal.ts'

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

/** A page of the risks that someone took upon themselves, the most urgent date first, with their number. */
export const listRisks =
  ({ riskQueries, now }: RiskListDeps): ListRisks =>
  ({ principal, filters, page, pageSize }) =>
    pipe(
      TE.fromEither(pageSizeAllowed(pageSize)),
      TE.flatMap(() =>
        riskQueries.page(
          { sight: sightOf(principal), filters, today: dayInJohannesburg(now()) },
          { page: Math.max(1, page), pageSize },
        ),
      ),
    )

/** The same list after a cursor, from the beginning when null. */
export const listRisksAfter =
  ({ riskQueries, now }: RiskListDeps): ListRisksAfter =>
  ({ principal, filters, cursor, limit }) => {
    const list = ['risks', Object.entries(filters).toSorted(([a], [b]) => (a < b ? -1 : 1))]
    return pipe(
      TE.fromEither(pageSizeAllowed(limit)),
      TE.flatMapEither(() => positionOf(list, cursor, isDay)),
      TE.flatMap((after) =>
        riskQueries.slice({ sight: sightOf(principal), filters, today: dayInJohannesburg(now()) }, { after, limit }),
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
