import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as RA from 'fp-ts/lib/ReadonlyArray.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { escalateRisk } from '../../domain/risk/escalate-risk.ts'
import { expireRisk } from '../../domain/risk/expire-risk.ts'
import { riskTimer } from '../../domain/risk/past.ts'
import { ESCALATE_DAYS_AFTER, WARN_DAYS_BEFORE } from '../../domain/risk/risk.ts'
import { addDays, dayInJohannesburg, type Instant } from '../../domain/shared/time.ts'
import type { TicketId } from '../../domain/ticket/ticket.ts'
import { type ChangeDeps, changeTicket, nothingMore } from '../change.ts'
import type { AppError } from '../errors.ts'
import { systemTicket } from '../escalation/system-ticket.ts'
import type { Creation, Stored } from '../ports/ticket-store.ts'
import type { Notice, RiskOnDate, TimerQueries } from '../ports/timer-queries.ts'
import { systemPrincipal } from '../principal.ts'

export type TimerDeps = ChangeDeps & {
  readonly timers: TimerQueries
  /** Hears of a risk that could not be moved because of a defect; the others go on. */
  readonly onTrouble: (error: unknown, at: { readonly ticketId: TicketId }) => void
}
export type RisksTimed = {
  readonly warned: number
  readonly expired: number
  readonly escalated: number
  readonly failed: number
  readonly followUpsDue: number
}

const AT_ONCE = 4

/** Expires and escalates what is due, then warns of what comes and tells of reviews that are due. */
export const runRiskTimers =
  (deps: TimerDeps) =>
  (now: Instant): TE.TaskEither<AppError, RisksTimed> =>
    pipe(
      moveRisks(deps, now, 'expire', expire(deps)),
      TE.bindTo('expired'),
      // What expired long ago and was only now said to have, escalates in the same run.
      TE.bind('escalated', () => moveRisks(deps, now, 'escalate', escalate(deps))),
      TE.bind('risks', () => risksOnDate(deps, now)),
      TE.bindW('warned', ({ risks }) => deps.timers.tell(risks.flatMap((risk) => warningOf(deps, risk, now)))),
      TE.bindW('followUpsDue', ({ risks }) => deps.timers.tell(risks.flatMap((risk) => followUpOf(deps, risk, now)))),
      TE.map(({ expired, escalated, warned, followUpsDue }) => ({
        warned,
        expired: expired.moved,
        escalated: escalated.moved,
        failed: expired.failed + escalated.failed,
        followUpsDue,
      })),
    )

const risksOnDate = ({ timers }: TimerDeps, now: Instant): TE.TaskEither<AppError, ReadonlyArray<RiskOnDate>> => {
  const today = dayInJohannesburg(now)
  return timers.risksOnDate({
    today,
    warnUntil: addDays(today, Math.max(...WARN_DAYS_BEFORE)),
    escalateUntil: addDays(today, -ESCALATE_DAYS_AFTER),
  })
}

type Move = (risk: RiskOnDate) => TE.TaskEither<AppError, Stored>

type Moves = { readonly moved: number; readonly failed: number }

const moveRisks = (
  deps: TimerDeps,
  now: Instant,
  type: 'expire' | 'escalate',
  move: Move,
): TE.TaskEither<AppError, Moves> =>
  pipe(
    risksOnDate(deps, now),
    TE.map(RA.filter((risk) => riskTimer(risk, [], now)?.type === type)),
    TE.map(RA.chunksOf(AT_ONCE)),
    TE.flatMap(TE.traverseSeqArray(TE.traverseArray(once(deps, move)))),
    TE.map((done) => ({
      moved: done.flat().filter((one) => one === 'moved').length,
      failed: done.flat().filter((one) => one === 'failed').length,
    })),
  )

/** Someone else may have been first, resolved it, or deleted its ticket: then there is nothing left to do. */
const SETTLED = ['RiskTransitionNotAllowed', 'RiskUnknown', 'NotFound']

type Fate = 'moved' | 'settled' | 'failed'

