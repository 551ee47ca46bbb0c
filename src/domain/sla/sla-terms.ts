import type { Either } from 'fp-ts/lib/Either.js'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { Length, SlaPolicy, SlaPolicyError, SlaPriority, SlaTerms } from './sla.ts'
import { RESPONSE_SHARE } from './sla.ts'
import type { WorkingCalendar } from './working-calendar.ts'

const HOUR_MS = 3_600_000

const lengthMs = (length: Length, calendar: WorkingCalendar): number =>
  Math.round('hours' in length ? length.hours * HOUR_MS : length.workingDays * calendar.workingDayMs)

const termsOf =
  (policy: SlaPolicy, calendars: Readonly<Record<string, WorkingCalendar>>) =>
  <P extends SlaPriority>(priority: P): Either<SlaPolicyError, SlaTerms[P]> => {
    const target = policy[priority]
    const calendar = Object.hasOwn(calendars, target.calendar) ? calendars[target.calendar] : undefined
    if (calendar === undefined) return E.left({ type: 'CalendarUnknown', priority, calendar: target.calendar })
    const resolutionMs = lengthMs(target.resolution, calendar)
    const responseMs =
      target.response === null ? Math.round(resolutionMs * RESPONSE_SHARE) : lengthMs(target.response, calendar)
    if (!(resolutionMs > 0)) return E.left({ type: 'SlaLengthNotPositive', priority, of: 'resolution' })
    if (!(responseMs > 0)) return E.left({ type: 'SlaLengthNotPositive', priority, of: 'response' })
    return E.right({ calendar, responseMs, resolutionMs })
  }

/** Finds the policy's calendars; N working days are N times the calendar's full day, from the same time of day. */
export const slaTerms = (
  policy: SlaPolicy,
  calendars: Readonly<Record<string, WorkingCalendar>>,
): Either<SlaPolicyError, SlaTerms> => {
  const of = termsOf(policy, calendars)
  return pipe(
    E.Do,
    E.apS('critical', of('critical')),
    E.apS('urgent', of('urgent')),
    E.apS('high', of('high')),
    E.apS('normal', of('normal')),
    E.apS('low', of('low')),
  )
}
