import * as E from 'fp-ts/lib/Either.js'
import { enter, type Stamp, transition } from './transition.ts'

/** Work goes on where it stopped; the SLA clock runs again. */
export const resume = ({ at, by }: Stamp) =>
  transition('resume', (ticket) =>
    E.right([
      enter(ticket, ticket.resumesTo, at, { assignment: ticket.assignment }),
      [{ type: 'TicketResumed', to: ticket.resumesTo, at, by }],
    ]),
  )
