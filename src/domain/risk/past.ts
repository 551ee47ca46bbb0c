import { addDays, type Day, dayInJohannesburg, daysBetween, type Instant } from '../shared/time.ts'
import { ESCALATE_DAYS_AFTER, type Risk, WARN_DAYS_BEFORE } from './risk.ts'

/** A risk that expires on the 14th is good until the end of the 14th in Africa/Johannesburg. */
export const isPast = (risk: Pick<Risk, 'expiresOn'>, now: Instant): boolean => dayInJohannesburg(now) > risk.expiresOn

/** Unresolved, and its date is past, whether or not the nightly job has said so yet. */
export const isOverdue = (risk: Risk, now: Instant): boolean =>
  risk.status === 'expired' || risk.status === 'escalated' || (risk.status === 'active' && isPast(risk, now))

/** The first day on which an expired risk escalates. */
export const escalatesOn = (risk: Pick<Risk, 'expiresOn'>): Day => addDays(risk.expiresOn, ESCALATE_DAYS_AFTER)

export type RiskTimer =
  | { readonly type: 'warn'; readonly warning: number; readonly daysLeft: number }
  | { readonly type: 'expire' }
  | { readonly type: 'escalate' }

/**
 * What time demands of a risk today: expiry once its date is past, escalation 3 days later, before that a warning at 14,
 * 7 and 1 days. `told` are the warnings given; of several that were missed only the latest is made up for.
 */
export const riskTimer = (
  risk: Pick<Risk, 'status' | 'expiresOn' | 'acceptedAt'>,
  told: ReadonlyArray<number>,
  now: Instant,
): RiskTimer | null => {
  const today = dayInJohannesburg(now)
  if (risk.status === 'active' && isPast(risk, now)) return { type: 'expire' }
  if (risk.status === 'expired' && today >= escalatesOn(risk)) return { type: 'escalate' }
  if (risk.status !== 'active') return null
  const daysLeft = daysBetween(today, risk.expiresOn)
  const daysGiven = daysBetween(dayInJohannesburg(risk.acceptedAt), risk.expiresOn)
  const warning = WARN_DAYS_BEFORE.findLast((days) => daysLeft <= days && daysGiven >= days)
  return warning === undefined || told.some((days) => days <= warning) ? null : { type: 'warn', warning, daysLeft }
}
