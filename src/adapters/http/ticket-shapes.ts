import { z } from 'zod'
import { FAULT_CAUSES, FAULT_COMPONENTS } from '../../domain/fault/fault.ts'
import { BILLING_CLASSIFICATIONS, GUARANTEE_STATUSES } from '../../domain/guarantee/guarantee.ts'
import { RISK_STATUSES, RISK_TYPES } from '../../domain/risk/risk.ts'
import { OWNERS, PRIORITIES, SOURCES, STATUSES, TICKET_TYPES, transitions } from '../../domain/ticket/ticket.ts'
import { STEP_KEYS } from '../../domain/verification/steps.ts'

/** What comes out, for the OpenAPI document; requests are judged by the schemas of the requests. */
const words = z.string().nullable()
const moment = z.string().nullable().meta({ format: 'date-time' })

export const photoShape = z
  .looseObject({
    id: z.string(),
    step_key: z.enum(STEP_KEYS),
    is_current: z.boolean(),
    filename: words,
    mime_type: z.string(),
    file_size: z.int(),
    sha256: z.string(),
    photo_url: z.string(),
    blocks_readiness: z.array(z.object({ check: z.string(), reason: z.string() })),
  })
  .meta({ id: 'Photo' })

export const stepShape = z
  .looseObject({
    id: z.string(),
    step_number: z.int(),
    step_key: z.enum(STEP_KEYS),
    step_name: z.string(),
    required: z.boolean(),
    is_complete: z.boolean(),
    value: words.optional(),
    photo_url: words,
    photos: z.array(photoShape),
    version: z.int(),
  })
  .meta({ id: 'VerificationStep' })

const checkShape = z
  .object({
    check: z.string(),
    outcome: z.enum(['passed', 'failed', 'not_applicable']),
    expected: z.string(),
    actual: z.string(),
    sentence: z.string(),
  })
  .meta({ id: 'CheckResult' })

export const runShape = z
  .looseObject({
    id: z.string(),
    passed: z.boolean(),
    checked_at: z.string(),
    checked_by: words,
    results: z.array(checkShape),
  })
  .meta({ id: 'ReadinessCheck' })

export const riskShape = z
  .looseObject({
    id: z.string(),
    ticket_id: z.string(),
    risk_type: z.enum(RISK_TYPES),
    risk_description: z.string(),
    steps: z.array(z.string()),
    risk_expiry_date: z.string(),
    followup_date: words,
    status: z.enum(RISK_STATUSES),
    accepted_by: z.string(),
    accepted_at: z.string(),
  })
  .meta({ id: 'RiskAcceptance' })

const columns = {
  id: z.string(),
  ticket_uid: z.string(),
  project_id: z.string(),
  ticket_type: z.enum(TICKET_TYPES),
  source: z.enum(SOURCES),
  priority: z.enum(PRIORITIES),
  status: z.enum(STATUSES),
  owner_type: z.enum(OWNERS),
  title: z.string(),
  dr_number: words,
  pole_number: words,
  pon_number: words,
  zone_no: words,
  assigned_to: words,
  assigned_contractor_id: words,
  assigned_team: words,
  fault_cause: z.enum(FAULT_CAUSES).nullable(),
  guarantee_status: z.enum(GUARANTEE_STATUSES).nullable(),
  billing_classification: z.enum(BILLING_CLASSIFICATIONS).nullable(),
  qa_ready: z.boolean(),
  rectification_count: z.int(),
  sla_due_at: moment,
  sla_breached: z.boolean(),
  overdue: z.boolean(),
  progress: z.string().meta({ example: '7/12' }),
  created_at: z.string(),
  version: z.int(),
}

export const ticketRowShape = z.looseObject(columns).meta({ id: 'TicketRow' })

export const ticketShape = z
  .looseObject({
    ...columns,
    description: words,
    ont_serial: words,
    ont_rx_level: z.number().nullable(),
    fault_component: z.enum(FAULT_COMPONENTS).nullable(),
    dr_unknown: z.boolean(),
    steps: z.array(stepShape),
    qa_readiness: runShape.nullable(),
    risk_acceptances: z.array(riskShape),
    allowed_commands: z.array(z.enum(Object.keys(transitions) as [string, ...string[]])),
    allowed_actions: z.array(z.string()),
  })
  .meta({ id: 'Ticket' })

const clockShape = z.looseObject({
  state: z.enum(['running', 'paused', 'met', 'ended']),
  due_at: moment,
  reached_at: moment,
  budget_ms: z.number(),
  elapsed_ms: z.number(),
  remaining_ms: z.number(),
  percent: z.int(),
  breached: z.boolean(),
})
const workingShape = z.looseObject({
  calendar: z.string(),
  zone: z.string(),
  counted: z.array(z.object({ from: z.string(), to: z.string() })),
  pauses: z.array(z.object({ from: z.string(), to: moment, why: z.string() })),
  holidays: z.array(z.object({ day: z.string(), name: z.string() })),
})

export const slaShape = z
  .object({
    priority: z.enum(PRIORITIES),
    clocks: z.object({ response: clockShape, resolution: clockShape }),
    working: z.object({ response: workingShape, resolution: workingShape }),
  })
  .meta({ id: 'Sla' })
