import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { UNASSIGNED_PROJECT } from '../../application/directory/knows-project.ts'
import type { OutboxEvent } from '../../application/ports/outbox.ts'
import {
  type BatchDone,
  type FateCounts,
  type FatedLine,
  type Found,
  type KeyedLine,
  type LineView,
  type NewReport,
  REPORT_COMMITTED,
  type ReportedAgain,
  type ReportStatus,
  type ReportStore,
  type ReportView,
  type ReportViews,
} from '../../application/ports/report-store.ts'
import type { TicketStore } from '../../application/ports/ticket-store.ts'
import type { Instant } from '../../domain/shared/time.ts'
import { QCONTACT_NUMBER } from '../../domain/ticket/qcontact-number.ts'
import type { Ticket, TicketId } from '../../domain/ticket/ticket.ts'
import type { EarlierTicket } from '../../domain/weekly-report/decide-fate.ts'
import { contextOf, type MemoryState, survivorOf, uidOf } from './ticket-state.ts'

type KeptLine = FatedLine & { readonly done: boolean }
type KeptReport = NewReport & {
  readonly reportUid: string
  readonly firstReportId: string | null
  readonly status: ReportStatus
  readonly version: number
  readonly committedBy: string | null
  readonly startedAt: Instant | null
  readonly endedAt: Instant | null
  readonly failure: string | null
}

export type MemoryReports = {
  readonly store: ReportStore
  readonly views: ReportViews
  /** What tickets were told when lines joined them. */
  readonly told: ReadonlyMap<TicketId, ReadonlyArray<ReportedAgain>>
  /** How many lines of uploads are kept, reports or not. */
  readonly kept: () => number
}

const OVER: ReadonlyArray<string> = ['handed_to_maintenance', 'closed', 'cancelled']

