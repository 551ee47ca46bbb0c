import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { SyncField, Value, Values } from '../../domain/sync/fields.ts'
import type { Author } from '../../domain/sync/merge.ts'
import type { FoundConflict } from '../../domain/sync/plan.ts'
import type { SyncedCase } from '../ports/sync-store.ts'
import type { Stored } from '../ports/ticket-store.ts'
import type { RemoteChange, RemoteTicket } from '../ports/ticket-system.ts'
import { learn } from './one-case.ts'
import { ourSide } from './our-side.ts'
import type { SyncDeps } from './setup.ts'
import type { Work } from './sync-failure.ts'

const WRITTEN: ReadonlyArray<SyncField> = ['status', 'assignee']

type Read = {
  readonly known: SyncedCase
  readonly authors: { readonly [F in SyncField]?: Author }
  readonly changes: ReadonlyArray<RemoteChange> | null
  /** The last entry of the log that was known before. */
  readonly since: string | null
}

/**
 * Its change log is read only where it matters who wrote: where they differ in something that we write, too, and where
 * the reply to a write was lost, which may have hidden somebody's change.
 */
export const readHistory = (
  deps: SyncDeps,
  known: SyncedCase,
  stored: Stored,
  remote: RemoteTicket,
  signal: AbortSignal,
): Work<Read> => {
  const ours = ourSide(deps.setup, stored)
  const differ = WRITTEN.some((field) => ours[field] !== undefined && remote.values[field] !== ours[field])
  const unanswered = WRITTEN.filter((field) => known.bases[field]?.owed === true)
  if (!differ && unanswered.length === 0) return TE.right({ known, authors: {}, changes: null, since: null })
  return pipe(
    deps.system.history(remote.id, signal),
    TE.flatMap((changes): Work<Read> => {
      const latest: SyncedCase = { ...known, lastChangeId: changes[0]?.id ?? known.lastChangeId }
      const pushes = Object.fromEntries(unanswered.map((field) => [field, ours[field] ?? null]))
      const hidden = overtakenIn(changes, known.lastChangeId, remote, pushes)
      return pipe(
        hidden.length === 0 ? TE.right(latest) : learn(deps, latest, { bases: known.bases, conflicts: hidden }),
        TE.map((next) => ({
          known: next,
          authors: Object.fromEntries(WRITTEN.map((field) => [field, authorOf(field, remote.values[field], changes)])),
          changes,
          since: known.lastChangeId,
        })),
      )
    }),
  )
}

/** Whether somebody there changed a field after the case was read and before its log was: that was not judged yet. */
export const isBehind = (remote: RemoteTicket, { changes, since }: Read): boolean => {
  const end = (changes ?? []).findIndex(({ id }) => id === since)
  const fresh = end < 0 ? (changes ?? []) : (changes ?? []).slice(0, end)
  return WRITTEN.some((field) => {
    const last = fresh.find((one) => one.changes.some((change) => change.field === field))
    return last?.byUs === false && last.changes.find((change) => change.field === field)?.to !== remote.values[field]
  })
}

/** Its log tells who wrote the value that stands there, when its last entry is about that value. */
const authorOf = (field: SyncField, value: Value | undefined, changes: ReadonlyArray<RemoteChange>): Author => {
  const last = changes.find((one) => one.changes.some((change) => change.field === field))
  const to = last?.changes.find((change) => change.field === field)?.to
  if (last === undefined || to !== value) return 'unknown'
  return last.byUs ? 'us' : 'other'
}

/** What somebody there changed between our reading and our writing was never judged: it is recorded, with what it wanted. */
export const overtakenIn = (
  log: ReadonlyArray<RemoteChange>,
  lastKnown: string | null,
  before: RemoteTicket,
  pushes: Values,
): ReadonlyArray<FoundConflict> => {
  const end = log.findIndex(({ id }) => id === lastKnown)
  const fresh = end < 0 ? log : log.slice(0, end)
  return fresh
    .filter(({ byUs }) => !byUs)
    .flatMap(({ changes }) => changes)
    .filter(({ field, to }) => pushes[field] !== undefined && to !== pushes[field] && to !== before.values[field])
    .map(({ field, to }) => ({
      field,
      kind: 'overtaken' as const,
      ours: pushes[field] ?? null,
      theirs: to,
      winner: 'local' as const,
    }))
}
