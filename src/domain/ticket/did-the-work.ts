import type { Ticket } from './ticket.ts'

/**
 * Did the work: the assigned technician, or whoever started work, completed a step, uploaded a photo or submitted,
 * in this or an earlier cycle. Nobody is exempt, not even an admin.
 */
export const didTheWork = (ticket: Ticket, userId: string): boolean =>
  ticket.workedBy.includes(userId) ||
  ('assignment' in ticket && ticket.assignment !== null && ticket.assignment.technician === userId)
