import { setImmediate as breath } from 'node:timers/promises'
import * as E from 'fp-ts/lib/Either.js'
import { z } from 'zod'
import type { Stale } from '../../application/errors.ts'
import {
  type Batch,
  type BatchDone,
  type FatedLine,
  type KeyedLine,
  REPORT_COMMITTED,
  REPORT_STATUSES,
  type Report,
  type ReportStore,
  type Worked,
} from '../../application/ports/report-store.ts'
import { plusDays } from '../../domain/shared/time.ts'
import type { Pool, Queryable } from '../contract/pool.ts'
import { classify, orUnavailable } from '../contract/sql-errors.ts'
import { inOneTransaction } from './platform-transaction.ts'
import { lineOfRow, rowOfLine } from './report-line.ts'
import { lookUp } from './report-lookups.ts'
import { saveOn } from './ticket-commit.ts'
import type { SowSource } from './ticket-context.ts'
import { waitForNumbers } from './ticket-numbers.ts'

export type ReportStoreOptions = {
  readonly sow: SowSource
  /** Runs after each commit that left an event. */
  readonly nudge: () => void
}

const KEEP = `
with upload as (insert into weekly_report_uploads (id) values ($1) on conflict do nothing)
insert into weekly_report_rows
  (report_id, line_no, row_no, first_line, first_row, line, personal, import_key, fate, reason, ticket_id)
select $1, line_no, row_no, first_line, first_row, line, personal, import_key, fate, reason, ticket_id
from jsonb_to_recordset($2::jsonb) as r (line_no integer, row_no integer, first_line integer, first_row integer,
  line jsonb, personal jsonb, import_key text, fate text, reason text, ticket_id uuid)`

const OF_WEEK = `
select count(*)::integer as reports from weekly_reports where project_id = $1 and year = $2 and week_number = $3`

const ADD = `
insert into weekly_reports (id, report_uid, week_number, year, report_date, project_id, first_report_id,
  original_filename, file_path, file_sha256, layout, total_rows, imported_count, skipped_count, error_count, errors,
  imported_by, created_at)
values ($1, $2, $3, $4, $5, $6,
  (select id from weekly_reports where project_id = $6 and year = $4 and week_number = $3 order by length(report_uid), report_uid limit 1),
  $7, $8, $9, $10, $11, 0, 0, 0, '[]', $12, $13)`
const UID_TAKEN = 'weekly_reports_report_uid_key'

const FORGET = `
delete from weekly_report_uploads u
where (u.id = $1 or u.begun_at < $2) and not exists (select from weekly_reports r where r.id = u.id)`

const COMMIT = `
with before as (
  select id, project_id, status, version from weekly_reports where id = $1 for update
), begun as (
  update weekly_reports r set status = 'processing', committed_by = $3, started_at = $4, version = r.version + 1
  from before b where r.id = b.id and b.status = 'pending' and b.version = $2 returning r.id
), sent as (
  insert into outbox (event_id, type, body, at)
  select $5::uuid, '${REPORT_COMMITTED}', jsonb_build_object('reportId', b.id, 'projectId', b.project_id), $4
  from before b where exists (select from begun)
)
select status, version, exists (select from begun) as begun from before`

const HOLD = `
select id, report_uid, project_id, status, version, committed_by from weekly_reports where id = $1 for update`

const NEXT = `
select line_no, first_line, first_row, line, personal, import_key from weekly_report_rows
where report_id = $1 and done_at is null order by line_no limit $2`

