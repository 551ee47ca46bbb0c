import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { joinCase } from '../../domain/sync/join-case.ts'
import { agreedOn, type FoundConflict, planSync } from '../../domain/sync/plan.ts'
import type { SyncedCase } from '../ports/sync-store.ts'
import type { RemoteTicket } from '../ports/ticket-system.ts'
import { lookOf, ticketOf } from './one-case.ts'
import { ourSide } from './our-side.ts'
import { assigneeFrom, type SyncDeps } from './setup.ts'
import type { Work } from './sync-failure.ts'

/** A ticket that was here before its case: from now on they belong together, and each is told what the other knew. */
export const joinTo = (deps: SyncDeps, remote: RemoteTicket, ticketId: string, signal: AbortSignal): Work<SyncedCase> =>
  pipe(
    ticketOf(deps, { ticketId }),
    TE.bindTo('stored'),
    TE.bindW('history', () => deps.system.history(remote.id, signal)),
    TE.flatMap(({ stored, history }) =>
      deps.syncStore.link(
        remote.id,
        ticketId,
        {
          ...joinCase({
            ...lookOf(deps, { bases: {}, personal: true }, stored, remote),
            finished: stored.ticket.status === 'handed_to_maintenance' || stored.ticket.status === 'closed',
          }),
          agreed: [],
          lastChangeId: history[0]?.id ?? '',
          gone: false,
        },
        deps.now(),
      ),
    ),
  )

/** From now on case and ticket belong together; what they differ in from the start is known and is no change. */
export const linkTo = (deps: SyncDeps, remote: RemoteTicket, ticketId: string, signal: AbortSignal): Work<SyncedCase> =>
  pipe(
    ticketOf(deps, { ticketId }),
    TE.bindTo('stored'),
    TE.bindW('history', () => deps.system.history(remote.id, signal)),
    TE.flatMap(({ stored, history }) => {
      const local = ourSide(deps.setup, stored)
      const asksToAssign =
        remote.values.status === 'Assigned' && assigneeFrom(deps.setup, remote.values.assignee) !== null
      const differs = local.status !== remote.values.status && !asksToAssign
      const plan = planSync({ ...lookOf(deps, { bases: {}, personal: true }, stored, remote), repair: false })
      const status = asksToAssign ? { status: agreedOn(local.status ?? null) } : {}
      const arrived: ReadonlyArray<FoundConflict> = differs
        ? [
            {
              field: 'status',
              kind: 'arrived_so',
              ours: local.status ?? null,
              theirs: remote.values.status ?? null,
              winner: 'remote',
            },
          ]
        : []
      return deps.syncStore.link(
        remote.id,
        ticketId,
        {
          bases: { ...plan.bases, ...status },
          conflicts: arrived,
          agreed: [],
          lastChangeId: history[0]?.id ?? '',
          gone: false,
        },
        deps.now(),
      )
    }),
  )
