import { type Action, isWithin, reachOf } from '../../application/permissions.ts'
import type { Stored } from '../../application/ports/ticket-store.ts'
import type { Principal } from '../../application/principal.ts'
import { isAboutAHome } from '../../domain/readiness/check-readiness.ts'
import { drIsUnknown } from '../../domain/readiness/platforms-aligned.ts'
import type { Instant } from '../../domain/shared/time.ts'
import { clockIn } from '../../domain/sla/timeline.ts'
import { didTheWork } from '../../domain/ticket/did-the-work.ts'
import { type Command, type Ticket, transitions } from '../../domain/ticket/ticket.ts'
import { inSnakeCase } from './snake-case.ts'
import { decisionView, progressView, riskView, runView, stepViews } from './ticket-parts-view.ts'

/** One ticket as its reader may see it, under its columns' names; `now` decides only what is overdue. */
export const ticketView = (stored: Stored, principal: Principal, now: Instant) => {
  const { ticket, version, duplicates, snapshots, usedBytes } = stored
  const client = isWithin(reachOf(principal, 'read_client'), principal, ticket)
  return {
    ...columnsOf(ticket),
    ...(client ? clientOf(stored) : { description: null }),
    ...standingOf(ticket, now),
    dr_unknown: drUnknown(stored),
    duplicates,
    snapshots,
    evidence_bytes: usedBytes,
    ...progressView(ticket),
    steps: stepViews(ticket, client),
    qa_readiness: ticket.lastCheck === null ? null : runView(ticket.lastCheck),
    risk_acceptances: ticket.risks.map((risk) => riskView(ticket.id, risk, now)),
    waivers: inSnakeCase(ticket.waivers),
    qa_decisions: ticket.decisions.map(decisionView),
    allowed_commands: commandsFor(ticket, principal),
    allowed_actions: actionsFor(ticket, principal),
    did_the_work: didTheWork(ticket, principal.userId),
    version,
  }
}

const nobody = { technician: null, contractor: null, team: null }

const columnsOf = (ticket: Ticket) => {
  const { place, placeConfirmed, equipment, fault, guarantee, sla, asBuilt, lastCheck } = ticket
  const assignment = ('assignment' in ticket ? ticket.assignment : null) ?? nobody
  return {
    id: ticket.id,
    ticket_uid: ticket.uid,
    project_id: ticket.projectId,
    ticket_type: ticket.type,
    source: ticket.source,
    external_id: ticket.externalId,
    priority: ticket.priority,
    status: ticket.status,
    owner_type: ticket.owner,
    title: ticket.title,
    description: ticket.description,
    dr_number: place.dr,
    pole_number: place.pole,
    pon_number: place.pon,
    zone_no: place.zone,
    place_confirmed_by: placeConfirmed?.by ?? null,
    place_confirmed_at: placeConfirmed?.at ?? null,
    place_confirmed_reason: placeConfirmed?.reason ?? null,
    ont_serial: equipment.ontSerial,
    ont_serial_recorded_at: equipment.ontSerialAt,
    ont_rx_level: equipment.ontRx,
    ont_model: equipment.ontModel,
    ups_serial: equipment.upsSerial,
    assigned_to: assignment.technician,
    assigned_contractor_id: assignment.contractor,
    assigned_team: assignment.team,
    fault_cause: fault.cause,
    fault_component: fault.component,
    fault_cause_details: fault.details,
    fault_confirmed_by: fault.confirmed?.by ?? null,
    fault_confirmed_at: fault.confirmed?.at ?? null,
    guarantee_status: guarantee.status,
    guarantee_expires_at: guarantee.expiresOn,
    guarantee_rule: guarantee.decidedBy,
    billing_classification: guarantee.billing,
    is_billable: guarantee.billable,
    billing_by_hand: inSnakeCase(ticket.billingByHand),
    qa_ready: ticket.qaReady,
    qa_readiness_check_at: lastCheck?.at ?? null,
    rectification_count: ticket.rectificationCount,
    sla_due_at: sla.dueAt,
    sla_response_due_at: sla.responseDueAt,
    sla_first_response_at: sla.firstResponseAt,
    sla_breached: sla.breached,
    as_built_confirmed_at: asBuilt?.at ?? null,
    as_built_confirmed_by: asBuilt?.by ?? null,
    as_built_document: asBuilt?.document ?? null,
    paperwork: ticket.paperwork,
    weekly_note: ticket.weeklyNote,
    follow_up_of: ticket.followUpOf,
    step_list_version: ticket.stepListVersion,
    created_at: ticket.createdAt,
    created_by: ticket.createdBy,
    source_created_at: ticket.sourceCreatedAt,
    erased_at: ticket.erasedAt,
  }
}

