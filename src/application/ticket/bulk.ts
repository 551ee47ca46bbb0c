import type { Either } from 'fp-ts/lib/Either.js'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as RA from 'fp-ts/lib/ReadonlyArray.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { TicketId, TicketStatus } from '../../domain/ticket/ticket.ts'
import { allowed } from '../allowed.ts'
import { permit } from '../change.ts'
import type { AppError } from '../errors.ts'
import type { Stored } from '../ports/ticket-store.ts'
import type { Principal } from '../principal.ts'
import { type LifecycleCommand, type LifecycleDeps, runCommand } from './lifecycle.ts'

export const MAX_BULK = 200
const AT_ONCE = 4

export type BulkItem = { readonly ticketId: TicketId; readonly version: number }
export type Bulk = { readonly items: ReadonlyArray<BulkItem>; readonly command: LifecycleCommand }
/** What became of one item: the ticket as it is now, or why nothing was done to it. */
export type BulkAnswer = {
  readonly ticketId: TicketId
  readonly result: Either<AppError, BulkDone>
  /** What the loser of a race is shown: the ticket as it is now, where it may be read. */
  readonly current: Stored | null
}
export type BulkDone = { readonly uid: string | null; readonly status: TicketStatus; readonly version: number }

/** One command on many tickets, each through the same gates as alone; answers per item, in the order given. */
export const bulk =
  (deps: LifecycleDeps) =>
  (principal: Principal, { items, command }: Bulk): TE.TaskEither<AppError, ReadonlyArray<BulkAnswer>> => {
    const one = ({ ticketId, version }: BulkItem): TE.TaskEither<AppError, BulkAnswer> => {
      const answer = (result: BulkAnswer['result']): BulkAnswer => ({ ticketId, result, current: null })
      return pipe(
        runCommand(deps)({ ticketId, principal, version }, command),
        TE.map(({ ticket, version: now }) => answer(E.right({ uid: ticket.uid, status: ticket.status, version: now }))),
        TE.orElse((error) => TE.right(answer(E.left(error)))),
      )
    }
    return pipe(
      TE.fromEither<AppError, null>(allowed(principal, 'bulk')),
      TE.flatMapEither(() =>
        items.length > MAX_BULK
          ? E.left<AppError>({ type: 'TooMany', field: 'items', max: MAX_BULK, actual: items.length })
          : E.right(null),
      ),
      TE.flatMap(() => pipe(items, RA.chunksOf(AT_ONCE), TE.traverseSeqArray(TE.traverseArray(one)))),
      TE.map(RA.flatten),
      TE.flatMap(withCurrent(deps, principal)),
    )
  }

const isLost = ({ result }: BulkAnswer): boolean =>
  E.isLeft(result) && (result.left.type === 'Stale' || result.left.type === 'AlreadyExists')

/** All losers in one look; they lost all the same when it fails. */
const withCurrent =
  ({ tickets }: LifecycleDeps, principal: Principal) =>
  (answers: ReadonlyArray<BulkAnswer>): TE.TaskEither<never, ReadonlyArray<BulkAnswer>> => {
    const losers = answers.filter(isLost).map(({ ticketId }) => ticketId)
    if (losers.length === 0) return TE.right(answers)
    return pipe(
      tickets.load([...new Set(losers)]),
      TE.orElse(() => TE.right<never, ReadonlyArray<Stored>>([])),
      TE.map((found) => {
        const readable = found.filter(({ ticket }) => E.isRight(permit(principal, 'read_ticket', ticket)))
        const byId = new Map(readable.map((stored) => [stored.ticket.id, stored]))
        return answers.map((answer) =>
          isLost(answer) ? { ...answer, current: byId.get(answer.ticketId) ?? null } : answer,
        )
      }),
    )
  }
