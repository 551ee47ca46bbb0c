import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Values } from '../../domain/sync/fields.ts'
import { agreedOn, type Bases, type Plan } from '../../domain/sync/plan.ts'
import type { SyncedCase } from '../ports/sync-store.ts'
import type { Stored } from '../ports/ticket-store.ts'
import type { RemoteChange, RemoteTicket } from '../ports/ticket-system.ts'
import { keysOf, learn, type Side } from './one-case.ts'
import { ourSide } from './our-side.ts'
import { overtakenIn } from './read-history.ts'
import type { SyncDeps } from './setup.ts'
import type { Work } from './sync-failure.ts'

type Wrote = Side & { /** null: nothing was written. */ readonly remote: RemoteTicket | null }

/** What we owe them is written, after it is remembered that we do: a reply may be lost, the promise never is. */
export const writeOurs = (
  deps: SyncDeps,
  known: SyncedCase,
  stored: Stored,
  remote: RemoteTicket,
  plan: Plan,
  changes: ReadonlyArray<RemoteChange> | null,
  signal: AbortSignal,
): Work<Wrote> => {
  const ours = ourSide(deps.setup, stored)
  const agreed = keysOf(plan.bases).filter(
    (field) => ours[field] === remote.values[field] && known.bases[field]?.left === true,
  )
  const nothingNew =
    plan.conflicts.length === 0 &&
    agreed.length === 0 &&
    !known.gone &&
    JSON.stringify(plan.bases) === JSON.stringify(known.bases)
  const remembered = nothingNew
    ? TE.right(known)
    : learn(deps, known, { bases: plan.bases, conflicts: plan.conflicts, agreed })
  return keysOf(plan.pushes).length === 0
    ? pipe(
        remembered,
        TE.map((next) => ({ known: next, conflicts: plan.conflicts.length, remote: null })),
      )
    : pipe(
        TE.Do,
        TE.bindW('next', () => remembered),
        TE.bindW('after', () => deps.system.apply(remote.id, plan.pushes, signal)),
        TE.bindW('log', () => deps.system.history(remote.id, signal)),
        TE.bindW('confirmed', ({ next, after, log }) => {
          const overtaken = changes === null ? [] : overtakenIn(log, changes[0]?.id ?? null, remote, plan.pushes)
          return pipe(
            learn(deps, next, {
              bases: { ...next.bases, ...confirmedBy(after, plan.pushes) },
              conflicts: overtaken,
              lastChangeId: log[0]?.id ?? next.lastChangeId,
            }),
            TE.map((saved) => ({ saved, overtaken: overtaken.length })),
          )
        }),
        TE.map(({ after, confirmed }) => ({
          known: confirmed.saved,
          conflicts: plan.conflicts.length + confirmed.overtaken,
          remote: after,
        })),
      )
}

const confirmedBy = (after: RemoteTicket, pushes: Values): Bases =>
  Object.fromEntries(
    keysOf(pushes)
      .filter((field) => after.values[field] === pushes[field])
      .map((field) => [field, agreedOn(pushes[field] ?? null)]),
  )
