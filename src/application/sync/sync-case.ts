import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { FieldRule, SyncField, Value, Values } from '../../domain/sync/fields.ts'
import type { Author, FieldBase } from '../../domain/sync/merge.ts'
import { agreedOn, type Bases, type FoundConflict, notTaken, type Plan, planSync } from '../../domain/sync/plan.ts'
import { SENTENCES } from '../../domain/sync/sentences.ts'
import type { AppError } from '../errors.ts'
import type { CaseOutcome, Learnt, SyncedCase } from '../ports/sync-store.ts'
import type { Stored } from '../ports/ticket-store.ts'
import type { RemoteChange, RemoteTicket, SyncError } from '../ports/ticket-system.ts'
import { systemPrincipal } from '../principal.ts'
import { runCommand } from '../ticket/lifecycle.ts'
import { hasNews, ourSide, rulesFor, statusOf } from './our-side.ts'
import { assigneeFrom, qcontactService, type SyncDeps } from './setup.ts'
import { inPortions, takeValues } from './take-values.ts'
import { isImportable, ticketFromCase } from './ticket-from-case.ts'

export type SyncFailure = SyncError | AppError
type Work<A> = TE.TaskEither<SyncFailure, A>

/** What one look came to. `drift`: fields that differed without anyone having been told. */
export type CaseDone = { readonly outcome: CaseOutcome; readonly drift: number }

export type CaseAsked = {
  readonly caseId: string
  /** What differs without a reason is written again. */
  readonly repair: boolean
  /** Told by our own side: without news there is nothing to ask over there. */
  readonly onlyNews: boolean
}

/** Own side first, then theirs, then once more to see that they agree; a ticket that moves on meanwhile gets another look. */
const ROUNDS = 5

/** Brings one case and its ticket into step, from whatever state they are in; a second time it does nothing. */
export const syncCase =
  (deps: SyncDeps) =>
  (asked: CaseAsked, signal: AbortSignal): Work<CaseDone> =>
    pipe(
      deps.syncStore.find({ caseId: asked.caseId }),
      TE.flatMap(
        (known): Work<CaseDone> => (known === null ? meet(deps, asked, signal) : again(deps, asked, known, signal)),
      ),
    )

const again = (deps: SyncDeps, asked: CaseAsked, known: SyncedCase, signal: AbortSignal): Work<CaseDone> =>
  pipe(
    ticketOf(deps, known),
    TE.bindTo('stored'),
    TE.bindW('notes', () => deps.syncNotes.waiting(known.ticketId)),
    TE.flatMap(({ stored, notes }): Work<CaseDone> => {
      const quiet = notes.length === 0 && known.problem === null && !hasNews(deps.setup, known, stored)
      return asked.onlyNews && (quiet || known.gone)
        ? TE.right({ outcome: 'in_step', drift: 0 })
        : pipe(
            deps.system.get(known.caseId, signal),
            TE.flatMap((remote) =>
              remote === null ? missing(deps, known) : inRounds(deps, asked, known, remote, signal),
            ),
          )
    }),
  )

const ticketOf = ({ tickets }: SyncDeps, { ticketId }: Pick<SyncedCase, 'ticketId'>): Work<Stored> =>
  pipe(
    tickets.load([ticketId], { deleted: true }),
    TE.flatMap(([stored]) =>
      stored === undefined
        ? TE.left<SyncFailure>({ type: 'NotFound', resource: 'Ticket', id: ticketId })
        : TE.right(stored),
    ),
  )

