import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { TicketId } from '../../domain/ticket/ticket.ts'
import { notFound } from '../change.ts'
import type { AppError, Unavailable } from '../errors.ts'
import { isAllowed, sightOf } from '../permissions.ts'
import type {
  AttachmentRow,
  LinkRow,
  ReadinessRow,
  TicketRecordQueries,
  TimelineRow,
} from '../ports/ticket-record-queries.ts'
import type { Principal } from '../principal.ts'

const MAX_LIMIT = 100
const READINESS_RUNS = 100

export type RecordDeps = { readonly recordQueries: TicketRecordQueries }
type OneTicket = { readonly principal: Principal; readonly ticketId: TicketId }
type ReadOf<A> = (input: OneTicket) => TE.TaskEither<AppError, A>

export type ReadTimeline = (
  input: OneTicket & { readonly before: number | null; readonly limit: number },
) => TE.TaskEither<AppError, { readonly rows: ReadonlyArray<TimelineRow>; readonly next: number | null }>

const found =
  (ticketId: TicketId) =>
  <A>(reading: TE.TaskEither<Unavailable, A | null>): TE.TaskEither<AppError, A> =>
    pipe(
      reading,
      TE.flatMap((answer) => (answer === null ? TE.left<AppError, A>(notFound('Ticket', ticketId)) : TE.right(answer))),
    )

const lookOf = ({ principal, ticketId }: OneTicket) => ({ sight: sightOf(principal), ticketId })

/** Everything that happened and was written, the newest first; whoever may not see clients sees what happened, and no words that may speak of them. */
export const readTimeline =
  ({ recordQueries }: RecordDeps): ReadTimeline =>
  ({ before, limit, ...one }) =>
    limit < 1 || limit > MAX_LIMIT
      ? TE.left({ type: 'TooMany', field: 'limit', max: MAX_LIMIT, actual: limit })
      : found(one.ticketId)(
          recordQueries.timeline(lookOf(one), {
            before,
            limit,
            withWords: isAllowed(one.principal, 'read_client'),
          }),
        )

/** Photos and documents of the ticket, and the evidence of its duplicates; their names only for whoever may read the client. */
export const listAttachments =
  ({ recordQueries }: RecordDeps): ReadOf<ReadonlyArray<AttachmentRow>> =>
  (one) =>
    pipe(
      found(one.ticketId)(recordQueries.attachments(lookOf(one))),
      TE.map((rows) =>
        isAllowed(one.principal, 'read_client') ? rows : rows.map((row) => ({ ...row, filename: null })),
      ),
    )

/** The tickets that belong to this one, in either direction. */
export const listLinks =
  ({ recordQueries }: RecordDeps): ReadOf<ReadonlyArray<LinkRow>> =>
  (one) =>
    found(one.ticketId)(recordQueries.links(lookOf(one)))

/** Every readiness check that was run, the newest first. */
export const listReadinessRuns =
  ({ recordQueries }: RecordDeps): ReadOf<ReadonlyArray<ReadinessRow>> =>
  (one) =>
    found(one.ticketId)(recordQueries.readinessRuns(lookOf(one), READINESS_RUNS))
