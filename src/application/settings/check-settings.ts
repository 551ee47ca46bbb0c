import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { SCOPES } from '../../domain/escalation/escalation.ts'
import { PLATFORMS, PLAUSIBLE_RX } from '../../domain/readiness/readiness.ts'
import type { ProjectSettings } from '../../domain/settings/settings.ts'
import type { SlaPolicy, SlaPolicyError, SlaTerms } from '../../domain/sla/sla.ts'
import { STEP_KEYS, STEP_PROFILES } from '../../domain/verification/steps.ts'
import type { ApplicationRefusal } from '../errors.ts'

type FieldInvalid = Extract<ApplicationRefusal, { readonly type: 'FieldInvalid' }>
type Rule = (settings: ProjectSettings) => ReadonlyArray<FieldInvalid>

const MAX_DAYS = 3_650
const MAX_COUNT = 1_000_000

const invalid = (field: string, rule: string, value: string | number | null): FieldInvalid => ({
  type: 'FieldInvalid',
  field,
  rule,
  value: value === null ? null : String(value).slice(0, 80),
})

const whole =
  (field: string, least: number, most: number) =>
  (value: number): ReadonlyArray<FieldInvalid> =>
    Number.isInteger(value) && value >= least && value <= most
      ? []
      : [invalid(field, `a whole number from ${least} to ${most}`, value)]

const rx: Rule = ({ rx: { min, max } }) => [
  ...[min, max].flatMap((level, at) =>
    level >= PLAUSIBLE_RX.min && level <= PLAUSIBLE_RX.max
      ? []
      : [invalid(at === 0 ? 'rx.min' : 'rx.max', `a level from ${PLAUSIBLE_RX.min} to ${PLAUSIBLE_RX.max} dBm`, level)],
  ),
  ...(min < max ? [] : [invalid('rx.min', 'lower than rx.max', min)]),
]

const platforms: Rule = ({ requiredPlatforms }) => [
  ...requiredPlatforms
    .filter((platform) => !PLATFORMS.includes(platform))
    .map((platform) => invalid('required_platforms', `one of ${PLATFORMS.join(', ')}`, platform)),
  ...(new Set(requiredPlatforms).size === requiredPlatforms.length
    ? []
    : [invalid('required_platforms', 'each platform once', requiredPlatforms.join(', '))]),
]

const counts: Rule = ({ maxRiskDays, flagRectificationsAt, guarantee, minimumSize, limits, capture }) => [
  ...whole('max_risk_days', 1, MAX_DAYS)(maxRiskDays),
  ...whole('flag_rectifications_at', 1, MAX_COUNT)(flagRectificationsAt),
  ...whole('guarantee.installation_days', 0, MAX_DAYS)(guarantee.installationDays),
  ...whole('guarantee.material_days', 0, MAX_DAYS)(guarantee.materialDays),
  ...whole('minimum_size.long_side', 1, 100_000)(minimumSize.longSide),
  ...whole('minimum_size.short_side', 1, 100_000)(minimumSize.shortSide),
  ...(minimumSize.shortSide <= minimumSize.longSide
    ? []
    : [invalid('minimum_size.short_side', 'not longer than the long side', minimumSize.shortSide)]),
  ...whole('limits.photo_bytes', 1, 2 ** 31)(limits.photoBytes),
  ...whole('limits.document_bytes', 1, 2 ** 31)(limits.documentBytes),
  ...whole('limits.ticket_bytes', 1, 2 ** 40)(limits.ticketBytes),
  ...whole('limits.pixels', 1, 2 ** 31)(limits.pixels),
  ...whole('capture.tolerance_minutes', 0, 1_440)(capture.toleranceMinutes),
  ...whole('capture.distance_metres', 1, 100_000)(capture.distanceMetres),
]

const steps: Rule = ({ stepOverrides }) =>
  Object.entries(stepOverrides).flatMap(([profile, keys]) => {
    const field = `step_overrides.${profile}`
    const known = STEP_PROFILES.some((one) => one === profile)
    const strange = keys.filter((key) => !STEP_KEYS.includes(key))
    return [
      ...(known ? [] : [invalid(field, `one of ${STEP_PROFILES.join(', ')}`, profile)]),
      ...strange.map((key) => invalid(field, `steps among ${STEP_KEYS.join(', ')}`, key)),
      ...(new Set(keys).size === keys.length ? [] : [invalid(field, 'each step once', keys.join(', '))]),
      ...(keys.length > 0 ? [] : [invalid(field, 'at least one step: work without evidence proves nothing', '')]),
    ]
  })

const repeats: Rule = ({ repeatFaults }) =>
  SCOPES.flatMap((scope) => [
    ...whole(`repeat_faults.${scope}.threshold`, 1, MAX_COUNT)(repeatFaults[scope].threshold),
    ...whole(`repeat_faults.${scope}.window_days`, 1, MAX_DAYS)(repeatFaults[scope].windowDays),
  ])

/** Infrastructure tickets are made by escalations alone. */
const notes: Rule = ({ noteRules }) =>
  Object.entries(noteRules)
    .filter(([, rule]) => rule.ticketType === 'infrastructure')
    .map(([note, rule]) =>
      invalid(
        `note_rules.${note}.ticket_type`,
        'any type but infrastructure, which only escalations make',
        rule.ticketType,
      ),
    )

const layouts: Rule = (settings) =>
  PLATFORMS.flatMap((platform) => {
    const { platform: named, sheet, headerRow, columns } = settings.layouts[platform]
    return [
      ...(named === platform ? [] : [invalid(`layouts.${platform}.platform`, platform, named)]),
      ...(sheet.trim() === '' ? [invalid(`layouts.${platform}.sheet`, 'the name of a sheet', sheet)] : []),
      ...whole(`layouts.${platform}.header_row`, 1, 1_000)(headerRow),
      ...(columns.dr.some((header) => header.trim() !== '')
        ? []
        : [invalid(`layouts.${platform}.columns.dr`, 'at least one header for the drop number', '')]),
    ]
  })

const RULES: ReadonlyArray<Rule> = [rx, platforms, counts, steps, repeats, notes, layouts]

const slaProblem = (error: SlaPolicyError): FieldInvalid =>
  error.type === 'CalendarUnknown'
    ? invalid(`sla.${error.priority}.calendar`, 'a calendar that is configured', error.calendar)
    : invalid(`sla.${error.priority}.${error.of}`, 'more than no time at all', null)

/** The settings when a project can work by them, else the first rule they break. */
export const checkSettings = (
  settings: ProjectSettings,
  slaTerms: (policy: SlaPolicy) => E.Either<SlaPolicyError, SlaTerms>,
): E.Either<FieldInvalid, ProjectSettings> => {
  const [first] = RULES.flatMap((rule) => rule(settings))
  return first !== undefined
    ? E.left(first)
    : pipe(
        slaTerms(settings.sla),
        E.bimap(slaProblem, () => settings),
      )
}
