import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { enter, requireText, type Stamp, transition } from './transition.ts'

export type Withdraw = Stamp & { readonly reason: string }

/** The technician takes the work back before QA has started. */
export const withdraw = ({ at, by, reason }: Withdraw) =>
  transition('withdraw', (ticket) =>
    pipe(
      requireText('reason', reason),
      E.map((why) => [
        enter(ticket, 'in_progress', at, { assignment: ticket.assignment }, { qaReady: false }),
        [{ type: 'WithdrawnFromQa', reason: why, at, by }],
      ]),
    ),
  )
