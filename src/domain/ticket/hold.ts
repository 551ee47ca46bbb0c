import * as E from 'fp-ts/lib/Either.js'
import type { HoldReason } from './ticket.ts'
import { enter, type Stamp, transition } from './transition.ts'

export type Hold = Stamp & { readonly reason: HoldReason; readonly note: string | null }

/** Work waits for someone outside; the SLA clock stops. */
export const hold = ({ at, by, reason, note }: Hold) =>
  transition('hold', (ticket) =>
    E.right([
      enter(ticket, 'on_hold', at, {
        assignment: ticket.assignment,
        hold: { reason, note, since: at, by },
        resumesTo: ticket.status,
      }),
      [{ type: 'TicketHeld', reason, note, at, by }],
    ]),
  )