/** Marks lines, tells the tickets they joined, counts, and ends the report with its last line, in one statement. */
const DONE = `
with done as (
  select * from jsonb_to_recordset($2::jsonb) as d (line_no integer, fate text, reason text, ticket_id uuid, made boolean,
    sentence text, event jsonb)
), marked as (
  update weekly_report_rows r set fate = d.fate, reason = d.reason, ticket_id = d.ticket_id, joined = d.event is not null,
    done_at = $3, personal = case when d.fate = 'invalid' then r.personal end
  from done d where r.report_id = $1 and r.line_no = d.line_no
), told as (
  insert into ticket_notes (ticket_id, note_type, content, created_by, created_at, system_event, event_data)
  select ticket_id, 'system', sentence, event ->> 'by', (event ->> 'at')::timestamptz, event ->> 'type', event
  from done where event is not null order by line_no
), counted as (
  select count(*) filter (where made) as made, count(*) filter (where fate = 'invalid') as invalid, count(*) as lines
  from done
)
update weekly_reports r set
  imported_count = r.imported_count + c.made, error_count = r.error_count + c.invalid,
  skipped_count = r.skipped_count + c.lines - c.made - c.invalid
from counted c where r.id = $1
returning r.total_rows - r.imported_count - r.skipped_count - r.error_count as left`

const END = `
update weekly_reports r set status = 'completed', imported_at = $2, version = r.version + 1,
  errors = (select coalesce(jsonb_agg(jsonb_build_object('row', e.row_no, 'reason', e.reason) order by e.line_no), '[]')
    from (select line_no, row_no, reason from weekly_report_rows
      where report_id = $1 and fate = 'invalid' order by line_no limit 100) e)
where r.id = $1`

const FAIL = `
update weekly_reports set status = 'failed', imported_at = $3, version = version + 1,
  errors = jsonb_build_array(jsonb_build_object('row', null, 'reason', $2::text))
where id = $1 and status = 'processing'`

const reportRow = z.object({
  id: z.string(),
  report_uid: z.string(),
  project_id: z.string(),
  status: z.enum(REPORT_STATUSES),
  version: z.number(),
  committed_by: z.string().nullable(),
})

const toReport = (row: unknown): Report => {
  const read = reportRow.parse(row)
  return {
    id: read.id,
    reportUid: read.report_uid,
    projectId: read.project_id,
    status: read.status,
    version: read.version,
    committedBy: read.committed_by,
  }
}

const lineRow = z.object({
  line_no: z.number(),
  first_line: z.number().nullable(),
  first_row: z.number().nullable(),
  import_key: z.string().nullable(),
})

const toKeyedLine = (row: { readonly line: unknown; readonly personal: unknown }): KeyedLine => {
  const read = lineRow.parse(row)
  return {
    lineNo: read.line_no,
    line: lineOfRow(row.line, row.personal),
    importKey: read.import_key,
    first:
      read.first_line === null || read.first_row === null ? null : { lineNo: read.first_line, row: read.first_row },
  }
}

const keptRow = ({ lineNo, line, importKey, first, fate, reason, ticketId }: FatedLine) => ({
  line_no: lineNo,
  row_no: line.row,
  first_line: first?.lineNo ?? null,
  first_row: first?.row ?? null,
  ...rowOfLine(line),
  import_key: importKey,
  fate,
  reason,
  ticket_id: ticketId,
})

const doneRow = ({ lineNo, fate, reason, ticketId, joined }: BatchDone['lines'][number]) => ({
  line_no: lineNo,
  fate,
  reason,
  ticket_id: ticketId,
  made: fate === 'create' || fate === 'unknown_drop',
  sentence: joined?.sentence ?? null,
  event: joined?.event ?? null,
})

