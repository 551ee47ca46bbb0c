import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { type Day, dayInJohannesburg } from '../shared/time.ts'
import type { Ticket } from '../ticket/ticket.ts'
import { type Decided, refuseIf, requireText, type Stamp } from '../ticket/transition.ts'
import { findRisk, withRisk } from './move-risk.ts'

export type ReviewRisk = Stamp & { readonly riskId: string; readonly outcome: string; readonly nextOn: Day | null }

/** A scheduled look at a running risk: who, when, what came of it, and when next. */
export const reviewRisk =
  ({ riskId, outcome, nextOn, at, by }: ReviewRisk) =>
  (ticket: Ticket): Decided =>
    pipe(
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
          type: 'RiskExpiryInPast',
          expiresOn: nextOn ?? '',
          today: dayInJohannesburg(at),
        }),
      ),
      E.map(({ text, risk }) => {
        const review = { at, by, outcome: text, nextOn }
        const next = withRisk(ticket, { ...risk, followUpOn: nextOn, reviews: [...risk.reviews, review] })
        return [next, [{ type: 'RiskReviewed', riskId, review, at, by }]]
      }),
    )