/** A case seen for the first time becomes a ticket, unless it is over already or its ticket was deleted. */
const meet = (deps: SyncDeps, asked: CaseAsked, signal: AbortSignal): Work<CaseDone> =>
  pipe(
    deps.system.get(asked.caseId, signal),
    TE.flatMap((remote): Work<CaseDone> => {
      if (remote === null || !isImportable(remote)) return TE.right({ outcome: 'skipped', drift: 0 })
      return pipe(
        ticketFromCase(deps)(remote, { id: deps.ticketIdOf(asked.caseId), followUpOf: null }),
        TE.flatMap(
          (ticketId): Work<CaseDone> =>
            ticketId === null
              ? TE.right({ outcome: 'skipped', drift: 0 })
              : pipe(
                  linkTo(deps, remote, ticketId, signal),
                  TE.flatMap((known) => inRounds(deps, asked, known, remote, signal)),
                  TE.map(({ drift }) => ({ outcome: 'created', drift })),
                ),
        ),
      )
    }),
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

const missing = (deps: SyncDeps, known: SyncedCase): Work<CaseDone> =>
  known.gone
    ? TE.right({ outcome: 'conflict', drift: 0 })
    : pipe(
        learn(deps, known, {
          bases: known.bases,
          conflicts: [{ field: null, kind: 'gone', ours: null, theirs: null, winner: 'local' }],
          gone: true,
        }),
        TE.map(() => ({ outcome: 'conflict', drift: 0 })),
      )

type Round = {
  readonly known: SyncedCase
  readonly conflicts: number
  readonly wrote: number
  readonly drift: Set<SyncField>
  /** The newest entry of its change log when the case was last read once more because the log knew more than it did. */
  readonly readAgainAt: string | null
}

const inRounds = (
  deps: SyncDeps,
  asked: CaseAsked,
  known: SyncedCase,
  remote: RemoteTicket,
  signal: AbortSignal,
): Work<CaseDone> => {
  const round = (now: Round, seen: RemoteTicket, left: number): Work<Round> =>
    pipe(
      TE.Do,
      TE.bindW('stored', () => ticketOf(deps, now.known)),
      TE.bindW('read', ({ stored }) => readHistory(deps, now.known, stored, seen, signal)),
      TE.flatMap(({ stored, read }): Work<Round> => {
        const latest = read.changes?.[0]?.id ?? null
        if (latest !== now.readAgainAt && isBehind(seen, read))
          return pipe(
            deps.system.get(seen.id, signal),
            TE.flatMap((fresh): Work<Round> => {
              if (fresh === null) return TE.left({ type: 'Gone' })
              if (left <= 1) return TE.left(moving)
              const known = { ...read.known, lastChangeId: read.since }
              return round({ ...now, known, readAgainAt: latest }, fresh, left - 1)
            }),
          )
        const look = lookOf(deps, read.known, stored, seen)
        const plan = planSync({ ...look, authors: read.authors, repair: asked.repair })
        for (const { field } of plan.conflicts) if (field !== null) now.drift.add(field)
        for (const field of [...keysOf(plan.takes), ...keysOf(plan.pushes)]) now.drift.add(field)
        if (plan.command !== null) now.drift.add('status')
        if (plan.command !== null || keysOf(plan.takes).length > 0)
          return pipe(
            onOurSide(deps, read.known, stored, seen, plan, look.rules),
            TE.flatMap((next) =>
              left > 1
                ? round(
                    { ...now, known: next.known, conflicts: now.conflicts + next.conflicts, wrote: now.wrote + 1 },
                    seen,
                    left - 1,
                  )
                : TE.left<SyncFailure>(moving),
            ),
          )
        return pipe(
          onTheirSide(deps, read.known, stored, seen, plan, read.changes, signal),
          TE.flatMap((next) => {
            const after = {
              ...now,
              known: next.known,
              conflicts: now.conflicts + next.conflicts,
              wrote: now.wrote + (next.remote === null ? 0 : 1),
            }
            // What was written may be out of date by now, here or there.
            if (next.remote === null) return TE.right(after)
            return left > 1 ? round(after, next.remote, left - 1) : TE.left<SyncFailure>(moving)
          }),
        )
      }),
    )
  return pipe(
    round({ known, conflicts: 0, wrote: 0, drift: new Set(), readAgainAt: null }, remote, ROUNDS),
    TE.tap((done) => sendNotes(deps, done.known, signal)),
    TE.map(({ conflicts, wrote, drift }) => ({
      outcome: conflicts > 0 ? 'conflict' : wrote > 0 ? 'repaired' : 'in_step',
      drift: drift.size,
    })),
  )
}

const moving: SyncError = { type: 'Transient', why: 'the ticket kept moving', retryAfterMs: null }

const keysOf = (values: Values | Bases): ReadonlyArray<SyncField> => Object.keys(values) as ReadonlyArray<SyncField>

const lookOf = (
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
const readHistory = (
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
const isBehind = (remote: RemoteTicket, { changes, since }: Read): boolean => {
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

type Side = { readonly known: SyncedCase; readonly conflicts: number }

const learn = (deps: SyncDeps, known: SyncedCase, learnt: Pick<Learnt, 'bases'> & Partial<Learnt>): Work<SyncedCase> =>
  deps.syncStore.learn(
    known,
    { conflicts: [], agreed: [], lastChangeId: known.lastChangeId, gone: false, ...learnt },
    deps.now(),
  )

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
const onOurSide = (
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
      work: takeValues(deps)(qcontactService, ticketId, values),
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

type Wrote = Side & { /** null: nothing was written. */ readonly remote: RemoteTicket | null }

/** What we owe them is written, after it is remembered that we do: a reply may be lost, the promise never is. */
const onTheirSide = (
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

/** What somebody there changed between our reading and our writing was never judged: it is recorded, with what it wanted. */
const overtakenIn = (
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

const sendNotes = (deps: SyncDeps, { caseId, ticketId }: SyncedCase, signal: AbortSignal): Work<unknown> =>
  pipe(
    deps.syncNotes.waiting(ticketId),
    TE.flatMap((notes) =>
      pipe(
        notes,
        TE.traverseSeqArray(({ id, text, sentence }) => {
          const said = sentence === null ? text : SENTENCES[sentence]
          return pipe(
            // A note whose text was erased meanwhile is not sent.
            said === null
              ? TE.right<SyncFailure, { readonly id: string | null }>({ id: null })
              : deps.system.addNote(caseId, { key: id, text: said }, signal),
            TE.flatMap((sent): Work<void> => deps.syncNotes.sent(id, sent.id, deps.now())),
          )
        }),
      ),
    ),
  )

export const isSyncError = (failure: SyncFailure): failure is SyncError =>
  ['Transient', 'RateLimited', 'AuthExpired', 'Rejected', 'Gone', 'SilentlyIgnored'].includes(failure.type)
