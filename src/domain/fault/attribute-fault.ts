import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { ProjectFacts } from '../readiness/readiness.ts'
import { changingFacts } from '../ticket/recheck.ts'
import type { Ticket } from '../ticket/ticket.ts'
import { type Decided, refuseIf, requireText, type Stamp } from '../ticket/transition.ts'
import type { Attribution, FaultCause, FaultComponent } from './fault.ts'

export type AttributeFault = Stamp & {
  readonly cause: FaultCause
  readonly component: FaultComponent | null
  readonly details: string | null
  readonly reason: string
}

/** A person says why the fault happened. Nobody is blamed for workmanship without details, an evidence photo and a contractor. */
export const attributeFault = (command: AttributeFault, facts: ProjectFacts): ((ticket: Ticket) => Decided) =>
  changingFacts(facts, command, 'fault cause', (ticket) => {
    const { cause, component, at, by } = command
    const details = command.details?.trim() || null
    const missing = [
      ...(details === null ? (['details'] as const) : []),
      ...(ticket.photos.some((photo) => photo.current) ? [] : (['evidence_photo'] as const)),
      ...(ticket.status !== 'open' && ticket.assignment.contractor !== null ? [] : (['contractor'] as const)),
    ]
    return pipe(
      requireText('reason', command.reason),
      E.tap(() => refuseIf(cause === 'workmanship' && missing.length > 0, { type: 'WorkmanshipNeeds', missing })),
      E.tap(() => refuseIf(cause === 'material_failure' && component === null, { type: 'ComponentMissing' })),
      E.tap(() => refuseIf(cause === 'unknown' && details === null, { type: 'UnknownNeedsDetails' })),
      E.map((reason) => {
        const to: Attribution = {
          cause,
          component: cause === 'material_failure' ? component : null,
          details,
          confirmed: { by, at },
        }
        return [{ ...ticket, fault: to }, [{ type: 'FaultAttributed', from: ticket.fault, to, reason, at, by }]]
      }),
    )
  })
