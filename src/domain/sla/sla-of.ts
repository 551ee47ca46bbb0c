import type { Instant } from '../shared/time.ts'
import type { Clock, ClockState, Sla, SlaPriority, SlaTerms, Working } from './sla.ts'
import type { History, Timeline } from './timeline.ts'
import { timelineOf } from './timeline.ts'
import type { WorkingCalendar } from './working-calendar.ts'
import { holidaysBetween, momentAfter, workingMsBetween, workingSpans } from './working-time.ts'

/** Everything both clocks depend on; the present priority counts from creation, whatever it was before. */
export type SlaFacts = History & { readonly priority: SlaPriority; readonly terms: SlaTerms }

const instant = (ms: number): Instant => new Date(ms).toISOString()
const instantOrNull = (ms: number | null): Instant | null => (ms === null ? null : instant(ms))

type Spent = { readonly elapsedMs: number; readonly usedUpMs: number | null; readonly breached: boolean }

const spentOn = (runs: Timeline['runs'], calendar: WorkingCalendar, budgetMs: number): Spent => {
  let elapsedMs = 0
  let usedUpMs: number | null = null
  let breached = false
  for (const run of runs) {
    const worked = workingMsBetween(calendar, run.fromMs, run.toMs)
    if (usedUpMs === null && elapsedMs + worked >= budgetMs) {
      usedUpMs = momentAfter(calendar, run.fromMs, budgetMs - elapsedMs)
    }
    // A budget used up on Friday 18:00 is breached on Saturday, although no working time has passed since.
    if (usedUpMs !== null && run.toMs > usedUpMs) breached = true
    elapsedMs += worked
  }
  return { elapsedMs, usedUpMs, breached }
}

const stateOf = (now: Timeline['now'], breached: boolean): ClockState => {
  switch (now) {
    case 'running':
    case 'paused':
      return now
    case 'reached':
      return breached ? 'ended' : 'met'
    case 'cancelled':
      return 'ended'
  }
}

const clockOf = (timeline: Timeline, calendar: WorkingCalendar, budgetMs: number, nowMs: number): Clock => {
  const { elapsedMs, usedUpMs, breached } = spentOn(timeline.runs, calendar, budgetMs)
  const runsOnFromMs = timeline.now === 'running' || timeline.now === 'paused' ? nowMs : timeline.stoppedMs
  return {
    state: stateOf(timeline.now, breached),
    dueAt: instantOrNull(usedUpMs ?? momentAfter(calendar, runsOnFromMs, budgetMs - elapsedMs)),
    reachedAt: instantOrNull(timeline.reachedMs),
    budgetMs,
    elapsedMs,
    remainingMs: budgetMs - elapsedMs,
    percent: Math.floor((elapsedMs * 100) / budgetMs),
    breached,
  }
}

const nowMsOf = ({ createdAt, now }: SlaFacts): number => Math.max(Date.parse(now), Date.parse(createdAt))

/** Both clocks of a ticket at `now`: a pure function of its history, its present priority and the terms. */
export const slaOf = (facts: SlaFacts): Sla => {
  const { calendar, responseMs, resolutionMs } = facts.terms[facts.priority]
  const nowMs = nowMsOf(facts)
  return {
    response: clockOf(timelineOf('response', facts), calendar, responseMs, nowMs),
    resolution: clockOf(timelineOf('resolution', facts), calendar, resolutionMs, nowMs),
  }
}

/** The figures that are stored with a ticket; its due time and breach are the resolution clock's. */
export const slaFigures = ({ response, resolution }: Sla) => ({
  dueAt: resolution.dueAt,
  responseDueAt: response.dueAt,
  firstResponseAt: response.reachedAt,
  breached: resolution.breached,
})

const workingOf = (facts: SlaFacts, timeline: Timeline, clock: Clock): Working => {
  const { calendar } = facts.terms[facts.priority]
  const untilMs = timeline.reachedMs ?? nowMsOf(facts)
  const dueMs = clock.dueAt === null ? untilMs : Date.parse(clock.dueAt)
  return {
    calendar: calendar.name,
    zone: calendar.zone,
    budgetMs: clock.budgetMs,
    counted: timeline.runs
      .flatMap((run) => workingSpans(calendar, run.fromMs, run.toMs))
      .map(({ fromMs, toMs }) => ({ from: instant(fromMs), to: instant(toMs) })),
    pauses: timeline.pauses.map(({ fromMs, toMs, why }) => ({ from: instant(fromMs), to: instantOrNull(toMs), why })),
    holidays: holidaysBetween(calendar, Date.parse(facts.createdAt), Math.max(untilMs, dueMs)).map(({ day, name }) => ({
      day,
      name,
    })),
  }
}

/** The working behind {@link slaOf}: intervals counted, pauses and holidays of each clock. */
export const slaWorking = (facts: SlaFacts): { readonly response: Working; readonly resolution: Working } => {
  const { response, resolution } = slaOf(facts)
  return {
    response: workingOf(facts, timelineOf('response', facts), response),
    resolution: workingOf(facts, timelineOf('resolution', facts), resolution),
  }
}
