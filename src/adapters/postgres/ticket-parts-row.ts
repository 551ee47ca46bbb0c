import { z } from 'zod'
import { outcomes, photoChecks } from '../../domain/evidence/evidence.ts'
import type { Content, Photo } from '../../domain/evidence/photo.ts'
import { PLATFORMS } from '../../domain/readiness/readiness.ts'
import { RISK_STATUSES, RISK_TYPES, type Risk } from '../../domain/risk/risk.ts'
import type { JsonObject } from '../../domain/shared/json.ts'
import { type QaDecision, REJECT_CODES, type Waiver } from '../../domain/ticket/ticket.ts'
import { STEP_KEYS, type Step } from '../../domain/verification/steps.ts'
import { instant } from './ticket-columns.ts'

const text = z.string().nullable()
const moment = instant.nullable()
const VERDICTS = ['correct', 'incorrect', 'missing'] as const

export const stepRow = z
  .object({
    id: z.string(),
    step_key: z.enum(STEP_KEYS),
    is_complete: z.boolean(),
    done_at: moment,
    completed_at: moment,
    completed_by: text,
    scanned_value: text,
    notes: text,
    verdict: z.enum(VERDICTS).nullable(),
    verdict_comment: text,
    verdict_by: text,
    verdict_at: moment,
    version: z.number(),
  })
  .transform((row, issues): Step => {
    const { verdict: outcome, verdict_by: by, verdict_at: at } = row
    if (outcome !== null && (by === null || at === null))
      issues.addIssue({ code: 'custom', message: 'a verdict of nobody' })
    return {
      id: row.id,
      key: row.step_key,
      complete: row.is_complete,
      doneAt: row.done_at,
      completedAt: row.completed_at,
      completedBy: row.completed_by,
      value: row.scanned_value,
      notes: row.notes,
      verdict:
        outcome === null || by === null || at === null ? null : { outcome, comment: row.verdict_comment, by, at },
      version: row.version,
    }
  })

const verdict = z.object({
  check: z.enum(photoChecks),
  outcome: z.enum(outcomes),
  reason: z.string(),
  evidence: z.custom<JsonObject>((value) => typeof value === 'object' && value !== null && !Array.isArray(value)),
  checker: z.string(),
  version: z.string(),
  at: instant,
})

const storedObject = z.object({
  bucket: z.string(),
  name: z.string(),
  generation: z.string(),
  size: z.number(),
  sha256: z.string(),
  stored: z.object({ size: z.number(), sha256: z.string() }).nullable(),
})

/** What the storage holds of an encrypted file, from the two columns that say so. */
export const storedOf = (row: {
  readonly stored_size: number | null
  readonly stored_sha256: string | null
}): Content | null =>
  row.stored_size === null || row.stored_sha256 === null ? null : { size: row.stored_size, sha256: row.stored_sha256 }

export const photoRow = z
  .object({
    id: z.string(),
    step_key: z.enum(STEP_KEYS),
    is_current: z.boolean(),
    filename: z.string(),
    mime_type: z.string(),
    width: z.number().nullable(),
    height: z.number().nullable(),
    storage_bucket: z.string(),
    storage_path: z.string(),
    storage_generation: z.string(),
    file_size: z.number(),
    sha256: z.string(),
    stored_size: z.number().nullable(),
    stored_sha256: z.string().nullable(),
    captured_at: moment,
    done_at: moment,
    uploaded_at: instant,
    uploaded_by: z.string(),
    work_cycle: z.number(),
    copies: z.object({ view: storedObject, thumbnail: storedObject }).nullable(),
    verdicts: z.array(verdict),
    overrides: z.array(z.object({ check: z.string(), by: z.string(), at: instant, reason: z.string() })),
    reuse_cleared: z
      .object({
        by: z.string(),
        at: instant,
        reason: z.string(),
        photoIds: z.array(z.string()).nullable().default(null),
      })
      .nullable(),
  })
  .transform(
    (row): Photo => ({
      id: row.id,
      step: row.step_key,
      current: row.is_current,
      filename: row.filename,
      mime: row.mime_type,
      width: row.width,
      height: row.height,
      object: {
        bucket: row.storage_bucket,
        name: row.storage_path,
        generation: row.storage_generation,
        size: row.file_size,
        sha256: row.sha256,
        stored: storedOf(row),
      },
      copies: row.copies,
      capturedAt: row.captured_at,
      doneAt: row.done_at,
      arrivedAt: row.uploaded_at,
      uploadedBy: row.uploaded_by,
      cycle: row.work_cycle,
      verdicts: row.verdicts,
      overrides: row.overrides,
      reuseCleared: row.reuse_cleared,
    }),
  )

export const riskRow = z
  .object({
    id: z.string(),
    risk_type: z.enum(RISK_TYPES),
    risk_description: z.string(),
    conditions: text,
    steps: z.array(z.string()),
    risk_expiry_date: z.iso.date(),
    followup_date: z.iso.date().nullable(),
    status: z.enum(RISK_STATUSES),
    accepted_by: z.string(),
    accepted_at: instant,
    resolved_by: text,
    resolved_at: moment,
    resolution_notes: text,
    escalation_ticket_id: text,
    reviews: z.array(
      z.object({
        id: z.string(),
        at: instant,
        by: z.string(),
        outcome: z.string(),
        nextOn: z.iso.date().nullable(),
      }),
    ),
  })
  .transform(
    (row): Risk => ({
      id: row.id,
      type: row.risk_type,
      description: row.risk_description,
      conditions: row.conditions,
      steps: row.steps,
      expiresOn: row.risk_expiry_date,
      followUpOn: row.followup_date,
      status: row.status,
      acceptedBy: row.accepted_by,
      acceptedAt: row.accepted_at,
      resolvedBy: row.resolved_by,
      resolvedAt: row.resolved_at,
      resolution: row.resolution_notes,
      escalationTicket: row.escalation_ticket_id,
      reviews: row.reviews,
    }),
  )

export const waiverRow = z
  .object({ platform: z.enum(PLATFORMS), waived_by: z.string(), waived_at: instant, reason: z.string() })
  .transform((row): Waiver => ({ platform: row.platform, by: row.waived_by, at: row.waived_at, reason: row.reason }))

export const decisionRow = z
  .object({
    id: z.string(),
    kind: z.enum(['approved', 'approved_with_conditions', 'rejected', 'returned_from_gate']),
    decided_at: instant,
    decided_by: z.string(),
    codes: z.array(z.enum(REJECT_CODES)),
    reason: text,
    verdicts: z.array(z.object({ step: z.enum(STEP_KEYS), outcome: z.enum(VERDICTS), comment: text })),
    risks: z.array(z.string()),
    gate_failures: z.array(z.string()),
  })
  .transform(
    (row): QaDecision => ({
      id: row.id,
      kind: row.kind,
      at: row.decided_at,
      by: row.decided_by,
      codes: row.codes,
      reason: row.reason,
      verdicts: row.verdicts,
      risks: row.risks,
      gateFailures: row.gate_failures,
    }),
  )
