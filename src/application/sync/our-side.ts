import { isPersonal, type Values } from '../../domain/sync/fields.ts'
import type { TicketStatus } from '../../domain/ticket/ticket.ts'
import type { SyncedCase } from '../ports/sync-store.ts'
import type { Stored } from '../ports/ticket-store.ts'
import { assigneeTo, type SyncSetup } from './setup.ts'

/** A deleted ticket counts as cancelled. */
export const statusOf = ({ ticket }: Pick<Stored, 'ticket'>): TicketStatus =>
  ticket.deletedAt === null ? ticket.status : 'cancelled'

/** A ticket as the other side would say it. */
export const ourSide = (setup: SyncSetup, { ticket, client }: Stored): Values => {
  const assignment = 'assignment' in ticket ? ticket.assignment : null
  const assignee = assigneeTo(setup, assignment)
  return {
    status: setup.maps.out[statusOf({ ticket })],
    ...(assignee === undefined ? {} : { assignee }),
    client_name: client?.name ?? null,
    client_phone: client?.phone ?? null,
    client_email: client?.email ?? null,
    address: ticket.address,
    description: ticket.description,
    dr_number: ticket.place.dr,
    ont_serial: ticket.equipment.ontSerial,
  }
}

/** The fields that still take part: of what was erased nothing personal, of what was deleted only its status. */
export const rulesFor = ({ rules }: SyncSetup, { personal }: Pick<SyncedCase, 'personal'>, { ticket }: Stored) =>
  rules.filter(({ field }) => (ticket.deletedAt === null || field === 'status') && (personal || !isPersonal(field)))

/** Whether our side has anything new to say; told without asking over there. */
export const hasNews = (setup: SyncSetup, known: SyncedCase, stored: Stored): boolean => {
  const ours = ourSide(setup, stored)
  return rulesFor(setup, known, stored).some(({ field, direction }) => {
    const [value, base] = [ours[field], known.bases[field]]
    return direction !== 'in' && value !== undefined && (base === undefined || base.owed || base.agreed !== value)
  })
}
