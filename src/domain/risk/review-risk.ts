import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { type Day, dayInJohannesburg } from '../shared/time.ts'
import type { Ticket } from '../ticket/ticket.ts'
import { type Decided, refuseIf, requireText, type Stamp } from '../ticket/transition.ts'
import { findRisk, withRisk } from './move-risk.ts'

export type ReviewRisk = Stamp & { readonly riskId: string; readonly outcome: string; readonly nextOn: Day | null }

/** A scheduled look at a running risk: who, when, what came of it, and when next. The same review sent again is one review. */
export const reviewRisk =
  ({ id, riskId, outcome, nextOn, at, by }: ReviewRisk) =>
  (ticket: Ticket): Decided => {
    const known = ticket.risks.flatMap((risk) => risk.reviews.map((review) => ({ ...review, of: risk.id })))
    const same = known.find((review) => review.id === id)
    if (same !== undefined)
      return same.of === riskId && same.by === by && same.outcome === outcome.trim() && same.nextOn === nextOn
        ? E.right([ticket, []])
        : E.left({ type: 'ReviewIdTaken', reviewId: id })
    return pipe(
      requireText('outcome', outcome),
      E.bindTo('text'),
      E.bind('risk', () => findRisk(ticket, riskId)),
      E.tap(({ risk }) =>
        refuseIf(risk.status === 'resolved', {
          type: 'RiskTransitionNotAllowed',
          riskId,
          from: 'resolved',
          to: 'resolved',
        }),
      ),
      E.tap(() =>
        refuseIf(nextOn !== null && nextOn < dayInJohannesburg(at), {
          type: 'NextReviewInPast',
          nextOn: nextOn ?? '',
          today: dayInJohannesburg(at),
        }),
      ),
      E.map(({ text, risk }) => {
        const review = { id, at, by, outcome: text, nextOn }
        const next = withRisk(ticket, { ...risk, followUpOn: nextOn, reviews: [...risk.reviews, review] })
        return [next, [{ type: 'RiskReviewed', riskId, review, at, by }]]
      }),
    )
  }
