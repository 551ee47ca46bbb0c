import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { escalate, joinFault } from '../../domain/escalation/escalate.ts'
import type { EscalationEvent, RepeatFaultSettings } from '../../domain/escalation/escalation.ts'
import {
  countsAsFault,
  type FaultTicket,
  type RepeatFaults,
  repeatFaults,
  scopesOf,
} from '../../domain/escalation/repeat-faults.ts'
import { type Instant, plusDays } from '../../domain/shared/time.ts'
import type { Ticket, TicketId } from '../../domain/ticket/ticket.ts'
import type { ChangeDeps } from '../change.ts'
import type { AppError } from '../errors.ts'
import { allowed } from '../platform/allowed.ts'
import type { AskedScope, EscalationStore, FaultEvent, ScopeAsRead, ScopeOutcome } from '../ports/escalation-store.ts'
import type { Stored } from '../ports/ticket-store.ts'
import { systemPrincipal } from '../principal.ts'
import { infrastructureCreation } from './infrastructure-creation.ts'

export type EscalationDeps = ChangeDeps & { readonly escalations: EscalationStore }

const ATTEMPTS = 8

/**
 * A fault arrived, or became one, or moved: each scope it names is counted up to the moment it happened, and up to each
 * later fault, which may have been stored and weighed before it. More faults than the threshold make one escalation with
 * its infrastructure ticket; while one lives, the fault joins it.
 */
export const escalateRepeatFaults =
  (deps: EscalationDeps) =>
  (event: FaultEvent, ticketId: TicketId): TE.TaskEither<AppError, ReadonlyArray<ScopeOutcome>> => {
    const attempt = (left: number): TE.TaskEither<AppError, ReadonlyArray<ScopeOutcome>> =>
      pipe(
        once(deps, event, ticketId),
        // Project facts moved, or another process was first with a scope: what it left is read again.
        TE.orElse((error) =>
          (error.type === 'Stale' || error.type === 'AlreadyExists') && left > 1 ? attempt(left - 1) : TE.left(error),
        ),
      )
    return pipe(
      TE.fromEither<AppError, null>(allowed(systemPrincipal, 'escalate_fault')),
      TE.flatMap(() => attempt(ATTEMPTS)),
    )
  }

const once = (
  deps: EscalationDeps,
  event: FaultEvent,
  ticketId: TicketId,
): TE.TaskEither<AppError, ReadonlyArray<ScopeOutcome>> =>
  pipe(
    deps.tickets.load([ticketId]),
    TE.flatMap(([stored]): TE.TaskEither<AppError, ReadonlyArray<ScopeOutcome>> => {
      const scopes = stored === undefined ? [] : scopesAsked(stored, event, deps.now())
      return stored === undefined || scopes.length === 0 ? TE.right([]) : weighed(deps, stored, event, scopes)
    }),
  )

/** Most faults change nothing: that is seen in one look, and only what would change something is weighed under lock. */
const weighed = (
  deps: EscalationDeps,
  stored: Stored,
  event: FaultEvent,
  scopes: ReadonlyArray<AskedScope>,
): TE.TaskEither<AppError, ReadonlyArray<ScopeOutcome>> => {
  const weigh = weighFor(deps, stored, event)
  return pipe(
    deps.escalations.read(scopes),
    TE.flatMap(
      (found): TE.TaskEither<AppError, ReadonlyArray<ScopeOutcome>> =>
        found.every((scope) => weigh(scope) === null) ? TE.right([]) : deps.escalations.weigh(event, scopes, weigh),
    ),
  )
}

const scopesAsked = ({ ticket, settings }: Stored, { at }: FaultEvent, now: Instant): ReadonlyArray<AskedScope> =>
  countsAsFault(asFault(ticket))
    ? scopesOf(ticket.projectId, ticket.place).map((key) => ({
        key,
        windowFrom: plusDays(at, -settings.repeatFaults[key.scope].windowDays),
        until: now > at ? now : at,
      }))
    : []

const asFault = ({ type, source, status, deletedAt, fault, paperwork }: Ticket): FaultTicket => ({
  type,
  source,
  status,
  deletedAt,
  cause: fault.cause,
  paperwork,
})

/** The faults of a scope, counted by its project's own threshold and window. */
export const countFaults = (
  { key, faults, countingSince }: ScopeAsRead,
  settings: RepeatFaultSettings,
  now: string,
): RepeatFaults => repeatFaults({ faults, limit: settings[key.scope], countingSince, now })

/** As of the event; or, where that is too few, as of the first later fault that with this one makes too many. */
const countWith = (scope: ScopeAsRead, { ticket, settings }: Stored, at: Instant): RepeatFaults => {
  const asOf = (moment: Instant): RepeatFaults => countFaults(scope, settings.repeatFaults, moment)
  const atOnce = asOf(at)
  if (atOnce.type === 'escalate') return atOnce
  const later = scope.faults.map(({ createdAt }) => createdAt).filter((createdAt) => createdAt > at)
  const over = later
    .toSorted()
    .map(asOf)
    .find(({ type, contributing }) => type === 'escalate' && contributing.includes(ticket.id))
  return over ?? atOnce
}

const weighFor =
  (deps: EscalationDeps, stored: Stored, { at }: FaultEvent) =>
  (scope: ScopeAsRead): ScopeOutcome | null => {
    const limit = stored.settings.repeatFaults[scope.key.scope]
    const counted =
      scope.live === null ? countWith(scope, stored, at) : countFaults(scope, stored.settings.repeatFaults, at)
    const recorded = (events: ReadonlyArray<EscalationEvent>) => events.map((one) => ({ ...one, id: deps.newId() }))
    if (scope.live !== null) {
      // An old fault that was moved here by hand is none of this spate.
      if (!counted.contributing.includes(stored.ticket.id)) return null
      const [escalation, events] = joinFault({ ticketId: stored.ticket.id, at })(scope.live)
      const { windowDays } = limit
      return events.length === 0 ? null : { escalation, windowDays, creation: null, events: recorded(events) }
    }
    if (counted.type === 'below') return null
    const creation = infrastructureCreation(deps, stored, scope, counted, limit)
    const [escalation, events] = escalate({
      id: deps.newId(),
      key: scope.key,
      ticketId: creation.ticket.id,
      faults: { ...counted, type: 'escalate' },
      at: deps.now(),
    })
    return { escalation, windowDays: limit.windowDays, creation, events: recorded(events) }
  }