/** Weekly reports in memory, over the same tickets as the ticket store in memory. */
export const memoryReports = ({
  state,
  tickets,
  publish,
}: {
  readonly state: MemoryState
  readonly tickets: TicketStore
  readonly publish: (events: ReadonlyArray<OutboxEvent>) => void
}): MemoryReports => {
  const lines = new Map<string, KeptLine[]>()
  const reports = new Map<string, KeptReport>()
  const told = new Map<TicketId, ReportedAgain[]>()
  let turn: Promise<unknown> = Promise.resolve()
  const inTurn = <A>(work: () => Promise<A>): Promise<A> => {
    const mine = turn.then(work)
    turn = mine.catch(() => {})
    return mine
  }
  const linesOf = (id: string): KeptLine[] => lines.get(id) ?? []
  const change = (id: string, to: Partial<KeptReport>): void => {
    const report = reports.get(id)
    if (report !== undefined) reports.set(id, { ...report, ...to, version: report.version + 1 })
  }

  const mark = (id: string, { lines: done }: BatchDone): void => {
    const byNo = new Map(done.map((line) => [line.lineNo, line]))
    lines.set(
      id,
      linesOf(id).map((kept) => {
        const outcome = byNo.get(kept.lineNo)
        if (outcome === undefined) return kept
        const { fate, reason, ticketId } = outcome
        const nothing = { clientName: null, clientContact: null, address: null }
        const line = fate === 'invalid' ? kept.line : { ...kept.line, personal: nothing }
        return { ...kept, line, fate, reason, ticketId, done: true }
      }),
    )
    for (const { ticketId, joined } of done)
      if (ticketId !== null && joined !== null) told.set(ticketId, [...(told.get(ticketId) ?? []), joined])
  }

  const store: ReportStore = {
    keepLines: ({ id, projectId }, some, fate) =>
      TE.fromIO(() => {
        const fated = some.map(fate(lookUp(state, projectId, some)))
        lines.set(id, [...linesOf(id), ...fated.map((line) => ({ ...line, done: false }))])
        return fated
      }),
    add: (report, uidOf) => async () => {
      const others = [...reports.values()]
      if (others.some((other) => other.status !== 'failed' && isSameFile(other, report.projectId, report.sha256)))
        return E.left({ type: 'AlreadyExists', constraint: 'uq_weekly_reports_file' })
      const ofWeek = others.filter(
        (other) =>
          other.projectId === report.projectId && other.isoYear === report.isoYear && other.week === report.week,
      )
      for (let nth = ofWeek.length + 1; ; nth += 1) {
        const uid = uidOf(nth)
        if (E.isLeft(uid)) return uid
        if (others.some(({ reportUid }) => reportUid === uid.right)) continue
        reports.set(report.id, {
          ...report,
          reportUid: uid.right,
          firstReportId: ofWeek[0]?.id ?? null,
          status: 'pending',
          version: 1,
          committedBy: null,
          startedAt: null,
          endedAt: null,
          failure: null,
        })
        return E.right(undefined)
      }
    },
    forget: (uploadId) =>
      TE.fromIO(() => {
        if (!reports.has(uploadId)) lines.delete(uploadId)
      }),
    commit:
      (id, { version, userId, at, eventId }) =>
      async () => {
        const report = reports.get(id)
        if (report === undefined) return E.left({ type: 'NotFound', resource: 'Report', id })
        if (report.status !== 'pending') return E.right({ already: true })
        if (report.version !== version) return E.left({ type: 'Stale', id, version: report.version })
        change(id, { status: 'processing', committedBy: userId, startedAt: at })
        const body = { reportId: id, projectId: report.projectId }
        publish([{ id: eventId, type: REPORT_COMMITTED, ticketId: null, body, at }])
        return E.right({ already: false })
      },
    work: (id, size, now, decide) => () =>
      inTurn(async () => {
        const report = reports.get(id)
        if (report === undefined || report.status !== 'processing') return E.right({ done: 0, left: 0 })
        const some = linesOf(id)
          .filter(({ done }) => !done)
          .slice(0, size)
        const outcome = decide({ report, lines: some, found: lookUp(state, report.projectId, some) })
        const committed = await tickets.commit(outcome.creations, [])()
        if (E.isLeft(committed)) return committed
        mark(id, outcome)
        const left = linesOf(id).filter(({ done }) => !done).length
        if (left === 0) change(id, { status: 'completed', endedAt: now })
        return E.right({ done: some.length, left })
      }),
    fail: (id, why, now) =>
      TE.fromIO(() => {
        if (reports.get(id)?.status === 'processing') change(id, { status: 'failed', endedAt: now, failure: why })
      }),
  }

  const viewOf = (report: KeptReport): ReportView => toView(report, linesOf(report.id))
  const views: ReportViews = {
    one: (id) => TE.fromIO(() => mapped(reports.get(id), viewOf)),
    byFile: (projectId, sha256) =>
      TE.fromIO(() =>
        mapped(
          [...reports.values()].find((report) => report.status !== 'failed' && isSameFile(report, projectId, sha256)),
          viewOf,
        ),
      ),
    list: ({ projectId, status, uploadedBy, after }, { page, pageSize }) =>
      TE.fromIO(() => {
        const all = [...reports.values()]
          .filter((report) => projectId === null || report.projectId === projectId)
          .filter((report) => status === null || report.status === status)
          .filter((report) => uploadedBy === null || report.uploadedBy === uploadedBy)
          .filter(
            ({ uploadedAt, id }) =>
              after === null || uploadedAt < after.key || (uploadedAt === after.key && id < after.id),
          )
          .toSorted((a, b) =>
            a.uploadedAt === b.uploadedAt ? (a.id < b.id ? 1 : -1) : a.uploadedAt < b.uploadedAt ? 1 : -1,
          )
        return { items: all.slice((page - 1) * pageSize, page * pageSize).map(viewOf), total: all.length }
      }),
    fates: (id) => TE.fromIO(() => countsOf(linesOf(id))),
    lines: (id, fate, { page, pageSize }) =>
      TE.fromIO(() => {
        const all = linesOf(id).filter((line) => fate === null || line.fate === fate)
        return all.slice((page - 1) * pageSize, page * pageSize).map((line) => toLineView(state, linesOf(id), line))
      }),
    rejected: (id, after, limit) =>
      TE.fromIO(() =>
        linesOf(id)
          .filter((line) => line.fate === 'invalid' && line.lineNo > after)
          .slice(0, limit),
      ),
  }
  return { store, views, told, kept: () => [...lines.values()].reduce((sum, some) => sum + some.length, 0) }
}

const mapped = <A, B>(value: A | undefined, map: (value: A) => B): B | null => (value === undefined ? null : map(value))

const isSameFile = (report: KeptReport, projectId: string, sha256: string): boolean =>
  report.projectId === projectId && report.sha256 === sha256

