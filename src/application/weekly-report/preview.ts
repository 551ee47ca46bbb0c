import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as O from 'fp-ts/lib/Option.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Day } from '../../domain/shared/time.ts'
import { addDays, plusDays } from '../../domain/shared/time.ts'
import { fromFilename, type IsoWeek, isoWeekOf, reportUid } from '../../domain/weekly-report/report-uid.ts'
import { allowed } from '../allowed.ts'
import type { ChangeDeps } from '../change.ts'
import type { AppError } from '../errors.ts'
import { type Action, reachOf } from '../permissions.ts'
import type { Directory, Project } from '../ports/directory.ts'
import type { ReceivedFile, ReportFiles } from '../ports/report-files.ts'
import type { FateCounts, ReportView, ReportViews } from '../ports/report-store.ts'
import type { Principal } from '../principal.ts'
import { keepLinesOf, type ReadingDeps } from './read-workbook.ts'

export type PreviewDeps = ReadingDeps &
  Pick<ChangeDeps, 'now' | 'newId'> & {
    readonly views: ReportViews
    readonly files: ReportFiles
    readonly directory: Directory
  }

/** What the uploader says; the rest defaults from a name such as "Lawley WE251114.xlsx". */
export type ReportSaid = {
  readonly filename: string
  /** Id, code or name. */
  readonly project: string | null
  readonly week: IsoWeek | null
  readonly reportDate: Day | null
}

/** `already`: this very file was uploaded before, and its report stands. */
export type Preview = { readonly report: ReportView; readonly fates: FateCounts; readonly already: boolean }

/** The permission table asked before anything is read. */
export const mayDo = (principal: Principal, action: Action): TE.TaskEither<AppError, null> =>
  TE.fromEither(allowed(principal, action))

/** Who reads only what it made sees its own uploads; null for everyone's. */
export const onlyBy = (principal: Principal): string | null =>
  reachOf(principal, 'read_reports') === 'made' ? principal.userId : null

/** Whether a report is within what the principal may read. */
export const mayRead = (principal: Principal, { imported_by }: Pick<ReportView, 'imported_by'>): boolean =>
  [null, imported_by].includes(onlyBy(principal))

/** Takes the bytes in; {@link previewReport} or `files.discard` ends what this began. */
export const receiveReport =
  ({ files, limits, now, newId }: Pick<PreviewDeps, 'files' | 'limits' | 'now' | 'newId'>) =>
  (content: AsyncIterable<Uint8Array>): TE.TaskEither<AppError, ReceivedFile> =>
    pipe(
      files.sweep(plusDays(now(), -1)),
      TE.flatMap(() => files.receive(newId(), content, limits.packedBytes)),
    )

/** A received workbook becomes a report that waits for its commit, each row with its fate; refused, it leaves nothing. */
export const previewReport =
  (deps: PreviewDeps) =>
  (
    principal: Principal,
    received: ReceivedFile,
    said: ReportSaid,
    signal: AbortSignal | null = null,
  ): TE.TaskEither<AppError, Preview> =>
    pipe(
      mayDo(principal, 'import_reports'),
      TE.flatMap(() => placed(deps, said)),
      TE.bindTo('placed'),
      TE.bindW('known', ({ placed: { project } }) => deps.views.byFile(project.id, received.sha256)),
      TE.flatMap(({ placed: place, known }) =>
        known === null
          ? added(deps, principal, received, said, place, signal)
          : existing(deps, principal, known, received),
      ),
      leavingNothing(deps, received),
    )

type Placed = IsoWeek & { readonly project: Project; readonly reportDate: Day }

const invalid = (field: string, rule: string, value: string | null): TE.TaskEither<AppError, never> =>
  TE.left({ type: 'FieldInvalid', field, rule, value })

/** Whose report of which week it is. */
const placed = ({ directory }: PreviewDeps, said: ReportSaid): TE.TaskEither<AppError, Placed> => {
  const named = O.toNullable(fromFilename(said.filename))
  const project = said.project ?? named?.projectName ?? null
  const reportDate = said.reportDate ?? (said.week === null ? (named?.weekEnding ?? null) : lastDayOf(said.week))
  if (project === null)
    return invalid('project_id', 'must name the project: the name of the file does not say it', said.filename)
  if (reportDate === null)
    return invalid('report_date', 'must be given: the name of the file does not say the week', said.filename)
  const week = isoWeekOf(reportDate)
  if (said.week !== null && (said.week.isoYear !== week.isoYear || said.week.week !== week.week))
    return invalid(
      'week',
      'must be a week that exists, and that of report_date',
      `${said.week.isoYear}-W${said.week.week}`,
    )
  return pipe(
    directory.all(),
    TE.flatMap(({ projects }) => {
      const found = projectCalled(projects, project)
      return found === null
        ? TE.left<AppError>({ type: 'ProjectUnknown', projectId: project })
        : TE.right({ project: found, reportDate, ...week })
    }),
  )
}

