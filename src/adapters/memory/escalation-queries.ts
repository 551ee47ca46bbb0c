import * as TE from 'fp-ts/lib/TaskEither.js'
import type {
  EscalationFilters,
  EscalationQueries,
  EscalationView,
  Pattern,
  TicketInShort,
} from '../../application/ports/escalation-store.ts'
import { isLive } from '../../domain/escalation/escalation.ts'
import { repeatFaults, scopesOf } from '../../domain/escalation/repeat-faults.ts'
import type { TicketId } from '../../domain/ticket/ticket.ts'
import { counts, type EscalationState, type KeptEscalation, read } from './escalation-store.ts'
import { compare, pageOf } from './queries-sight.ts'
import { type KeptTicket, type MemoryState, uidOf } from './ticket-state.ts'

const short = ({ ticket }: KeptTicket): TicketInShort => ({
  id: ticket.id,
  ticket_uid: uidOf(ticket),
  ticket_type: ticket.type,
  status: ticket.status,
  title: ticket.title,
  created_at: ticket.createdAt,
  deleted_at: ticket.deletedAt,
})

const newestFirst = (a: EscalationView, b: EscalationView): number =>
  compare(b.created_at, a.created_at) || compare(b.id, a.id)

/** Escalations in memory as they are read. */
export const memoryEscalationQueries = ({
  state,
  ticketState,
}: {
  readonly state: EscalationState
  readonly ticketState: MemoryState
}): EscalationQueries => {
  const inShort = (ids: ReadonlyArray<TicketId>): ReadonlyArray<TicketInShort> =>
    [...ticketState.tickets.values()]
      .filter(({ ticket }) => ids.includes(ticket.id))
      .map(short)
      .toSorted((a, b) => compare(a.created_at, b.created_at) || compare(a.id, b.id))
  const view = ({ escalation, version, windowDays, investigatingSince }: KeptEscalation): EscalationView => {
    const ticket = ticketState.tickets.get(escalation.ticketId)?.ticket
    const ended = isLive(escalation) ? null : escalation.ended
    return {
      id: escalation.id,
      project_id: escalation.key.projectId,
      scope_type: escalation.key.scope,
      scope_value: escalation.key.value,
      escalation_type: escalation.type,
      status: escalation.status,
      fault_count: escalation.faultCount,
      fault_threshold: escalation.threshold,
      window_days: windowDays,
      contributing_count: escalation.contributing.length,
      escalation_ticket_id: escalation.ticketId,
      escalation_ticket_uid: uidOf(ticket),
      escalation_ticket_status: ticket?.status ?? 'open',
      created_at: escalation.createdAt,
      investigating_since: investigatingSince,
      resolved_at: ended?.at ?? null,
      resolved_by: ended?.by ?? null,
      resolution_notes: ended?.notes ?? null,
      version,
    }
  }
  const wanted = ({ status, scope, project }: EscalationFilters): ReadonlyArray<EscalationView> =>
    [...state.kept.values()]
      .map(view)
      .filter((one) => status === undefined || status.includes(one.status))
      .filter((one) => scope === undefined || scope.includes(one.scope_type))
      .filter((one) => project === undefined || project.includes(one.project_id))
      .toSorted(newestFirst)
  return {
    page: (filters, window) => TE.fromIO(() => pageOf(wanted(filters), window)),
    list: (filters, { after, limit }) =>
      TE.fromIO(() => {
        const found = wanted(filters).filter(
          (one) => after === null || one.created_at < after.key || (one.created_at === after.key && one.id < after.id),
        )
        const rows = found.slice(0, limit)
        const last = rows.at(-1)
        return {
          rows,
          next: found.length > limit && last !== undefined ? { key: last.created_at, id: last.id } : null,
        }
      }),
    detail: (id) =>
      TE.fromIO(() => {
        const found = state.kept.get(id)
        if (found === undefined) return null
        const [ticket] = inShort([found.escalation.ticketId])
        if (ticket === undefined) throw new Error(`escalation ${id} has no ticket`)
        return { ...view(found), ticket, contributing_tickets: inShort(found.escalation.contributing) }
      }),
    inShort: (ids) => TE.fromIO(() => inShort(ids)),
    nearest: (projectId, limits, now, limit) =>
      TE.fromIO(() => {
        const nearness = ({ scope, count }: Pattern): number => count / (limits[scope].threshold + 1)
        const faults = [...ticketState.tickets.values()]
          .map(({ ticket }) => ticket)
          .filter((ticket) => ticket.projectId === projectId && counts(ticket))
        const keys = new Map(
          faults.flatMap(({ place }) => scopesOf(projectId, place)).map((key) => [`${key.scope}/${key.value}`, key]),
        )
        return [...keys.values()]
          .flatMap((key): ReadonlyArray<Pattern> => {
            const known = read(ticketState, state)({ key, windowFrom: '', until: now })
            const counted = repeatFaults({ ...known, limit: limits[key.scope], now })
            const latestAt = known.faults
              .filter(({ ticketId }) => counted.contributing.includes(ticketId))
              .map(({ createdAt }) => createdAt)
              .toSorted()
              .at(-1)
            const live = known.live === null ? null : { id: known.live.id, status: known.live.status }
            return latestAt === undefined
              ? []
              : [{ scope: key.scope, value: key.value, count: counted.count, latestAt, live }]
          })
          .toSorted((a, b) => nearness(b) - nearness(a) || compare(b.latestAt, a.latestAt))
          .slice(0, limit)
      }),
  }
}
