import * as E from 'fp-ts/lib/Either.js'
import { enter, type Stamp, transition } from './transition.ts'

/** Maintenance is done with it. Any unresolved risk keeps it open. */
export const completeMaintenance = ({ at, by }: Stamp) =>
  transition('complete_maintenance', (ticket) => {
    const unresolved = ticket.risks.filter((risk) => risk.status !== 'resolved').map((risk) => risk.id)
    if (unresolved.length > 0) return E.left({ type: 'RisksUnresolved', risks: unresolved })
    return E.right([
      enter(ticket, 'closed', at, {
        assignment: ticket.assignment,
        handedAt: ticket.handedAt,
        closedBy: by,
        closedAt: at,
      }),
      [
        {
          type: 'MaintenanceCompleted',
          handover: 'maintenance_complete',
          fromOwner: ticket.owner,
          fromOwnerId: ticket.handedBy,
          toOwner: 'maintenance',
          toOwnerId: by,
          at,
          by,
        },
      ],
    ])
  })
