import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Instant } from '../../domain/shared/time.ts'
import type { AppError } from '../errors.ts'
import { cursorOf, isMoment, pageSizeAllowed, positionOf } from '../list-cursor.ts'
import { isAllowed, sightOf } from '../permissions.ts'
import type {
  TicketFilters,
  TicketPage,
  TicketQueries,
  TicketRow,
  TicketSort,
  Wanted,
} from '../ports/ticket-queries.ts'
import type { Principal } from '../principal.ts'
import { searchWords } from './search-words.ts'

export const DEFAULT_SORT: TicketSort = { by: 'created_at', direction: 'desc' }
const MAX_SEARCH = 200

export type ListedTickets = {
  readonly principal: Principal
  readonly filters: TicketFilters
  /** Free text; each word is matched from its beginning. Empty means none. */
  readonly q: string
  readonly sort: TicketSort
}
export type TicketCursorList = { readonly rows: ReadonlyArray<TicketRow>; readonly next_cursor: string | null }
export type ListDeps = { readonly ticketQueries: TicketQueries; readonly now: () => Instant }

/** A page as the host numbers them, with a total: exact to 10,000, beyond it an estimate that says so. */
export type ListTickets = (
  input: ListedTickets & { readonly page: number; readonly pageSize: number },
) => TE.TaskEither<AppError, TicketPage>
/** The tickets after a cursor, from the beginning when null, without a total. */
export type ListTicketsAfter = (
  input: ListedTickets & { readonly cursor: string | null; readonly limit: number },
) => TE.TaskEither<AppError, TicketCursorList>

export const listTickets =
  (deps: ListDeps): ListTickets =>
  ({ page, pageSize, ...input }) =>
    pipe(
      TE.fromEither(wantedOf(deps, input, pageSize)),
      TE.flatMap((wanted) => deps.ticketQueries.page(wanted, { page: Math.max(1, page), pageSize })),
    )

export const listTicketsAfter =
  (deps: ListDeps): ListTicketsAfter =>
  ({ cursor, limit, ...input }) =>
    pipe(
      TE.fromEither(wantedOf(deps, input, limit)),
      TE.bindTo('wanted'),
      TE.bind('after', ({ wanted }) => TE.fromEither(positionOf(listOf(wanted), cursor, keyOf[wanted.sort.by]))),
      TE.flatMap(({ wanted, after }) =>
        pipe(
          deps.ticketQueries.slice(wanted, { after, limit }),
          TE.map(({ rows, next }) => ({
            rows,
            next_cursor: next === null ? null : cursorOf(listOf(wanted), next),
          })),
        ),
      ),
    )

const wantedOf = (
  { now }: ListDeps,
  { principal, filters, q, sort }: ListedTickets,
  size: number,
): E.Either<AppError, Wanted> => {
  const allowed = pageSizeAllowed(size)
  if (E.isLeft(allowed)) return allowed
  if (q.length > MAX_SEARCH) return E.left({ type: 'TooMany', field: 'q', max: MAX_SEARCH, actual: q.length })
  return E.right({
    sight: sightOf(principal),
    filters,
    words: searchWords(q),
    sort,
    now: now(),
    client: isAllowed(principal, 'read_client'),
  })
}

/** What decides which tickets are in the list and in what order; the moment does not, so that a list can be walked. */
const listOf = ({ filters, words, sort }: Wanted): unknown => [
  Object.entries(filters).toSorted(([a], [b]) => (a < b ? -1 : 1)),
  words,
  sort,
]

const isRank = (key: string): boolean => /^\d{1,2}$/.test(key)
const isText = (key: string): boolean => !key.includes('\u0000') && key.isWellFormed()

const keyOf: { readonly [S in TicketSort['by']]: (key: string) => boolean } = {
  created_at: isMoment,
  updated_at: isMoment,
  sla_due_at: isMoment,
  priority: isRank,
  status: isRank,
  ticket_uid: isText,
  dr_number: isText,
}