const countsOf = (all: ReadonlyArray<KeptLine>): FateCounts => {
  const count = (fate: KeptLine['fate']): number => all.filter((line) => line.fate === fate).length
  return {
    create: count('create'),
    joins_open: count('joins_open'),
    monitor: count('monitor'),
    duplicate_in_file: count('duplicate_in_file'),
    unknown_drop: count('unknown_drop'),
    invalid: count('invalid'),
  }
}

const lookUp = (state: MemoryState, projectId: string, some: ReadonlyArray<KeyedLine>): Found => {
  const all = [...state.tickets.values()].map(({ ticket }) => ticket)
  const drs = some.flatMap(({ line }) => (line.dr === null ? [] : [line.dr]))
  const byKey = new Map<string, { open: EarlierTicket | null; last: EarlierTicket | null }>()
  for (const { importKey, line } of some) {
    if (importKey === null) continue
    const earlier = all
      .filter(
        (ticket) =>
          (ticket.projectId === projectId && ticket.importKey === importKey) ||
          (line.externalId !== null &&
            (ticket.uid === line.externalId ||
              (ticket.externalId === line.externalId &&
                ([projectId, UNASSIGNED_PROJECT].includes(ticket.projectId) ||
                  ticket.source === 'qcontact' ||
                  QCONTACT_NUMBER.test(line.externalId))))),
      )
      .toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1))
      .map((ticket) => standingFor(state, ticket))
    if (earlier.length > 0)
      byKey.set(importKey, {
        open: earlier.find(({ status }) => !OVER.includes(status)) ?? null,
        last: earlier[0] ?? null,
      })
  }
  return { context: contextOf(state, projectId, null, drs), byKey }
}

/** The ticket itself, or its survivor when it is a duplicate; a deleted one counts as cancelled. */
const standingFor = (state: MemoryState, ticket: Ticket): EarlierTicket => {
  const survivor = survivorOf(ticket)
  const standing = (survivor === null ? undefined : state.tickets.get(survivor)?.ticket) ?? ticket
  return {
    ticketId: standing.id,
    ticketUid: uidOf(standing),
    status: standing.deletedAt === null ? standing.status : 'cancelled',
  }
}

const toLineView = (state: MemoryState, all: ReadonlyArray<KeptLine>, kept: KeptLine): LineView => {
  const { line, fate, reason, done, first, lineNo } = kept
  const ticketId = kept.ticketId ?? all.find((other) => other.lineNo === first?.lineNo)?.ticketId ?? null
  const ticket = ticketId === null ? undefined : state.tickets.get(ticketId)?.ticket
  return {
    line_no: lineNo,
    row: line.row,
    note: line.note,
    dr_number: line.dr ?? line.drRaw,
    external_id: line.externalId,
    description: line.description ?? line.reason,
    fate,
    reason,
    done,
    ticket_id: ticketId,
    ticket_uid: ticket?.uid ?? null,
    ticket_status: ticket?.status ?? null,
  }
}

const MOST_ERRORS = 100

const toView = (report: KeptReport, all: ReadonlyArray<KeptLine>): ReportView => {
  const done = all.filter((line) => line.done)
  const made = done.filter(({ fate }) => fate === 'create' || fate === 'unknown_drop').length
  const invalid = done.filter(({ fate }) => fate === 'invalid')
  const errors = invalid.map(({ line, reason }) => ({ row: line.row, reason })).slice(0, MOST_ERRORS)
  return {
    id: report.id,
    report_uid: report.reportUid,
    project_id: report.projectId,
    year: report.isoYear,
    week_number: report.week,
    report_date: report.reportDate,
    first_report_id: report.firstReportId,
    original_filename: report.filename,
    file_sha256: report.sha256,
    layout: report.layout,
    status: report.status,
    total_rows: report.totalRows,
    imported_count: made,
    skipped_count: done.length - made - invalid.length,
    error_count: invalid.length,
    done_count: done.length,
    errors:
      report.failure !== null ? [{ row: null, reason: report.failure }] : report.status === 'completed' ? errors : [],
    imported_by: report.uploadedBy,
    created_at: report.uploadedAt,
    committed_by: report.committedBy,
    started_at: report.startedAt,
    imported_at: report.endedAt,
    version: report.version,
  }
}
