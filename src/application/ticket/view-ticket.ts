import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { TicketId } from '../../domain/ticket/ticket.ts'
import { type ChangeDeps, loadOne, permit } from '../change.ts'
import type { AppError } from '../errors.ts'
import type { Stored } from '../ports/ticket-store.ts'
import type { Principal } from '../principal.ts'

/** One ticket with everything about it, for whoever may read it. */
export const viewTicket =
  (deps: Pick<ChangeDeps, 'tickets'>) =>
  (principal: Principal, id: TicketId): TE.TaskEither<AppError, Stored> =>
    pipe(
      loadOne(deps, id),
      TE.tap(({ ticket }) => TE.fromEither(permit(principal, 'read_ticket', ticket))),
    )
