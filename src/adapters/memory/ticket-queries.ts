import * as TE from 'fp-ts/lib/TaskEither.js'
import type {
  TicketFilters,
  TicketQueries,
  TicketRow,
  TicketSort,
  Wanted,
} from '../../application/ports/ticket-queries.ts'
import { CLOCK_RUNS_IN } from '../../application/ticket/clock-states.ts'
import { wordsIn } from '../../application/ticket/search-words.ts'
import { drIsUnknown } from '../../domain/readiness/platforms-aligned.ts'
import { PRIORITIES, STATUSES, type Ticket, type TicketId } from '../../domain/ticket/ticket.ts'
import { progressOf } from '../../domain/verification/required-steps.ts'
import { assignmentOf, compare, pageOf, ticketsInSight } from './queries-sight.ts'
import { contextOf, type KeptTicket, type MemoryState, survivorOf, uidOf } from './ticket-state.ts'

export type MemoryTicketQueriesOptions = {
  readonly state: MemoryState
  /** The tickets that lines of a weekly report became or joined. */
  readonly ticketsOfReport?: (reportId: string) => ReadonlyArray<TicketId>
}

type Filter = keyof Required<TicketFilters>
type Facts = {
  readonly state: MemoryState
  readonly now: string
  readonly ticketsOfReport: (id: string) => ReadonlyArray<string>
}
type Condition<F extends Filter> = (value: NonNullable<TicketFilters[F]>, ticket: Ticket, facts: Facts) => boolean

export const isOverdue = ({ status, sla }: Ticket, now: string): boolean =>
  (CLOCK_RUNS_IN as ReadonlyArray<string>).includes(status) && sla.dueAt !== null && sla.dueAt < now

export const rejectionsOf = ({ rectificationCount, status }: Ticket): number =>
  rectificationCount + (status === 'qa_rejected' ? 1 : 0)

const isUnknown = (ticket: Ticket, state: MemoryState): boolean => {
  if (ticket.type === 'infrastructure') return false
  const { facts } = contextOf(state, ticket.projectId, ticket.place.dr, [])
  return ticket.place.dr === null ? ticket.type !== 'incident' : drIsUnknown(ticket, facts)
}

const among =
  (of: (ticket: Ticket) => string | null) =>
  (values: ReadonlyArray<string>, ticket: Ticket): boolean => {
    const value = of(ticket)
    return value !== null && values.includes(value)
  }

const conditions: { readonly [F in Filter]: Condition<F> } = {
  status: among((ticket) => ticket.status),
  type: among((ticket) => ticket.type),
  priority: among((ticket) => ticket.priority),
  source: among((ticket) => ticket.source),
  owner: among((ticket) => ticket.owner),
  faultCause: among((ticket) => ticket.fault.cause),
  project: among((ticket) => ticket.projectId),
  assignee: among((ticket) => assignmentOf(ticket).technician),
  contractor: among((ticket) => assignmentOf(ticket).contractor),
  team: among((ticket) => assignmentOf(ticket).team),
  dr: among((ticket) => ticket.place.dr),
  pole: among((ticket) => ticket.place.pole),
  pon: among((ticket) => ticket.place.pon),
  zone: among((ticket) => ticket.place.zone),
  duplicateOf: among(survivorOf),
  followUpOf: among((ticket) => ticket.followUpOf),
  weeklyReport: (ids, { id }, { ticketsOfReport }) => ids.some((report) => ticketsOfReport(report).includes(id)),
  createdFrom: (from, { createdAt }) => createdAt >= from,
  createdBefore: (before, { createdAt }) => createdAt < before,
  qaReady: (holds, { qaReady }) => qaReady === holds,
  paperwork: (holds, { paperwork }) => paperwork === holds,
  overdue: (holds, ticket, { now }) => isOverdue(ticket, now) === holds,
  unassigned: (holds, { status }) => (status === 'open') === holds,
  unknownDrop: (holds, ticket, { state }) => isUnknown(ticket, state) === holds,
  rejectedMoreThan: (times, ticket) => rejectionsOf(ticket) > times,
  failedCheck: (checks, { qaReady, lastCheck }) =>
    !qaReady &&
    (lastCheck?.results ?? []).some(
      ({ check, outcome }) => outcome === 'failed' && (checks as ReadonlyArray<string>).includes(check),
    ),
}

const holds = <F extends Filter>(filter: F, filters: TicketFilters, ticket: Ticket, facts: Facts): boolean => {
  const value = filters[filter]
  const condition: Condition<F> = conditions[filter]
  return value === undefined || condition(value as NonNullable<TicketFilters[F]>, ticket, facts)
}

const says = (ticket: Ticket, { words, client }: Pick<Wanted, 'words' | 'client'>): boolean => {
  const { uid, place, equipment, externalId, title, description } = ticket
  const open = [uid, place.dr, place.pole, equipment.ontSerial, externalId, title]
  const said = wordsIn([...open, client ? description : null].join(' '))
  return words.every((group) => group.some((start) => said.some((word) => word.startsWith(start))))
}

