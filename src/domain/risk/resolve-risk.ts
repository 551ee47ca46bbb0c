import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { requireText, type Stamp } from '../ticket/transition.ts'
import { moveRisk } from './move-risk.ts'

export type ResolveRisk = Stamp & { readonly riskId: string; readonly notes: string }

/** The condition is met. A risk can be resolved in every state of its ticket. */
export const resolveRisk = ({ riskId, notes, at, by }: ResolveRisk) =>
  moveRisk(riskId, 'resolved', () =>
    pipe(
      requireText('resolution_notes', notes),
      E.map((resolution) => [
        { resolvedBy: by, resolvedAt: at, resolution },
        { type: 'RiskResolved', riskId, notes: resolution, at, by },
      ]),
    ),
  )
