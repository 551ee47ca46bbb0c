import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { escalate, joinFault } from '../../domain/escalation/escalate.ts'
import type { EscalationEvent, RepeatFaultSettings } from '../../domain/escalation/escalation.ts'
import { countsAsFault, type RepeatFaults, repeatFaults, scopesOf } from '../../domain/escalation/repeat-faults.ts'
import { type Instant, plusDays } from '../../domain/shared/time.ts'
import type { TicketId } from '../../domain/ticket/ticket.ts'
import { allowed } from '../allowed.ts'
import type { ChangeDeps } from '../change.ts'
import type { AppError } from '../errors.ts'
import type {
  AskedScope,
  EscalationStore,
  FaultEvent,
  FaultInShort,
  ScopeAsRead,
  ScopeOutcome,
} from '../ports/escalation-store.ts'
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

/**
 * Of some faults the ids of the events that may change a scope. Most faults change nothing, and two looks tell that of
 * all of them; what is left is decided under lock by {@link escalateRepeatFaults}.
 */
export const faultsWorthWeighing =
  ({ escalations, now }: EscalationDeps) =>
  (events: ReadonlyArray<FaultEvent & { readonly ticketId: TicketId }>): TE.TaskEither<AppError, ReadonlySet<string>> =>
    pipe(
      escalations.faults([...new Set(events.map(({ ticketId }) => ticketId))]),
      TE.flatMap((faults) => {
        const known = new Map(faults.map((fault) => [fault.ticketId, fault]))
        const asked = events.flatMap((event) => {
          const fault = known.get(event.ticketId)
          return fault === undefined
            ? []
            : scopesAsked(fault, event.at, now()).map((scope) => ({ event, fault, scope }))
        })
        return pipe(
          escalations.read(asked.map(({ scope }) => scope)),
          TE.map((scopes) =>
            asked.flatMap(({ event, fault }, i) => {
              const scope = scopes[i]
              return scope !== undefined && mayMove(scope, fault, event.at) ? [event.id] : []
            }),
          ),
        )
      }),
      TE.map((ids) => new Set(ids)),
    )

const once = (
  deps: EscalationDeps,
  event: FaultEvent,
  ticketId: TicketId,
): TE.TaskEither<AppError, ReadonlyArray<ScopeOutcome>> =>
  pipe(
    deps.tickets.load([ticketId]),
    TE.flatMap(([stored]): TE.TaskEither<AppError, ReadonlyArray<ScopeOutcome>> => {
      const scopes = stored === undefined ? [] : scopesAsked(asFault(stored), event.at, deps.now())
      return stored === undefined || scopes.length === 0
        ? TE.right([])
        : deps.escalations.weigh(event, scopes, weighFor(deps, stored, event))
    }),
  )

const scopesAsked = (fault: FaultInShort, at: Instant, now: Instant): ReadonlyArray<AskedScope> =>
  countsAsFault(fault)
    ? scopesOf(fault.projectId, fault.place).map((key) => ({
        key,
        windowFrom: plusDays(at, -fault.limits[key.scope].windowDays),
        until: now > at ? now : at,
      }))
    : []

const asFault = ({ ticket, settings }: Stored): FaultInShort => ({
  ticketId: ticket.id,
  projectId: ticket.projectId,
  place: ticket.place,
  type: ticket.type,
  source: ticket.source,
  status: ticket.status,
  deletedAt: ticket.deletedAt,
  cause: ticket.fault.cause,
  paperwork: ticket.paperwork,
  limits: settings.repeatFaults,
})

/** The faults of a scope, counted by its project's own threshold and window. */
export const countFaults = (
  { key, faults, countingSince }: ScopeAsRead,
  limits: RepeatFaultSettings,
  now: string,
): RepeatFaults => repeatFaults({ faults, limit: limits[key.scope], countingSince, now })

/** As of the event; or, where that is too few, as of the first later fault that with this one makes too many. */
const countWith = (scope: ScopeAsRead, { ticketId, limits }: FaultInShort, at: Instant): RepeatFaults => {
  const asOf = (moment: Instant): RepeatFaults => countFaults(scope, limits, moment)
  const atOnce = asOf(at)
  if (scope.live !== null || atOnce.type === 'escalate') return atOnce
  const later = scope.faults.map(({ createdAt }) => createdAt).filter((createdAt) => createdAt > at)
  const over = later
    .toSorted()
    .map(asOf)
    .find(({ type, contributing }) => type === 'escalate' && contributing.includes(ticketId))
  return over ?? atOnce
}

/** An old fault that was moved to a live escalation's place by hand is none of its spate. */
const moves = ({ live }: ScopeAsRead, { type, contributing }: RepeatFaults, ticketId: TicketId): boolean =>
  live === null ? type === 'escalate' : contributing.includes(ticketId)

const mayMove = (scope: ScopeAsRead, fault: FaultInShort, at: Instant): boolean =>
  moves(scope, countWith(scope, fault, at), fault.ticketId)

const weighFor =
  (deps: EscalationDeps, stored: Stored, { at }: FaultEvent) =>
  (scope: ScopeAsRead): ScopeOutcome | null => {
    const fault = asFault(stored)
    const limit = fault.limits[scope.key.scope]
    const counted = countWith(scope, fault, at)
    if (!moves(scope, counted, fault.ticketId)) return null
    const recorded = (events: ReadonlyArray<EscalationEvent>) => events.map((one) => ({ ...one, id: deps.newId() }))
    if (scope.live !== null) {
      const [escalation, events] = joinFault({ ticketId: fault.ticketId, at })(scope.live)
      const { windowDays } = limit
      return events.length === 0 ? null : { escalation, windowDays, creation: null, events: recorded(events) }
    }
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
