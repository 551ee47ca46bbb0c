import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { SheetRow } from '../../domain/shared/sheet.ts'
import { allowed } from '../allowed.ts'
import type { AppError } from '../errors.ts'
import { type UploadDeps, withUpload } from '../platform/with-upload.ts'
import type { Known } from '../ports/directory.ts'
import { DEFAULT_WORKBOOK_LIMITS, type WorkbookReader, type WorkbookRefused } from '../ports/workbook-reader.ts'
import type { Principal } from '../principal.ts'
import { judgeEntries, KINDS } from './check-entries.ts'
import {
  type RowEntry,
  readDirectorySheet,
  SHEET_NAMES,
  type SheetProblem,
  type SheetRead,
} from './directory-sheets.ts'
import type { DirectoryDeps } from './read-directory.ts'

export type ImportDirectoryDeps = DirectoryDeps & { readonly workbooks: WorkbookReader }

/** How many entries of each kind were taken, and what could not be. */
export type DirectoryImported = {
  readonly [K in keyof Known]: number
} & { readonly problems: ReadonlyArray<SheetProblem> }

const PROBLEMS_SHOWN = 100

type Sheets = Partial<Record<keyof Known, SheetRead>>

/** People, contractors, teams and projects from the sheets of those names; a row that cannot be taken is named and stops no other. */
export const importDirectory =
  (deps: ImportDirectoryDeps) =>
  (principal: Principal, path: string, signal: AbortSignal | null): TE.TaskEither<AppError, DirectoryImported> =>
    pipe(
      TE.fromEither<AppError, null>(allowed(principal, 'change_directory')),
      TE.flatMap(() => importFile(deps, path, signal)),
    )

/** The same, of a workbook that is being sent; it is not kept. */
export const uploadDirectory =
  (deps: ImportDirectoryDeps & UploadDeps) =>
  (
    principal: Principal,
    content: AsyncIterable<Uint8Array>,
    signal: AbortSignal | null,
  ): TE.TaskEither<AppError, DirectoryImported> =>
    pipe(
      TE.fromEither<AppError, null>(allowed(principal, 'change_directory')),
      TE.flatMap(() => withUpload(deps)(content, ({ path }) => importFile(deps, path, signal))),
    )

const importFile = (
  deps: ImportDirectoryDeps,
  path: string,
  signal: AbortSignal | null,
): TE.TaskEither<AppError, DirectoryImported> =>
  pipe(
    readSheets(deps.workbooks, path, signal),
    TE.bindTo('sheets'),
    TE.bindW('known', () => deps.directory.all()),
    TE.flatMap(({ sheets, known }) => {
      const { fit, problems } = fitting(sheets, known)
      return pipe(
        deps.directory.save(fit),
        TE.map(() => ({
          people: fit.people?.length ?? 0,
          contractors: fit.contractors?.length ?? 0,
          teams: fit.teams?.length ?? 0,
          projects: fit.projects?.length ?? 0,
          problems: problems.slice(0, PROBLEMS_SHOWN),
        })),
      )
    }),
  )

/** A sheet that is not there is left out; a workbook with none of them is refused. */
const readSheets =
  (workbooks: WorkbookReader, path: string, signal: AbortSignal | null): TE.TaskEither<AppError, Sheets> =>
  async () => {
    const sheets: Sheets = {}
    let missing: Extract<WorkbookRefused, { readonly type: 'SheetNotFound' }> | null = null
    for (const kind of KINDS) {
      const rows: SheetRow[] = []
      const read = await workbooks.read(
        { path, sheet: { type: 'named', name: SHEET_NAMES[kind] }, limits: DEFAULT_WORKBOOK_LIMITS, signal },
        (batch) => void rows.push(...batch),
      )()
      if (E.isRight(read)) sheets[kind] = readDirectorySheet(kind, rows)
      else if (read.left.type === 'SheetNotFound') missing = read.left
      else return read
    }
    return Object.keys(sheets).length === 0 && missing !== null
      ? E.left({ ...missing, wanted: KINDS.map((kind) => SHEET_NAMES[kind]).join(', ') })
      : E.right(sheets)
  }

/** The entries the directory can take, and what is wrong with the others. */
const fitting = (
  sheets: Sheets,
  known: Known,
): { readonly fit: Partial<Known>; readonly problems: ReadonlyArray<SheetProblem> } => {
  const incoming = Object.fromEntries(KINDS.map((kind) => [kind, sheets[kind]?.entries ?? []]))
  const judged = judgeEntries<RowEntry>(known, incoming)
  const refused = judged.flatMap(({ kind, entry: { row }, problems }) =>
    problems.map(({ field, rule }) => ({ sheet: SHEET_NAMES[kind], row, field, rule: `must be ${rule}` })),
  )
  const fit = Object.fromEntries(
    KINDS.map((kind) => [
      kind,
      judged
        .filter((one) => one.kind === kind && one.problems.length === 0)
        .map(({ entry: { row: _, ...entry } }) => entry),
    ]),
  ) as Partial<Known>
  return { fit, problems: [...KINDS.flatMap((kind) => sheets[kind]?.problems ?? []), ...refused] }
}
