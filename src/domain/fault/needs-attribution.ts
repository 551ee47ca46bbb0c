import type { Common } from '../ticket/ticket.ts'

/** Maintenance and incident tickets need a confirmed cause; paperwork and the follow-up of an escalated risk do not. */
export const needsAttribution = (ticket: Pick<Common, 'type' | 'paperwork' | 'source'>): boolean =>
  (ticket.type === 'maintenance' || ticket.type === 'incident') && !ticket.paperwork && ticket.source !== 'system'
