import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { endEscalation as decide } from '../../domain/escalation/end-escalation.ts'
import type { EscalationOutcome } from '../../domain/escalation/escalation.ts'
import { allowed } from '../allowed.ts'
import { type ChangeDeps, notFound } from '../change.ts'
import type { AppError } from '../errors.ts'
import type { EscalationDetail, EscalationQueries, EscalationStore } from '../ports/escalation-store.ts'
import type { Principal } from '../principal.ts'
import { recordedWith } from './follow-ticket.ts'

export type EndEscalation = {
  readonly id: string
  readonly version: number
  readonly outcome: EscalationOutcome
  readonly notes: string
}
export type EndDeps = Pick<ChangeDeps, 'now' | 'newId'> & {
  readonly escalations: EscalationStore
  readonly escalationQueries: EscalationQueries
}

/** A person ends an escalation with notes; answers it as it stands after. */
export const endEscalation =
  ({ escalations, escalationQueries, now, newId }: EndDeps) =>
  (principal: Principal, { id, version, outcome, notes }: EndEscalation): TE.TaskEither<AppError, EscalationDetail> =>
    pipe(
      TE.fromEither<AppError, null>(allowed(principal, 'end_escalation')),
      TE.flatMap(() =>
        escalations.change(
          id,
          version,
          ({ escalation, ticket }) => decide({ outcome, notes, by: principal.userId, at: now(), ticket })(escalation),
          recordedWith(newId),
        ),
      ),
      TE.flatMap(() => escalationQueries.detail(id)),
      TE.flatMap((found) => (found === null ? TE.left(notFound('Escalation', id)) : TE.right(found))),
    )
