import type { Day, Instant } from '../shared/time.ts'
import type { Priority, TicketStatus } from '../ticket/ticket.ts'
import type { WorkingCalendar } from './working-calendar.ts'

export type SlaPriority = Priority

export type SlaStatus = TicketStatus

export type SlaChange = { readonly at: Instant; readonly status: SlaStatus }

/** Working time on the target's calendar. */
export type Length = { readonly hours: number } | { readonly workingDays: number }

/** What is promised for one priority; without a response time of its own, response is due at a quarter of resolution. */
export type SlaTarget = { readonly calendar: string; readonly resolution: Length; readonly response: Length | null }

export type SlaPolicy = { readonly [P in SlaPriority]: SlaTarget }

export const RESPONSE_SHARE = 0.25

export const DEFAULT_SLA_POLICY: SlaPolicy = {
  critical: { calendar: 'around_the_clock', resolution: { hours: 6 }, response: null },
  urgent: { calendar: 'around_the_clock', resolution: { hours: 12 }, response: null },
  high: { calendar: 'working_hours', resolution: { workingDays: 1 }, response: null },
  normal: { calendar: 'working_hours', resolution: { workingDays: 3 }, response: null },
  low: { calendar: 'working_hours', resolution: { workingDays: 7 }, response: null },
}

/** A policy with its calendars found and its lengths in milliseconds; made by `slaTerms`. */
export type SlaTerms = {
  readonly [P in SlaPriority]: {
    readonly calendar: WorkingCalendar
    readonly responseMs: number
    readonly resolutionMs: number
  }
}

export type SlaPolicyError =
  | { readonly type: 'CalendarUnknown'; readonly priority: SlaPriority; readonly calendar: string }
  | { readonly type: 'SlaLengthNotPositive'; readonly priority: SlaPriority; readonly of: ClockName }

export type ClockName = 'response' | 'resolution'

export type PauseReason = 'on_hold' | 'with_qa' | 'cancelled'

/**
 * running: counts now. paused: on hold or with QA. met: reached in time.
 * ended: reached late, or the ticket was cancelled or deleted.
 */
export type ClockState = 'running' | 'paused' | 'met' | 'ended'

/** One clock as it stands at `now`; all lengths are working milliseconds. */
export type Clock = {
  readonly state: ClockState
  /** When the budget is, or was, used up; while paused as if resumed now, once stopped as if it had run on. Null only
   * when the calendar has too little work in it. */
  readonly dueAt: Instant | null
  /** When work started (response) or maintenance took over (resolution). */
  readonly reachedAt: Instant | null
  readonly budgetMs: number
  readonly elapsedMs: number
  /** Negative once overdue. */
  readonly remainingMs: number
  /** Whole percent of the budget used, rounded down; above 100 once overdue. */
  readonly percent: number
  readonly breached: boolean
}

export type Sla = { readonly [C in ClockName]: Clock }

/** How a clock came to its figures, to be shown beside them. */
export type Working = {
  readonly calendar: string
  readonly zone: string
  readonly budgetMs: number
  readonly counted: ReadonlyArray<{ readonly from: Instant; readonly to: Instant }>
  /** `to` is null while the pause lasts. */
  readonly pauses: ReadonlyArray<{ readonly from: Instant; readonly to: Instant | null; readonly why: PauseReason }>
  /** Holidays between creation and the due time (or now, when later) that would have been working days. */
  readonly holidays: ReadonlyArray<{ readonly day: Day; readonly name: string }>
}

export type Mark = '50' | '75' | '90' | 'breach'

export type SlaMark = { readonly clock: ClockName; readonly priority: SlaPriority; readonly mark: Mark }

export type SlaMarkReached = SlaMark & {
  readonly type: 'SlaMarkReached'
  readonly percent: number
  readonly dueAt: Instant | null
  readonly at: Instant
}
