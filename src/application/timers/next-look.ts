import type { Instant } from '../../domain/shared/time.ts'
import type { Clock, Sla } from '../../domain/sla/sla.ts'
import type { WorkingCalendar } from '../../domain/sla/working-calendar.ts'
import { momentAfter } from '../../domain/sla/working-time.ts'

const PERCENTS = [50, 75, 90]

const nextOf = (clock: Clock, calendar: WorkingCalendar, nowMs: number): ReadonlyArray<number> => {
  const { state, budgetMs, elapsedMs, breached, dueAt } = clock
  if (breached || (state !== 'running' && state !== 'paused')) return []
  // A breach is one moment after the due time; a paused clock's due time has moved on by then and is stored anew.
  const due = dueAt === null ? [] : [Date.parse(dueAt) + 1]
  if (state === 'paused') return due
  const ahead = PERCENTS.map((percent) => Math.ceil((budgetMs * percent) / 100)).find((ms) => ms > elapsedMs)
  const mark = ahead === undefined ? null : momentAfter(calendar, nowMs, ahead - elapsedMs)
  return mark === null ? due : [mark, ...due]
}

/** The first moment after `now` at which a mark can fall due or a stored due time turns wrong; null for never. */
export const nextLookAt = ({ response, resolution }: Sla, calendar: WorkingCalendar, now: Instant): Instant | null => {
  const nowMs = Date.parse(now)
  const moments = [response, resolution].flatMap((clock) => nextOf(clock, calendar, nowMs))
  return moments.length === 0 ? null : new Date(Math.min(...moments)).toISOString()
}
