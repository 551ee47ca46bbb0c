import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { type Reaction, retryAfter, type Schedule } from '../ports/job-queue.ts'
import { RUN_KINDS, type Run, type RunKind, SYNC_ASKED } from '../ports/sync-store.ts'
import { qcontactService, type SyncDeps } from './setup.ts'
import { isSyncError, reasonOf, type Work } from './sync-failure.ts'

/** So often in a row one page may fail in passing before the walk breaks off. Together that is a quarter of a minute. */
const TRIES = 5
/** Waiting longer is left to the queue. */
const LONGEST_WAIT_MS = 10_000

type ListDeps = Pick<SyncDeps, 'system' | 'syncFeed' | 'newId' | 'wait' | 'jitter'>
type Page = ReturnType<SyncDeps['system']['changesSince']>

/** One page; what passes costs that page another try and not the whole walk, which in a long list would never end. */
const pageFrom = ({ system, wait, jitter }: ListDeps, cursor: string | null, signal: AbortSignal): Page => {
  const again = (failures: number): Page =>
    pipe(
      system.changesSince(cursor, signal),
      TE.orElse((error): Page => {
        const usual = 1_000 * 2 ** failures * (0.5 + jitter() / 2)
        // A list that is not found was found before; what is refused is refused again.
        const ms = ('retryAfterMs' in error ? error.retryAfterMs : null) ?? usual
        return error.type === 'AuthExpired' ||
          error.type === 'Rejected' ||
          ms > LONGEST_WAIT_MS ||
          failures + 1 >= TRIES ||
          signal.aborted
          ? TE.left(error)
          : pipe(
              TE.fromTask(() => wait(ms, signal)),
              TE.flatMap(() => again(failures + 1)),
            )
      }),
    )
  return again(0)
}

/**
 * Walks its whole list and has each case looked at whose row is new, changed or gone; in a full run every case. What
 * was seen is remembered page by page, so a walk that breaks off has lost nothing.
 */
export const listCases =
  (deps: ListDeps) =>
  (run: Run, signal: AbortSignal): Work<void> => {
    const walk = (pass: string, cursor: string | null): Work<string> =>
      pipe(
        pageFrom(deps, cursor, signal),
        TE.bindTo('page'),
        TE.bindW('now', ({ page }) => TE.right(page.again ? deps.newId() : pass)),
        TE.tap(({ page, now }) => deps.syncFeed.record(run, now, page.rows)),
        TE.flatMap(({ page, now }) => (page.done ? TE.right(now) : walk(now, page.cursor))),
      )
    return pipe(
      deps.syncFeed.begin(run),
      TE.flatMap(() => walk(deps.newId(), null)),
      TE.flatMap((pass): Work<void> => deps.syncFeed.finish(run, pass)),
    )
  }

const WAIT_MS = 60_000

/** Somebody asked for a pass: it is walked in the background. */
export const runAskedSync = (deps: SyncDeps): Reaction => ({
  name: 'run_qcontact_sync',
  eventTypes: [SYNC_ASKED],
  queue: 'imports',
  key: () => 'qcontact',
  handle: async ({ body, at }, signal) => {
    const { runId, kind, askedBy } = body
    if (typeof runId !== 'string' || typeof askedBy !== 'string' || !isKind(kind)) return
    const answer = await listCases(deps)({ id: runId, kind, askedBy, at }, signal)()
    if (E.isRight(answer)) return
    await deps.syncFeed.fail(runId, reasonOf(answer.left))()
    const wait = isSyncError(answer.left) && 'retryAfterMs' in answer.left ? answer.left.retryAfterMs : null
    return retryAfter(wait ?? WAIT_MS, reasonOf(answer.left))
  },
})

const isKind = (kind: unknown): kind is RunKind => (RUN_KINDS as ReadonlyArray<unknown>).includes(kind)

const DAY_S = 86_400

/**
 * The poll, every quarter of an hour unless the tenant says otherwise, and the nightly comparison of everything; a case that
 * is Solved on both sides is compared every 30 days, unless a person asks for all or either side moves, and one that is gone
 * is asked for during 30 days.
 */
export const syncSchedules = (deps: SyncDeps): ReadonlyArray<Schedule> => [
  { name: 'qcontact_poll', everySeconds: deps.setup.pollSeconds, run: byTheClock(deps, 'changes') },
  { name: 'qcontact_reconciliation', everySeconds: DAY_S, run: byTheClock(deps, 'full') },
]

const byTheClock =
  (deps: SyncDeps, kind: RunKind): Schedule['run'] =>
  async (signal) => {
    const run: Run = { id: deps.newId(), kind, askedBy: qcontactService.userId, at: deps.now() }
    const answer = await listCases(deps)(run, signal)()
    if (E.isRight(answer)) return
    await deps.syncFeed.fail(run.id, reasonOf(answer.left))()
    throw new Error(reasonOf(answer.left))
  }
