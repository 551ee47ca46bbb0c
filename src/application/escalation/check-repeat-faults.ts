import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { EscalationStatus, RepeatFaultSettings, Scope } from '../../domain/escalation/escalation.ts'
import { type FaultPlace, scopesOf } from '../../domain/escalation/repeat-faults.ts'
import { type Instant, plusDays } from '../../domain/shared/time.ts'
import type { TicketId } from '../../domain/ticket/ticket.ts'
import { allowed } from '../allowed.ts'
import type { ChangeDeps } from '../change.ts'
import type { AppError } from '../errors.ts'
import type {
  EscalationQueries,
  EscalationStore,
  Pattern,
  ScopeAsRead,
  TicketInShort,
} from '../ports/escalation-store.ts'
import type { Principal } from '../principal.ts'
import { countFaults } from './escalate-repeat-faults.ts'

/** One scope's faults against its limit, in the names that people and programs read. */
export type CheckedScope = {
  readonly scope: Scope
  readonly value: string
  readonly count: number
  /** Escalates when there are more faults than this. */
  readonly threshold: number
  readonly window_days: number
  readonly window_from: Instant
  /** When the scope's last escalation ended; faults up to then are spent. */
  readonly counting_since: Instant | null
  readonly over_threshold: boolean
  readonly contributing_tickets: ReadonlyArray<TicketInShort>
  readonly live_escalation: LiveInShort | null
}
type LiveInShort = {
  readonly id: string
  readonly status: EscalationStatus
  readonly escalation_ticket_id: TicketId
  readonly created_at: Instant
}
export type NearPattern = {
  readonly scope: Scope
  readonly value: string
  readonly count: number
  readonly threshold: number
  readonly window_days: number
  readonly latest_at: Instant
  readonly live_escalation: { readonly id: string; readonly status: EscalationStatus } | null
}
export type RepeatFaultCheck = {
  readonly project_id: string
  readonly checked_at: Instant
  /** Of the place asked for, a scope each; empty when none was. */
  readonly scopes: ReadonlyArray<CheckedScope>
  /** Of the whole project, nearest to their thresholds first; empty when a place was asked for. */
  readonly patterns: ReadonlyArray<NearPattern>
}
export type CheckDeps = Pick<ChangeDeps, 'tickets' | 'now'> & {
  readonly escalations: EscalationStore
  readonly escalationQueries: EscalationQueries
}

const PATTERNS = 20

/** How near a place is to escalating now; without a place, which places of the project are nearest. */
export const checkRepeatFaults =
  (deps: CheckDeps) =>
  (principal: Principal, projectId: string, place: FaultPlace): TE.TaskEither<AppError, RepeatFaultCheck> => {
    const now = deps.now()
    const keys = scopesOf(projectId, place)
    return pipe(
      TE.fromEither<AppError, null>(allowed(principal, 'read_escalations')),
      TE.flatMap(() => deps.tickets.context(projectId, null)),
      TE.map(({ settings }) => settings.repeatFaults),
      TE.bindTo('limits'),
      TE.bindW('scopes', ({ limits }) => scopesNow(deps, keys, limits, now)),
      TE.bindW('patterns', ({ limits }) =>
        keys.length === 0 ? deps.escalationQueries.nearest(projectId, limits, now, PATTERNS) : TE.right([]),
      ),
      TE.map(({ limits, scopes, patterns }) => ({
        project_id: projectId,
        checked_at: now,
        scopes,
        patterns: patterns.map((pattern) => nearPattern(pattern, limits)),
      })),
    )
  }

const scopesNow = (
  { escalations, escalationQueries }: CheckDeps,
  keys: ReturnType<typeof scopesOf>,
  limits: RepeatFaultSettings,
  now: Instant,
): TE.TaskEither<AppError, ReadonlyArray<CheckedScope>> =>
  pipe(
    escalations.read(
      keys.map((key) => ({ key, windowFrom: plusDays(now, -limits[key.scope].windowDays), until: now })),
    ),
    TE.bindTo('read'),
    TE.bind('tickets', ({ read }) =>
      escalationQueries.inShort(read.flatMap(({ faults }) => faults.map(({ ticketId }) => ticketId))),
    ),
    TE.map(({ read, tickets }) => {
      const byId = new Map(tickets.map((ticket) => [ticket.id, ticket]))
      return read.map((scope) => checkedScope(scope, limits, now, byId))
    }),
  )

const checkedScope = (
  scope: ScopeAsRead,
  limits: RepeatFaultSettings,
  now: Instant,
  tickets: ReadonlyMap<TicketId, TicketInShort>,
): CheckedScope => {
  const counted = countFaults(scope, limits, now)
  return {
    scope: scope.key.scope,
    value: scope.key.value,
    count: counted.count,
    threshold: counted.threshold,
    window_days: limits[scope.key.scope].windowDays,
    window_from: counted.windowFrom,
    counting_since: scope.countingSince,
    over_threshold: counted.type === 'escalate',
    contributing_tickets: counted.contributing.flatMap((id) => tickets.get(id) ?? []),
    live_escalation:
      scope.live === null
        ? null
        : {
            id: scope.live.id,
            status: scope.live.status,
            escalation_ticket_id: scope.live.ticketId,
            created_at: scope.live.createdAt,
          },
  }
}

const nearPattern = ({ scope, value, count, latestAt, live }: Pattern, limits: RepeatFaultSettings): NearPattern => ({
  scope,
  value,
  count,
  threshold: limits[scope].threshold,
  window_days: limits[scope].windowDays,
  latest_at: latestAt,
  live_escalation: live,
})
