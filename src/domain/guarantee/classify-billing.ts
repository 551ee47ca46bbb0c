import type { Either } from 'fp-ts/lib/Either.js'
import * as E from 'fp-ts/lib/Either.js'
import type { Instant } from '../shared/time.ts'
import type { BillingClassified, BillingError, DecidedBilling } from './guarantee.ts'
import { billableOf } from './guarantee-of.ts'

export type ClassifyBilling = {
  readonly billing: DecidedBilling
  readonly reason: string
  readonly by: string
  readonly at: Instant
}

/** A manager settles who pays, with a reason; possible in every state of the ticket. */
export const classifyBilling = ({
  billing,
  reason,
  by,
  at,
}: ClassifyBilling): Either<BillingError, BillingClassified> =>
  reason.trim() === ''
    ? E.left({ type: 'BillingReasonMissing' })
    : E.right({ type: 'BillingClassified', billing, billable: billableOf[billing], reason: reason.trim(), by, at })
