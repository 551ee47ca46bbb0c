import { isOwn, type Sight } from '../../application/permissions.ts'
import { EXACT_TO, type PageOf, type PageWindow } from '../../application/ports/pages.ts'
import type { Assignment, Ticket, TicketId } from '../../domain/ticket/ticket.ts'
import type { KeptTicket, MemoryState } from './ticket-state.ts'

const isSeen = (sight: Sight, ticket: Ticket): boolean => {
  switch (sight.type) {
    case 'all':
      return true
    case 'own':
      return isOwn({ ...sight, role: 'technician' }, ticket)
    case 'made':
      return ticket.createdBy === sight.userId
    case 'none':
      return false
  }
}

/** The tickets a principal may see; deleted ones nobody. */
export const ticketsInSight = (state: MemoryState, sight: Sight): ReadonlyArray<KeptTicket> =>
  [...state.tickets.values()].filter(({ ticket }) => ticket.deletedAt === null && isSeen(sight, ticket))

export const ticketInSight = (state: MemoryState, sight: Sight, id: TicketId): KeptTicket | null =>
  ticketsInSight(state, sight).find(({ ticket }) => ticket.id === id) ?? null

const nobody: Assignment = { technician: null, contractor: null, team: null }
export const assignmentOf = (ticket: Ticket): Assignment =>
  'assignment' in ticket && ticket.assignment !== null ? ticket.assignment : nobody

/** Text order by code unit, as the databases' "C" collation has it for what we sort by. */
export const compare = (a: string | number, b: string | number): number => (a < b ? -1 : a > b ? 1 : 0)

/** One page of everything there is, in order. */
export const pageOf = <Row>(all: ReadonlyArray<Row>, { page, pageSize }: PageWindow): PageOf<Row> => ({
  rows: all.slice((page - 1) * pageSize, page * pageSize),
  total: all.length,
  totalIsEstimate: all.length > EXACT_TO,
})
