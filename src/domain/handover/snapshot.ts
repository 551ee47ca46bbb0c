import type { Json, JsonObject } from '../shared/json.ts'
import type { SealingEvent } from '../ticket/events.ts'
import type { Ticket } from '../ticket/ticket.ts'
import { requiredSteps } from '../verification/required-steps.ts'
import { stepNumber } from '../verification/steps.ts'
import { FORMAT_VERSION } from './chain.ts'

/** What is sealed at a change of ownership: copies, not links, and no personal text at all. */
export type SnapshotContent = JsonObject

/**
 * The whole state at this moment. `personal` says what stands for a client's name, phone, address, home GPS and any
 * free text: those are erasable and stay outside what can never be changed. Numbers with decimals are text, so that no
 * reader rounds them. `id` is the snapshot's own.
 */
export const snapshotOf = (
  ticket: Ticket,
  uid: string,
  event: SealingEvent,
  id: string,
  personal: JsonObject,
): SnapshotContent => ({
  format_version: FORMAT_VERSION,
  id,
  ownership_change: {
    handover_type: event.handover,
    from_owner_type: event.fromOwner,
    from_owner_id: event.fromOwnerId,
    to_owner_type: event.toOwner,
    to_owner_id: event.toOwnerId,
    at: event.at,
    by: event.by,
  },
  ticket: ticketPart(ticket, uid),
  guarantee: {
    status: ticket.guarantee.status,
    expires_on: ticket.guarantee.expiresOn,
    compared_day: ticket.guarantee.comparedDay,
  },
  steps: ticket.steps.map((step) => ({
    step_number: stepNumber(step.key),
    step_key: step.key,
    required: requiredSteps(ticket).includes(step.key),
    is_complete: step.complete,
    done_at: step.doneAt,
    completed_at: step.completedAt,
    completed_by: step.completedBy,
    scanned_value: step.key === 'customer_signature' ? null : step.value,
    verdict: step.verdict === null ? null : { outcome: step.verdict.outcome, by: step.verdict.by, at: step.verdict.at },
  })),
  evidence: evidenceOf(ticket),
  // Read back from the storage at this handover; at the others nobody looked.
  evidence_retention:
    event.type === 'HandedToMaintenance'
      ? event.evidenceRetention.map(({ photoId, retention }) => ({ id: photoId, retention }))
      : null,
  readiness_check: readinessPart(ticket),
  decisions: decisionsOf(ticket),
  risks: ticket.risks.map((risk) => ({
    id: risk.id,
    risk_type: risk.type,
    steps: risk.steps,
    status: risk.status,
    risk_expiry_date: risk.expiresOn,
    followup_date: risk.followUpOn,
    accepted_by: risk.acceptedBy,
    accepted_at: risk.acceptedAt,
    resolved_by: risk.resolvedBy,
    resolved_at: risk.resolvedAt,
    reviews: risk.reviews.map((review) => ({ at: review.at, by: review.by, next_on: review.nextOn })),
  })),
  waivers: ticket.waivers.map((waiver) => ({ platform: waiver.platform, by: waiver.by, at: waiver.at })),
  personal,
})

const ticketPart = (ticket: Ticket, uid: string): Json => ({
  id: ticket.id,
  ticket_uid: uid,
  project_id: ticket.projectId,
  source: ticket.source,
  external_id: ticket.externalId,
  ticket_type: ticket.type,
  priority: ticket.priority,
  status: ticket.status,
  owner_type: ticket.owner,
  dr_number: ticket.place.dr,
  pole_number: ticket.place.pole,
  pon_number: ticket.place.pon,
  zone_no: ticket.place.zone,
  place_confirmed:
    ticket.placeConfirmed === null ? null : { by: ticket.placeConfirmed.by, at: ticket.placeConfirmed.at },
  ont_serial: ticket.equipment.ontSerial,
  ont_rx_level: ticket.equipment.ontRx === null ? null : ticket.equipment.ontRx.toFixed(3),
  ont_model: ticket.equipment.ontModel,
  ups_serial: ticket.equipment.upsSerial,
  assignment:
    'assignment' in ticket && ticket.assignment !== null
      ? {
          assigned_to: ticket.assignment.technician,
          assigned_contractor_id: ticket.assignment.contractor,
          assigned_team: ticket.assignment.team,
        }
      : null,
  worked_by: ticket.workedBy,
  fault: {
    cause: ticket.fault.cause,
    component: ticket.fault.component,
    confirmed_by: ticket.fault.confirmed?.by ?? null,
    confirmed_at: ticket.fault.confirmed?.at ?? null,
  },
  paperwork: ticket.paperwork,
  weekly_note: ticket.weeklyNote,
  follow_up_of: ticket.followUpOf,
  rectification_count: ticket.rectificationCount,
  as_built: ticket.asBuilt === null ? null : { by: ticket.asBuilt.by, at: ticket.asBuilt.at },
  step_list_version: ticket.stepListVersion,
  status_history: ticket.history.map((change) => ({ at: change.at, status: change.status })),
  created_at: ticket.createdAt,
  created_by: ticket.createdBy,
})

/** Every photo, the replaced ones too: where it lies, its size and hash, and what was found and decided about it. */
export const evidenceOf = (ticket: Ticket): ReadonlyArray<JsonObject> =>
  ticket.photos.map((photo) => ({
    id: photo.id,
    step_key: photo.step,
    is_current: photo.current,
    work_cycle: photo.cycle,
    bucket: photo.object.bucket,
    name: photo.object.name,
    generation: photo.object.generation,
    size: photo.object.size,
    sha256: photo.object.sha256,
    // Of the encrypted bytes that the storage holds; null when it holds the original itself.
    stored_size: photo.object.stored?.size ?? null,
    stored_sha256: photo.object.stored?.sha256 ?? null,
    mime_type: photo.mime,
    width: photo.width,
    height: photo.height,
    captured_at: photo.capturedAt,
    done_at: photo.doneAt,
    uploaded_at: photo.arrivedAt,
    uploaded_by: photo.uploadedBy,
    verdicts: photo.verdicts.map(({ check, outcome, checker, version, at }) => ({
      check,
      outcome,
      checker,
      version,
      at,
    })),
    overrides: photo.overrides.map(({ check, by, at }) => ({ check, by, at })),
    reuse_cleared: photo.reuseCleared === null ? null : { by: photo.reuseCleared.by, at: photo.reuseCleared.at },
  }))

/** Every QA decision: approvals, rejections, conditions and returns from the gate. */
export const decisionsOf = (ticket: Ticket): ReadonlyArray<JsonObject> =>
  ticket.decisions.map((decision) => ({
    id: decision.id,
    kind: decision.kind,
    at: decision.at,
    by: decision.by,
    codes: decision.codes,
    verdicts: decision.verdicts.map(({ step, outcome }) => ({ step_key: step, outcome })),
    risks: decision.risks,
    gate_failures: decision.gateFailures,
  }))

const readinessPart = ({ lastCheck }: Ticket): Json =>
  lastCheck === null
    ? null
    : {
        id: lastCheck.id,
        at: lastCheck.at,
        by: lastCheck.by,
        passed: lastCheck.passed,
        results: lastCheck.results.map(({ check, outcome, expected, actual }) => ({
          check,
          outcome,
          expected,
          actual,
        })),
      }