/** Weekly reports in PostgreSQL; tickets are made in the transaction that marks their rows. */
export const postgresReportStore = (pool: Pool, { sow, nudge }: ReportStoreOptions): ReportStore => {
  const workOn = async (
    client: Queryable,
    report: Report,
    size: number,
    now: string,
    decide: (batch: Batch) => BatchDone,
  ): Promise<E.Either<Stale, Worked>> => {
    const { rows } = await client.query(NEXT, [report.id, size])
    const lines = rows.map((row) => toKeyedLine(row as never))
    if (lines.length === 0) {
      await client.query(END, [report.id, now])
      return E.right({ done: 0, left: 0 })
    }
    await waitForNumbers(
      client,
      lines.flatMap(({ line }) => (line.externalId === null ? [] : [line.externalId])),
    )
    const found = await lookUp(client, sow, report.projectId, lines)
    const outcome = decide({ report, lines, found })
    if (outcome.creations.length > 0) {
      const created = await saveOn(client, outcome.creations, [])
      if (E.isLeft(created)) return created
    }
    const { rows: counted } = await client.query(DONE, [report.id, JSON.stringify(outcome.lines.map(doneRow)), now])
    const left = Number(counted[0]?.left)
    if (left === 0) await client.query(END, [report.id, now])
    return E.right({ done: lines.length, left })
  }

  return {
    keepLines: ({ id, projectId }, lines, fate) =>
      orUnavailable(async () => {
        const fated = lines.map(fate(await lookUp(pool, sow, projectId, lines)))
        await pool.query(KEEP, [id, JSON.stringify(fated.map(keptRow))])
        await breath()
        return fated
      }),
    add: (report, uidOf) => async () => {
      const taken = await orUnavailable(() => pool.query(OF_WEEK, [report.projectId, report.isoYear, report.week]))()
      if (E.isLeft(taken)) return taken
      for (let nth = Number(taken.right.rows[0]?.reports) + 1; ; nth += 1) {
        const uid = uidOf(nth)
        if (E.isLeft(uid)) return uid
        const tried = await orUnavailable(() => addedAs(pool, report, uid.right))()
        if (E.isLeft(tried)) return tried
        if (tried.right === null) return E.right(undefined)
        if (tried.right !== UID_TAKEN) return E.left({ type: 'AlreadyExists', constraint: tried.right })
      }
    },
    forget: (uploadId, now) =>
      orUnavailable(async () => {
        await pool.query(FORGET, [uploadId, plusDays(now, -1)])
      }),
    commit:
      (id, { version, userId, at, eventId }) =>
      async () => {
        const answered = await orUnavailable(() => pool.query(COMMIT, [id, version, userId, at, eventId]))()
        if (E.isLeft(answered)) return answered
        const [before] = answered.right.rows
        if (before === undefined) return E.left({ type: 'NotFound', resource: 'Report', id })
        if (before.begun) nudge()
        else if (before.status === 'pending') return E.left({ type: 'Stale', id, version: before.version })
        return E.right({ already: !before.begun })
      },
    work: (id, size, now, decide) => async () => {
      // The embedded database answers without ever giving the event loop back.
      await breath()
      try {
        return await inOneTransaction<Stale, Worked>(pool, nudge, async (client) => {
          const { rows } = await client.query(HOLD, [id])
          const report = rows[0] === undefined ? null : toReport(rows[0])
          if (report === null || report.status !== 'processing') return E.right({ done: 0, left: 0 })
          return workOn(client, report, size, now, decide)
        })()
      } catch (error) {
        const failure = classify(error)
        if (failure.type !== 'UniqueViolation') throw error
        return E.left({ type: 'AlreadyExists', constraint: failure.constraint })
      }
    },
    fail: (id, why, now) =>
      orUnavailable(async () => {
        await pool.query(FAIL, [id, why, now])
      }),
  }
}

/** Null when it was added, else the constraint that was in the way. */
const addedAs = async (pool: Pool, report: Parameters<ReportStore['add']>[0], uid: string): Promise<string | null> => {
  try {
    await pool.query(ADD, [
      report.id,
      uid,
      report.week,
      report.isoYear,
      report.reportDate,
      report.projectId,
      report.filename,
      report.filePath,
      report.sha256,
      report.layout,
      report.totalRows,
      report.uploadedBy,
      report.uploadedAt,
    ])
    return null
  } catch (error) {
    const failure = classify(error)
    if (failure.type === 'UniqueViolation') return failure.constraint
    throw error
  }
}