const NO_MOMENT = '9999-12-31T00:00:00.000Z'
const keyOf: { readonly [S in TicketSort['by']]: (kept: KeptTicket) => string | number } = {
  created_at: ({ ticket }) => ticket.createdAt,
  updated_at: ({ updatedAt }) => updatedAt,
  sla_due_at: ({ ticket }) => ticket.sla.dueAt ?? NO_MOMENT,
  priority: ({ ticket }) => PRIORITIES.indexOf(ticket.priority) + 1,
  status: ({ ticket }) => STATUSES.indexOf(ticket.status) + 1,
  ticket_uid: ({ ticket }) => uidOf(ticket).padStart(20),
  dr_number: ({ ticket }) => ticket.place.dr ?? '~',
}

const rowOf = ({ ticket, version, updatedAt, client }: KeptTicket, now: string, withClient: boolean): TicketRow => {
  const { technician, contractor, team } = assignmentOf(ticket)
  const { completed, total, required, requiredCompleted } = progressOf(ticket)
  return {
    id: ticket.id,
    ticket_uid: uidOf(ticket),
    source: ticket.source,
    external_id: ticket.externalId,
    title: ticket.title,
    ticket_type: ticket.type,
    priority: ticket.priority,
    status: ticket.status,
    owner_type: ticket.owner,
    project_id: ticket.projectId,
    dr_number: ticket.place.dr,
    pole_number: ticket.place.pole,
    pon_number: ticket.place.pon,
    zone_no: ticket.place.zone,
    assigned_to: technician,
    assigned_contractor_id: contractor,
    assigned_team: team,
    qa_ready: ticket.qaReady,
    fault_cause: ticket.fault.cause,
    guarantee_status: ticket.guarantee.status,
    billing_classification: ticket.guarantee.billing,
    rectification_count: ticket.rectificationCount,
    paperwork: ticket.paperwork,
    weekly_note: ticket.weeklyNote,
    duplicate_of: survivorOf(ticket),
    follow_up_of: ticket.followUpOf,
    sla_due_at: ticket.sla.dueAt,
    sla_response_due_at: ticket.sla.responseDueAt,
    sla_first_response_at: ticket.sla.firstResponseAt,
    sla_breached: ticket.sla.breached,
    overdue: isOverdue(ticket, now),
    progress: `${completed}/${total}`,
    steps_completed: completed,
    required_steps: required,
    required_completed: requiredCompleted,
    created_at: ticket.createdAt,
    updated_at: updatedAt,
    version,
    ...(withClient
      ? {
          address: ticket.address,
          gps_coordinates: ticket.gps,
          client_name: client?.name ?? null,
          client_phone: client?.phone ?? null,
          client_email: client?.email ?? null,
        }
      : {}),
  }
}

/** Lists of tickets in memory, as the database gives them. */
export const memoryTicketQueries = ({
  state,
  ticketsOfReport = () => [],
}: MemoryTicketQueriesOptions): TicketQueries => {
  const sorted = ({ sight, filters, words, client, sort, now }: Wanted): ReadonlyArray<KeptTicket> => {
    const facts: Facts = { state, now, ticketsOfReport }
    const key = keyOf[sort.by]
    const sign = sort.direction === 'asc' ? 1 : -1
    return ticketsInSight(state, sight)
      .filter(
        ({ ticket }) =>
          (Object.keys(filters) as ReadonlyArray<Filter>).every((filter) => holds(filter, filters, ticket, facts)) &&
          says(ticket, { words, client }),
      )
      .toSorted((a, b) => sign * (compare(key(a), key(b)) || compare(a.ticket.id, b.ticket.id)))
  }
  return {
    page: (wanted, window) =>
      TE.fromIO(() => {
        const { rows, ...counted } = pageOf(sorted(wanted), window)
        return { ...counted, rows: rows.map((kept) => rowOf(kept, wanted.now, wanted.client)) }
      }),
    slice: (wanted, { after, limit }) =>
      TE.fromIO(() => {
        const key = keyOf[wanted.sort.by]
        const sign = wanted.sort.direction === 'asc' ? 1 : -1
        const isRank = wanted.sort.by === 'priority' || wanted.sort.by === 'status'
        const from = after === null ? null : isRank ? Number(after.key) : after.key
        const left = sorted(wanted).filter(
          (kept) =>
            after === null ||
            from === null ||
            sign * (compare(key(kept), from) || compare(kept.ticket.id, after.id)) > 0,
        )
        const kept = left.slice(0, limit)
        const last = kept.at(-1)
        return {
          rows: kept.map((each) => rowOf(each, wanted.now, wanted.client)),
          next: left.length > limit && last !== undefined ? { key: String(key(last)), id: last.ticket.id } : null,
        }
      }),
  }
}
