import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { FieldRule, SyncField } from '../../domain/sync/fields.ts'
import type { FieldBase } from '../../domain/sync/merge.ts'
import { agreedOn, type FoundConflict, notTaken, type Plan } from '../../domain/sync/plan.ts'
import type { AppError } from '../errors.ts'
import type { SyncedCase } from '../ports/sync-store.ts'
import type { Stored } from '../ports/ticket-store.ts'
import type { RemoteTicket } from '../ports/ticket-system.ts'
import { systemPrincipal } from '../principal.ts'
import { runCommand } from '../ticket/lifecycle.ts'
import { keysOf, learn, type Side } from './one-case.ts'
import { ourSide } from './our-side.ts'
import { assigneeFrom, correcting, type SyncDeps } from './setup.ts'
import type { SyncFailure, Work } from './sync-failure.ts'
import { inPortions, takeValues } from './take-values.ts'

/** Refusals are answers: the change is a conflict. An absent database is not. */
const tried = (work: TE.TaskEither<AppError, unknown>): Work<boolean> =>
  pipe(
    work,
    TE.map(() => true),
    TE.orElse((error) =>
      error.type === 'Unavailable' || error.type === 'Stale' ? TE.left<SyncFailure>(error) : TE.right(false),
    ),
  )

/** What they ask of the ticket is done by the rules of every ticket, or refused and recorded. */
export const takeTheirs = (
  deps: SyncDeps,
  known: SyncedCase,
  stored: Stored,
  remote: RemoteTicket,
  plan: Plan,
  rules: ReadonlyArray<FieldRule>,
): Work<Side> => {
  const { ticketId } = known
  const target = { ticketId, principal: systemPrincipal, version: null }
  const assignment = assigneeFrom(deps.setup, remote.values.assignee) ?? {}
  const { assignee, ...facts } = plan.takes
  const portions = inPortions(facts)
  type Try = { readonly fields: ReadonlyArray<SyncField>; readonly work: TE.TaskEither<AppError, unknown> }
  const tries: ReadonlyArray<Try> = [
    ...(plan.command === 'start_work'
      ? [{ fields: ['status' as const], work: runCommand(deps)(target, { command: 'start_work' }) }]
      : []),
    ...(plan.command === 'assign' || (assignee !== undefined && plan.command === null)
      ? [
          {
            fields: [plan.command === 'assign' ? ('status' as const) : ('assignee' as const)],
            work: runCommand(deps)(target, { command: 'assign', assignment }),
          },
        ]
      : []),
    ...portions.map((values) => ({
      fields: keysOf(values),
      work: takeValues(deps)(correcting(stored.ticket), ticketId, values),
    })),
  ]
  const ours = ourSide(deps.setup, stored)
  return pipe(
    tries,
    TE.traverseSeqArray(({ fields, work }) =>
      pipe(
        tried(work),
        TE.map((done) => fields.map((field) => ({ field, done }))),
      ),
    ),
    TE.flatMap((answers) => {
      const judged = answers.flat().map(({ field, done }) => {
        const [value, mine] = [remote.values[field] ?? null, ours[field] ?? null]
        const base: FieldBase = plan.bases[field] ?? agreedOn(mine)
        const rule = rules.find((one) => one.field === field)
        const next = done || rule === undefined ? agreedOn(value) : notTaken(rule, base, mine, value)
        const kind = field === 'status' ? ('status_refused' as const) : ('not_taken' as const)
        const conflict: FoundConflict = { field, kind, ours: mine, theirs: value, winner: 'local' }
        return { field, next, conflicts: done ? [] : [conflict] }
      })
      const touched = judged.map(({ field }) => field)
      const conflicts = [
        ...judged.flatMap((one) => one.conflicts),
        // Both sides had changed it and theirs was taken: both values are recorded.
        ...plan.conflicts.filter(
          ({ field, winner }) =>
            winner === 'remote' && judged.some((one) => one.field === field && one.conflicts.length === 0),
        ),
      ]
      return pipe(
        learn(deps, known, {
          bases: { ...known.bases, ...Object.fromEntries(judged.map(({ field, next }) => [field, next])) },
          conflicts,
          agreed: touched.filter((field) => judged.some((one) => one.field === field && one.conflicts.length === 0)),
        }),
        TE.map((next) => ({ known: next, conflicts: conflicts.length })),
      )
    }),
  )
}
