import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { PlatformLayout, RecordField } from '../../domain/platform-records/layouts.ts'
import {
  finishPlatform,
  type HeaderNotFound,
  type PlatformRecord,
  type PlatformSoFar,
  readPlatformRow,
  startPlatform,
} from '../../domain/platform-records/read-platform-rows.ts'
import type { Platform, PlatformState } from '../../domain/readiness/readiness.ts'
import { allowed } from '../allowed.ts'
import type { ChangeDeps } from '../change.ts'
import { knowsProject } from '../directory/knows-project.ts'
import type { AppError } from '../errors.ts'
import type { Directory } from '../ports/directory.ts'
import type { PlatformStore, Replaced } from '../ports/platform-store.ts'
import type { ProjectStore } from '../ports/project-store.ts'
import { DEFAULT_WORKBOOK_LIMITS, type WorkbookReader } from '../ports/workbook-reader.ts'
import type { Principal } from '../principal.ts'
import { recheckTouched } from './recheck-touched.ts'
import { summaryOf } from './summary-of.ts'
import { type UploadDeps, withUpload } from './with-upload.ts'

export type ImportDeps = ChangeDeps & {
  readonly platforms: PlatformStore
  readonly projects: ProjectStore
  readonly directory: Directory
  readonly workbooks: WorkbookReader
}

export type ImportPlatform = {
  readonly platform: Platform
  readonly projectId: string
  /** A file on this machine; `sha256` in hexadecimal is that of its bytes. */
  readonly file: { readonly path: string; readonly name: string; readonly sha256: string }
  readonly signal: AbortSignal | null
  /** Hears how many rows have been read so far. */
  readonly onRows: ((rows: number) => void) | null
}

/** A workbook takes the place of what a platform said before; the same file again changes nothing and says so. */
export const importPlatform =
  (deps: ImportDeps) =>
  (principal: Principal, request: ImportPlatform): TE.TaskEither<AppError, Replaced> =>
    pipe(
      TE.fromEither<AppError, null>(allowed(principal, 'import_platforms')),
      TE.flatMap(() => importFile(deps, principal, request)),
    )

export type UploadPlatform = Pick<ImportPlatform, 'platform' | 'projectId' | 'signal'> & {
  readonly filename: string
  readonly content: AsyncIterable<Uint8Array>
}

/** The same, of a workbook that is being sent; it is not kept. */
export const uploadPlatform =
  (deps: ImportDeps & UploadDeps) =>
  (principal: Principal, { filename, content, ...request }: UploadPlatform): TE.TaskEither<AppError, Replaced> =>
    pipe(
      TE.fromEither<AppError, null>(allowed(principal, 'import_platforms')),
      TE.flatMap(() =>
        withUpload(deps)(content, ({ path, sha256 }) =>
          importFile(deps, principal, { ...request, file: { path, name: filename, sha256 }, onRows: null }),
        ),
      ),
    )

const importFile = (
  deps: ImportDeps,
  principal: Principal,
  request: ImportPlatform,
): TE.TaskEither<AppError, Replaced> =>
  pipe(
    TE.Do,
    TE.flatMap(() => knowsProject(deps.directory, request.projectId)),
    TE.filterOrElse(
      (isKnown) => isKnown,
      (): AppError => ({ type: 'ProjectUnknown', projectId: request.projectId }),
    ),
    TE.map(() => ({})),
    TE.bindW('stored', () => deps.projects.read(request.projectId)),
    TE.bindW('standing', () => deps.platforms.standing(request.projectId, request.platform)),
    TE.flatMap(({ stored, standing }) => {
      const layout = stored.settings.layouts[request.platform]
      return standing !== null && isSameFile(standing, request.file.sha256, layout)
        ? TE.right({ sameFile: true, standing })
        : readAndReplace(deps, principal, request, layout)
    }),
  )

/** The same bytes read by the same layout say the same. */
export const isSameFile = (
  standing: { readonly sha256: string; readonly layout: PlatformLayout },
  sha256: string,
  layout: PlatformLayout,
): boolean => standing.sha256 === sha256 && sameLayout(standing.layout, layout)

const sameLayout = (a: PlatformLayout, b: PlatformLayout): boolean =>
  a.sheet === b.sheet &&
  a.headerRow === b.headerRow &&
  a.spareComment === b.spareComment &&
  (Object.keys(a.columns) as ReadonlyArray<RecordField>).every(
    (field) => a.columns[field].join('\n') === b.columns[field].join('\n'),
  )

type Read = {
  readonly records: ReadonlyArray<PlatformRecord>
  readonly carries: PlatformState['carries']
}

const readAndReplace = (
  deps: ImportDeps,
  principal: Principal,
  request: ImportPlatform,
  layout: PlatformLayout,
): TE.TaskEither<AppError, Replaced> =>
  pipe(
    readRecords(deps, request, layout),
    TE.filterOrElse(
      ({ records }) => records.some((record) => record.dr !== null),
      (): AppError => ({
        type: 'FieldInvalid',
        field: 'file',
        rule: 'at least one row with a drop number',
        value: request.file.name.slice(0, 80),
      }),
    ),
    TE.flatMap(({ records, carries }) => {
      const done = { at: deps.now(), by: principal.userId }
      const { projectId, platform, file } = request
      const summary = summaryOf(records, {
        id: deps.newId(),
        projectId,
        platform,
        filename: file.name,
        sha256: file.sha256,
        carries,
        importedBy: done.by,
        importedAt: done.at,
      })
      return deps.platforms.replace(
        { summary, layout, records: records.filter((record) => record.dr !== null) as ReadonlyArray<Named> },
        recheckTouched(deps, { ...done, because: `an import of ${platform} changed what it says of the drop` }),
      )
    }),
  )

type Named = PlatformRecord & { readonly dr: string }

const readRecords = (
  { workbooks }: ImportDeps,
  { platform, file, signal, onRows }: ImportPlatform,
  layout: PlatformLayout,
): TE.TaskEither<AppError, Read> => {
  let soFar: PlatformSoFar = startPlatform(layout)
  const records: PlatformRecord[] = []
  let rows = 0
  return pipe(
    workbooks.read(
      { path: file.path, sheet: { type: 'named', name: layout.sheet }, limits: DEFAULT_WORKBOOK_LIMITS, signal },
      (batch) => {
        for (const row of batch) {
          const [next, record] = readPlatformRow(soFar, row)
          soFar = next
          if (record !== null) records.push(record)
        }
        rows += batch.length
        onRows?.(rows)
      },
    ),
    TE.mapLeft((refused): AppError => refused),
    TE.flatMap(() => TE.fromEither(pipe(finishPlatform(soFar), E.mapLeft(noHeader(platform))))),
    TE.map((fields) => ({ records, carries: carriedOf(fields) })),
  )
}

const noHeader =
  (platform: Platform) =>
  ({ lookedFor, found }: HeaderNotFound): AppError => ({ type: 'NoSheetMatches', platform, lookedFor, found })

const carriedOf = (fields: ReadonlyArray<RecordField>): PlatformState['carries'] =>
  fields.flatMap((field) => {
    if (field === 'pole' || field === 'pon' || field === 'zone') return [field]
    return field === 'ontSerial' ? ['ont_serial'] : []
  })
