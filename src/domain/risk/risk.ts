import type { Day, Instant } from '../shared/time.ts'

export const RISK_TYPES = ['minor_defect', 'documentation_gap', 'pending_material', 'access_pending', 'other'] as const
export type RiskType = (typeof RISK_TYPES)[number]

export const RISK_STATUSES = ['active', 'expired', 'escalated', 'resolved'] as const
export type RiskStatus = (typeof RISK_STATUSES)[number]

/** A risk only ever moves along these arrows. */
export const riskTransitions = {
  active: ['resolved', 'expired'],
  expired: ['resolved', 'escalated'],
  escalated: ['resolved'],
  resolved: [],
} as const satisfies Record<RiskStatus, ReadonlyArray<RiskStatus>>

export type RiskReview = {
  readonly id: string
  readonly at: Instant
  readonly by: string
  readonly outcome: string
  readonly nextOn: Day | null
}

/** A documented exception that someone took upon themselves until a date. */
export type Risk = {
  readonly id: string
  readonly type: RiskType
  readonly description: string
  readonly conditions: string | null
  /** The steps this risk stands in for when QA approves with conditions. */
  readonly steps: ReadonlyArray<string>
  /** Good until the end of this day in Africa/Johannesburg. */
  readonly expiresOn: Day
  readonly followUpOn: Day | null
  readonly status: RiskStatus
  readonly acceptedBy: string
  readonly acceptedAt: Instant
  readonly resolvedBy: string | null
  readonly resolvedAt: Instant | null
  readonly resolution: string | null
  readonly escalationTicket: string | null
  readonly reviews: ReadonlyArray<RiskReview>
}

export const WARN_DAYS_BEFORE = [14, 7, 1] as const
export const ESCALATE_DAYS_AFTER = 3
export const DEFAULT_MAX_RISK_DAYS = 90
