import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { TicketId } from '../../domain/ticket/ticket.ts'
import { notFound } from '../change.ts'
import type { AppError } from '../errors.ts'
import { sightOf } from '../permissions.ts'
import type { RiskQueries } from '../ports/risk-queries.ts'
import type { Principal } from '../principal.ts'

/** The ticket a risk acceptance belongs to, for whoever may read that ticket. */
export const ticketOfRisk =
  ({ riskQueries }: { readonly riskQueries: RiskQueries }) =>
  (principal: Principal, riskId: string): TE.TaskEither<AppError, TicketId> =>
    pipe(
      riskQueries.ticketOf(sightOf(principal), riskId),
      TE.flatMap((ticketId) =>
        ticketId === null ? TE.left<AppError>(notFound('Risk acceptance', riskId)) : TE.right(ticketId),
      ),
    )
