import { PassThrough } from 'node:stream'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { z } from 'zod'
import { type LineView, type Page, REPORT_STATUSES, type ReportView } from '../../application/ports/report-store.ts'
import type { WorkbookWriter } from '../../application/ports/workbook-reader.ts'
import type { commitReport } from '../../application/weekly-report/commit.ts'
import type { Preview, previewReport, receiveReport } from '../../application/weekly-report/preview.ts'
import type { Paged, RejectedWorkbook, ReportReads } from '../../application/weekly-report/read-reports.ts'
import { FATES } from '../../domain/weekly-report/decide-fate.ts'
import { commitView, previewView, reportView, reportWithRows } from '../contract/weekly-report-views.ts'
import { body, events, file, type StreamEvent } from './answer.ts'
import { count, day, hostId, id, line } from './fields.ts'
import { listed, listWindow } from './list-window.ts'
import { type Route, route } from './route.ts'

export type WeeklyImportDeps = {
  readonly receive: ReturnType<typeof receiveReport>
  readonly preview: ReturnType<typeof previewReport>
  readonly commit: ReturnType<typeof commitReport>
  readonly reads: ReportReads
  readonly workbooks: WorkbookWriter
}

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
const FIRST: Page = { page: 1, pageSize: 50 }
const MOST_PAGES = 10_000

const pages = { page: count(1, MOST_PAGES).default(1), pageSize: count(1, 500).default(FIRST.pageSize) }

const week = line(8)
  .refine((value) => /^\d{4}-W\d{1,2}$/.test(value), 'must be an ISO week such as 2025-W46')
  .transform((value) => ({ isoYear: Number(value.slice(0, 4)), week: Number(value.slice(6)) }))
  .refine((value) => value.week >= 1 && value.week <= 53, 'must be a week from 1 to 53')