/** Sunday. */
const lastDayOf = ({ isoYear, week }: IsoWeek): Day => {
  const fourth = `${isoYear}-01-04`
  const monday = addDays(fourth, -((new Date(`${fourth}T00:00:00.000Z`).getUTCDay() + 6) % 7))
  return addDays(monday, week * 7 - 1)
}

const folded = (text: string): string =>
  text
    .replaceAll(/[\s_-]+/g, ' ')
    .trim()
    .toLowerCase()

/** By id, else by code, else by name, when exactly one answers to it. */
const projectCalled = (projects: ReadonlyArray<Project>, called: string): Project | null => {
  const byId = projects.find(({ id }) => id === called)
  if (byId !== undefined) return byId
  for (const word of ['code', 'name'] as const) {
    const [first, ...more] = projects.filter((project) => folded(project[word]) === folded(called))
    if (first !== undefined && more.length === 0) return first
  }
  return null
}

/** Whoever may not read the report of someone else learns only that this file has one. */
const existing = (
  deps: PreviewDeps,
  principal: Principal,
  report: ReportView,
  received: ReceivedFile,
): TE.TaskEither<AppError, Preview> =>
  pipe(
    deps.files.discard(received),
    TE.flatMap(
      (): TE.TaskEither<AppError, FateCounts> =>
        mayRead(principal, report)
          ? deps.views.fates(report.id)
          : TE.left({ type: 'SameFileAgain', reportId: report.id, reportUid: report.report_uid }),
    ),
    TE.map((fates) => ({ report, fates, already: true })),
  )

const added = (
  deps: PreviewDeps,
  principal: Principal,
  received: ReceivedFile,
  { filename }: ReportSaid,
  { project, isoYear, week, reportDate }: Placed,
  signal: AbortSignal | null,
): TE.TaskEither<AppError, Preview> =>
  pipe(
    // A project whose code makes no report number is refused before its file is read.
    TE.fromEither<AppError, string>(reportUid({ isoYear, week, projectCode: project.code, nth: 1 })),
    TE.flatMap(() => deps.reports.forget(received.id, deps.now())),
    TE.flatMap(() => keepLinesOf(deps)({ uploadId: received.id, projectId: project.id, path: received.path, signal })),
    TE.filterOrElse(
      ({ lines }) => lines > 0,
      (): AppError => ({
        type: 'FieldInvalid',
        field: 'file',
        rule: 'a weekly report with at least one row below its headers',
        value: filename.slice(0, 80),
      }),
    ),
    TE.bindTo('kept'),
    TE.bindW('filePath', () => deps.files.keep(received)),
    TE.tap(({ kept, filePath }) =>
      deps.reports.add(
        {
          id: received.id,
          projectId: project.id,
          isoYear,
          week,
          reportDate,
          filename: filename.slice(0, 255),
          filePath,
          sha256: received.sha256,
          layout: kept.layout,
          totalRows: kept.lines,
          uploadedBy: principal.userId,
          uploadedAt: deps.now(),
        },
        (nth) => reportUid({ isoYear, week, projectCode: project.code, nth }),
      ),
    ),
    TE.flatMap(({ kept: { fates } }) => asStored(deps, received.id, fates)),
    TE.orElse((error) =>
      error.type === 'AlreadyExists' ? theOther(deps, principal, project.id, received) : TE.left(error),
    ),
  )

const asStored = ({ views }: PreviewDeps, id: string, fates: FateCounts): TE.TaskEither<AppError, Preview> =>
  pipe(
    views.one(id),
    TE.flatMap((report) =>
      report === null
        ? TE.left<AppError>({ type: 'NotFound', resource: 'Report', id })
        : TE.right({ report, fates, already: false }),
    ),
  )

/** Another upload of the same file was first. */
const theOther = (
  deps: PreviewDeps,
  principal: Principal,
  projectId: string,
  received: ReceivedFile,
): TE.TaskEither<AppError, Preview> =>
  pipe(
    deps.reports.forget(received.id, deps.now()),
    TE.flatMap(() => deps.views.byFile(projectId, received.sha256)),
    TE.flatMap((report) =>
      report === null
        ? TE.left<AppError>({ type: 'AlreadyExists', constraint: 'uq_weekly_reports_file' })
        : existing(deps, principal, report, received),
    ),
  )

/** Whatever goes wrong, neither rows nor file of the upload stay behind, unless its report stands. */
const leavingNothing =
  ({ reports, views, files, now }: PreviewDeps, received: ReceivedFile) =>
  <A>(work: TE.TaskEither<AppError, A>): TE.TaskEither<AppError, A> =>
  async () => {
    const tidy = async (): Promise<void> => {
      const report = await views.one(received.id)()
      if (E.isLeft(report) || report.right !== null) return
      await reports.forget(received.id, now())()
      await files.discard(received)()
    }
    try {
      const done = await work()
      if (E.isLeft(done)) await tidy()
      return done
    } catch (defect) {
      await tidy().catch(() => {})
      throw defect
    }
  }
