import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { TicketId } from '../../domain/ticket/ticket.ts'
import { notFound } from '../change.ts'
import type { AppError } from '../errors.ts'
import { reachOf, sightOf } from '../permissions.ts'
import type { Principal } from '../principal.ts'
import { judgeOf, type VerifyDeps } from './proof-on-record.ts'
import { NOTHING, type Verification, withFaults } from './verification.ts'
import { verifyChain } from './verify-chain.ts'

export type VerifyScope =
  | { readonly type: 'all' }
  | { readonly type: 'project'; readonly projectId: string }
  | { readonly type: 'ticket'; readonly ticketId: TicketId }
export type VerifySnapshots = (input: {
  readonly principal: Principal
  readonly scope: VerifyScope
  /** Ids of keys to trust; left out, the signing key in use, or before there is one the oldest on record. */
  readonly trusted?: ReadonlyArray<string>
}) => TE.TaskEither<AppError, Verification>

/** Recomputes every hash, link and signature from what is stored, and holds it against the anchors; a whole chain only for those who may see every ticket. */
export const verifySnapshots =
  (deps: VerifyDeps): VerifySnapshots =>
  ({ principal, scope, trusted = [] }) => {
    const reach = reachOf(principal, 'verify_snapshots')
    if (reach === null || (reach !== 'any' && scope.type !== 'ticket'))
      return TE.left({ type: 'NotAllowed', action: 'verify_snapshots', role: principal.role })
    switch (scope.type) {
      case 'all':
        return pipe(
          projectsWithProof(deps),
          TE.flatMap((projects) =>
            projects.reduce<TE.TaskEither<AppError, Verification>>(
              (before, projectId) =>
                pipe(
                  before,
                  TE.flatMap((found) => verifyChain(deps, trusted, projectId, found)),
                ),
              TE.right(NOTHING),
            ),
          ),
        )
      case 'project':
        return verifyChain(deps, trusted, scope.projectId, NOTHING)
      case 'ticket':
        return pipe(
          deps.snapshotQueries.ofTicket({ sight: sightOf(principal), ticketId: scope.ticketId }),
          TE.bindTo('entries'),
          TE.bind('judge', ({ entries }) => judgeOf(deps, trusted, entries ?? [])),
          TE.flatMap(({ entries, judge }) =>
            entries === null
              ? TE.left<AppError, Verification>(notFound('Ticket', scope.ticketId))
              : TE.right(
                  entries.reduce(
                    (found, placed) => withFaults(found, placed.entry, judge(placed), placed.anchored),
                    NOTHING,
                  ),
                ),
          ),
        )
    }
  }

/** Also a project that only its anchors still know of. */
const projectsWithProof = (deps: VerifyDeps): TE.TaskEither<AppError, ReadonlyArray<string>> =>
  pipe(
    TE.Do,
    TE.apS('chained', deps.snapshotQueries.projects()),
    TE.apSW('anchored', deps.anchorStore.projects()),
    TE.map(({ chained, anchored }) => [...new Set([...chained, ...anchored])]),
  )
