import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as RA from 'fp-ts/lib/ReadonlyArray.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Instant } from '../../domain/shared/time.ts'
import { dueMarks } from '../../domain/sla/due-marks.ts'
import type { SlaMark, SlaMarkReached, SlaTerms } from '../../domain/sla/sla.ts'
import { slaFigures, slaOf } from '../../domain/sla/sla-of.ts'
import type { SlaFigures } from '../../domain/ticket/ticket.ts'
import type { AppError } from '../errors.ts'
import type { Notice, SlaDue, SlaFactsOfTicket, SlaLook } from '../ports/timer-queries.ts'
import { nextLookAt } from './next-look.ts'
import type { TimerDeps } from './risk-timers.ts'

export type SlaTimed = { readonly looked: number; readonly told: number; readonly refreshed: number }

/** Small enough that the server goes on answering between two. */
const AT_ONCE = 500

/** Looks at the clocks that have something new to say: tells each mark once, and stores figures that turned wrong. */
export const runSlaTimers =
  (deps: TimerDeps) =>
  (now: Instant): TE.TaskEither<AppError, SlaTimed> =>
    pipe(
      deps.timers.slaDue(now),
      TE.bindTo('due'),
      TE.bindW('terms', ({ due }) => termsOf(deps, due)),
      TE.flatMap(({ due, terms }) =>
        pipe(
          due,
          RA.chunksOf(AT_ONCE),
          TE.traverseSeqArray((chunk) => look(deps, chunk, terms, now)),
        ),
      ),
      TE.map((looks) => ({
        looked: sum(looks.map(({ looked }) => looked)),
        told: sum(looks.map(({ told }) => told)),
        refreshed: sum(looks.map(({ refreshed }) => refreshed)),
      })),
    )

const sum = (numbers: ReadonlyArray<number>): number => numbers.reduce((total, one) => total + one, 0)

type Terms = ReadonlyMap<string, SlaTerms>

const termsOf = (deps: TimerDeps, due: ReadonlyArray<SlaDue>): TE.TaskEither<AppError, Terms> =>
  pipe(
    [...new Set(due.map(({ projectId }) => projectId))],
    TE.traverseSeqArray((projectId) =>
      pipe(
        deps.tickets.context(projectId, null),
        TE.map(({ settings }) => {
          const terms = deps.slaTerms(settings.sla)
          if (E.isLeft(terms)) throw new Error(`stored SLA policy of ${projectId} is unusable: ${terms.left.type}`)
          return [projectId, terms.right] as const
        }),
      ),
    ),
    TE.map((known) => new Map(known)),
  )

const look = (
  deps: TimerDeps,
  due: ReadonlyArray<SlaDue>,
  terms: Terms,
  now: Instant,
): TE.TaskEither<AppError, SlaTimed> => {
  const settingsOf = new Map(due.map(({ ticketId, settingsVersion }) => [ticketId, settingsVersion]))
  return pipe(
    deps.timers.slaFacts(due.map(({ ticketId }) => ticketId)),
    TE.map((found) =>
      found.flatMap((facts) => {
        const known = terms.get(facts.projectId)
        const settingsVersion = settingsOf.get(facts.ticketId)
        // A ticket that came to another project meanwhile is looked at in the next run.
        return known === undefined || settingsVersion === undefined
          ? []
          : [lookAt(deps, facts, known, settingsVersion, now)]
      }),
    ),
    TE.flatMap((looks) =>
      pipe(
        deps.timers.keepLooks(looks),
        TE.map((kept) => ({ ...kept, looked: looks.length })),
      ),
    ),
  )
}

const lookAt = (
  deps: TimerDeps,
  facts: SlaFactsOfTicket,
  terms: SlaTerms,
  settingsVersion: number,
  now: Instant,
): SlaLook => {
  const { ticketId, version, priority, createdAt, history, sent } = facts
  const sla = slaOf({ createdAt, history, deletedAt: null, priority, terms, now })
  const figures = slaFigures(sla)
  return {
    ticketId,
    version,
    settingsVersion,
    figures: same(figures, facts.figures) ? null : figures,
    notices: dueMarks({ sla, priority, sent, now }).map((mark) => noticeOf(deps, facts, mark)),
    nextAt: nextLookAt(sla, terms[priority].calendar, now),
  }
}

const same = (a: SlaFigures, b: SlaFigures): boolean =>
  a.dueAt === b.dueAt &&
  a.responseDueAt === b.responseDueAt &&
  a.firstResponseAt === b.firstResponseAt &&
  a.breached === b.breached

const noticeOf = (
  { newId }: TimerDeps,
  { ticketId, ticketUid, projectId }: SlaFactsOfTicket,
  reached: SlaMarkReached,
): Notice => ({
  ticketId,
  mark: slaMarkText(reached),
  event: {
    id: newId(),
    type: reached.type,
    ticketId,
    body: { ...reached, ticketId, ticketUid, projectId },
    at: reached.at,
  },
})

/** A mark as it is kept: `sla:resolution:high:75`. */
const slaMarkText = ({ clock, priority, mark }: SlaMark): string => `sla:${clock}:${priority}:${mark}`
