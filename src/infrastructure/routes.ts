import { dashboardRoutes } from '../adapters/http/dashboard-routes.ts'
import { deadLetterRoutes } from '../adapters/http/dead-letter-routes.ts'
import { directoryRoutes } from '../adapters/http/directory-routes.ts'
import { dropRoutes } from '../adapters/http/drop-routes.ts'
import { escalationRoutes } from '../adapters/http/escalation-routes.ts'
import { handoverRoutes } from '../adapters/http/handover-routes.ts'
import { judgementRoutes } from '../adapters/http/judgement-routes.ts'
import { lifecycleRoutes } from '../adapters/http/lifecycle-routes.ts'
import { notificationRoutes } from '../adapters/http/notification-routes.ts'
import { papersRoutes } from '../adapters/http/papers-routes.ts'
import { platformRoutes } from '../adapters/http/platform-routes.ts'
import { riskRoutes } from '../adapters/http/risk-routes.ts'
import type { Route } from '../adapters/http/route.ts'
import { settingsRoutes } from '../adapters/http/settings-routes.ts'
import { subjectRoutes } from '../adapters/http/subject-routes.ts'
import { syncRoutes } from '../adapters/http/sync-routes.ts'
import { templateRoutes } from '../adapters/http/template-routes.ts'
import { ticketRoutes } from '../adapters/http/ticket-routes.ts'
import { verificationRoutes } from '../adapters/http/verification-routes.ts'
import { weeklyImportRoutes } from '../adapters/http/weekly-import-routes.ts'
import type { Ports } from './tokens.ts'
import type { UseCases } from './use-cases.ts'

/** Every route of the API with the use cases behind it. */
export const routesOf = ({ changes: { now, newId }, workbookWriter }: Ports, uses: UseCases): ReadonlyArray<Route> => {
  const shared = { now, newId, view: uses.viewTicket, changes: uses.changes, run: uses.runCommand }
  return [
    ...ticketRoutes({
      ...shared,
      list: uses.listTickets,
      listAfter: uses.listTicketsAfter,
      create: uses.createTicket,
      sla: uses.showSla,
    }),
    ...lifecycleRoutes({ ...shared, bulk: uses.bulk }),
    ...verificationRoutes({ ...shared, addPhoto: uses.addPhoto, readinessRuns: uses.listReadinessRuns }),
    ...judgementRoutes({ ...shared, attachmentFor: uses.attachmentFor }),
    ...riskRoutes({
      ...shared,
      listRisks: uses.listRisks,
      listRisksAfter: uses.listRisksAfter,
      listTicketRisks: uses.listTicketRisks,
      ticketOfRisk: uses.ticketOfRisk,
    }),
    ...papersRoutes({
      newId,
      addNote: uses.addNote,
      addDocument: uses.addDocument,
      link: uses.linkTickets,
      open: uses.openAttachment,
      linkTo: uses.linkAttachment,
      timeline: uses.readTimeline,
      attachments: uses.listAttachments,
      links: uses.listLinks,
    }),
    ...handoverRoutes({ history: uses.readHandoverHistory, verify: uses.verifySnapshots }),
    ...subjectRoutes({ erase: uses.eraseSubject, subjectOfTicket: uses.subjectOfTicket }),
    ...escalationRoutes({
      list: uses.listEscalations,
      listAfter: uses.listEscalationsAfter,
      view: uses.viewEscalation,
      end: uses.endEscalation,
      check: uses.checkRepeatFaults,
    }),
    ...settingsRoutes(uses),
    ...templateRoutes(uses),
    ...notificationRoutes(uses),
    ...syncRoutes(uses),
    ...directoryRoutes(uses),
    ...platformRoutes(uses),
    ...dropRoutes(uses),
    ...dashboardRoutes({
      summary: uses.readDashboardSummary,
      slaCompliance: uses.readSlaCompliance,
      workload: uses.readWorkload,
      faultTrends: uses.readFaultTrends,
    }),
    ...deadLetterRoutes({
      list: uses.listDeadLetters,
      view: uses.viewDeadLetter,
      retry: uses.retryDeadLetter,
      drop: uses.dropDeadLetter,
    }),
    ...weeklyImportRoutes({
      receive: uses.receiveReport,
      preview: uses.previewReport,
      commit: uses.commitReport,
      reads: uses.reportReads,
      workbooks: workbookWriter,
    }),
  ]
}
