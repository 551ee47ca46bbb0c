import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { z } from 'zod'
import type { AppError } from '../../application/errors.ts'
import type { PageOf, PageWindow } from '../../application/ports/pages.ts'
import { type Answer, page } from './answer.ts'
import { count } from './fields.ts'

/** How a list is asked for: numbered by pages, or walked; `cursor=` begins a walk. */
export const listWindow = (most: number) => ({
  page: count(1, 100_000).optional(),
  pageSize: count(1, most).optional(),
  cursor: z.string().max(500).optional(),
})

type Asked = {
  readonly page?: number | undefined
  readonly pageSize?: number | undefined
  readonly cursor?: string | undefined
}
type CursorWindow = { readonly cursor: string | null; readonly limit: number }

/** A list is numbered by pages or walked by cursor, never both. */
const windowOf = (
  { page: wanted, pageSize, cursor }: Asked,
  usual: number,
): E.Either<AppError, PageWindow | CursorWindow> => {
  const size = pageSize ?? usual
  if (cursor === undefined) return E.right({ page: wanted ?? 1, pageSize: size })
  return wanted === undefined
    ? E.right({ cursor: cursor === '' ? null : cursor, limit: size })
    : E.left({
        type: 'FieldInvalid',
        field: 'page',
        rule: 'must be left out of a list by cursor',
        value: String(wanted),
      })
}

/** The list as it was asked for, `usual` rows at a time unless the caller says otherwise. */
export const listed = <Row>(
  asked: Asked,
  usual: number,
  by: {
    readonly page: (window: PageWindow) => TE.TaskEither<AppError, PageOf<Row>>
    readonly cursor: (
      window: CursorWindow,
    ) => TE.TaskEither<AppError, { readonly rows: ReadonlyArray<Row>; readonly next_cursor: string | null }>
  },
): TE.TaskEither<AppError, Answer> =>
  pipe(
    TE.fromEither(windowOf(asked, usual)),
    TE.flatMap((window) =>
      'cursor' in window
        ? pipe(
            by.cursor(window),
            TE.map(({ rows, next_cursor }) => page(rows, { pageSize: window.limit, nextCursor: next_cursor })),
          )
        : pipe(by.page(window), TE.map(numbered(window))),
    ),
  )

const numbered =
  (window: PageWindow) =>
  <Row>({ rows, total, totalIsEstimate }: PageOf<Row>): Answer =>
    page(rows, {
      ...window,
      total,
      totalPages: Math.ceil(total / window.pageSize),
      ...(totalIsEstimate ? { totalIsEstimate } : {}),
    })
