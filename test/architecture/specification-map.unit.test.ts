import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const words = (text: string): ReadonlyArray<string> => text.trim().split(/\s+/)
const lines = (text: string): ReadonlyArray<string> => text.trim().split(/\s*\n\s*/)

/** The names that the specification gives, under the headings of the map. */
const specified: Readonly<Record<string, ReadonlyArray<string>>> = {
  Types: words(`
    types/ticket.ts types/verification.ts types/guarantee.ts types/whatsapp.ts types/qcontact.ts types/weeklyReport.ts
    types/riskAcceptance.ts types/handover.ts types/escalation.ts
    Ticket TicketStatus TicketType FaultCause VerificationStep QAReadinessCheck GuaranteePeriod GuaranteeStatus
    WhatsAppNotification QContactSync QContactTicket WeeklyReport ImportRow RiskAcceptance RiskType HandoverSnapshot HandoverType
    RepeatFaultEscalation`),
  Services: words(`
    ticketService.ts drLookupService.ts verificationService.ts guaranteeService.ts qcontactService.ts whatsappService.ts
    weeklyReportService.ts qaReadinessService.ts riskAcceptanceService.ts handoverService.ts escalationService.ts`),
  Utils: words(`
    drLookup.ts guaranteeCalculator.ts excelParser.ts slaCalculator.ts qaReadinessValidator.ts faultPatternDetector.ts
    snapshotGenerator.ts`),
  Constants: words('ticketStatus.ts verificationSteps.ts faultCauses.ts readinessChecks.ts'),
  Components: words(`
    TicketList.tsx TicketListItem.tsx TicketFilters.tsx TicketStatusBadge.tsx
    TicketDetail.tsx TicketHeader.tsx TicketTimeline.tsx TicketActions.tsx
    VerificationChecklist.tsx VerificationStep.tsx PhotoUpload.tsx
    QAReadinessCheck.tsx ReadinessResults.tsx ReadinessBlocker.tsx
    RiskAcceptanceForm.tsx RiskAcceptanceList.tsx RiskExpiryWarning.tsx
    FaultCauseSelector.tsx FaultTrendAnalysis.tsx
    HandoverWizard.tsx HandoverSnapshot.tsx HandoverHistory.tsx
    EscalationAlert.tsx EscalationList.tsx RepeatFaultMap.tsx
    WeeklyImportWizard.tsx ImportPreview.tsx ImportResults.tsx
    TicketingDashboard.tsx SLAComplianceCard.tsx WorkloadChart.tsx RecentTickets.tsx
    DRLookup.tsx GuaranteeIndicator.tsx SLACountdown.tsx`),
  Hooks: words(`
    useTickets.ts useTicket.ts useVerification.ts useGuarantee.ts useQAReadiness.ts useRiskAcceptance.ts useHandover.ts
    useEscalation.ts useDashboard.ts`),
  Entries: words('client.ts index.ts README.md'),
  Tables: words(`
    tickets verification_steps weekly_reports qcontact_sync_log guarantee_periods whatsapp_notifications ticket_attachments
    ticket_notes qa_readiness_checks qa_risk_acceptances handover_snapshots repeat_fault_escalations`),
  Endpoints: lines(`
    GET /tickets
    POST /tickets
    GET /tickets/{id}
    PUT /tickets/{id}
    DELETE /tickets/{id}
    GET /dr-lookup/{drNumber}
    GET /tickets/{id}/verification
    PUT /tickets/{id}/verification/{step}
    POST /tickets/{id}/verification/complete
    POST /tickets/{id}/qa-readiness-check
    GET /tickets/{id}/qa-readiness
    POST /tickets/{id}/risk-acceptance
    GET /tickets/{id}/risk-acceptances
    PUT /risk-acceptances/{id}/resolve
    POST /tickets/{id}/handover
    GET /tickets/{id}/handover-history
    GET /escalations
    GET /escalations/{id}
    POST /escalations/{id}/resolve
    GET /repeat-faults/check
    POST /import/weekly
    GET /import/weekly/{id}
    GET /import/weekly/history
    POST /sync/qcontact
    GET /sync/qcontact/status
    GET /sync/qcontact/log
    POST /notifications/whatsapp
    GET /notifications/status
    GET /dashboard/summary
    GET /dashboard/sla
    GET /dashboard/workload`),
  Pages: words(`
    /ticketing /ticketing/tickets /ticketing/tickets/[id] /ticketing/import /ticketing/sync /ticketing/handover
    /ticketing/escalations /ticketing/risks`),
}

type Entry = { readonly heading: string; readonly name: string; readonly home: string; readonly status: string }

const readMap = (text: string): ReadonlyArray<Entry> => {
  let heading = ''
  return text.split('\n').flatMap((line) => {
    if (line.startsWith('## ')) heading = line.slice(3)
    const [, name, home, status] = /^\| (.+?) \| (.+?) \| (here|later|pending) \|$/.exec(line) ?? []
    return name === undefined || home === undefined || status === undefined ? [] : [{ heading, name, home, status }]
  })
}

const homesOf = ({ home }: Entry): ReadonlyArray<string> =>
  [...home.matchAll(/`([^`]+)`/g)].map(([, path = '']) => path)

const exists = (home: string): boolean => {
  const [file = '', name] = home.split('#')
  return existsSync(file) && (name === undefined || new RegExp(`\\b${name}\\b`).test(readFileSync(file, 'utf8')))
}

describe("the map of the specification's names", () => {
  const entries = readMap(readFileSync('docs/specification-map.md', 'utf8'))

  it.each(Object.keys(specified))('has each of the %s once and nothing else', (heading) => {
    const mapped = entries.filter((entry) => entry.heading === heading).map(({ name }) => name)
    expect(mapped.toSorted()).toEqual(specified[heading]?.toSorted())
  })

  it('names for everything that is here a home that exists', () => {
    const here = entries.filter(({ status }) => status === 'here')
    expect(here.length).toBeGreaterThan(0)
    expect(here.filter((entry) => homesOf(entry).length === 0)).toEqual([])
    expect(here.flatMap(homesOf).filter((home) => !exists(home))).toEqual([])
  })

  it('leaves nothing unsettled', () => {
    expect(entries.filter(({ status }) => status === 'pending').map(({ name }) => name)).toEqual([])
  })
})
