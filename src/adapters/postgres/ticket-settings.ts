import { z } from 'zod'
import type { GuaranteePeriods } from '../../domain/guarantee/guarantee.ts'
import { RECORD_FIELDS } from '../../domain/platform-records/layouts.ts'
import { PLATFORMS } from '../../domain/readiness/readiness.ts'
import { DEFAULT_SETTINGS, type ProjectSettings } from '../../domain/settings/settings.ts'
import { PRIORITIES, TICKET_TYPES } from '../../domain/ticket/ticket.ts'
import { STEP_KEYS, STEP_PROFILES } from '../../domain/verification/steps.ts'

export const stepOverrides = z.partialRecord(z.enum(STEP_PROFILES), z.array(z.enum(STEP_KEYS)))

const length = z.union([z.object({ hours: z.number() }), z.object({ workingDays: z.number() })])
const target = z.object({ calendar: z.string(), resolution: length, response: length.nullable() })
const limit = z.object({ threshold: z.number(), windowDays: z.number() })
const noteRule = z.object({
  action: z.enum(['ticket', 'monitor']),
  ticketType: z.enum(TICKET_TYPES),
  priority: z.enum(PRIORITIES),
  paperwork: z.boolean(),
})

const layout = z.object({
  platform: z.enum(PLATFORMS),
  sheet: z.string(),
  headerRow: z.number(),
  columns: z.record(z.enum(RECORD_FIELDS), z.array(z.string())),
  spareComment: z.string(),
})

const projectSettings = z.object({
  rx: z.object({ min: z.number(), max: z.number() }),
  requiredPlatforms: z.array(z.enum(PLATFORMS)),
  maxRiskDays: z.number(),
  flagRectificationsAt: z.number(),
  stepOverrides,
  minimumSize: z.object({ longSide: z.number(), shortSide: z.number() }),
  limits: z.object({
    photoBytes: z.number(),
    documentBytes: z.number(),
    ticketBytes: z.number(),
    pixels: z.number(),
  }),
  capture: z.object({ toleranceMinutes: z.number(), distanceMetres: z.number() }),
  guarantee: z.object({
    installationDays: z.number(),
    materialDays: z.number(),
    contractorLiable: z.boolean(),
    autoClassifyOutOfGuarantee: z.boolean(),
  }),
  sla: z.object({ low: target, normal: target, high: target, urgent: target, critical: target }),
  repeatFaults: z.object({ dr: limit, pole: limit, pon: limit, zone: limit }),
  noteRules: z.object({ 1: noteRule, 2: noteRule, 3: noteRule, 4: noteRule, 5: noteRule, flat: noteRule }),
  layouts: z.object({ sow: layout, sharepoint: layout, tracker: layout }),
}) satisfies z.ZodType<ProjectSettings>

const partialSettings = z.record(z.string(), z.unknown())

const guaranteeRow = z.object({
  installation_guarantee_days: z.number(),
  material_guarantee_days: z.number(),
  contractor_liable_during_guarantee: z.boolean(),
  auto_classify_out_of_guarantee: z.boolean(),
})

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What a project set, key by key, laid over the defaults; of a setting with parts only the parts that were set. */
const over = (defaults: Readonly<Record<string, unknown>>, set: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(
    Object.entries(defaults).map(([key, usual]) => {
      const own = set[key]
      return [key, own === undefined ? usual : isRecord(own) && isRecord(usual) ? { ...usual, ...own } : own]
    }),
  )

/**
 * The settings of a project from what is stored: `project_settings.settings` in the names of the domain and only what
 * differs from the default, and its row of `guarantee_periods`, which wins. Null for what has no row. A stored setting
 * that cannot be one is a defect and throws.
 */
export const settingsOf = (stored: unknown, periods: unknown): ProjectSettings => {
  const set = stored === null ? {} : partialSettings.parse(stored)
  const settings = Object.keys(set).length === 0 ? DEFAULT_SETTINGS : projectSettings.parse(over(DEFAULT_SETTINGS, set))
  return periods === null ? settings : { ...settings, guarantee: guaranteeOf(guaranteeRow.parse(periods)) }
}

const guaranteeOf = (row: z.infer<typeof guaranteeRow>): GuaranteePeriods => ({
  installationDays: row.installation_guarantee_days,
  materialDays: row.material_guarantee_days,
  contractorLiable: row.contractor_liable_during_guarantee,
  autoClassifyOutOfGuarantee: row.auto_classify_out_of_guarantee,
})
