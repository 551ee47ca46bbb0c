import type { Instant } from '../../domain/shared/time.ts'
import type { Assignment, Ticket } from '../../domain/ticket/ticket.ts'
import { commonOf } from '../../domain/ticket/transition.ts'
import type { RowOf, TicketColumn } from './ticket-columns.ts'

const nobody: Assignment = { technician: null, contractor: null, team: null }

const assignmentOf = (ticket: Ticket): Assignment =>
  'assignment' in ticket && ticket.assignment !== null ? ticket.assignment : nobody

/** Facts of the present status that have columns of their own. */
const IN_COLUMNS = ['status', 'assignment', 'closedAt', 'closedBy']

/** What only the present status knows, without what has a column. */
const statusFacts = (ticket: Ticket): Readonly<Record<string, unknown>> => {
  const common = commonOf(ticket)
  return Object.fromEntries(Object.entries(ticket).filter(([key]) => !(key in common) && !IN_COLUMNS.includes(key)))
}

/** A guarantee holds to the last moment of its last day in Africa/Johannesburg. */
const endOfDay = (day: string): string => `${day}T23:59:59.999+02:00`

/** A ticket in the columns of its table; `assignedEver` is everyone it was assigned to before. */
export const rowOfTicket = (
  ticket: Ticket,
  assignedEver: ReadonlyArray<string>,
  updatedAt: Instant | null,
): RowOf<ReadonlyArray<TicketColumn>> => {
  const { place, placeConfirmed, equipment, fault, asBuilt, sla, guarantee, gps } = ticket
  const { technician, contractor, team } = assignmentOf(ticket)
  const closed = ticket.status === 'closed' ? ticket : null
  const survivor = ticket.status === 'cancelled' && ticket.because.kind === 'duplicate' ? ticket.because.survivor : null
  return {
    id: ticket.id,
    ticket_uid: ticket.uid,
    source: ticket.source,
    import_key: ticket.importKey,
    project_id: ticket.projectId,
    follow_up_of: ticket.followUpOf,
    created_at: ticket.createdAt,
    created_by: ticket.createdBy,
    source_created_at: ticket.sourceCreatedAt,
    step_list_version: ticket.stepListVersion,
    step_overrides: ticket.stepOverrides,
    external_id: ticket.externalId,
    title: ticket.title,
    description: ticket.description,
    ticket_type: ticket.type,
    priority: ticket.priority,
    status: ticket.status,
    dr_number: place.dr,
    zone_no: place.zone,
    pole_number: place.pole,
    pon_number: place.pon,
    address: ticket.address,
    gps_coordinates: gps === null ? null : `(${gps.lon},${gps.lat})`,
    place_confirmed_by: placeConfirmed?.by ?? null,
    place_confirmed_at: placeConfirmed?.at ?? null,
    place_confirmed_reason: placeConfirmed?.reason ?? null,
    ont_serial: equipment.ontSerial,
    ont_serial_recorded_at: equipment.ontSerialAt,
    ont_rx_level: equipment.ontRx,
    ont_model: equipment.ontModel,
    ups_serial: equipment.upsSerial,
    assigned_to: technician,
    assigned_contractor_id: contractor,
    assigned_team: team,
    guarantee_status: guarantee.status,
    guarantee_expires_at: guarantee.expiresOn === null ? null : endOfDay(guarantee.expiresOn),
    guarantee_rule: guarantee.decidedBy,
    billing_by_hand: ticket.billingByHand,
    is_billable: guarantee.billable,
    billing_classification: guarantee.billing,
    qa_ready: ticket.qaReady,
    qa_readiness_check_at: ticket.lastCheck?.at ?? null,
    qa_readiness_failed_reasons: ticket.lastCheck?.results.filter((result) => result.outcome === 'failed') ?? null,
    last_check: ticket.lastCheck,
    fault_cause: fault.cause,
    fault_cause_details: fault.details,
    fault_component: fault.component,
    fault_confirmed_by: fault.confirmed?.by ?? null,
    fault_confirmed_at: fault.confirmed?.at ?? null,
    rectification_count: ticket.rectificationCount,
    sla_due_at: sla.dueAt,
    sla_response_due_at: sla.responseDueAt,
    sla_first_response_at: sla.firstResponseAt,
    sla_breached: sla.breached,
    updated_at: updatedAt,
    closed_at: closed?.closedAt ?? null,
    closed_by: closed?.closedBy ?? null,
    deleted_at: ticket.deletedAt,
    erased_at: ticket.erasedAt,
    owner_type: ticket.owner,
    weekly_note: ticket.weeklyNote,
    paperwork: ticket.paperwork,
    duplicate_of: survivor,
    as_built_confirmed_at: asBuilt?.at ?? null,
    as_built_confirmed_by: asBuilt?.by ?? null,
    as_built_document: asBuilt?.document ?? null,
    worked_by: ticket.workedBy,
    assigned_ever: withAssigned(assignedEver, ticket),
    status_history: ticket.history,
    status_facts: statusFacts(ticket),
  }
}

const withAssigned = (before: ReadonlyArray<string>, ticket: Ticket): ReadonlyArray<string> => [
  ...new Set([...before, ...Object.values(assignmentOf(ticket)).filter((who): who is string => who !== null)]),
]
