import * as E from 'fp-ts/lib/Either.js'
import type { Instant } from '../../domain/shared/time.ts'
import type { Reaction } from '../ports/job-queue.ts'
import {
  type Batch,
  type BatchDone,
  type KeyedLine,
  type LineDone,
  REPORT_COMMITTED,
  type ReportStore,
  type Worked,
} from '../ports/report-store.ts'
import type { Creation } from '../ports/ticket-store.ts'
import { fatesOf } from './fates.ts'
import { type CreationDeps, reportedFacts, ticketFromLine, whereReported } from './ticket-from-line.ts'

export type CarryOutDeps = CreationDeps & {
  readonly reports: ReportStore
  readonly now: () => Instant
  /** Lines in one transaction; {@link LINES_IN_ONE_TRANSACTION} unless there is a reason. */
  readonly chunk: number
  /** Hears of a line that could not be stored; never of its content. */
  readonly onTrouble: (error: unknown, at: { readonly reportId: string }) => void
}

/** An embedded database holds the event loop about a millisecond a ticket: requests wait no longer than this many. */
export const LINES_IN_ONE_TRANSACTION = 25

/** Another import or a change of the project's facts came first: what was decided is decided again. */
const ATTEMPTS = 8

type LineMade = { readonly creation: Creation | null; readonly done: LineDone }

const decideLine =
  (deps: CreationDeps, { report, found }: Batch, at: Instant) =>
  (fateOf: ReturnType<typeof fatesOf>) =>
  (keyed: KeyedLine): LineMade => {
    const by = report.committedBy ?? ''
    const fate = fateOf(keyed)
    const done = { lineNo: keyed.lineNo, fate: fate.fate, reason: fate.reason, ticketId: null, joined: null }
    switch (fate.fate) {
      case 'monitor':
      case 'duplicate_in_file':
      case 'invalid':
        return { creation: null, done }
      case 'joins_open': {
        const { row, note } = keyed.line
        const facts = reportedFacts(keyed.line)
        const event = { type: 'ReportedAgain', reportUid: report.reportUid, row, note, facts, at, by } as const
        const joined = { sentence: `Reported again in ${whereReported(report, keyed.line)}.`, event }
        return { creation: null, done: { ...done, ticketId: fate.ticket.ticketId, joined } }
      }
      case 'create':
      case 'unknown_drop': {
        const made = ticketFromLine(deps, {
          report,
          line: keyed.line,
          importKey: keyed.importKey,
          followUpOf: fate.followUpOf?.ticketId ?? null,
          context: found.context,
          at,
          by,
        })
        return E.isLeft(made)
          ? { creation: null, done: { ...done, fate: 'invalid', reason: `no ticket can be made of it: ${made.left}` } }
          : { creation: made.right, done: { ...done, ticketId: made.right.ticket.id } }
      }
    }
  }

/** Every line's fate as it is at this moment, and the tickets they make. */
export const decideBatch =
  (deps: CreationDeps, at: Instant) =>
  (batch: Batch): BatchDone => {
    const made = batch.lines.map(decideLine(deps, batch, at)(fatesOf(batch.found)))
    return {
      creations: made.flatMap(({ creation }) => (creation === null ? [] : [creation])),
      lines: made.map(({ done }) => done),
    }
  }

const givenUp =
  (why: string) =>
  ({ lines }: Batch): BatchDone => ({
    creations: [],
    lines: lines.map(({ lineNo }) => ({ lineNo, fate: 'invalid', reason: why, ticketId: null, joined: null })),
  })

/** What ends this attempt and leaves the rest to the next one, later. */
export const DATABASE_AWAY = 'the database is away'

/**
 * Carries a committed report out, some lines a transaction, from wherever an earlier attempt ended. A batch that cannot
 * be stored is taken line by line, and a line that cannot is rejected; the others go on. Rejects while the database is away.
 */
export const carryOutReport =
  (deps: CarryOutDeps) =>
  async (reportId: string, signal: AbortSignal): Promise<void> => {
    const take = async (size: number, decide: (at: Instant) => (batch: Batch) => BatchDone): Promise<Taken> => {
      for (let tries = 0; tries < ATTEMPTS; tries += 1) {
        signal.throwIfAborted()
        const at = deps.now()
        const worked = await triedOnce(() => deps.reports.work(reportId, size, at, decide(at))())
        if (worked.type === 'defect') return worked
        if (E.isRight(worked.answer)) return { type: 'worked', ...worked.answer.right }
        if (worked.answer.left.type === 'Unavailable') throw new Error(DATABASE_AWAY)
      }
      return { type: 'defect', error: new Error(`lost ${ATTEMPTS} races for the same lines`) }
    }
    const rejectOne = async (error: unknown): Promise<boolean> => {
      deps.onTrouble(error, { reportId })
      const taken = await take(1, () => givenUp(NOT_STORED))
      if (taken.type === 'worked') return taken.left > 0
      deps.onTrouble(taken.error, { reportId })
      const failed = await deps.reports.fail(reportId, CANNOT_GO_ON, deps.now())()
      if (E.isLeft(failed)) throw new Error(DATABASE_AWAY)
      return false
    }
    let oneByOne = 0
    for (let goesOn = true; goesOn; ) {
      const taken = await take(oneByOne > 0 ? 1 : deps.chunk, (at) => decideBatch(deps, at))
      if (taken.type === 'worked') goesOn = taken.left > 0
      else if (oneByOne > 0) goesOn = await rejectOne(taken.error)
      oneByOne = taken.type === 'defect' && oneByOne === 0 ? deps.chunk : Math.max(0, oneByOne - 1)
    }
  }

type Taken = ({ readonly type: 'worked' } & Worked) | { readonly type: 'defect'; readonly error: unknown }

const NOT_STORED = 'it could not be stored; the log says why'
const CANNOT_GO_ON = 'its rows cannot be read back; the log says why. Upload the file again'

/** A line that no code foresaw must not stop the lines after it. */
const triedOnce = async <A>(
  work: () => Promise<A>,
): Promise<{ readonly type: 'answer'; readonly answer: A } | { readonly type: 'defect'; readonly error: unknown }> => {
  try {
    return { type: 'answer', answer: await work() }
  } catch (error) {
    return { type: 'defect', error }
  }
}

/** Committed reports are carried out in the background; those of one project one after the other. */
export const carryOutReports = (deps: CarryOutDeps): Reaction => ({
  name: 'carry_out_weekly_report',
  eventTypes: [REPORT_COMMITTED],
  queue: 'imports',
  key: ({ body }) => String(body.projectId),
  handle: ({ body }, signal) => carryOutReport(deps)(String(body.reportId), signal),
})