/** Weekly reports over HTTP: upload and preview, commit, progress, what came of it, and what to correct. */
export const weeklyImportRoutes = (deps: WeeklyImportDeps): ReadonlyArray<Route> => [
  route({
    method: 'post',
    path: '/import/weekly',
    name: 'previewWeeklyReport',
    tag: 'Weekly import',
    summary:
      'Upload a weekly report and see what would become of each row; project and week default from the file name',
    may: 'import_reports',
    upload: { field: 'file', description: 'The workbook (.xlsx), at most 50 MiB' },
    body: z.strictObject({
      project_id: hostId.optional(),
      week: week.optional(),
      report_date: day.optional(),
    }),
    status: 202,
    answers: { type: 'body', schema: previewView },
    handle: ({ upload: { filename, content }, body: said }, principal, { signal }) =>
      pipe(
        deps.receive(content),
        TE.flatMap((received) =>
          deps.preview(
            principal,
            received,
            {
              filename,
              project: said.project_id ?? null,
              week: said.week ?? null,
              reportDate: said.report_date ?? null,
            },
            signal,
          ),
        ),
        TE.bindW('rows', (previewed) => deps.reads.rows(principal, previewed, null, FIRST)),
        TE.map((previewed) => previewAnswer(previewed)),
      ),
  }),
  route({
    method: 'get',
    path: '/import/weekly/history',
    name: 'listWeeklyReports',
    tag: 'Weekly import',
    summary: 'Weekly reports, newest first; by page, or by cursor',
    may: 'read_reports',
    query: { project_id: hostId.optional(), status: z.enum(REPORT_STATUSES).optional(), ...listWindow(500) },
    status: 200,
    answers: { type: 'page', schema: reportView },
    handle: ({ query }, principal) => {
      const filter = { projectId: query.project_id ?? null, status: query.status ?? null }
      return listed(query, FIRST.pageSize, {
        page: (window) => deps.reads.history(principal, filter, window),
        cursor: (window) => deps.reads.historyAfter(principal, filter, window),
      })
    },
  }),
  route({
    method: 'get',
    path: '/import/weekly/{id}',
    name: 'getWeeklyReport',
    tag: 'Weekly import',
    summary: 'A weekly report: its status and counts, and its rows with fate, reason and ticket',
    may: 'read_reports',
    params: { id },
    query: { fate: z.enum(FATES).optional(), ...pages },
    status: 200,
    answers: { type: 'body', schema: reportWithRows },
    handle: ({ params, query }, principal) =>
      pipe(
        deps.reads.one(principal, params.id),
        TE.bindW('rows', (found) =>
          deps.reads.rows(principal, found, query.fate ?? null, { page: query.page, pageSize: query.pageSize }),
        ),
        TE.map(({ report, fates, rows }) =>
          body({ ...report, fates, rows: inPages(rows) }, { version: report.version }),
        ),
      ),
  }),
  route({
    method: 'post',
    path: '/import/weekly/{id}/commit',
    name: 'commitWeeklyReport',
    tag: 'Weekly import',
    summary: 'Carry a previewed report out in the background; committing twice does nothing twice',
    may: 'import_reports',
    params: { id },
    ifMatch: true,
    current: ({ params }, principal) =>
      pipe(
        deps.reads.one(principal, params.id),
        TE.map(({ report }) => report),
      ),
    status: 202,
    answers: { type: 'body', schema: commitView },
    handle: ({ params, version }, principal) =>
      pipe(
        deps.commit(principal, params.id, version),
        TE.map(({ report, already }) =>
          body(
            { ...report, already },
            {
              version: report.version,
              message: already ? 'This report was committed before; nothing is done twice' : null,
              location: `/import/weekly/${report.id}`,
            },
          ),
        ),
      ),
  }),
  route({
    method: 'get',
    path: '/import/weekly/{id}/events',
    name: 'watchWeeklyReport',
    tag: 'Weekly import',
    summary: 'The report as it is now and after each step, until it is completed or failed',
    may: 'read_reports',
    params: { id },
    status: 200,
    answers: { type: 'events', schema: reportView },
    handle: ({ params }, principal, { signal }) =>
      pipe(
        deps.reads.progress(principal, params.id, signal),
        TE.map((progress) => events(told(progress))),
      ),
  }),
  route({
    method: 'get',
    path: '/import/weekly/{id}/rejected.xlsx',
    name: 'rejectedRowsOfWeeklyReport',
    tag: 'Weekly import',
    summary: 'The rejected rows as they stood, with the reason, to be corrected and uploaded again',
    may: 'import_reports',
    params: { id },
    status: 200,
    answers: { type: 'file', mime: XLSX },
    handle: ({ params }, principal) =>
      pipe(
        deps.reads.rejected(principal, params.id),
        TE.map((rejected) =>
          file({ name: rejected.name, mime: XLSX, size: null, content: written(deps.workbooks, rejected) }),
        ),
      ),
  }),
]

const inPages = ({ items, page: at, pageSize, total }: Paged<LineView>) => ({
  items,
  page: at,
  page_size: pageSize,
  total,
})

const previewAnswer = ({ report, fates, already, rows }: Preview & { readonly rows: Paged<LineView> }) =>
  body(
    { ...report, fates, rows: inPages(rows), already },
    {
      version: report.version,
      message: already ? `This very file was uploaded before, as ${report.report_uid}` : null,
      location: `/import/weekly/${report.id}`,
    },
  )

async function* told(progress: AsyncIterable<ReportView>): AsyncGenerator<StreamEvent> {
  for await (const report of progress) yield { id: null, event: 'progress', data: report }
}

/** The workbook as it is being written; whoever stops reading stops the writing. */
const written = (writer: WorkbookWriter, { sheet, rows }: RejectedWorkbook): AsyncIterable<Uint8Array> => {
  const through = new PassThrough()
  writer
    .write(sheet, rows, through)()
    .then((outcome) => {
      if (E.isLeft(outcome)) through.destroy(new Error(outcome.left.reason))
    })
    .catch((error: Error) => through.destroy(error))
  return through
}
