import type { Either } from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Day, Instant } from '../../domain/shared/time.ts'
import type { TicketId, UserId } from '../../domain/ticket/ticket.ts'
import type { EarlierTicket, FATES } from '../../domain/weekly-report/decide-fate.ts'
import type { NoReportUid } from '../../domain/weekly-report/report-uid.ts'
import type { Layout, ReportLine } from '../../domain/weekly-report/weekly-report.ts'
import type { AlreadyExists, NotFound, Stale, Unavailable } from '../errors.ts'
import type { Creation, ProjectContext } from './ticket-store.ts'

export const REPORT_STATUSES = ['pending', 'processing', 'completed', 'failed'] as const
export type ReportStatus = (typeof REPORT_STATUSES)[number]
export type FateName = (typeof FATES)[number]

/** What the work on a report needs to know of it. */
export type Report = {
  readonly id: string
  readonly reportUid: string
  readonly projectId: string
  readonly status: ReportStatus
  readonly version: number
  readonly committedBy: UserId | null
}

export type NewReport = {
  readonly id: string
  readonly projectId: string
  readonly isoYear: number
  readonly week: number
  readonly reportDate: Day
  readonly filename: string
  readonly filePath: string
  readonly sha256: string
  readonly layout: Layout
  readonly totalRows: number
  readonly uploadedBy: UserId
  readonly uploadedAt: Instant
}

/** A line with the key that makes it one item, and where the same key stood first in the file. */
export type KeyedLine = {
  readonly lineNo: number
  readonly line: ReportLine
  readonly importKey: string | null
  readonly first: { readonly lineNo: number; readonly row: number } | null
}
export type FatedLine = KeyedLine & {
  readonly fate: FateName
  readonly reason: string
  /** The open ticket it joins. */
  readonly ticketId: TicketId | null
}

/** What is known of some lines' keys and drops: `facts.rows` of the context holds every platform row of the drops. */
export type Found = {
  readonly context: ProjectContext
  readonly byKey: ReadonlyMap<string, { readonly open: EarlierTicket | null; readonly last: EarlierTicket | null }>
}

/** Told on the timeline of the ticket a line joined; nothing of the ticket changes. `sentence` repeats no free text. */
export type ReportedAgain = {
  readonly sentence: string
  readonly event: {
    readonly type: 'ReportedAgain'
    readonly reportUid: string
    readonly row: number
    readonly note: number | null
    readonly facts: string
    readonly at: Instant
    readonly by: UserId
  }
}

/** What became of one line. */
export type LineDone = {
  readonly lineNo: number
  readonly fate: FateName
  readonly reason: string
  readonly ticketId: TicketId | null
  readonly joined: ReportedAgain | null
}

export type Batch = { readonly report: Report; readonly lines: ReadonlyArray<KeyedLine>; readonly found: Found }
export type BatchDone = { readonly creations: ReadonlyArray<Creation>; readonly lines: ReadonlyArray<LineDone> }
export type Worked = { readonly done: number; readonly left: number }

/** The event of the outbox that starts the work; its body names `reportId` and `projectId`. */
export const REPORT_COMMITTED = 'WeeklyReportCommitted'