const once =
  (deps: TimerDeps, move: Move) =>
  (risk: RiskOnDate): TE.TaskEither<AppError, Fate> =>
    pipe(
      TE.tryCatch(move(risk), (defect) => defect),
      TE.matchE(
        (defect) => {
          deps.onTrouble(defect, { ticketId: risk.ticketId })
          return TE.right<AppError, Fate>('failed')
        },
        (answer) =>
          pipe(
            TE.fromEither(answer),
            TE.map((): Fate => 'moved'),
            TE.orElse((error) => (SETTLED.includes(error.type) ? TE.right<AppError, Fate>('settled') : TE.left(error))),
          ),
      ),
    )

const expire =
  (deps: TimerDeps): Move =>
  ({ ticketId, riskId }) =>
    changeTicket(deps)(
      { ticketId, principal: systemPrincipal, version: null },
      {
        action: 'expire_risk',
        gather: nothingMore,
        decide: ({ ticket }, stamp) => expireRisk({ ...stamp, riskId })(ticket),
      },
    )

const escalate =
  (deps: TimerDeps): Move =>
  ({ ticketId, riskId }) =>
    changeTicket(deps)<Creation | null>(
      { ticketId, principal: systemPrincipal, version: null },
      {
        action: 'escalate_risk',
        gather: (stored) => TE.right(followUpTicket(deps, stored, riskId)),
        decide: ({ ticket }, stamp, followUp) =>
          escalateRisk({ ...stamp, riskId, followUpId: followUp?.ticket.id ?? '' })(ticket),
        creates: (followUp) => (followUp === null ? [] : [followUp]),
      },
    )

/** The maintenance ticket of an escalated risk, where its own ticket is; none for a cancelled one. */
const followUpTicket = (deps: TimerDeps, stored: Stored, riskId: string): Creation | null => {
  const { ticket } = stored
  const risk = ticket.risks.find((known) => known.id === riskId)
  if (risk === undefined || ticket.status === 'cancelled') return null
  const made = systemTicket(deps, stored, {
    type: 'maintenance',
    priority: 'normal',
    projectId: ticket.projectId,
    title: `Follow-up of ${ticket.uid ?? 'a ticket'}: ${risk.type.replaceAll('_', ' ')}`,
    description: `The risk accepted on ${ticket.uid ?? 'it'} expired on ${risk.expiresOn} and is not resolved.`,
    place: ticket.place,
    cause: 'unknown',
    causeDetails: [risk.description, risk.conditions].filter((text) => text !== null).join('\n'),
    followUpOf: ticket.id,
  })
  if (E.isLeft(made)) throw new Error(`a follow-up ticket was refused: ${made.left.type}`)
  return made.right
}

const markOf = (riskId: string, what: string | number): string => `risk:${riskId}:${what}`

const noticeOf = (
  { newId }: TimerDeps,
  { ticketId, ticketUid, projectId, riskId, acceptedBy }: RiskOnDate,
  mark: string,
  type: string,
  said: Readonly<Record<string, unknown>>,
  at: Instant,
): Notice => {
  const body = { type, riskId, acceptedBy, ...said, at, by: systemPrincipal.userId, ticketId, ticketUid, projectId }
  return { ticketId, mark, event: { id: newId(), type, ticketId, body, at } }
}

const warningOf = (deps: TimerDeps, risk: RiskOnDate, now: Instant): ReadonlyArray<Notice> => {
  const told = WARN_DAYS_BEFORE.filter((days) => risk.told.includes(markOf(risk.riskId, days)))
  const timer = riskTimer(risk, told, now)
  if (timer?.type !== 'warn') return []
  const { warning, daysLeft } = timer
  const said = { warning, daysLeft, expiresOn: risk.expiresOn }
  return [noticeOf(deps, risk, markOf(risk.riskId, warning), 'RiskWarning', said, now)]
}

const followUpOf = (deps: TimerDeps, risk: RiskOnDate, now: Instant): ReadonlyArray<Notice> => {
  const { riskId, followUpOn, status, told } = risk
  if (followUpOn === null || status === 'resolved' || followUpOn > dayInJohannesburg(now)) return []
  const mark = markOf(riskId, `follow_up:${followUpOn}`)
  return told.includes(mark) ? [] : [noticeOf(deps, risk, mark, 'FollowUpDue', { followUpOn }, now)]
}
