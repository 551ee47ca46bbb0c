import { setTimeout as sleep } from 'node:timers/promises'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { canonicalBytes } from '../adapters/canonical/canonical-bytes.ts'
import { sha256 } from '../adapters/canonical/sha256.ts'
import { ed25519 } from '../adapters/signing/ed25519.ts'
import { keyed } from '../adapters/signing/keyed.ts'
import { readFaultTrends } from '../application/dashboard/fault-trends.ts'
import { readSlaCompliance } from '../application/dashboard/sla-compliance.ts'
import { readDashboardSummary } from '../application/dashboard/summary.ts'
import { readWorkload } from '../application/dashboard/workload.ts'
import { changeDirectory } from '../application/directory/change-directory.ts'
import { importDirectory, uploadDirectory } from '../application/directory/import-directory.ts'
import { readDirectory } from '../application/directory/read-directory.ts'
import { dropDeadLetter, listDeadLetters, retryDeadLetter, viewDeadLetter } from '../application/engine/dead-letters.ts'
import { measureQueue } from '../application/engine/measure-queue.ts'
import { checkRepeatFaults } from '../application/escalation/check-repeat-faults.ts'
import { endEscalation } from '../application/escalation/end-escalation.ts'
import { listEscalations, listEscalationsAfter, viewEscalation } from '../application/escalation/list-escalations.ts'
import { type JudgedAgain, judgePhotosAgain } from '../application/evidence/judge-again.ts'
import { type Reconciliation, reconcileEvidence } from '../application/evidence/reconcile.ts'
import { exportSnapshots } from '../application/handover/export-snapshots.ts'
import { readHandoverHistory } from '../application/handover/handover-history.ts'
import { verifySnapshots } from '../application/handover/verify-snapshots.ts'
import { receiveWaha } from '../application/notification/acks.ts'
import { applyingSoon } from '../application/notification/apply-soon.ts'
import { measureNotifications } from '../application/notification/measure.ts'
import { sendMessage } from '../application/notification/send-message.ts'
import { sendWhatsApp } from '../application/notification/send-schedule.ts'
import { settleNotification, switchSending } from '../application/notification/settle.ts'
import { type Channel, listNotifications, readCompliance, readSending } from '../application/notification/status.ts'
import { changeTemplates, previewTemplate, readTemplates } from '../application/notification/templates.ts'
import { importPlatform, uploadPlatform } from '../application/platform/import-platform.ts'
import { readInstallationDate, setInstallationDate } from '../application/platform/installation-date.ts'
import { lookUpDrop } from '../application/platform/look-up-drop.ts'
import type { Schedule } from '../application/ports/job-queue.ts'
import { DEFAULT_WORKBOOK_LIMITS } from '../application/ports/workbook-reader.ts'
import { reactions } from '../application/reactions/reactions.ts'
import { listRisks, listRisksAfter, listTicketRisks } from '../application/risk/list-risks.ts'
import { ticketOfRisk } from '../application/risk/ticket-of-risk.ts'
import { schedules } from '../application/schedules/schedules.ts'
import { changeSettings } from '../application/settings/change-settings.ts'
import { readSettings, readSettingsHistory } from '../application/settings/read-settings.ts'
import { type CopiesErased, eraseSubject } from '../application/subject/erase-subject.ts'
import { exportSubject } from '../application/subject/export-subject.ts'
import { subjectOfTicket } from '../application/subject/subject-of-ticket.ts'
import { measureSync } from '../application/sync/measure-sync.ts'
import type { SyncDeps } from '../application/sync/setup.ts'
import { syncUses } from '../application/sync/sync-uses.ts'
import { addPhoto } from '../application/ticket/add-photo.ts'
import { bulk } from '../application/ticket/bulk.ts'
import { ticketChanges } from '../application/ticket/changes.ts'
import { createTicket } from '../application/ticket/create-ticket.ts'
import { runCommand } from '../application/ticket/lifecycle.ts'
import { listTickets, listTicketsAfter } from '../application/ticket/list-tickets.ts'
import {
  addDocument,
  addNote,
  attachmentFor,
  linkAttachment,
  linkTickets,
  openAttachment,
} from '../application/ticket/papers.ts'
import { showSla } from '../application/ticket/show-sla.ts'
import { listAttachments, listLinks, listReadinessRuns, readTimeline } from '../application/ticket/timeline.ts'
import { viewTicket } from '../application/ticket/view-ticket.ts'
import { runTimers } from '../application/timers/run-timers.ts'
import { LINES_IN_ONE_TRANSACTION } from '../application/weekly-report/carry-out.ts'
import { commitReport } from '../application/weekly-report/commit.ts'
import { previewReport, receiveReport } from '../application/weekly-report/preview.ts'
import { reportReads } from '../application/weekly-report/read-reports.ts'
import type { SnapshotFault } from '../domain/handover/snapshot-fault.ts'
import type { Ports } from './tokens.ts'
import { readWaha } from './webhooks.ts'

