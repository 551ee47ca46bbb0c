import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { TicketId } from '../../domain/ticket/ticket.ts'
import { allowed } from '../allowed.ts'
import type { ChangeDeps } from '../change.ts'
import type { AppError } from '../errors.ts'
import type { PlatformStore } from '../ports/platform-store.ts'
import type { Touch, Touched } from '../ports/project-store.ts'
import { systemPrincipal } from '../principal.ts'
import { resettled } from './recheck-touched.ts'

export type SettleDropDeps = ChangeDeps & { readonly platforms: PlatformStore }

/**
 * An installation was handed over: the guarantees of its drop that no date had started yet are computed anew; those that
 * one had stay. Null when the ticket is gone or installed no drop. Told twice, the second time changes nothing.
 */
export const settleInstalledDrop =
  (deps: SettleDropDeps) =>
  (ticketId: TicketId): TE.TaskEither<AppError, Touched | null> =>
    pipe(
      TE.fromEither<AppError, null>(allowed(systemPrincipal, 'recheck')),
      TE.flatMap(() => deps.tickets.load([ticketId])),
      TE.flatMap(([stored]) => {
        if (stored === undefined || stored.ticket.type !== 'new_installation') return TE.right(null)
        const { projectId, place } = stored.ticket
        return place.dr === null ? TE.right(null) : deps.platforms.settle(projectId, place.dr, notStarted(deps))
      }),
    )

const notStarted = (deps: ChangeDeps): Touch => {
  const settle = resettled(deps, deps.now())
  return (stored, why) => (stored.ticket.guarantee.expiresOn === null ? settle(stored, why) : null)
}
