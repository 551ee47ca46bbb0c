import type { Instant } from '../shared/time.ts'
import { plusDays } from '../shared/time.ts'
import type { FaultTicketStatus, RepeatFaultLimit, ScopeKey } from './escalation.ts'
import { SCOPES } from './escalation.ts'

/** Where a ticket says its fault is; scopes do not nest, so each value counts by itself. */
export type FaultPlace = {
  readonly dr: string | null
  readonly pole: string | null
  readonly pon: string | null
  readonly zone: string | null
}

export type FaultTicket = {
  readonly type: string
  readonly source: string
  readonly status: FaultTicketStatus
  readonly deletedAt: Instant | null
  readonly cause: string | null
  readonly paperwork: boolean
}

export const COUNTED_TYPES: ReadonlyArray<string> = ['maintenance', 'incident', 'ont_swap']

/** A fault of the network: not paperwork, not what a client broke, not what the system made, not cancelled or deleted. */
export const countsAsFault = ({ type, source, status, deletedAt, cause, paperwork }: FaultTicket): boolean =>
  COUNTED_TYPES.includes(type) &&
  source !== 'system' &&
  status !== 'cancelled' &&
  deletedAt === null &&
  cause !== 'client_damage' &&
  !paperwork

/** Everything a ticket's fault is counted over, by the values the ticket itself carries. */
export const scopesOf = (projectId: string, place: FaultPlace): ReadonlyArray<ScopeKey> =>
  SCOPES.flatMap((scope) => {
    const value = place[scope]
    return value === null ? [] : [{ projectId, scope, value }]
  })

export type CountedFault = { readonly ticketId: string; readonly createdAt: Instant }

export type RepeatFaultFacts = {
  /** Faults of one scope that count ({@link countsAsFault}), in any order. */
  readonly faults: ReadonlyArray<CountedFault>
  readonly limit: RepeatFaultLimit
  /** When the scope's last escalation ended; faults up to then are spent. */
  readonly countingSince: Instant | null
  readonly now: Instant
}

export type RepeatFaults = {
  readonly type: 'escalate' | 'below'
  readonly count: number
  readonly threshold: number
  readonly windowFrom: Instant
  /** The faults counted, oldest first. */
  readonly contributing: ReadonlyArray<string>
}

const byAge = (a: CountedFault, b: CountedFault): number =>
  a.createdAt < b.createdAt || (a.createdAt === b.createdAt && a.ticketId < b.ticketId) ? -1 : 1

/** Counts a scope's faults in its rolling window, both ends included; escalates on more than the threshold. */
export const repeatFaults = ({ faults, limit, countingSince, now }: RepeatFaultFacts): RepeatFaults => {
  const windowFrom = plusDays(now, -limit.windowDays)
  const counted = faults.filter(
    ({ createdAt }) =>
      createdAt >= windowFrom && createdAt <= now && (countingSince === null || createdAt > countingSince),
  )
  const contributing = [...new Set(counted.toSorted(byAge).map(({ ticketId }) => ticketId))]
  return {
    type: contributing.length > limit.threshold ? 'escalate' : 'below',
    count: contributing.length,
    threshold: limit.threshold,
    windowFrom,
    contributing,
  }
}
