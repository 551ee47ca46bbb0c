import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Sla } from '../../domain/sla/sla.ts'
import { slaOf, slaWorking } from '../../domain/sla/sla-of.ts'
import type { Priority, TicketId } from '../../domain/ticket/ticket.ts'
import type { ChangeDeps } from '../change.ts'
import type { AppError } from '../errors.ts'
import type { Principal } from '../principal.ts'
import { viewTicket } from './view-ticket.ts'

export type ShownSla = {
  readonly priority: Priority
  readonly clocks: Sla
  readonly working: ReturnType<typeof slaWorking>
}

/** Both clocks of a ticket as they stand now, with the working behind them: what was counted, pauses, holidays. */
export const showSla =
  (deps: Pick<ChangeDeps, 'tickets' | 'slaTerms' | 'now'>) =>
  (principal: Principal, id: TicketId): TE.TaskEither<AppError, ShownSla> =>
    pipe(
      viewTicket(deps)(principal, id),
      TE.map(({ ticket: { createdAt, deletedAt, priority, history }, settings }) => {
        const terms = deps.slaTerms(settings.sla)
        if (E.isLeft(terms)) throw new Error(`stored SLA policy is unusable: ${terms.left.type}`)
        const facts = { createdAt, deletedAt, priority, history, terms: terms.right, now: deps.now() }
        return { priority, clocks: slaOf(facts), working: slaWorking(facts) }
      }),
    )