/** Weekly reports as they are written: received, committed, carried out. */
export type ReportStore = {
  /** Keeps lines of an upload that is no report yet, each with what `fate` makes of it by what is known: nobody sees them. */
  readonly keepLines: (
    upload: { readonly id: string; readonly projectId: string },
    lines: ReadonlyArray<KeyedLine>,
    fate: (found: Found) => (line: KeyedLine) => FatedLine,
  ) => TaskEither<Unavailable, ReadonlyArray<FatedLine>>
  /** The upload becomes a report, pending, numbered after those of its week; AlreadyExists when the file is known. */
  readonly add: (
    report: NewReport,
    uidOf: (nth: number) => Either<NoReportUid, string>,
  ) => TaskEither<AlreadyExists | Unavailable | NoReportUid, void>
  /** Removes the lines of an upload that became no report; also of uploads that a crash left, begun a day before `now`. */
  readonly forget: (uploadId: string, now: Instant) => TaskEither<Unavailable, void>
  /** From pending to processing, with the event that starts the work; a report that is past it stays as it is (`already`). */
  readonly commit: (
    id: string,
    by: { readonly version: number; readonly userId: UserId; readonly at: Instant; readonly eventId: string },
  ) => TaskEither<NotFound | Stale | Unavailable, { readonly already: boolean }>
  /**
   * The next lines of a committed report that are not done, at most `size`: what `decide` makes of them is kept whole or
   * not at all, and the last ends the report. Batches of one report never overlap; AlreadyExists when another import was
   * first with a key, Stale when the project's facts moved. A report that is not being processed has nothing left.
   */
  readonly work: (
    id: string,
    size: number,
    now: Instant,
    decide: (batch: Batch) => BatchDone,
  ) => TaskEither<Stale | AlreadyExists | Unavailable, Worked>
  /** The report cannot go on; what is done stays. */
  readonly fail: (id: string, why: string, now: Instant) => TaskEither<Unavailable, void>
}

/** A report as people and programs read it, in the names of the columns. */
export type ReportView = {
  readonly id: string
  readonly report_uid: string
  readonly project_id: string
  readonly year: number
  readonly week_number: number
  readonly report_date: Day
  readonly first_report_id: string | null
  readonly original_filename: string
  readonly file_sha256: string
  readonly layout: Layout
  readonly status: ReportStatus
  readonly total_rows: number
  /** Tickets made. */
  readonly imported_count: number
  /** Joined, watched, or twice in the file. */
  readonly skipped_count: number
  readonly error_count: number
  readonly done_count: number
  /** At most the first hundred. */
  readonly errors: ReadonlyArray<{ readonly row: number | null; readonly reason: string }>
  readonly imported_by: UserId
  readonly created_at: Instant
  readonly committed_by: UserId | null
  readonly started_at: Instant | null
  readonly imported_at: Instant | null
  readonly version: number
}
export type FateCounts = { readonly [F in FateName]: number }
export const NO_LINES: FateCounts = {
  create: 0,
  joins_open: 0,
  monitor: 0,
  duplicate_in_file: 0,
  unknown_drop: 0,
  invalid: 0,
}
export type LineView = {
  readonly line_no: number
  readonly row: number
  readonly note: number | null
  readonly dr_number: string | null
  readonly external_id: string | null
  readonly description: string | null
  readonly fate: FateName
  readonly reason: string
  readonly done: boolean
  readonly ticket_id: TicketId | null
  readonly ticket_uid: string | null
  readonly ticket_status: string | null
}
export type Page = { readonly page: number; readonly pageSize: number }

/** Weekly reports as they are read. Nothing of a client is in them but in `rejected`. */
export type ReportFilter = { readonly projectId: string | null; readonly status: ReportStatus | null }

export type ReportPosition = { readonly key: Instant; readonly id: string }

export type ReportViews = {
  readonly one: (id: string) => TaskEither<Unavailable, ReportView | null>
  /** The report, not failed, that was made from this very file. */
  readonly byFile: (projectId: string, sha256: string) => TaskEither<Unavailable, ReportView | null>
  /** Newest first, those after a position only when one is given. */
  readonly list: (
    filter: ReportFilter & { readonly uploadedBy: string | null; readonly after: ReportPosition | null },
    page: Page,
  ) => TaskEither<Unavailable, { readonly items: ReadonlyArray<ReportView>; readonly total: number }>
  readonly fates: (id: string) => TaskEither<Unavailable, FateCounts>
  /** In the order of the file. */
  readonly lines: (id: string, fate: FateName | null, page: Page) => TaskEither<Unavailable, ReadonlyArray<LineView>>
  /** Invalid lines whole, with what they held of a client, after `lineNo`, in order, at most `limit`. */
  readonly rejected: (
    id: string,
    after: number,
    limit: number,
  ) => TaskEither<
    Unavailable,
    ReadonlyArray<{ readonly lineNo: number; readonly line: ReportLine; readonly reason: string }>
  >
}
