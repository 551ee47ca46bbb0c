import type { Recorded } from '../../application/ports/ticket-store.ts'
import type { TicketEvent } from '../../domain/ticket/events.ts'
import type { Ticket } from '../../domain/ticket/ticket.ts'
import { stepList } from '../../domain/verification/steps.ts'

/** An event as the outbox carries it: itself, and whose it is. `ticketUid` is null until the database has given one. */
export const bodyOf = (ticket: Ticket, event: Recorded): Readonly<Record<string, unknown>> => ({
  ...event,
  ticketId: ticket.id,
  ticketUid: ticket.uid,
  projectId: ticket.projectId,
})

const words = (name: string): string => name.replaceAll('_', ' ')

/** The event as a line of the ticket's timeline. It names no client and repeats no free text: those are in the event. */
export const sentenceOf = (event: TicketEvent): string => {
  switch (event.type) {
    case 'TicketCreated':
      return `Created from ${words(event.source)}.`
    case 'TicketAssigned':
      return event.from === null ? 'Assigned.' : 'Assigned to someone else.'
    case 'WorkStarted':
      return event.cycle === 0 ? 'Work started.' : `Work started again, rectification ${event.cycle}.`
    case 'RectificationFlagged':
      return `Flagged after ${event.cycles} rectifications.`
    case 'TicketHeld':
      return `Put on hold: ${words(event.reason)}.`
    case 'TicketResumed':
      return `Resumed, ${words(event.to)}.`
    case 'ReadinessChecked':
      return event.run.passed
        ? 'Readiness check passed.'
        : `Readiness check failed: ${event.run.results
            .filter((result) => result.outcome === 'failed')
            .map((result) => words(result.check))
            .join(', ')}.`
    case 'SubmittedForQa':
      return 'Submitted for QA.'
    case 'WithdrawnFromQa':
      return 'Withdrawn from QA.'
    case 'FellBackToInProgress':
      return `Not QA ready any more: ${event.failures.map(words).join(', ')}.`
    case 'QaStarted':
      return 'QA started.'
    case 'ReviewTakenOver':
      return 'The review was taken over.'
    case 'TicketApproved':
      return event.decision.kind === 'approved' ? 'Approved.' : 'Approved with conditions.'
    case 'TicketRejected':
      return `Rejected: ${event.decision.codes.map(words).join(', ')}.`
    case 'AsBuiltConfirmed':
      return 'As-built confirmed.'
    case 'AsBuiltVoided':
      return `As-built confirmation void after a change of ${event.because.map(words).join(', ')}.`
    case 'HandoverRequested':
      return 'Handover requested.'
    case 'ReturnedFromGate':
      return 'Returned from the handover gate.'
    case 'HandedToMaintenance':
      return 'Handed over to maintenance.'
    case 'MaintenanceCompleted':
      return 'Maintenance completed.'
    case 'TicketCancelled':
      return 'Cancelled.'
    case 'MarkedDuplicate':
      return 'Marked as a duplicate.'
    case 'UnmarkedDuplicate':
      return `No duplicate after all, back to ${words(event.restored)}.`
    case 'TicketDeleted':
      return 'Deleted.'
    case 'FactsChanged':
      return `Changed: ${event.changes.map((change) => words(change.field)).join(', ')}.`
    case 'PlaceConfirmed':
      return 'The place was confirmed by hand.'
    case 'StepRecorded':
      return `${stepList[event.step].name}: ${event.complete ? 'complete' : 'recorded'}.`
    case 'PhotoAdded':
      return `Photo of ${stepList[event.photo.step].name.toLowerCase()} ${event.replaces === null ? 'added' : 'replaced'}.`
    case 'VerdictOverridden':
      return `A photo's ${words(event.check)} verdict was overridden.`
    case 'ReuseCleared':
      return 'The reuse of a photo was cleared.'
    case 'PhotoJudgedAgain':
      return event.blocks.length === 0
        ? 'A photo was judged again.'
        : `A photo was judged again and cannot serve: ${event.blocks.map(words).join(', ')}.`
    case 'LookAlikeFound':
      return 'A photo looks like an earlier one.'
    case 'FaultAttributed':
      return `Fault attributed to ${words(event.to.cause ?? 'nothing')}.`
    case 'RiskAccepted':
      return `Risk accepted until ${event.risk.expiresOn}.`
    case 'RiskResolved':
      return 'Risk resolved.'
    case 'RiskReviewed':
      return 'Risk reviewed.'
    case 'RiskExpired':
      return 'Risk expired.'
    case 'RiskEscalated':
      return 'Expired risk escalated.'
    case 'PlatformWaived':
      return `Platform ${event.platform} waived.`
    case 'WaiverWithdrawn':
      return `Waiver of ${event.platform} withdrawn.`
    case 'BillingClassified':
      return `Billing set to ${words(event.billing)}.`
    case 'DuplicateJoined':
      return 'Another ticket was marked as a duplicate of this one.'
    case 'DuplicateLeft':
      return 'A duplicate was taken off this ticket again.'
  }
}
