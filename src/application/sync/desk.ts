import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { SyncField, Values } from '../../domain/sync/fields.ts'
import { agreedOn } from '../../domain/sync/plan.ts'
import type { TicketId } from '../../domain/ticket/ticket.ts'
import { allowed } from '../allowed.ts'
import { loadOne, notFound } from '../change.ts'
import type { AppError } from '../errors.ts'
import type { Action } from '../permissions.ts'
import type { PageOf, PageWindow } from '../ports/pages.ts'
import type {
  ConflictRow,
  Resolution,
  RunRow,
  SyncDesk,
  SyncLogFilters,
  SyncLogRow,
  SyncStanding,
} from '../ports/sync-desk.ts'
import type { Run, RunKind } from '../ports/sync-store.ts'
import type { Principal } from '../principal.ts'
import { followUp } from './follow-up.ts'
import type { SyncDeps } from './setup.ts'
import { takeValues } from './take-values.ts'

/** `sync` is null where no QContact is configured: then there is nothing to ask for, and what was is still shown. */
export type DeskDeps = { readonly desk: SyncDesk; readonly sync: SyncDeps | null }

const may = (principal: Principal, action: Action): TE.TaskEither<AppError, null> =>
  TE.fromEither<AppError, null>(allowed(principal, action))

const configured = ({ sync }: DeskDeps): TE.TaskEither<AppError, SyncDeps> =>
  sync === null ? TE.left({ type: 'QContactNotConfigured' }) : TE.right(sync)

export type SyncAsked = { readonly kind: RunKind; readonly ticketId: TicketId | null }

/** Asks for a pass, or for a look at one ticket's case; it is done in the background. Gives the id of the run. */
export const askSync =
  (deps: DeskDeps) =>
  (principal: Principal, { kind, ticketId }: SyncAsked): TE.TaskEither<AppError, { readonly id: string }> =>
    pipe(
      may(principal, 'run_sync'),
      TE.flatMap(() => configured(deps)),
      TE.flatMap((sync): TE.TaskEither<AppError, { readonly id: string }> => {
        const run: Run = { id: sync.newId(), kind, askedBy: principal.userId, at: sync.now() }
        return pipe(
          ticketId === null ? TE.right<AppError, string | null>(null) : caseOf(sync, principal, ticketId),
          TE.flatMap((caseId) => sync.syncFeed.ask(caseId === null ? run : { ...run, kind: 'case' }, caseId)),
          TE.map(() => ({ id: run.id })),
        )
      }),
    )

/** A service is told of the tickets it made and of no other. */
const caseOf = (sync: SyncDeps, principal: Principal, ticketId: TicketId): TE.TaskEither<AppError, string> =>
  pipe(
    loadOne(sync, ticketId),
    TE.filterOrElse(
      ({ ticket }): boolean => principal.role !== 'service' || ticket.createdBy === principal.userId,
      (): AppError => notFound('Ticket', ticketId),
    ),
    TE.flatMap(() => sync.syncStore.find({ ticketId })),
    TE.flatMap((known) =>
      known === null ? TE.left<AppError>({ type: 'NotACase', ticketId }) : TE.right(known.caseId),
    ),
  )

export const readRun =
  ({ desk }: DeskDeps) =>
  (principal: Principal, id: string): TE.TaskEither<AppError, RunRow> =>
    pipe(
      may(principal, 'read_sync'),
      TE.flatMap(() => desk.run(id)),
      TE.flatMap((run) => (run === null ? TE.left<AppError>(notFound('Sync run', id)) : TE.right(run))),
    )

export type Standing = SyncStanding & {
  readonly configured: boolean
  readonly tenant: string | null
  readonly poll_seconds: number | null
}

export const readStanding =
  ({ desk, sync }: DeskDeps) =>
  (principal: Principal): TE.TaskEither<AppError, Standing> =>
    pipe(
      may(principal, 'read_sync'),
      TE.flatMap(() => desk.standing()),
      TE.map((standing) => ({
        configured: sync !== null,
        tenant: sync?.setup.tenant ?? null,
        poll_seconds: sync?.setup.pollSeconds ?? null,
        ...standing,
      })),
    )

export const readLog =
  ({ desk }: DeskDeps) =>
  (principal: Principal, filters: SyncLogFilters, window: PageWindow): TE.TaskEither<AppError, PageOf<SyncLogRow>> =>
    pipe(
      may(principal, 'read_sync'),
      TE.flatMap(() => desk.log(filters, window)),
    )

