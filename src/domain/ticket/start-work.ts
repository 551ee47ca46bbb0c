import * as E from 'fp-ts/lib/Either.js'
import { enter, type Stamp, transition, withWorker } from './transition.ts'

export type StartWork = Stamp & { readonly flagRectificationsAt: number }

/** The field work begins; after a rejection it opens a rectification cycle and thaws the facts. */
export const startWork = ({ at, by, flagRectificationsAt }: StartWork) =>
  transition('start_work', (ticket) => {
    const cycle = ticket.rectificationCount + (ticket.status === 'qa_rejected' ? 1 : 0)
    const flagged = ticket.status === 'qa_rejected' && cycle >= flagRectificationsAt
    return E.right([
      enter(
        ticket,
        'in_progress',
        at,
        { assignment: ticket.assignment },
        { rectificationCount: cycle, workedBy: withWorker(ticket.workedBy, by), qaReady: false },
      ),
      [
        { type: 'WorkStarted', cycle, at, by },
        ...(flagged ? [{ type: 'RectificationFlagged', cycles: cycle, at, by } as const] : []),
      ],
    ])
  })
