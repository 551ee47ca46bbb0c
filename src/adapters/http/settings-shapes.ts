import { z } from 'zod'
import type { StoredSettings } from '../../application/ports/project-store.ts'
import { PLATFORMS } from '../../domain/readiness/readiness.ts'
import type { ProjectSettings } from '../../domain/settings/settings.ts'
import type { SlaTarget } from '../../domain/sla/sla.ts'
import { PRIORITIES, TICKET_TYPES } from '../../domain/ticket/ticket.ts'
import { STEP_KEYS, STEP_PROFILES } from '../../domain/verification/steps.ts'
import { inSnakeCase } from '../contract/snake-case.ts'
import { line } from './fields.ts'

const headers = z.array(line(80)).max(50)
const layout = (platform: (typeof PLATFORMS)[number]) =>
  z.strictObject({
    platform: z.literal(platform),
    sheet: line(100),
    header_row: z.int(),
    columns: z.strictObject({
      dr: headers,
      pole: headers,
      pon: headers,
      zone: headers,
      ont_serial: headers,
      installed_on: headers,
      status: headers,
      address: headers,
      comments: headers,
      cable_length: headers,
      lat: headers,
      lon: headers,
    }),
    spare_comment: line(80),
  })

const length = z.union([z.strictObject({ hours: z.number() }), z.strictObject({ working_days: z.number() })])
const target = z.strictObject({ calendar: line(80), resolution: length, response: length.nullable() })
const limit = z.strictObject({ threshold: z.int(), window_days: z.int() })
const noteRule = z.strictObject({
  action: z.enum(['ticket', 'monitor']),
  ticket_type: z.enum(TICKET_TYPES),
  priority: z.enum(PRIORITIES),
  paperwork: z.boolean(),
})

/** All settings of a project, as they go out and come back. */
export const settingsShape = z
  .strictObject({
    rx: z.strictObject({ min: z.number(), max: z.number() }),
    required_platforms: z.array(z.enum(PLATFORMS)).max(PLATFORMS.length),
    max_risk_days: z.int(),
    flag_rectifications_at: z.int(),
    step_overrides: z.partialRecord(z.enum(STEP_PROFILES), z.array(z.enum(STEP_KEYS)).max(STEP_KEYS.length)),
    minimum_size: z.strictObject({ long_side: z.int(), short_side: z.int() }),
    limits: z.strictObject({
      photo_bytes: z.int(),
      document_bytes: z.int(),
      ticket_bytes: z.int(),
      pixels: z.int(),
    }),
    capture: z.strictObject({ tolerance_minutes: z.int(), distance_metres: z.int() }),
    guarantee: z.strictObject({
      installation_days: z.int(),
      material_days: z.int(),
      contractor_liable: z.boolean(),
      auto_classify_out_of_guarantee: z.boolean(),
    }),
    sla: z.strictObject({ critical: target, urgent: target, high: target, normal: target, low: target }),
    repeat_faults: z.strictObject({ dr: limit, pole: limit, pon: limit, zone: limit }),
    note_rules: z.strictObject({
      '1': noteRule,
      '2': noteRule,
      '3': noteRule,
      '4': noteRule,
      '5': noteRule,
      flat: noteRule,
    }),
    layouts: z.strictObject({ sow: layout('sow'), sharepoint: layout('sharepoint'), tracker: layout('tracker') }),
  })
  .meta({ id: 'ProjectSettings' })

export const storedSettingsShape = z
  .object({
    project_id: z.string(),
    version: z.int(),
    settings: settingsShape,
    changed_by: z.string().nullable(),
    changed_at: z.string().nullable(),
  })
  .meta({ id: 'StoredProjectSettings' })

export const touchedShape = z
  .object({ rechecked: z.int(), fell_back: z.int(), reset: z.int() })
  .meta({ id: 'TouchedTickets' })

export const settingsView = (stored: StoredSettings): unknown => inSnakeCase(stored)

type Shape = z.output<typeof settingsShape>

const lengthOf = (said: z.output<typeof length>): SlaTarget['resolution'] =>
  'hours' in said ? said : { workingDays: said.working_days }
const targetOf = ({ calendar, resolution, response }: z.output<typeof target>): SlaTarget => ({
  calendar,
  resolution: lengthOf(resolution),
  response: response === null ? null : lengthOf(response),
})
const limitOf = ({ threshold, window_days }: z.output<typeof limit>) => ({ threshold, windowDays: window_days })
const ruleOf = ({ ticket_type, ...same }: z.output<typeof noteRule>) => ({ ...same, ticketType: ticket_type })
const layoutOf = ({ header_row, spare_comment, columns, ...same }: Shape['layouts'][(typeof PLATFORMS)[number]]) => {
  const { ont_serial, installed_on, cable_length, ...rest } = columns
  return {
    ...same,
    headerRow: header_row,
    spareComment: spare_comment,
    columns: { ...rest, ontSerial: ont_serial, installedOn: installed_on, cableLength: cable_length },
  }
}

export const toSettings = (said: Shape): ProjectSettings => ({
  rx: said.rx,
  requiredPlatforms: said.required_platforms,
  maxRiskDays: said.max_risk_days,
  flagRectificationsAt: said.flag_rectifications_at,
  stepOverrides: said.step_overrides as ProjectSettings['stepOverrides'],
  minimumSize: { longSide: said.minimum_size.long_side, shortSide: said.minimum_size.short_side },
  limits: {
    photoBytes: said.limits.photo_bytes,
    documentBytes: said.limits.document_bytes,
    ticketBytes: said.limits.ticket_bytes,
    pixels: said.limits.pixels,
  },
  capture: {
    toleranceMinutes: said.capture.tolerance_minutes,
    distanceMetres: said.capture.distance_metres,
  },
  guarantee: {
    installationDays: said.guarantee.installation_days,
    materialDays: said.guarantee.material_days,
    contractorLiable: said.guarantee.contractor_liable,
    autoClassifyOutOfGuarantee: said.guarantee.auto_classify_out_of_guarantee,
  },
  sla: {
    critical: targetOf(said.sla.critical),
    urgent: targetOf(said.sla.urgent),
    high: targetOf(said.sla.high),
    normal: targetOf(said.sla.normal),
    low: targetOf(said.sla.low),
  },
  repeatFaults: {
    dr: limitOf(said.repeat_faults.dr),
    pole: limitOf(said.repeat_faults.pole),
    pon: limitOf(said.repeat_faults.pon),
    zone: limitOf(said.repeat_faults.zone),
  },
  noteRules: {
    1: ruleOf(said.note_rules['1']),
    2: ruleOf(said.note_rules['2']),
    3: ruleOf(said.note_rules['3']),
    4: ruleOf(said.note_rules['4']),
    5: ruleOf(said.note_rules['5']),
    flat: ruleOf(said.note_rules.flat),
  },
  layouts: {
    sow: layoutOf(said.layouts.sow),
    sharepoint: layoutOf(said.layouts.sharepoint),
    tracker: layoutOf(said.layouts.tracker),
  },
})
