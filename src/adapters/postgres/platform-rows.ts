import { z } from 'zod'
import type { Installation, StandingImport } from '../../application/ports/platform-store.ts'
import { type PlatformLayout, RECORD_FIELDS, type RecordField } from '../../domain/platform-records/layouts.ts'
import { PLATFORM_FIELDS, PLATFORMS } from '../../domain/readiness/readiness.ts'
import { isoInstant } from '../contract/pool.ts'

const headers = z.array(z.string())
const layout = z.object({
  platform: z.enum(PLATFORMS),
  sheet: z.string(),
  headerRow: z.number(),
  columns: z.object(
    Object.fromEntries(RECORD_FIELDS.map((field) => [field, headers])) as { [F in RecordField]: typeof headers },
  ),
  spareComment: z.string(),
}) satisfies z.ZodType<PlatformLayout>

const importRow = z.object({
  id: z.string(),
  project_id: z.string(),
  platform: z.enum(PLATFORMS),
  filename: z.string(),
  file_sha256: z.string(),
  layout,
  carries: z.array(z.enum([...PLATFORM_FIELDS, 'ont_serial'])),
  rows_read: z.number(),
  rows_kept: z.number(),
  drops: z.number(),
  repeated_drops: z.number(),
  spares: z.number(),
  problem_count: z.number(),
  problems: z.array(z.object({ row: z.number(), field: z.enum(RECORD_FIELDS), value: z.string() })),
  tickets_rechecked: z.number(),
  tickets_fallen_back: z.number(),
  tickets_reset: z.number(),
  imported_by: z.string(),
  imported_at: z.date().transform(isoInstant),
})

/** An import as its row has it; a row that holds something else is a defect and throws. */
export const toImport = (row: unknown): StandingImport => {
  const found = importRow.parse(row)
  return {
    id: found.id,
    projectId: found.project_id,
    platform: found.platform,
    filename: found.filename,
    sha256: found.file_sha256,
    layout: found.layout,
    carries: found.carries,
    rowsRead: found.rows_read,
    rowsKept: found.rows_kept,
    drops: found.drops,
    repeatedDrops: found.repeated_drops,
    spares: found.spares,
    problemCount: found.problem_count,
    problems: found.problems,
    importedBy: found.imported_by,
    importedAt: found.imported_at,
    touched: { rechecked: found.tickets_rechecked, fellBack: found.tickets_fallen_back, reset: found.tickets_reset },
  }
}

const installationRow = z.object({
  project_id: z.string(),
  dr_number: z.string(),
  installed_on: z.iso.date(),
  said_source: z.string(),
  recorded_by: z.string(),
  recorded_at: z.date().transform(isoInstant),
  version: z.number(),
})

export const toInstallation = (row: unknown): Installation => {
  const found = installationRow.parse(row)
  return {
    projectId: found.project_id,
    dr: found.dr_number,
    installedOn: found.installed_on,
    source: found.said_source,
    recordedBy: found.recorded_by,
    recordedAt: found.recorded_at,
    version: found.version,
  }
}
