import type { Common, Ticket, UserId } from './ticket.ts'

/** Who uploaded the photos that stand for the steps now. */
export const currentUploaders = ({ photos }: Pick<Common, 'photos'>): ReadonlyArray<UserId> =>
  photos.filter((photo) => photo.current).map((photo) => photo.uploadedBy)

/**
 * Did the work: the assigned technician, or whoever started work, completed a step, uploaded a current photo or
 * submitted, in this or an earlier cycle. Nobody is exempt, not even an admin.
 */
export const didTheWork = (ticket: Ticket, userId: UserId): boolean =>
  ticket.workedBy.includes(userId) ||
  currentUploaders(ticket).includes(userId) ||
  ('assignment' in ticket && ticket.assignment !== null && ticket.assignment.technician === userId)
