import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type { FateCounts, FateName, ReportView } from '../../application/ports/report-store.ts'
import type { Application } from './application.ts'
import { EXIT, type Exit } from './exit.ts'
import { progress } from './progress.ts'
import { type Explain, refuse } from './refusal.ts'
import { duration, type Terminal, table } from './terminal.ts'

export type ImportReport = {
  readonly file: string
  readonly project: string | null
  readonly reportDate: string | null
  /** Commit without asking. */
  readonly yes: boolean
}

/** What each fate means, in the order people want to know. */
const FATE_MEANS = {
  create: 'become new tickets',
  unknown_drop: 'become tickets, flagged: the design does not know the drop',
  joins_open: 'join a ticket that is open',
  monitor: 'are watched only',
  duplicate_in_file: 'stand in the file before',
  invalid: 'are rejected',
} as const satisfies Record<FateName, string>

/** The counts of a preview as rows of a table. */
export const fateRows = (fates: FateCounts): ReadonlyArray<ReadonlyArray<string>> =>
  (Object.keys(FATE_MEANS) as ReadonlyArray<FateName>)
    .filter((fate) => fates[fate] > 0)
    .map((fate) => [String(fates[fate]).padStart(6), fate, FATE_MEANS[fate]])

const SHOWN = { page: 1, pageSize: 20 } as const
const WORTH_SAYING = ['unknown_drop', 'duplicate_in_file', 'invalid'] as const

/** A weekly report: preview, consent, the work with its progress, and what came of it. */
export const importReport =
  ({
    terminal,
    explain,
    signal,
  }: {
    readonly terminal: Terminal
    readonly explain: Explain
    readonly signal: AbortSignal
  }) =>
  async (asked: ImportReport, application: Application): Promise<Exit> => {
    const { say } = terminal
    const { principal, reports } = application
    const received = await reports.receive(createReadStream(asked.file))()
    if (E.isLeft(received)) return refuse(terminal, explain(received.left))
    const said = { filename: basename(asked.file), project: asked.project, week: null, reportDate: asked.reportDate }
    const previewed = await reports.preview(principal, received.right, said, signal)()
    if (E.isLeft(previewed)) return refuse(terminal, explain(previewed.left))
    const { report, fates, already } = previewed.right
    say(
      `${terminal.style('bold', report.report_uid)}  project ${report.project_id}, week ending ${report.report_date}, ${report.total_rows} rows`,
    )
    if (report.status !== 'pending') {
      say(`This very file was imported before, as ${report.report_uid}; nothing is done twice.`)
      return result(terminal, report)
    }
    if (already) say('This very file was previewed before and still waits for its commit.')
    for (const line of table(fateRows(fates))) say(line)
    for (const fate of WORTH_SAYING) {
      if (fates[fate] === 0) continue
      const lines = await reports.reads.rows(principal, { report, fates }, fate, SHOWN)()
      if (E.isLeft(lines)) return refuse(terminal, explain(lines.left))
      for (const { row, dr_number, reason } of lines.right.items)
        say(`  row ${row}${dr_number === null ? '' : ` (${dr_number})`}: ${reason}`)
      if (lines.right.total > SHOWN.pageSize) say(`  … and ${lines.right.total - SHOWN.pageSize} more`)
    }
    if (!asked.yes && !(terminal.interactive && /^y(es)?$/i.test((await terminal.ask('Commit? [y/N] ')).trim()))) {
      say('Nothing was committed. The same command with --yes commits this preview.')
      return EXIT.ok
    }
    return commit({ terminal, explain, signal }, application, report)
  }

const commit = async (
  {
    terminal,
    explain,
    signal,
  }: { readonly terminal: Terminal; readonly explain: Explain; readonly signal: AbortSignal },
  { principal, reports }: Application,
  report: ReportView,
): Promise<Exit> => {
  const began = performance.now()
  const committed = await reports.commit(principal, report.id, report.version)()
  if (E.isLeft(committed)) return refuse(terminal, explain(committed.left))
  const watched = await reports.reads.progress(principal, report.id, signal)()
  if (E.isLeft(watched)) return refuse(terminal, explain(watched.left))
  const shown = progress(terminal, 'Importing', 'rows')
  let last: ReportView = committed.right.report
  for await (const now of watched.right) {
    last = now
    shown.at(now.done_count, now.total_rows)
  }
  shown.end()
  if (signal.aborted) {
    terminal.say(
      `Stopped after ${last.done_count} of ${last.total_rows} rows; the next start of the server goes on from there.`,
    )
    return EXIT.interrupted
  }
  terminal.say(`Done in ${duration(performance.now() - began)}.`)
  return result(terminal, last)
}

const result = ({ say, complain }: Terminal, report: ReportView): Exit => {
  say(
    `${report.imported_count} tickets made, ${report.skipped_count} rows joined, watched or doubled, ${report.error_count} rejected.`,
  )
  for (const { row, reason } of report.errors.slice(0, SHOWN.pageSize)) say(`  row ${row}: ${reason}`)
  if (report.status !== 'failed') return EXIT.ok
  complain(`The import of ${report.report_uid} failed.`)
  return EXIT.problem
}
