import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { To } from './ticket.ts'
import { refuseIf, type Stamp, transition } from './transition.ts'

export type DeleteTicket = Stamp & { readonly snapshots: number; readonly duplicates: ReadonlyArray<string> }

/** A soft delete of what should not have been: never with a snapshot, never while duplicates name it. */
export const deleteTicket = ({ at, by, snapshots, duplicates }: DeleteTicket) =>
  transition('delete', (ticket) =>
    pipe(
      refuseIf(snapshots > 0, { type: 'HasSnapshot', snapshots }),
      E.tap(() => refuseIf(duplicates.length > 0, { type: 'NamedAsSurvivor', by: duplicates })),
      E.map(() => {
        const next: To<'delete'> = { ...ticket, deletedAt: at }
        return [next, [{ type: 'TicketDeleted', at, by }]]
      }),
    ),
  )
