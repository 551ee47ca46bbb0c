import { z } from 'zod'
import { FAULT_CAUSES, FAULT_COMPONENTS } from '../../domain/fault/fault.ts'
import { BILLING_CLASSIFICATIONS, GUARANTEE_STATUSES, type GuaranteeRule } from '../../domain/guarantee/guarantee.ts'
import { dayInJohannesburg } from '../../domain/shared/time.ts'
import {
  type Assignment,
  type Common,
  OWNERS,
  PRIORITIES,
  SOURCES,
  STATUSES,
  TICKET_TYPES,
} from '../../domain/ticket/ticket.ts'
import { instant } from './ticket-columns.ts'
import { decisionRow, photoRow, riskRow, stepRow, waiverRow } from './ticket-parts-row.ts'
import { stepOverrides } from './ticket-settings.ts'

const text = z.string().nullable()
const moment = instant.nullable()

const RULES = [
  'paperwork_is_internal',
  'cause_not_known',
  'installation_date_not_known',
  'fault_before_installation',
  'within_installation_period',
  'within_material_period',
  'after_its_period',
  'after_its_period_awaits_manager',
  'client_damage_outside_guarantee',
  'third_party_outside_guarantee',
  'environmental_outside_guarantee',
  'vandalism_outside_guarantee',
  'classified_by_manager',
] as const satisfies ReadonlyArray<GuaranteeRule>

/** PostgreSQL writes a point as `(x,y)`: here longitude, latitude. */
const point = z
  .string()
  .regex(/^\([^,()]+,[^,()]+\)$/)
  .transform((written) => {
    const [lon, lat] = written.slice(1, -1).split(',').map(Number)
    return { lat: lat ?? Number.NaN, lon: lon ?? Number.NaN }
  })

const readinessRun = z.object({
  id: z.string(),
  at: instant,
  by: z.string(),
  passed: z.boolean(),
  results: z.array(
    z.object({
      check: z.string(),
      outcome: z.enum(['passed', 'failed', 'not_applicable']),
      expected: z.string(),
      actual: z.string(),
      sentence: z.string(),
    }),
  ),
})

/** The columns that mean the same in every state, with the rows that belong to the ticket. */
export const commonRow = z.object({
  id: z.string(),
  ticket_uid: z.string(),
  project_id: z.string(),
  source: z.enum(SOURCES),
  external_id: text,
  import_key: text,
  title: z.string(),
  description: text,
  ticket_type: z.enum(TICKET_TYPES),
  priority: z.enum(PRIORITIES),
  dr_number: text,
  zone_no: text,
  pole_number: text,
  pon_number: text,
  address: text,
  gps_coordinates: point.nullable(),
  place_confirmed_by: text,
  place_confirmed_at: moment,
  place_confirmed_reason: text,
  ont_serial: text,
  ont_serial_recorded_at: moment,
  ont_rx_level: z.number().nullable(),
  ont_model: text,
  ups_serial: text,
  assigned_to: text,
  assigned_contractor_id: text,
  assigned_team: text,
  guarantee_status: z.enum(GUARANTEE_STATUSES),
  guarantee_expires_at: moment,
  guarantee_rule: z.enum(RULES),
  billing_by_hand: z
    .object({
      billing: z.enum(BILLING_CLASSIFICATIONS).exclude(['pending_classification']),
      by: z.string(),
      at: instant,
      reason: z.string(),
    })
    .nullable(),
  is_billable: z.boolean().nullable(),
  billing_classification: z.enum(BILLING_CLASSIFICATIONS),
  qa_ready: z.boolean(),
  last_check: readinessRun.nullable(),
  fault_cause: z.enum(FAULT_CAUSES).nullable(),
  fault_cause_details: text,
  fault_component: z.enum(FAULT_COMPONENTS).nullable(),
  fault_confirmed_by: text,
  fault_confirmed_at: moment,
  rectification_count: z.number(),
  sla_due_at: moment,
  sla_response_due_at: moment,
  sla_first_response_at: moment,
  sla_breached: z.boolean(),
  created_at: instant,
  created_by: z.string(),
  source_created_at: moment,
  closed_at: moment,
  closed_by: text,
  deleted_at: moment,
  erased_at: moment,
  owner_type: z.enum(OWNERS),
  weekly_note: z.number().nullable(),
  paperwork: z.boolean(),
  duplicate_of: text,
  follow_up_of: text,
  as_built_confirmed_at: moment,
  as_built_confirmed_by: text,
  as_built_document: text,
  step_list_version: z.number(),
  step_overrides: stepOverrides,
  worked_by: z.array(z.string()),
  status_history: z.array(z.object({ at: instant, status: z.enum(STATUSES) })),
  steps: z.array(stepRow),
  photos: z.array(photoRow).nullable(),
  risks: z.array(riskRow).nullable(),
  waivers: z.array(waiverRow).nullable(),
  decisions: z.array(decisionRow).nullable(),
})
export type CommonRow = z.infer<typeof commonRow>

