import { z } from 'zod'
import { REPORT_STATUSES } from '../../application/ports/report-store.ts'
import { FATES } from '../../domain/weekly-report/decide-fate.ts'

const text = z.string().nullable()
const count = z.int().min(0)

/** A weekly report in the names of its columns. */
export const reportView = z.object({
  id: z.uuid(),
  report_uid: z.string(),
  project_id: z.string(),
  year: z.int(),
  week_number: z.int(),
  report_date: z.string(),
  first_report_id: text,
  original_filename: z.string(),
  file_sha256: z.string(),
  layout: z.enum(['notes', 'flat']),
  status: z.enum(REPORT_STATUSES),
  total_rows: count,
  imported_count: count,
  skipped_count: count,
  error_count: count,
  done_count: count,
  errors: z.array(z.object({ row: z.int().nullable(), reason: z.string() })),
  imported_by: z.string(),
  created_at: z.string(),
  committed_by: text,
  started_at: text,
  imported_at: text,
  version: z.int(),
})

/** One row of it: what becomes or became of it, why, and its ticket. */
export const lineView = z.object({
  line_no: z.int(),
  row: z.int(),
  note: z.int().nullable(),
  dr_number: text,
  external_id: text,
  description: text,
  fate: z.enum(FATES),
  reason: z.string(),
  done: z.boolean(),
  ticket_id: text,
  ticket_uid: text,
  ticket_status: text,
})

const fateCounts = z.object({
  create: count,
  joins_open: count,
  monitor: count,
  duplicate_in_file: count,
  unknown_drop: count,
  invalid: count,
})

const linesPage = z.object({
  items: z.array(lineView),
  page: z.int(),
  page_size: z.int(),
  total: count,
})

/** A report with its rows; `already` says that the same file, or the same commit, came before. */
export const reportWithRows = z.object({ ...reportView.shape, fates: fateCounts, rows: linesPage })
export const previewView = z.object({ ...reportWithRows.shape, already: z.boolean() })
export const commitView = z.object({ ...reportView.shape, already: z.boolean() })
