import { z } from 'zod'
import { type Bulk, MAX_BULK } from '../../application/ticket/bulk.ts'
import type { LifecycleCommand } from '../../application/ticket/lifecycle.ts'
import type { NewRisk } from '../../domain/risk/new-risk.ts'
import { RISK_TYPES } from '../../domain/risk/risk.ts'
import type { AssignmentChange } from '../../domain/ticket/assign.ts'
import { HANDOVER_TYPES, type HandoverType } from '../../domain/ticket/events.ts'
import { type Command, HOLD_REASONS, REJECT_CODES } from '../../domain/ticket/ticket.ts'
import { STEP_KEYS } from '../../domain/verification/steps.ts'
import { day, given, id, instant, line, text, version } from './fields.ts'
import { assignees } from './ticket-requests.ts'

const reason = text(2_000)
const step = z.enum(STEP_KEYS)

const verdicts = z
  .array(
    z.strictObject({
      step,
      outcome: z.enum(['correct', 'incorrect', 'missing']),
      comment: text(2_000).nullable().default(null),
    }),
  )
  .max(STEP_KEYS.length)

export const newRisk = z
  .strictObject({
    id: id.optional(),
    risk_type: z.enum(RISK_TYPES),
    risk_description: text(5_000),
    conditions: text(5_000).nullable().default(null),
    steps: z.array(step).max(STEP_KEYS.length).default([]),
    risk_expiry_date: day,
    followup_date: day.nullable().default(null),
  })
  .meta({ id: 'NewRisk' })

export const riskOf =
  (newId: () => string) =>
  (said: z.output<typeof newRisk>): NewRisk => ({
    id: said.id ?? newId(),
    type: said.risk_type,
    description: said.risk_description,
    conditions: said.conditions,
    steps: said.steps,
    expiresOn: said.risk_expiry_date,
    followUpOn: said.followup_date,
  })

const assignment = z.strictObject(assignees)

export const assignmentChange = assignment.refine(
  (said) => Object.keys(given(said)).length > 0,
  'must name a technician, a contractor or a team',
)

export const changeOf = (said: z.output<typeof assignment>): AssignmentChange =>
  given({ technician: said.assigned_to, contractor: said.assigned_contractor_id, team: said.assigned_team })

const approval = { verdicts: verdicts.default([]), note: text(5_000).nullable().default(null) }
const conditions = {
  ...approval,
  existing_risks: z.array(id).max(50).default([]),
  new_risks: z.array(newRisk).max(20).default([]),
}
const rejection = {
  codes: z.array(z.enum(REJECT_CODES)).max(REJECT_CODES.length),
  reason: reason.nullable().default(null),
  verdicts: verdicts.default([]),
}

/** The data of each command of the lifecycle table but the one only the system gives. */
const data = {
  assign: assignees,
  start_work: {},
  hold: { reason: z.enum(HOLD_REASONS), note: reason.nullable().default(null) },
  resume: {},
  submit_for_qa: {},
  withdraw: { reason },
  start_qa: {},
  approve: approval,
  approve_with_conditions: conditions,
  reject: rejection,
  take_over_review: {},
  confirm_as_built: { as_built_confirmed_at: instant, as_built_document: line(255) },
  request_handover: {},
  return_from_gate: { reason },
  hand_over: {},
  complete_maintenance: {},
  cancel: { reason },
  mark_duplicate: { duplicate_of: id, reason: reason.nullable().default(null) },
  unmark_duplicate: {},
  delete: {},
} as const satisfies { readonly [C in Exclude<Command, 'fall_back'>]: Readonly<Record<string, z.ZodType>> }

const taking = <M extends object>(more: M) => {
  const of = <C extends keyof typeof data>(command: C) =>
    z.strictObject({ command: z.literal(command), ...(data[command] as (typeof data)[C]), ...more })
  return z.discriminatedUnion('command', [
    of('assign'),
    of('start_work'),
    of('hold'),
    of('resume'),
    of('submit_for_qa'),
    of('withdraw'),
    of('start_qa'),
    of('approve'),
    of('approve_with_conditions'),
    of('reject'),
    of('take_over_review'),
    of('confirm_as_built'),
    of('request_handover'),
    of('return_from_gate'),
    of('hand_over'),
    of('complete_maintenance'),
    of('cancel'),
    of('mark_duplicate'),
    of('unmark_duplicate'),
    of('delete'),
  ])
}

/** `POST /tickets/{id}/transitions`: a command with its data. */
export const lifecycleCommand = taking({}).meta({ id: 'LifecycleCommand' })
type SaidCommand = z.output<typeof lifecycleCommand>

export const commandOf =
  (newId: () => string) =>
  (said: SaidCommand): LifecycleCommand => {
    switch (said.command) {
      case 'assign':
        return { command: 'assign', assignment: changeOf(said) }
      case 'approve_with_conditions': {
        const { existing_risks, new_risks, ...rest } = said
        return { ...rest, existingRisks: existing_risks, newRisks: new_risks.map(riskOf(newId)) }
      }
      case 'confirm_as_built':
        return {
          command: 'confirm_as_built',
          confirmedAt: said.as_built_confirmed_at,
          document: said.as_built_document,
        }
      case 'mark_duplicate':
        return { command: 'mark_duplicate', survivor: said.duplicate_of, reason: said.reason }
      default:
        return said
    }
  }

/** `POST /tickets/{id}/qa-decision`. */
export const qaDecision = z
  .discriminatedUnion('decision', [
    z.strictObject({ decision: z.literal('approve'), ...approval }),
    z.strictObject({ decision: z.literal('approve_with_conditions'), ...conditions }),
    z.strictObject({ decision: z.literal('reject'), ...rejection }),
  ])
  .meta({ id: 'QaDecision' })

export const decisionOf =
  (newId: () => string) =>
  ({ decision, ...said }: z.output<typeof qaDecision>): LifecycleCommand =>
    commandOf(newId)({ command: decision, ...said } as SaidCommand)

/** Each handover is a command of the lifecycle table: there is no second path. */
const commandOfHandover = {
  build_to_qa: 'start_qa',
  qa_to_maintenance: 'hand_over',
  maintenance_complete: 'complete_maintenance',
} as const satisfies Record<HandoverType, Command>

export const handover = z.strictObject({ handover_type: z.enum(HANDOVER_TYPES) })
export const handoverOf = (said: z.output<typeof handover>): LifecycleCommand => ({
  command: commandOfHandover[said.handover_type],
})

export const duplicate = z.strictObject(data.mark_duplicate)

/** `POST /tickets/bulk`: one command for many tickets, each with the version it was read with. */
export const bulkRequest = taking({
  items: z
    .array(z.strictObject({ ticket_id: id, version }))
    .min(1)
    .max(MAX_BULK),
}).meta({ id: 'BulkCommand' })

export const bulkOf =
  (newId: () => string) =>
  ({ items, ...said }: z.output<typeof bulkRequest>): Bulk => ({
    items: items.map((item) => ({ ticketId: item.ticket_id, version: item.version })),
    command: commandOf(newId)(said as SaidCommand),
  })
