import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { SyncField } from '../../domain/sync/fields.ts'
import { planSync } from '../../domain/sync/plan.ts'
import type { CaseOutcome, SyncedCase } from '../ports/sync-store.ts'
import type { RemoteTicket, SyncError } from '../ports/ticket-system.ts'
import { joinTo, linkTo } from './link-case.ts'
import { keysOf, learn, lookOf, ticketOf } from './one-case.ts'
import { hasNews } from './our-side.ts'
import { isBehind, readHistory } from './read-history.ts'
import { sendNotes } from './send-notes.ts'
import type { SyncDeps } from './setup.ts'
import { isOfTheRequest, type SyncFailure, type Work } from './sync-failure.ts'
import { takeTheirs } from './take-theirs.ts'
import { isImportable, ticketFromCase } from './ticket-from-case.ts'
import { writeOurs } from './write-ours.ts'

/** What one look came to. `drift`: fields that differed without anyone having been told. */
export type CaseDone = { readonly outcome: CaseOutcome; readonly drift: number }

export type CaseAsked = {
  readonly caseId: string
  /** What differs without a reason is written again. */
  readonly repair: boolean
  /** Told by our own side: without news there is nothing to ask over there. */
  readonly onlyNews: boolean
  /** It was not found often enough to be taken for gone; otherwise that fails, to be asked for again. */
  readonly believesGone: boolean
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
      return asked.onlyNews && quiet
        ? TE.right({ outcome: 'in_step', drift: 0 })
        : pipe(
            deps.system.get(known.caseId, signal),
            TE.flatMap((remote) =>
              remote === null ? missing(deps, asked, known) : inRounds(deps, asked, known, remote, signal),
            ),
          )
    }),
  )

/** A case seen for the first time becomes a ticket, or is one that was reported by its number; not when it is over already or its ticket was deleted. */
const meet = (deps: SyncDeps, asked: CaseAsked, signal: AbortSignal): Work<CaseDone> =>
  pipe(
    deps.system.get(asked.caseId, signal),
    TE.flatMap((remote): Work<CaseDone> => {
      if (remote === null && !asked.believesGone) return TE.left({ type: 'Gone' })
      if (remote === null) return TE.right({ outcome: 'skipped', drift: 0 })
      const id = deps.ticketIdOf(asked.caseId)
      return pipe(
        isImportable(remote) ? TE.right(true) : wasMade(deps, id),
        TE.flatMap((becomesOne) =>
          becomesOne ? ticketFromCase(deps)(remote, { id, followUpOf: null }) : TE.right<SyncFailure, null>(null),
        ),
        TE.flatMap((ticketId): Work<CaseDone> => {
          if (ticketId === null) return TE.right({ outcome: 'skipped', drift: 0 })
          const isNew = ticketId === id
          return pipe(
            (isNew ? linkTo : joinTo)(deps, remote, ticketId, signal),
            TE.flatMap((known) => inRounds(deps, asked, known, remote, signal)),
            TE.map(({ outcome, drift }) => ({ outcome: isNew ? 'created' : outcome, drift })),
          )
        }),
      )
    }),
  )

/** An earlier look made the ticket and did not come to link it. */
const wasMade = ({ tickets }: SyncDeps, id: string): Work<boolean> =>
  pipe(
    tickets.load([id], { deleted: true }),
    TE.map((found) => found.length > 0),
  )

const missing = (deps: SyncDeps, asked: CaseAsked, known: SyncedCase): Work<CaseDone> => {
  if (known.gone) return TE.right({ outcome: 'skipped', drift: 0 })
  return asked.believesGone
    ? pipe(
        learn(deps, known, {
          bases: known.bases,
          conflicts: [{ field: null, kind: 'gone', ours: null, theirs: null, winner: 'local' }],
          gone: true,
        }),
        TE.map(() => ({ outcome: 'conflict', drift: 0 })),
      )
    : TE.left({ type: 'Gone' })
}

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
            takeTheirs(deps, read.known, stored, seen, plan, look.rules),
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
          writeOurs(deps, read.known, stored, seen, plan, read.changes, signal),
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
    // A write that is refused keeps nothing back that the client is to be told.
    TE.orElse((failure) =>
      isOfTheRequest(failure)
        ? pipe(
            sendNotes(deps, known, signal),
            TE.flatMap(() => TE.left<SyncFailure, Round>(failure)),
          )
        : TE.left(failure),
    ),
    TE.tap((done) => sendNotes(deps, done.known, signal)),
    TE.map(({ conflicts, wrote, drift }) => ({
      outcome: conflicts > 0 ? 'conflict' : wrote > 0 ? 'repaired' : 'in_step',
      drift: drift.size,
    })),
  )
}

const moving: SyncError = { type: 'Transient', why: 'the ticket kept moving', retryAfterMs: null }
