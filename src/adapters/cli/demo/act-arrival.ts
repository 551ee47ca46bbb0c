import { basename } from 'node:path'
import { fateRows } from '../import-report.ts'
import { progress } from '../progress.ts'
import { grouped } from '../terminal.ts'
import { workbookUpload } from './caller.ts'
import type { Stage, View } from './stage.ts'
import { holds, told } from './story.ts'

/** The tickets and drops that the rest of the story is about. */
export type Arrived = {
  /** A weak signal, Note 1. */
  readonly repair: View
  /** A missing entry on the field app, Note 2. */
  readonly paperwork: View
  /** Drops of the design with no ticket of their own. */
  readonly spareDrops: readonly [string, string]
}

/** The design and the weekly report come in; each row gets its fate. */
export const arrival = async (stage: Stage): Promise<Arrived> => {
  const { story, as, project, workbooks } = stage
  const naledi = as('naledi')

  await story.chapter('The design comes in')
  story.does('naledi', `imports ${basename(workbooks.sow)}, the design of ${project.name}`)
  const sow = told(
    await naledi.upload(await workbookUpload('/platforms/sow/import', workbooks.sow, { project_id: project.id })),
    200,
    'the import of the design',
  )
  story.answers(
    `${grouped(sow.data.rows_read)} rows: ${grouped(sow.data.drops)} drops, ${grouped(sow.data.repeated_drops)} of them in several rows, ${grouped(sow.data.spares)} spares`,
    sow.ms,
  )

  await story.chapter('The weekly report becomes tickets')
  story.does('naledi', `uploads ${basename(workbooks.weekly)}`)
  const upload = await workbookUpload('/import/weekly', workbooks.weekly, { project_id: project.id })
  const preview = told(await naledi.upload(upload), 202, 'the preview')
  const report = preview.data
  story.answers(
    `${report.report_uid}, ${report.total_rows} rows. Nothing is done yet; each row has its fate:`,
    preview.ms,
  )
  story.shows(fateRows(report.fates))
  for (const fate of ['unknown_drop', 'duplicate_in_file', 'invalid']) {
    const { data } = told(await naledi.get(`/import/weekly/${report.id}?fate=${fate}&pageSize=2`), 200, 'the odd rows')
    for (const { row, reason } of data.rows.items) story.remarks(`          row ${row}: ${reason}`)
  }
  story.does('naledi', 'commits; the work goes on in the background')
  const began = performance.now()
  told(await naledi.send('POST', `/import/weekly/${report.id}/commit`, null, report.version), 202, 'the commit')
  const bar = progress(stage.terminal, '              importing', 'rows')
  let last = report
  await naledi.follow(`/import/weekly/${report.id}/events`, (now: View) => {
    last = now
    bar.at(now.done_count, now.total_rows)
  })
  bar.end()
  holds(
    last.status === 'completed' && last.done_count === last.total_rows,
    'the report was carried out to its last row',
  )
  story.answers(
    `${last.imported_count} tickets made, ${last.skipped_count} rows watched or doubled, ${last.error_count} rejected`,
    performance.now() - began,
  )
  const again = told(await naledi.upload(upload), 202, 'the same file again')
  holds(again.data.already === true, 'the same file is recognised')
  story.answers(
    `the same file a second time is recognised by its hash: still ${again.data.report_uid}, nothing doubled`,
  )

  const made = await naledi.get(`/tickets?weekly_report_id=${report.id}&pageSize=100&sort=ticket_uid`)
  const repair = made.data.find(
    (one: View) => one.weekly_note === 1 && one.pole_number !== null && one.pon_number !== null,
  )
  const paperwork = made.data.find((one: View) => one.weekly_note === 2 && one.pole_number !== null)
  holds(repair !== undefined && paperwork !== undefined, 'a repair and a paperwork ticket know their place')
  story.does('naledi', `looks at ${repair.ticket_uid}: ${repair.title}`)
  story.answers(
    `drop ${repair.dr_number} hangs on pole ${repair.pole_number}, PON ${repair.pon_number}, zone ${repair.zone_no}: the design said so; due ${inField(repair.sla_due_at)}`,
  )
  return { repair, paperwork, spareDrops: await watchedDrops(stage, report.id) }
}

/** A moment as the field's clock shows it. */
const inField = (instant: string): string =>
  new Date(instant).toLocaleString('en-ZA', {
    timeZone: 'Africa/Johannesburg',
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    hour: '2-digit',
    minute: '2-digit',
  })

/** Rows that are only watched name drops that have no ticket yet. */
const watchedDrops = async ({ as, project }: Stage, reportId: string): Promise<readonly [string, string]> => {
  const { data } = told(
    await as('naledi').get(`/import/weekly/${reportId}?fate=monitor&pageSize=50`),
    200,
    'the watched rows',
  )
  const found: string[] = []
  for (const { dr_number: dr } of data.rows.items) {
    const answer = await as('naledi').get(`/dr-lookup/${dr}?project_id=${project.id}`)
    if (answer.data?.outcome === 'found') found.push(dr)
    if (found.length === 2) break
  }
  const [first, second] = found
  if (first === undefined || second === undefined) throw new Error('The story needs two drops without a ticket')
  return [first, second]
}