export const commonOfRow = (row: CommonRow): Common => ({
  id: row.id,
  uid: row.ticket_uid,
  projectId: row.project_id,
  type: row.ticket_type,
  source: row.source,
  externalId: row.external_id,
  importKey: row.import_key,
  priority: row.priority,
  title: row.title,
  description: row.description,
  address: row.address,
  gps: row.gps_coordinates,
  place: { dr: row.dr_number, pole: row.pole_number, pon: row.pon_number, zone: row.zone_no },
  placeConfirmed:
    row.place_confirmed_by === null
      ? null
      : {
          by: row.place_confirmed_by,
          at: present('place_confirmed_at', row.place_confirmed_at),
          reason: present('place_confirmed_reason', row.place_confirmed_reason),
        },
  equipment: {
    ontSerial: row.ont_serial,
    ontSerialAt: row.ont_serial_recorded_at,
    ontRx: row.ont_rx_level,
    ontModel: row.ont_model,
    upsSerial: row.ups_serial,
  },
  fault: {
    cause: row.fault_cause,
    component: row.fault_component,
    details: row.fault_cause_details,
    confirmed:
      row.fault_confirmed_by === null
        ? null
        : { by: row.fault_confirmed_by, at: present('fault_confirmed_at', row.fault_confirmed_at) },
  },
  paperwork: row.paperwork,
  weeklyNote: row.weekly_note,
  followUpOf: row.follow_up_of,
  owner: row.owner_type,
  qaReady: row.qa_ready,
  lastCheck: row.last_check,
  rectificationCount: row.rectification_count,
  asBuilt:
    row.as_built_confirmed_by === null
      ? null
      : {
          by: row.as_built_confirmed_by,
          at: present('as_built_confirmed_at', row.as_built_confirmed_at),
          document: present('as_built_document', row.as_built_document),
        },
  workedBy: row.worked_by,
  stepListVersion: row.step_list_version,
  stepOverrides: row.step_overrides,
  steps: row.steps,
  photos: row.photos ?? [],
  risks: row.risks ?? [],
  waivers: row.waivers ?? [],
  decisions: row.decisions ?? [],
  history: row.status_history,
  sla: {
    dueAt: row.sla_due_at,
    responseDueAt: row.sla_response_due_at,
    firstResponseAt: row.sla_first_response_at,
    breached: row.sla_breached,
  },
  guarantee: {
    status: row.guarantee_status,
    expiresOn: row.guarantee_expires_at === null ? null : dayInJohannesburg(row.guarantee_expires_at),
    billing: row.billing_classification,
    billable: row.is_billable,
    decidedBy: row.guarantee_rule,
    comparedDay: dayInJohannesburg(row.created_at),
  },
  billingByHand: row.billing_by_hand,
  createdAt: row.created_at,
  createdBy: row.created_by,
  sourceCreatedAt: row.source_created_at,
  deletedAt: row.deleted_at,
  erasedAt: row.erased_at,
})

export const assignmentOfRow = (row: CommonRow): Assignment => ({
  technician: row.assigned_to,
  contractor: row.assigned_contractor_id,
  team: row.assigned_team,
})

/** A column that is filled whenever the one it belongs to is; otherwise the row is corrupt. */
export const present = <A>(column: string, value: A | null): A => {
  if (value === null) throw new Error(`corrupt ticket row: ${column} is empty`)
  return value
}
