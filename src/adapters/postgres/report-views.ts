import { z } from 'zod'
import { type LineView, NO_LINES, type ReportView, type ReportViews } from '../../application/ports/report-store.ts'
import { isoInstant, type Pool } from '../contract/pool.ts'
import { orUnavailable } from '../contract/sql-errors.ts'
import { lineView, reportView } from '../contract/weekly-report-views.ts'
import { lineOfRow } from './report-line.ts'

const COLUMNS = `id, report_uid, project_id, year, week_number, report_date::text as report_date, first_report_id,
  original_filename, file_sha256, layout, status, total_rows, imported_count, skipped_count, error_count,
  imported_count + skipped_count + error_count as done_count, errors, imported_by, created_at, committed_by, started_at,
  imported_at, version`

const ONE = `select ${COLUMNS} from weekly_reports where id = $1`
const BY_FILE = `
select ${COLUMNS} from weekly_reports where project_id = $1 and file_sha256 = $2 and status <> 'failed'`
const LISTED = `from weekly_reports where ($1::text is null or project_id = $1) and ($2::text is null or status = $2)
  and ($3::text is null or imported_by = $3)
  and ($4::timestamptz is null or (created_at, id) < ($4, $5::uuid))`
const LIST = `select ${COLUMNS} ${LISTED} order by created_at desc, id desc limit $6 offset $7`
const LIST_COUNT = `select count(*)::integer as total ${LISTED}`
const FATE_COUNTS = 'select fate, count(*)::integer as lines from weekly_report_rows where report_id = $1 group by fate'

/** A row that stands twice in the file shows the ticket of the first. */
const LINES = `
select r.line_no, r.row_no as row, (r.line ->> 'note')::integer as note,
  coalesce(r.line ->> 'dr', r.line ->> 'drRaw') as dr_number, r.line ->> 'externalId' as external_id,
  coalesce(r.line ->> 'description', r.line ->> 'reason') as description, r.fate, r.reason,
  r.done_at is not null as done, t.id as ticket_id, t.ticket_uid, t.status as ticket_status
from weekly_report_rows r
  left join weekly_report_rows f on f.report_id = r.report_id and f.line_no = r.first_line
  left join tickets t on t.id = coalesce(r.ticket_id, f.ticket_id)
where r.report_id = $1 and ($2::text is null or r.fate = $2)
order by r.line_no limit $3 offset $4`
const REJECTED = `
select line_no, line, personal, reason from weekly_report_rows
where report_id = $1 and fate = 'invalid' and line_no > $2 order by line_no limit $3`

const at = z.union([z.date(), z.string()]).transform(isoInstant)

const reportRow = z.object({
  ...reportView.shape,
  created_at: at,
  started_at: at.nullable(),
  imported_at: at.nullable(),
}) satisfies z.ZodType<ReportView>
const lineRow = lineView satisfies z.ZodType<LineView>

/** Weekly reports straight from their tables. */
export const postgresReportViews = (pool: Pool): ReportViews => {
  const first = async (text: string, values: unknown[]): Promise<ReportView | null> => {
    const { rows } = await pool.query(text, values)
    return rows[0] === undefined ? null : reportRow.parse(rows[0])
  }
  return {
    one: (id) => orUnavailable(() => first(ONE, [id])),
    byFile: (projectId, sha256) => orUnavailable(() => first(BY_FILE, [projectId, sha256])),
    list: ({ projectId, status, uploadedBy, after }, { page, pageSize }) =>
      orUnavailable(async () => {
        const wanted = [projectId, status, uploadedBy, after?.key ?? null, after?.id ?? null]
        const { rows } = await pool.query(LIST, [...wanted, pageSize, (page - 1) * pageSize])
        const { rows: counted } = await pool.query(LIST_COUNT, wanted)
        return { items: rows.map((row) => reportRow.parse(row)), total: Number(counted[0]?.total) }
      }),
    fates: (id) =>
      orUnavailable(async () => {
        const { rows } = await pool.query(FATE_COUNTS, [id])
        return { ...NO_LINES, ...Object.fromEntries(rows.map(({ fate, lines }) => [fate, lines])) }
      }),
    lines: (id, fate, { page, pageSize }) =>
      orUnavailable(async () => {
        const { rows } = await pool.query(LINES, [id, fate, pageSize, (page - 1) * pageSize])
        return rows.map((row) => lineRow.parse(row))
      }),
    rejected: (id, after, limit) =>
      orUnavailable(async () => {
        const { rows } = await pool.query(REJECTED, [id, after, limit])
        return rows.map(({ line_no, line, personal, reason }) => ({
          lineNo: line_no,
          line: lineOfRow(line, personal),
          reason,
        }))
      }),
  }
}
