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
  | { readonly type: 'warn'; readonly daysLeft: number }
  | { readonly type: 'expire' }
  | { readonly type: 'escalate' }

/** What time demands of a risk today: a warning 14, 7 or 1 days before, expiry once its date is past, escalation 3 days later. */
export const riskTimer = (risk: Risk, now: Instant): RiskTimer | null => {
  const today = dayInJohannesburg(now)
  if (risk.status === 'active' && isPast(risk, now)) return { type: 'expire' }
  if (risk.status === 'expired' && today >= escalatesOn(risk)) return { type: 'escalate' }
  const daysLeft = daysBetween(today, risk.expiresOn)
  return risk.status === 'active' && (WARN_DAYS_BEFORE as ReadonlyArray<number>).includes(daysLeft)
    ? { type: 'warn', daysLeft }
    : null
}