/** What a conflict is about may say who a client is, so only those see it who may decide it. */
export const listConflicts =
  ({ desk }: DeskDeps) =>
  (
    principal: Principal,
    filters: { readonly open: boolean | null; readonly ticketId: TicketId | null },
    window: PageWindow,
  ): TE.TaskEither<AppError, PageOf<ConflictRow>> =>
    pipe(
      may(principal, 'resolve_sync_conflict'),
      TE.flatMap(() => desk.conflicts(filters, window)),
    )

export const viewConflict =
  ({ desk }: DeskDeps) =>
  (principal: Principal, id: string): TE.TaskEither<AppError, ConflictRow> =>
    pipe(
      may(principal, 'resolve_sync_conflict'),
      TE.flatMap(() => desk.conflict(id)),
      TE.flatMap((row) => (row === null ? TE.left<AppError>(notFound('Sync conflict', id)) : TE.right(row))),
    )

export type Word = { readonly resolution: Resolution; readonly notes: string | null }

/**
 * A manager's word on a conflict. `keep_ours` has our value written there (where it may be), `take_theirs` corrects the
 * ticket (never its status), `follow_up` makes a new ticket of a reopened case, `noted` leaves both as they are.
 */
export const resolveConflict =
  (deps: DeskDeps) =>
  (principal: Principal, id: string, version: number, word: Word): TE.TaskEither<AppError, ConflictRow> =>
    pipe(
      viewConflict(deps)(principal, id),
      TE.filterOrElse(
        (row) => row.resolved_at === null && row.version === version,
        (row): AppError => ({ type: 'Stale', id, version: row.version }),
      ),
      TE.bindTo('row'),
      TE.bindW('sync', () => configured(deps)),
      TE.tap(({ row }) => suits(row, word.resolution)),
      TE.bindW('followUpId', ({ row, sync }) => carryOut(sync, principal, row, word.resolution)),
      TE.tap(({ sync, followUpId }) =>
        deps.desk.resolve(id, version, { ...word, by: principal.userId, at: sync.now(), followUpId }),
      ),
      TE.tap(({ row, sync }) => askAgain(sync, principal, row, word.resolution)),
      TE.flatMap(() => viewConflict(deps)(principal, id)),
    )

const suits = ({ kind, field }: ConflictRow, resolution: Resolution): TE.TaskEither<AppError, null> => {
  const fits: Readonly<Record<Resolution, boolean>> = {
    noted: true,
    keep_ours: field !== null,
    take_theirs: field !== null && field !== 'status' && field !== 'assignee',
    follow_up: kind === 'reopened',
  }
  return fits[resolution] ? TE.right(null) : TE.left({ type: 'ResolutionDoesNotFit', resolution, kind, field })
}

const carryOut = (
  sync: SyncDeps,
  principal: Principal,
  row: ConflictRow,
  resolution: Resolution,
): TE.TaskEither<AppError, TicketId | null> => {
  const field = row.field as SyncField | null
  switch (resolution) {
    case 'noted':
      return TE.right(null)
    case 'take_theirs':
      return field === null
        ? TE.right(null)
        : pipe(
            takeValues(sync)(principal, row.ticket_id, { [field]: row.theirs } as Values),
            TE.map(() => null),
          )
    case 'keep_ours':
      return pipe(
        sync.syncStore.find({ ticketId: row.ticket_id }),
        TE.flatMap((known): TE.TaskEither<AppError, null> => {
          const base = field === null ? undefined : known?.bases[field]
          const writable = sync.setup.rules.some((rule) => rule.field === field && rule.direction !== 'in')
          return known === null || field === null || !writable
            ? TE.right(null)
            : pipe(
                sync.syncStore.learn(
                  known,
                  {
                    bases: { ...known.bases, [field]: { ...(base ?? agreedOn(row.ours)), owed: true, left: false } },
                    conflicts: [],
                    agreed: [],
                    lastChangeId: known.lastChangeId,
                    gone: known.gone,
                  },
                  sync.now(),
                ),
                TE.map(() => null),
              )
        }),
      )
    case 'follow_up':
      return followUp(sync)(principal, { conflictId: row.id, caseId: row.qcontact_ticket_id, ticketId: row.ticket_id })
  }
}

const askAgain = (
  sync: SyncDeps,
  principal: Principal,
  row: ConflictRow,
  resolution: Resolution,
): TE.TaskEither<AppError, void> =>
  resolution !== 'noted'
    ? sync.syncFeed.ask(
        { id: sync.newId(), kind: 'case', askedBy: principal.userId, at: sync.now() },
        row.qcontact_ticket_id,
      )
    : TE.right(undefined)
