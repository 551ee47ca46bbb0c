import { DEFAULT_REPEAT_FAULT_SETTINGS, type RepeatFaultSettings } from '../escalation/escalation.ts'
import type { EvidenceLimits, MinimumSize } from '../evidence/evidence.ts'
import type { CaptureLimits } from '../evidence/judge-capture.ts'
import { DEFAULT_DISTANCE_METRES } from '../evidence/judge-place.ts'
import { DEFAULT_TOLERANCE_MINUTES } from '../evidence/judge-sequence.ts'
import { DEFAULT_LIMITS, DEFAULT_MINIMUM_SIZE } from '../evidence/limits.ts'
import { DEFAULT_GUARANTEE_PERIODS, type GuaranteePeriods } from '../guarantee/guarantee.ts'
import { DEFAULT_LAYOUTS, type PlatformLayout } from '../platform-records/layouts.ts'
import type { Platform } from '../readiness/readiness.ts'
import { DEFAULT_RX } from '../readiness/readiness.ts'
import { DEFAULT_MAX_RISK_DAYS } from '../risk/risk.ts'
import { DEFAULT_SLA_POLICY, type SlaPolicy } from '../sla/sla.ts'
import type { StepOverrides } from '../verification/steps.ts'
import { DEFAULT_NOTE_RULES } from '../weekly-report/note-rules.ts'
import type { NoteRules } from '../weekly-report/weekly-report.ts'

/** What a project may set for itself; everything has a default. */
export type ProjectSettings = {
  /** Received optical power that passes readiness, in dBm, both ends included. */
  readonly rx: { readonly min: number; readonly max: number }
  /** Platforms that must be connected before a ticket can be QA ready. */
  readonly requiredPlatforms: ReadonlyArray<Platform>
  readonly maxRiskDays: number
  /** From this many rectification cycles on, the ticket is flagged and the manager told. */
  readonly flagRectificationsAt: number
  readonly stepOverrides: StepOverrides
  readonly minimumSize: MinimumSize
  readonly limits: EvidenceLimits
  /** How exactly time and place of a photo must fit its job, before the reviewer is warned. */
  readonly capture: CaptureLimits
  readonly guarantee: GuaranteePeriods
  readonly sla: SlaPolicy
  readonly repeatFaults: RepeatFaultSettings
  readonly noteRules: NoteRules
  /** Where each platform's workbook keeps what we compare. */
  readonly layouts: { readonly [P in Platform]: PlatformLayout }
}

export const DEFAULT_SETTINGS: ProjectSettings = {
  rx: DEFAULT_RX,
  requiredPlatforms: [],
  maxRiskDays: DEFAULT_MAX_RISK_DAYS,
  flagRectificationsAt: 3,
  stepOverrides: {},
  minimumSize: DEFAULT_MINIMUM_SIZE,
  limits: DEFAULT_LIMITS,
  capture: { toleranceMinutes: DEFAULT_TOLERANCE_MINUTES, distanceMetres: DEFAULT_DISTANCE_METRES },
  guarantee: DEFAULT_GUARANTEE_PERIODS,
  sla: DEFAULT_SLA_POLICY,
  repeatFaults: DEFAULT_REPEAT_FAULT_SETTINGS,
  noteRules: DEFAULT_NOTE_RULES,
  layouts: DEFAULT_LAYOUTS,
}
