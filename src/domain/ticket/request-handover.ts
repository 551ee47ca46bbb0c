import * as E from 'fp-ts/lib/Either.js'
import { enter, type Stamp, transition } from './transition.ts'

/** The approved work is put before the handover gate. */
export const requestHandover = ({ at, by }: Stamp) =>
  transition('request_handover', (ticket) => {
    const { assignment, approvedBy, approvedAt, conditions } = ticket
    return E.right([
      enter(ticket, 'pending_handover', at, {
        assignment,
        approvedBy,
        approvedAt,
        conditions,
        requestedBy: by,
        requestedAt: at,
      }),
      [{ type: 'HandoverRequested', at, by }],
    ])
  })
