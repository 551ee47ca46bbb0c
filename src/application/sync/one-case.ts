import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { SyncField, Values } from '../../domain/sync/fields.ts'
import type { Bases } from '../../domain/sync/plan.ts'
import type { Learnt, SyncedCase } from '../ports/sync-store.ts'
import type { Stored } from '../ports/ticket-store.ts'
import type { RemoteTicket } from '../ports/ticket-system.ts'
import { ourSide, rulesFor, statusOf } from './our-side.ts'
import { assigneeFrom, type SyncDeps } from './setup.ts'
import type { SyncFailure, Work } from './sync-failure.ts'

/** The ticket of a case, a deleted one as well. */
export const ticketOf = ({ tickets }: SyncDeps, { ticketId }: Pick<SyncedCase, 'ticketId'>): Work<Stored> =>
  pipe(
    tickets.load([ticketId], { deleted: true }),
    TE.flatMap(([stored]) =>
      stored === undefined
        ? TE.left<SyncFailure>({ type: 'NotFound', resource: 'Ticket', id: ticketId })
        : TE.right(stored),
    ),
  )

/** The fields that values or bases say something of. */
export const keysOf = (values: Values | Bases): ReadonlyArray<SyncField> =>
  Object.keys(values) as ReadonlyArray<SyncField>

/** Everything that is judged of a case and its ticket at one moment. */
export const lookOf = (
  deps: SyncDeps,
  known: Pick<SyncedCase, 'bases' | 'personal'>,
  stored: Stored,
  remote: RemoteTicket,
) => ({
  rules: rulesFor(deps.setup, known, stored),
  bases: known.bases,
  status: statusOf(stored),
  local: ourSide(deps.setup, stored),
  remote: remote.values,
  authors: {},
  knowsAssignee: assigneeFrom(deps.setup, remote.values.assignee) !== null,
})

export type Side = { readonly known: SyncedCase; readonly conflicts: number }

/** Remembers what was learnt of a case; Stale when somebody else learnt more meanwhile. */
export const learn = (
  deps: SyncDeps,
  known: SyncedCase,
  learnt: Pick<Learnt, 'bases'> & Partial<Learnt>,
): Work<SyncedCase> =>
  deps.syncStore.learn(
    known,
    { conflicts: [], agreed: [], lastChangeId: known.lastChangeId, gone: false, ...learnt },
    deps.now(),
  )
