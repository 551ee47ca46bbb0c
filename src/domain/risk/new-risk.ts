import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { type Day, dayInJohannesburg, daysBetween } from '../shared/time.ts'
import type { TicketRefusal } from '../ticket/refusals.ts'
import { refuseIf, requireText, type Stamp } from '../ticket/transition.ts'
import type { StepKey } from '../verification/steps.ts'
import type { Risk, RiskType } from './risk.ts'

export type NewRisk = {
  readonly id: string
  readonly type: RiskType
  readonly description: string
  readonly conditions: string | null
  readonly steps: ReadonlyArray<StepKey>
  readonly expiresOn: Day
  readonly followUpOn: Day | null
}

/** A risk as it begins: with a date that is not past and not further away than the project allows. */
export const acceptedRisk = (
  risk: NewRisk,
  { at, by }: Pick<Stamp, 'at' | 'by'>,
  maxDays: number,
): E.Either<TicketRefusal, Risk> => {
  const today = dayInJohannesburg(at)
  return pipe(
    requireText('risk_description', risk.description),
    E.tap(() => refuseIf(risk.expiresOn < today, { type: 'RiskExpiryInPast', expiresOn: risk.expiresOn, today })),
    E.tap(() =>
      refuseIf(daysBetween(today, risk.expiresOn) > maxDays, {
        type: 'RiskExpiryTooFar',
        expiresOn: risk.expiresOn,
        maxDays,
      }),
    ),
    E.tap(() =>
      refuseIf(risk.followUpOn !== null && risk.followUpOn > risk.expiresOn, {
        type: 'FollowUpAfterExpiry',
        followUpOn: risk.followUpOn ?? '',
        expiresOn: risk.expiresOn,
      }),
    ),
    E.map((description) => ({
      ...risk,
      description,
      status: 'active',
      acceptedBy: by,
      acceptedAt: at,
      resolvedBy: null,
      resolvedAt: null,
      resolution: null,
      escalationTicket: null,
      reviews: [],
    })),
  )
}