/** Every use case with what it needs; HTTP, command line and reactions all run these. */
export const useCases = (ports: Ports) => {
  const { directory, log, reports, reportViews: views, reportFiles: files } = ports
  const deps = { ...ports, ...ports.changes }
  const onTrouble = (error: unknown, at: { readonly ticketId: string } | { readonly reportId: string }): void => {
    const cause = (error as { code?: unknown }).code ?? String((error as Error).name)
    log.error({ ...at, cause }, 'reportId' in at ? 'a report line was not stored' : 'a timed rule met trouble')
  }
  const importing = {
    ...deps,
    reports,
    views,
    files,
    chunk: LINES_IN_ONE_TRANSACTION,
    limits: DEFAULT_WORKBOOK_LIMITS,
    onTrouble,
  }
  const proof = { ...deps, tools: { sha256, canonicalBytes, ...ed25519, ...keyed } }
  const anchoring = {
    ...proof,
    onRefused: (projectId: string, faults: ReadonlyArray<SnapshotFault>) =>
      log.error(
        { projectId, faults: faults.length, first: faults.slice(0, 10) },
        'a chain was tampered with and is not anchored: run verify',
      ),
    onNoTimestamp: (reason: string) => log.warn({ reason }, 'an anchor has no time stamp yet; it is asked for again'),
  }
  const judging = { ...deps, backlog: ports.photoBacklog }
  const onJudged = (done: JudgedAgain): void => {
    if (done.failed === 0) log.info(done, 'photos that were not judged, or not compared, were looked at')
    else log.warn(done, 'photos could not be judged or compared; they are tried again tomorrow')
  }
  const onJudgedSoon = (done: JudgedAgain): void =>
    log.info(done, 'photos whose analysis had not finished were looked at again')
  const onReconciled = ({ at, records, objects, missing, changed, unnamed, swept }: Reconciliation): void => {
    const counts = { at, records, objects, swept }
    const found = { ...counts, missing: missing.count, changed: changed.count, unnamed: unnamed.count }
    const first = [...missing.first.slice(0, 10), ...changed.first.slice(0, 10)]
    if (first.length === 0) log.info(found, 'evidence storage and records agree')
    else log.error({ ...found, first }, 'evidence is missing or changed in storage')
  }
  const onErased = (done: CopiesErased): void => {
    if (done.left > 0) log.error(done, 'viewing copies of erased clients are still in the storage')
  }
  const sync: SyncDeps | null = ports.sync === null ? null : { ...deps, ...ports.sync }
  const telling = { ...deps, channel: channelOf(ports) }
  const applySoon = applyingSoon({
    ...deps,
    onTrouble: (error) => log.warn({ cause: String((error as Error).name) }, 'acks of messages are applied later'),
  })
  return {
    listTickets: listTickets(deps),
    listTicketsAfter: listTicketsAfter(deps),
    createTicket: createTicket(deps),
    viewTicket: viewTicket(deps),
    showSla: showSla(deps),
    runCommand: runCommand(deps),
    bulk: bulk(deps),
    changes: ticketChanges(deps),
    addPhoto: addPhoto(deps),
    judgePhotosAgain: judgePhotosAgain(judging)({ most: Number.POSITIVE_INFINITY, signal: null }),
    addNote: addNote(deps),
    addDocument: addDocument(deps),
    linkTickets: linkTickets(deps),
    attachmentFor: (principal: Parameters<ReturnType<typeof openAttachment>>[0], id: string) =>
      attachmentFor(deps, principal, id),
    openAttachment: openAttachment(deps),
    linkAttachment: linkAttachment(deps),
    readTimeline: readTimeline(deps),
    listAttachments: listAttachments(deps),
    listLinks: listLinks(deps),
    listReadinessRuns: listReadinessRuns(deps),
    listRisks: listRisks(deps),
    listRisksAfter: listRisksAfter(deps),
    ticketOfRisk: ticketOfRisk(deps),
    listTicketRisks: listTicketRisks(deps),
    readHandoverHistory: readHandoverHistory(proof),
    verifySnapshots: verifySnapshots(proof),
    exportSnapshots: exportSnapshots(deps),
    readDashboardSummary: readDashboardSummary(deps),
    readSlaCompliance: readSlaCompliance(deps),
    readWorkload: readWorkload(deps),
    readFaultTrends: readFaultTrends(deps),
    runTimers: runTimers({ ...deps, onTrouble }),
    reconcileEvidence: reconcileEvidence(deps),
    listEscalations: listEscalations(deps),
    listEscalationsAfter: listEscalationsAfter(deps),
    viewEscalation: viewEscalation(deps),
    endEscalation: endEscalation(deps),
    checkRepeatFaults: checkRepeatFaults(deps),
    readSettings: readSettings(deps),
    readSettingsHistory: readSettingsHistory(deps),
    changeSettings: changeSettings(deps),
    readTemplates: readTemplates(deps),
    changeTemplates: changeTemplates(deps),
    previewTemplate: previewTemplate(deps),
    listNotifications: listNotifications(telling),
    readCompliance: readCompliance(telling),
    readSending: readSending(telling),
    sendMessage: sendMessage(telling),
    settleNotification: settleNotification(telling),
    switchSending: switchSending(telling),
    receiveWaha: receiveWaha({ ...deps, read: readWaha(ports.config.whatsapp.waha), applySoon }),
    ...syncUses({ ...ports.changes, desk: ports.syncDesk, sync, hints: ports.sync?.hints ?? null }),
    importPlatform: importPlatform(deps),
    uploadPlatform: uploadPlatform(deps),
    readDirectory: readDirectory(deps),
    changeDirectory: changeDirectory(deps),
    importDirectory: importDirectory(deps),
    uploadDirectory: uploadDirectory(deps),
    lookUpDrop: lookUpDrop(deps),
    readInstallationDate: readInstallationDate(deps),
    setInstallationDate: setInstallationDate(deps),
    receiveReport: receiveReport(importing),
    previewReport: previewReport(importing),
    commitReport: commitReport(importing),
    reportReads: reportReads({
      views,
      wait: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
    }),
    subjectOfTicket: subjectOfTicket(deps),
    eraseSubject: eraseSubject(deps),
    exportSubject: exportSubject({ ...deps, keyed }),
    listDeadLetters: listDeadLetters(deps),
    viewDeadLetter: viewDeadLetter(deps),
    retryDeadLetter: retryDeadLetter(deps),
    dropDeadLetter: dropDeadLetter(deps),
    /** What `metrics` tells beside what this process did. */
    measurements: [measureQueue(deps), measureNotifications(telling), measureSync({ desk: ports.syncDesk })],
    reactions: reactions({ ...importing, ...anchoring, sync }),
    schedules: [
      ...schedules({ ...importing, ...anchoring, ...judging, onReconciled, onJudged, onJudgedSoon, onErased, sync }),
      ...sender(ports),
    ],
    /** The examples are put into an empty directory only; what people entered is never touched. */
    addExamples: (examples: Parameters<typeof directory.save>[0]) =>
      pipe(
        directory.all(),
        TE.flatMap(({ people, projects }) =>
          people.length + projects.length > 0 ? TE.right(undefined) : directory.save(examples),
        ),
      ),
  }
}

const channelOf = ({ config: { whatsapp }, messenger }: Ports): Channel =>
  messenger === null ? 'not_configured' : whatsapp.on ? 'configured' : 'switched_off'

/** Without a WAHA there is nothing to send by: what is to be told is kept and waits. */
const sender = (ports: Ports): ReadonlyArray<Schedule> => {
  const { messenger, sending, changes, config } = ports
  if (messenger === null) return []
  const { pace, on: switchedOn } = config.whatsapp
  return [
    sendWhatsApp({
      messenger,
      sending,
      pace,
      switchedOn,
      newId: changes.newId,
      chance: Math.random,
      wait: async (ms, signal, sooner) => {
        const enough = new AbortController()
        const slept = sleep(ms, undefined, { signal: AbortSignal.any([signal, enough.signal]) }).catch(() => undefined)
        await Promise.race(sooner === null ? [slept] : [slept, sooner])
        enough.abort()
      },
    }),
  ]
}
export type UseCases = ReturnType<typeof useCases>
