import * as E from 'fp-ts/lib/Either.js'
import { didTheWork } from './did-the-work.ts'
import { type Stamp, transition } from './transition.ts'

/** A QA lead or manager who did not do the work continues a review that someone else started. */
export const takeOverReview = ({ at, by }: Stamp) =>
  transition('take_over_review', (ticket) => {
    if (didTheWork(ticket, by)) return E.left({ type: 'ReviewerDidTheWork', userId: by })
    return ticket.reviewer === by
      ? E.right([ticket, []])
      : E.right([{ ...ticket, reviewer: by }, [{ type: 'ReviewTakenOver', from: ticket.reviewer, to: by, at, by }]])
  })
