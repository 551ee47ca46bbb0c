import type { PictureUse } from '../../application/ports/ticket-store.ts'
import { blockingVerdicts } from '../../domain/evidence/blocking.ts'
import type { Photo } from '../../domain/evidence/photo.ts'
import type { CheckResult } from '../../domain/readiness/readiness.ts'
import type { Risk } from '../../domain/risk/risk.ts'
import type { QaDecision, ReadinessRun, Ticket, TicketId, Waiver } from '../../domain/ticket/ticket.ts'
import { currentPhoto } from '../../domain/verification/complete-step.ts'
import { requiredSteps } from '../../domain/verification/required-steps.ts'
import { stepList, stepNumber } from '../../domain/verification/steps.ts'
import { contentPath } from '../contract/content-path.ts'
import type {
  CHECK_COLUMNS,
  DECISION_COLUMNS,
  PHOTO_COLUMNS,
  RISK_COLUMNS,
  RowOf,
  STEP_COLUMNS,
  WAIVER_COLUMNS,
} from './ticket-columns.ts'

export const stepRows = (ticket: Ticket): ReadonlyArray<RowOf<typeof STEP_COLUMNS>> => {
  const required = requiredSteps(ticket)
  return ticket.steps.map((step) => {
    const photo = currentPhoto(ticket, step.key)
    const { name, description } = stepList[step.key]
    return {
      id: step.id,
      ticket_id: ticket.id,
      step_number: stepNumber(step.key),
      step_key: step.key,
      step_name: name,
      step_description: description,
      is_complete: step.complete,
      done_at: step.doneAt,
      completed_at: step.completedAt,
      completed_by: step.completedBy,
      photo_required: required.includes(step.key),
      photo_url: photo === undefined ? null : contentPath(photo.id),
      photo_verified: photo !== undefined && blockingVerdicts(photo).length === 0,
      scanned_value: step.value,
      notes: step.notes,
      verdict: step.verdict?.outcome ?? null,
      verdict_comment: step.verdict?.comment ?? null,
      verdict_by: step.verdict?.by ?? null,
      verdict_at: step.verdict?.at ?? null,
      version: step.version,
    }
  })
}

export const photoRowOf =
  (ticket: Ticket) =>
  (photo: Photo): RowOf<typeof PHOTO_COLUMNS> => ({
    id: photo.id,
    ticket_id: ticket.id,
    filename: photo.filename,
    file_type: 'photo',
    mime_type: photo.mime,
    file_size: photo.object.size,
    storage_path: photo.object.name,
    storage_url: contentPath(photo.id),
    storage_bucket: photo.object.bucket,
    storage_generation: photo.object.generation,
    sha256: photo.object.sha256,
    stored_size: photo.object.stored?.size ?? null,
    stored_sha256: photo.object.stored?.sha256 ?? null,
    uploaded_by: photo.uploadedBy,
    uploaded_at: photo.arrivedAt,
    verification_step_id: ticket.steps.find((step) => step.key === photo.step)?.id ?? null,
    is_evidence: true,
    step_key: photo.step,
    is_current: photo.current,
    work_cycle: photo.cycle,
    width: photo.width,
    height: photo.height,
    captured_at: photo.capturedAt,
    done_at: photo.doneAt,
    copies: photo.copies,
    verdicts: photo.verdicts,
    overrides: photo.overrides,
    reuse_cleared: photo.reuseCleared,
  })

/** A picture's use as it is remembered when the attachment itself may be pruned. */
export const hashRowOf =
  (ticket: Ticket) =>
  (photo: Photo): Readonly<Record<string, unknown>> => ({
    photo_id: photo.id,
    sha256: photo.object.sha256,
    ticket_id: ticket.id,
    step_key: photo.step,
    project_id: ticket.projectId,
    dr_number: ticket.place.dr,
    uploaded_at: photo.arrivedAt,
  })

/** How a picture is known to later ones: a row for each of its hashes. */
export const fingerprintRowsOf = ({
  photoId,
  likeness,
}: PictureUse): ReadonlyArray<Readonly<Record<string, unknown>>> =>
  (likeness?.fingerprint.stored ?? []).map((hash) => ({ photo_id: photoId, hash: `x${hash}` }))

export const riskRowOf =
  (ticketId: TicketId) =>
  (risk: Risk): RowOf<typeof RISK_COLUMNS> => ({
    id: risk.id,
    ticket_id: ticketId,
    risk_type: risk.type,
    risk_description: risk.description,
    conditions: risk.conditions,
    steps: risk.steps,
    risk_expiry_date: risk.expiresOn,
    requires_followup: risk.followUpOn !== null,
    followup_date: risk.followUpOn,
    status: risk.status,
    resolved_at: risk.resolvedAt,
    resolved_by: risk.resolvedBy,
    resolution_notes: risk.resolution,
    escalation_ticket_id: risk.escalationTicket,
    reviews: risk.reviews,
    accepted_by: risk.acceptedBy,
    accepted_at: risk.acceptedAt,
  })

export const decisionRowOf =
  (ticketId: TicketId) =>
  (decision: QaDecision): RowOf<typeof DECISION_COLUMNS> => ({
    id: decision.id,
    ticket_id: ticketId,
    kind: decision.kind,
    decided_at: decision.at,
    decided_by: decision.by,
    codes: decision.codes,
    reason: decision.reason,
    verdicts: decision.verdicts,
    risks: decision.risks,
    gate_failures: decision.gateFailures,
  })

export const waiverRowOf =
  (ticketId: TicketId) =>
  (waiver: Waiver): RowOf<typeof WAIVER_COLUMNS> => ({
    ticket_id: ticketId,
    platform: waiver.platform,
    waived_by: waiver.by,
    waived_at: waiver.at,
    reason: waiver.reason,
  })

const OUTCOME: { readonly [O in CheckResult['outcome']]: boolean | null } = {
  passed: true,
  failed: false,
  not_applicable: null,
}

/** One run of the readiness check; a check that does not apply is neither true nor false. */
export const checkRowOf =
  (ticket: Ticket) =>
  (run: ReadinessRun): RowOf<typeof CHECK_COLUMNS> => {
    const outcome = (check: string): boolean | null =>
      OUTCOME[run.results.find((result) => result.check === check)?.outcome ?? 'not_applicable']
    const required = requiredSteps(ticket)
    return {
      id: run.id,
      ticket_id: ticket.id,
      passed: run.passed,
      checked_at: run.at,
      checked_by: run.by,
      photos_exist: outcome('photos_exist'),
      photos_count: required.filter((key) => currentPhoto(ticket, key) !== undefined).length,
      photos_required_count: required.length,
      photo_quality: outcome('photo_quality'),
      dr_populated: outcome('dr_populated'),
      pole_populated: outcome('pole_populated'),
      pon_populated: outcome('pon_populated'),
      zone_populated: outcome('zone_populated'),
      ont_serial_recorded: outcome('ont_serial_recorded'),
      ont_rx_recorded: outcome('ont_rx_recorded'),
      ont_rx_within_limits: outcome('ont_rx_within_limits'),
      platforms_aligned: outcome('platforms_aligned'),
      fault_attributed: outcome('fault_attributed'),
      failed_checks: run.results.filter((result) => result.outcome === 'failed').map((result) => result.check),
      results: run.results,
    }
  }
