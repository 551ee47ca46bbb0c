import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { DecidedBilling } from '../guarantee/guarantee.ts'
import { billableOf } from '../guarantee/guarantee-of.ts'
import type { Ticket } from './ticket.ts'
import { type Decided, requireText, type Stamp } from './transition.ts'

export type ClassifyBilling = Stamp & { readonly billing: DecidedBilling; readonly reason: string }

/** A manager settles who pays, with a reason; in every state, beside any snapshot and never in it. */
export const classifyBilling =
  ({ billing, reason, at, by }: ClassifyBilling) =>
  (ticket: Ticket): Decided =>
    pipe(
      requireText('reason', reason),
      E.map((why) => [
        { ...ticket, billingByHand: { billing, by, at, reason: why } },
        [{ type: 'BillingClassified', billing, billable: billableOf[billing], reason: why, at, by }],
      ]),
    )
