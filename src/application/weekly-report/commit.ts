import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { type ChangeDeps, notFound } from '../change.ts'
import type { AppError } from '../errors.ts'
import type { ReportStore, ReportView, ReportViews } from '../ports/report-store.ts'
import type { Principal } from '../principal.ts'
import { mayDo } from './preview.ts'

export type CommitDeps = Pick<ChangeDeps, 'now' | 'newId'> & {
  readonly reports: ReportStore
  readonly views: ReportViews
}

/** `already`: it was committed before, by the same or another hand; nothing is done twice. */
export type Committed = { readonly report: ReportView; readonly already: boolean }

/** The previewed report is carried out in the background from here on. */
export const commitReport =
  (deps: CommitDeps) =>
  (principal: Principal, id: string, version: number): TE.TaskEither<AppError, Committed> => {
    const eventId = deps.newId()
    return pipe(
      mayDo(principal, 'import_reports'),
      TE.flatMap(() => deps.reports.commit(id, { version, userId: principal.userId, at: deps.now(), eventId })),
      TE.bindTo('committed'),
      TE.bindW('report', () => deps.views.one(id)),
      TE.flatMap(({ committed: { already }, report }) => {
        if (report === null) return TE.left<AppError>(notFound('Report', id))
        return report.status === 'failed'
          ? TE.left<AppError>({ type: 'ReportNotPending', reportId: id, status: report.status })
          : TE.right({ report, already })
      }),
    )
  }
