import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Cell } from '../../domain/shared/sheet.ts'
import { type Rejected, rejectedSheet } from '../../domain/weekly-report/rejected-rows.ts'
import { notFound } from '../change.ts'
import type { AppError } from '../errors.ts'
import { cursorOf, isMoment, positionOf } from '../list-cursor.ts'
import { reachOf } from '../permissions.ts'
import type { PageOf } from '../ports/pages.ts'
import type {
  FateCounts,
  FateName,
  LineView,
  Page,
  ReportFilter,
  ReportView,
  ReportViews,
} from '../ports/report-store.ts'
import type { Principal } from '../principal.ts'
import { mayDo, mayRead, onlyBy } from './preview.ts'

export type ReportReadDeps = {
  readonly views: ReportViews
  /** Resolves after so many milliseconds, or as soon as the signal aborts. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>
}

export type Paged<A> = Page & { readonly items: ReadonlyArray<A>; readonly total: number }
export type ReportCursorList = { readonly rows: ReadonlyArray<ReportView>; readonly next_cursor: string | null }
export type ReportAndFates = { readonly report: ReportView; readonly fates: FateCounts }
export type RejectedWorkbook = {
  readonly name: string
  readonly sheet: string
  readonly rows: ReadonlyArray<ReadonlyArray<Cell>>
}

const LOOK_EVERY_MS = 300
const REJECTED_AT_ONCE = 1_000

/** What was written of a fault may name its client, as a ticket's description may. */
const shownTo =
  (principal: Principal) =>
  (line: LineView): LineView =>
    reachOf(principal, 'read_client') === null ? { ...line, description: null } : line

/** Everything that is read of weekly reports, for whoever may read them; rejected rows only for whoever may import. */
export const reportReads = ({ views, wait }: ReportReadDeps) => {
  const found = (principal: Principal, id: string): TE.TaskEither<AppError, ReportView> =>
    pipe(
      views.one(id),
      TE.flatMap((report) =>
        report !== null && mayRead(principal, report) ? TE.right(report) : TE.left<AppError>(notFound('Report', id)),
      ),
    )
  const reading = (principal: Principal, id: string) =>
    pipe(
      mayDo(principal, 'read_reports'),
      TE.flatMap(() => found(principal, id)),
    )

  const rejectedOf = async (id: string): Promise<E.Either<AppError, ReadonlyArray<Rejected>>> => {
    const all: Rejected[] = []
    for (let after = 0; ; ) {
      const some = await views.rejected(id, after, REJECTED_AT_ONCE)()
      if (E.isLeft(some)) return some
      all.push(...some.right)
      const last = some.right.at(-1)
      if (last === undefined || some.right.length < REJECTED_AT_ONCE) return E.right(all)
      after = last.lineNo
    }
  }

  async function* progressFrom(first: ReportView, signal: AbortSignal): AsyncGenerator<ReportView> {
    let last = first
    yield last
    while (!isOver(last) && !signal.aborted) {
      await wait(LOOK_EVERY_MS, signal)
      if (signal.aborted) return
      const next = await views.one(first.id)()
      // While the database is away there is nothing to tell; the stream goes on when it is back.
      if (E.isLeft(next) || next.right === null || isSame(next.right, last)) continue
      last = next.right
      yield last
    }
  }

  return {
    one: (principal: Principal, id: string): TE.TaskEither<AppError, ReportAndFates> =>
      pipe(
        reading(principal, id),
        TE.bindTo('report'),
        TE.bindW('fates', () => views.fates(id)),
      ),
    /** A page of the rows of a report that the principal was given. */
    rows: (
      principal: Principal,
      { report, fates }: ReportAndFates,
      fate: FateName | null,
      page: Page,
    ): TE.TaskEither<AppError, Paged<LineView>> =>
      pipe(
        views.lines(report.id, fate, page),
        TE.map((lines) => ({
          ...page,
          items: lines.map(shownTo(principal)),
          total: fate === null ? Object.values(fates).reduce((sum, one) => sum + one, 0) : fates[fate],
        })),
      ),
    history: (principal: Principal, filter: ReportFilter, page: Page): TE.TaskEither<AppError, PageOf<ReportView>> =>
      pipe(
        mayDo(principal, 'read_reports'),
        TE.flatMap(() => views.list({ ...filter, uploadedBy: onlyBy(principal), after: null }, page)),
        TE.map(({ items, total }) => ({ rows: items, total, totalIsEstimate: false })),
      ),
    /** The same list after a cursor, from the beginning when null. */
    historyAfter: (
      principal: Principal,
      filter: ReportFilter,
      { cursor, limit }: { readonly cursor: string | null; readonly limit: number },
    ): TE.TaskEither<AppError, ReportCursorList> => {
      const list = ['weekly reports', filter.projectId, filter.status]
      return pipe(
        mayDo(principal, 'read_reports'),
        TE.flatMapEither(() => positionOf(list, cursor, isMoment)),
        TE.flatMap((after) =>
          views.list({ ...filter, uploadedBy: onlyBy(principal), after }, { page: 1, pageSize: limit + 1 }),
        ),
        TE.map(({ items }) => {
          const rows = items.slice(0, limit)
          const last = rows.at(-1)
          const isEnd = items.length <= limit || last === undefined
          return { rows, next_cursor: isEnd ? null : cursorOf(list, { key: last.created_at, id: last.id }) }
        }),
      )
    },
    /** The report as it is now and after each change, until it is completed or failed, or nobody listens any more. */
    progress: (
      principal: Principal,
      id: string,
      signal: AbortSignal,
    ): TE.TaskEither<AppError, AsyncIterable<ReportView>> =>
      pipe(
        reading(principal, id),
        TE.map((report) => progressFrom(report, signal)),
      ),
    /** The rows that were rejected, as they stood, to be corrected and uploaded again; they may name clients. */
    rejected: (principal: Principal, id: string): TE.TaskEither<AppError, RejectedWorkbook> =>
      pipe(
        mayDo(principal, 'import_reports'),
        TE.flatMap(() => found(principal, id)),
        TE.bindTo('report'),
        TE.bindW('rejected', () => () => rejectedOf(id)),
        TE.map(({ report, rejected }) => ({
          name: `${report.report_uid} rejected.xlsx`,
          ...rejectedSheet(report.layout, rejected),
        })),
      ),
  }
}
export type ReportReads = ReturnType<typeof reportReads>

const isOver = ({ status }: ReportView): boolean => status === 'completed' || status === 'failed'
const isSame = (one: ReportView, other: ReportView): boolean =>
  one.version === other.version && one.done_count === other.done_count
