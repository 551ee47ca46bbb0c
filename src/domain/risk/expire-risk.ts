import * as E from 'fp-ts/lib/Either.js'
import type { Stamp } from '../ticket/transition.ts'
import { moveRisk } from './move-risk.ts'
import { isPast } from './past.ts'

export type ExpireRisk = Stamp & { readonly riskId: string }

/** The day it was good for is over: its acceptor and the manager are told. */
export const expireRisk = ({ riskId, at, by }: ExpireRisk) =>
  moveRisk(riskId, 'expired', (risk) =>
    isPast(risk, at)
      ? E.right([{}, { type: 'RiskExpired', riskId, acceptedBy: risk.acceptedBy, at, by }])
      : E.left({ type: 'RiskNotYetDue', riskId, dueOn: risk.expiresOn }),
  )