const clientOf = ({ ticket, client }: Stored) => ({
  address: ticket.address,
  gps_coordinates: ticket.gps,
  client_name: client?.name ?? null,
  client_phone: client?.phone ?? null,
  client_email: client?.email ?? null,
})

/** What only the present status knows. A null says that this status knows no such thing. */
const standingOf = (ticket: Ticket, now: Instant) => ({
  overdue: clockIn[ticket.status] === 'runs' && ticket.sla.dueAt !== null && ticket.sla.dueAt < now,
  hold: ticket.status === 'on_hold' ? { ...ticket.hold, resumes_to: ticket.resumesTo } : null,
  submitted_by: 'submittedBy' in ticket ? ticket.submittedBy : null,
  submitted_at: 'submittedAt' in ticket ? ticket.submittedAt : null,
  reviewer: 'reviewer' in ticket ? ticket.reviewer : null,
  approved_by: 'approvedBy' in ticket ? ticket.approvedBy : null,
  approved_at: 'approvedAt' in ticket ? ticket.approvedAt : null,
  handed_at: 'handedAt' in ticket ? ticket.handedAt : null,
  closed_at: ticket.status === 'closed' ? ticket.closedAt : null,
  closed_by: ticket.status === 'closed' ? ticket.closedBy : null,
  cancelled_at: ticket.status === 'cancelled' ? ticket.cancelledAt : null,
  cancelled_by: ticket.status === 'cancelled' ? ticket.cancelledBy : null,
  cancelled_reason: ticket.status === 'cancelled' ? ticket.because.reason : null,
  duplicate_of: survivorOf(ticket),
})

const survivorOf = (ticket: Ticket): string | null =>
  ticket.status === 'cancelled' && ticket.because.kind === 'duplicate' ? ticket.because.survivor : null

/** Flagged: a drop is needed and none is named, or the connected SOW does not know the one that is. */
const drUnknown = ({ ticket, facts }: Stored): boolean =>
  isAboutAHome(ticket) && (ticket.place.dr === null || drIsUnknown(ticket, facts))

/** The commands this caller may give now, as far as table and permissions say; the guards of each hold on top. */
const commandsFor = (ticket: Ticket, principal: Principal): ReadonlyArray<Command> =>
  (Object.keys(transitions) as ReadonlyArray<Command>).filter((command) => {
    if (command === 'fall_back') return false
    if (command === 'unmark_duplicate' && survivorOf(ticket) === null) return false
    if (command === 'mark_duplicate' && ticket.type === 'infrastructure') return false
    const action = command === 'delete' ? 'delete_ticket' : command
    const from: ReadonlyArray<string> = transitions[command].from
    return from.includes(ticket.status) && isWithin(reachOf(principal, action), principal, ticket)
  })

const OF_A_TICKET = [
  'edit_ticket',
  'add_note',
  'add_attachment',
  'record_step',
  'add_photo',
  'run_readiness',
  'attribute_fault',
  'attribute_workmanship',
  'accept_risk',
  'resolve_risk',
  'review_risk',
  'waive_platform',
  'override_verdict',
  'clear_reuse',
  'link_ticket',
  'classify_billing',
  'verify_snapshots',
] as const satisfies ReadonlyArray<Action>

/** What this caller may do to the ticket beside its lifecycle. */
const actionsFor = (ticket: Ticket, principal: Principal) =>
  OF_A_TICKET.filter((action) => isWithin(reachOf(principal, action), principal, ticket))
