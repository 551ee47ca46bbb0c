import { blockingVerdicts } from '../../domain/evidence/blocking.ts'
import type { Photo } from '../../domain/evidence/photo.ts'
import { isOverdue } from '../../domain/risk/past.ts'
import type { Risk } from '../../domain/risk/risk.ts'
import type { Instant } from '../../domain/shared/time.ts'
import type { QaDecision, ReadinessRun, Ticket } from '../../domain/ticket/ticket.ts'
import { currentPhoto, valueOfStep } from '../../domain/verification/complete-step.ts'
import { progressOf, requiredSteps } from '../../domain/verification/required-steps.ts'
import { type Step, stepList, stepNumber } from '../../domain/verification/steps.ts'
import { contentPath } from './content-path.ts'
import { inSnakeCase } from './snake-case.ts'

/** The customer's name is the client's; whoever may not read the client sees only whether it is there. */
const shownValue = (ticket: Ticket, step: Step, client: boolean) => {
  const value = valueOfStep(ticket, step.key)
  return stepList[step.key].value === 'name' && !client ? { has_value: value !== null } : { value }
}

/** All steps of a ticket, in order, each with its photos: the current one first, then the earlier ones, newest first. */
export const stepViews = (ticket: Ticket, client: boolean) => {
  const required = requiredSteps(ticket)
  return ticket.steps.map((step) => {
    const { name, description, value: kind } = stepList[step.key]
    const photo = currentPhoto(ticket, step.key)
    const photos = ticket.photos.filter((one) => one.step === step.key)
    return {
      id: step.id,
      step_number: stepNumber(step.key),
      step_key: step.key,
      step_name: name,
      step_description: description,
      required: required.includes(step.key),
      photo_required: required.includes(step.key),
      is_complete: step.complete,
      done_at: step.doneAt,
      completed_at: step.completedAt,
      completed_by: step.completedBy,
      value_kind: kind,
      ...shownValue(ticket, step, client),
      notes: client ? step.notes : null,
      photo_url: photo === undefined ? null : contentPath(photo.id),
      photo_verified: photo !== undefined && blockingVerdicts(photo).length === 0,
      photos: [...photos]
        .sort((a, b) => Number(b.current) - Number(a.current) || (a.arrivedAt < b.arrivedAt ? 1 : -1))
        .map((one) => photoView(one, client)),
      verdict: step.verdict === null ? null : inSnakeCase(step.verdict),
      version: step.version,
    }
  })
}

/** "7/12", and the same of the required steps. */
export const progressView = (ticket: Ticket) => {
  const { completed, total, requiredCompleted, required } = progressOf(ticket)
  return {
    progress: `${completed}/${total}`,
    steps_completed: completed,
    required_steps: required,
    required_completed: requiredCompleted,
  }
}

/** What its sender called a photo may name the client, as its step's notes may. */
export const photoView = (photo: Photo, client: boolean) => ({
  id: photo.id,
  step_key: photo.step,
  is_current: photo.current,
  work_cycle: photo.cycle,
  filename: client ? photo.filename : null,
  mime_type: photo.mime,
  file_size: photo.object.size,
  sha256: photo.object.sha256,
  width: photo.width,
  height: photo.height,
  photo_url: contentPath(photo.id),
  captured_at: photo.capturedAt,
  done_at: photo.doneAt,
  uploaded_at: photo.arrivedAt,
  uploaded_by: photo.uploadedBy,
  blocks_readiness: blockingVerdicts(photo),
  verdicts: inSnakeCase(photo.verdicts),
  overrides: inSnakeCase(photo.overrides),
  reuse_cleared: inSnakeCase(photo.reuseCleared),
})

export const runView = (run: ReadinessRun) => ({
  id: run.id,
  passed: run.passed,
  checked_at: run.at,
  checked_by: run.by,
  failed_checks: run.results.filter(({ outcome }) => outcome === 'failed').map(({ check }) => check),
  results: run.results,
})

/** `is_overdue` goes by the date, whether or not the job that marks it has run. */
export const riskView = (ticketId: string, risk: Risk, now: Instant) => ({
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
  is_overdue: isOverdue(risk, now),
  accepted_by: risk.acceptedBy,
  accepted_at: risk.acceptedAt,
  resolved_by: risk.resolvedBy,
  resolved_at: risk.resolvedAt,
  resolution_notes: risk.resolution,
  escalation_ticket_id: risk.escalationTicket,
  reviews: inSnakeCase(risk.reviews),
})

export const decisionView = (decision: QaDecision) => ({
  id: decision.id,
  kind: decision.kind,
  decided_at: decision.at,
  decided_by: decision.by,
  codes: decision.codes,
  reason: decision.reason,
  verdicts: decision.verdicts,
  risks: decision.risks,
  gate_failures: decision.gateFailures,
})
