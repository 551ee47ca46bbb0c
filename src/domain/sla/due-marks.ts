import type { Instant } from '../shared/time.ts'
import type { Clock, ClockName, Mark, Sla, SlaMark, SlaMarkReached, SlaPriority } from './sla.ts'

const RISING: ReadonlyArray<Mark> = ['50', '75', '90', 'breach']

const isPassed = (clock: Clock, mark: Mark): boolean => {
  if (mark === 'breach') return clock.breached
  return clock.state === 'running' && clock.percent >= Number(mark)
}

const isCancelled = ({ state, reachedAt }: Clock): boolean => state === 'ended' && reachedAt === null

/** The one mark to tell now, given those already told for this clock and priority; null when there is nothing new. */
export const markToSend = (clock: Clock, alreadySent: ReadonlyArray<Mark>): Mark | null => {
  if (isCancelled(clock)) return null
  const highestSent = Math.max(-1, ...alreadySent.map((mark) => RISING.indexOf(mark)))
  return RISING.findLast((mark, rank) => rank > highestSent && isPassed(clock, mark)) ?? null
}

export type MarksFacts = {
  readonly sla: Sla
  readonly priority: SlaPriority
  /** Every mark ever sent for this ticket, under any priority. */
  readonly sent: ReadonlyArray<SlaMark>
  readonly now: Instant
}

/**
 * Warns at 50, 75 and 90 % while a clock runs and at breach, each once per clock and priority; of several passed at
 * once only the highest. A breach is told even when the ticket was paused or reached before anyone looked.
 */
export const dueMarks = ({ sla, priority, sent, now }: MarksFacts): ReadonlyArray<SlaMarkReached> =>
  (['response', 'resolution'] satisfies ReadonlyArray<ClockName>).flatMap((clock) => {
    const { percent, dueAt } = sla[clock]
    const told = sent.filter((one) => one.clock === clock && one.priority === priority).map(({ mark }) => mark)
    const mark = markToSend(sla[clock], told)
    return mark === null ? [] : [{ type: 'SlaMarkReached', clock, priority, mark, percent, dueAt, at: now }]
  })
