import * as E from 'fp-ts/lib/Either.js'
import type { Cancelled, RestoredState, To } from './ticket.ts'
import { enter, type Stamp, transition } from './transition.ts'

export type UnmarkDuplicate = Stamp & {
  /** The number of an open ticket that was imported for the very same fault meanwhile. */
  readonly openForSameFault: string | null
}

/**
 * It was no duplicate: the state and what hold remembers come back; from `pending_qa` it is back in work, not ready.
 * One imported fault has one open ticket.
 */
export const unmarkDuplicate = ({ openForSameFault, at, by }: UnmarkDuplicate) =>
  transition('unmark_duplicate', (ticket) => {
    if (ticket.because.kind !== 'duplicate') return E.left({ type: 'NotADuplicate' })
    if (openForSameFault !== null) return E.left({ type: 'FaultOpenElsewhere', ticketUid: openForSameFault })
    const restored = restore(ticket, ticket.because.restores, at)
    return E.right([
      restored,
      [{ type: 'UnmarkedDuplicate', survivor: ticket.because.survivor, restored: restored.status, at, by }],
    ])
  })

const restore = (ticket: Cancelled, state: RestoredState, at: string): To<'unmark_duplicate'> => {
  switch (state.status) {
    case 'open':
      return enter(ticket, 'open', at, {})
    case 'assigned':
      return enter(ticket, 'assigned', at, { assignment: state.assignment })
    case 'in_progress':
    case 'pending_qa':
      return enter(ticket, 'in_progress', at, { assignment: state.assignment }, { qaReady: false })
    case 'on_hold':
      return enter(ticket, 'on_hold', at, {
        assignment: state.assignment,
        hold: state.hold,
        resumesTo: state.resumesTo,
      })
    case 'qa_rejected':
      return enter(ticket, 'qa_rejected', at, { assignment: state.assignment, rejectedAt: state.rejectedAt })
  }
}
