import type { Instant } from '../shared/time.ts'
import type { ClockName, PauseReason, SlaChange, SlaStatus } from './sla.ts'
import type { Span } from './working-calendar.ts'

/** What each status does to the resolution clock; the response clock obeys it too, until work starts. */
export const clockIn = {
  open: 'runs',
  assigned: 'runs',
  in_progress: 'runs',
  qa_rejected: 'runs',
  on_hold: 'on_hold',
  pending_qa: 'with_qa',
  qa_in_progress: 'with_qa',
  qa_approved: 'with_qa',
  pending_handover: 'with_qa',
  cancelled: 'cancelled',
  handed_to_maintenance: 'over',
  closed: 'over',
} as const satisfies { readonly [S in SlaStatus]: 'runs' | PauseReason | 'over' }

export type Pause = { readonly fromMs: number; readonly toMs: number | null; readonly why: PauseReason }

/** Where a clock was allowed to run, before any calendar is asked. */
export type Timeline = {
  readonly runs: ReadonlyArray<Span>
  readonly pauses: ReadonlyArray<Pause>
  readonly now: 'running' | 'paused' | 'reached' | 'cancelled'
  readonly reachedMs: number | null
  /** When the clock last stopped running; creation when it never ran. */
  readonly stoppedMs: number
}

export type History = {
  readonly createdAt: Instant
  /** Every change of status in order, the creation first. Field times that run backwards count from the change before. */
  readonly history: ReadonlyArray<SlaChange>
  readonly deletedAt: Instant | null
  readonly now: Instant
}

type Step = { readonly atMs: number; readonly status: SlaStatus }

const stepsOf = ({ createdAt, history, deletedAt, now }: History): ReadonlyArray<Step> => {
  const createdMs = Date.parse(createdAt)
  const nowMs = Date.parse(now)
  const deletion: ReadonlyArray<SlaChange> = deletedAt === null ? [] : [{ at: deletedAt, status: 'cancelled' }]
  const steps: Array<Step> = [{ atMs: createdMs, status: history[0]?.status ?? 'open' }]
  let latest = createdMs
  for (const change of [...history.slice(1), ...deletion]) {
    latest = Math.max(latest, Date.parse(change.at))
    if (latest > nowMs) break
    steps.push({ atMs: latest, status: change.status })
  }
  return steps
}

const isReached = (clock: ClockName, status: SlaStatus): boolean =>
  clockIn[status] === 'over' || (clock === 'response' && status === 'in_progress')

type Role = (typeof clockIn)[SlaStatus]
type Stretch = Span & { readonly role: Role; readonly lasts: boolean }

/** Neighbours of one role become one stretch: pending QA and QA in progress are one pause. */
const joined = (stretches: ReadonlyArray<Stretch>): ReadonlyArray<Stretch> => {
  const done: Array<Stretch> = []
  for (const next of stretches.filter((stretch) => stretch.lasts || stretch.toMs > stretch.fromMs)) {
    const last = done.at(-1)
    if (last?.role === next.role) done[done.length - 1] = { ...next, fromMs: last.fromMs }
    else done.push(next)
  }
  return done
}

const standing = (role: Role): 'running' | 'paused' | 'cancelled' =>
  role === 'runs' ? 'running' : role === 'cancelled' ? 'cancelled' : 'paused'

/** Cuts a ticket's history into the stretches where one clock runs and the ones where it stands. */
export const timelineOf = (clock: ClockName, facts: History): Timeline => {
  const steps = stepsOf(facts)
  const createdMs = Date.parse(facts.createdAt)
  const nowMs = Math.max(Date.parse(facts.now), createdMs)
  const end = steps.findIndex((step) => isReached(clock, step.status))
  const reachedMs = steps[end]?.atMs ?? null
  const lived = end === -1 ? steps : steps.slice(0, end)
  const stretches = joined(
    lived.map(({ atMs, status }, index) => ({
      fromMs: atMs,
      toMs: lived[index + 1]?.atMs ?? reachedMs ?? nowMs,
      role: clockIn[status],
      lasts: end === -1 && index === lived.length - 1,
    })),
  )
  const runs = stretches.filter(({ role }) => role === 'runs').map(({ fromMs, toMs }) => ({ fromMs, toMs }))
  return {
    runs,
    pauses: stretches.flatMap(({ fromMs, toMs, role, lasts }) =>
      role === 'runs' || role === 'over' || (role === 'cancelled' && lasts)
        ? []
        : [{ fromMs, toMs: lasts ? null : toMs, why: role }],
    ),
    now: reachedMs !== null ? 'reached' : standing(stretches.at(-1)?.role ?? 'runs'),
    reachedMs,
    stoppedMs: runs.at(-1)?.toMs ?? createdMs,
  }
}
