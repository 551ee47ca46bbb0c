import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { enter, refuseIf, requireText, type Stamp, transition } from './transition.ts'

/** `duplicates` are the tickets that name this one as their survivor. */
export type Cancel = Stamp & { readonly reason: string; readonly duplicates: ReadonlyArray<string> }

/** The work will not be done. Risks run on; a survivor of duplicates is not cancelled before they are unmarked. */
export const cancel = ({ at, by, reason, duplicates }: Cancel) =>
  transition('cancel', (ticket) =>
    pipe(
      requireText('reason', reason),
      E.tap(() => refuseIf(duplicates.length > 0, { type: 'NamedAsSurvivor', by: duplicates })),
      E.map((why) => [
        enter(
          ticket,
          'cancelled',
          at,
          {
            assignment: ticket.status === 'open' ? null : ticket.assignment,
            cancelledBy: by,
            cancelledAt: at,
            because: { kind: 'cancelled', reason: why },
          },
          { qaReady: false },
        ),
        [{ type: 'TicketCancelled', reason: why, at, by }],
      ]),
    ),
  )
