import { clockIn } from '../../domain/sla/timeline.ts'
import { STATUSES } from '../../domain/ticket/ticket.ts'

/** The states in which the resolution clock runs: only there does a past due time make a ticket overdue. */
export const CLOCK_RUNS_IN = STATUSES.filter((status) => clockIn[status] === 'runs')

/** The states of work that is neither handed over nor cancelled. */
export const LIVE_STATES = STATUSES.filter((status) => clockIn[status] !== 'over' && clockIn[status] !== 'cancelled')

/** The states before QA, in which a ticket is being made ready for it. */
export const BEFORE_QA = STATUSES.filter((status) => clockIn[status] === 'runs' || clockIn[status] === 'on_hold')
