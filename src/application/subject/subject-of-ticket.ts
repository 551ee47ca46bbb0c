import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { allowed } from '../allowed.ts'
import { notFound } from '../change.ts'
import type { AppError } from '../errors.ts'
import type { Subject, SubjectRecords } from '../ports/subject-records.ts'
import type { Principal } from '../principal.ts'

export type SubjectOfTicket = (
  principal: Principal,
  action: 'erase_subject' | 'export_subject',
  ticket: string,
) => TE.TaskEither<AppError, Subject>

/** The client of a ticket without a drop, by its number (FT…) or id; where it has one, the drop is who it is about. */
export const subjectOfTicket =
  ({ subjectRecords }: { readonly subjectRecords: Pick<SubjectRecords, 'ticketNamed'> }): SubjectOfTicket =>
  (principal, action, ticket) =>
    pipe(
      TE.fromEither<AppError, null>(allowed(principal, action)),
      TE.flatMap(() => subjectRecords.ticketNamed(ticket)),
      TE.flatMap((found): TE.TaskEither<AppError, Subject> => {
        if (found === null) return TE.left(notFound('Ticket', ticket))
        const { ticketId, projectId, dr } = found
        return dr === null
          ? TE.right({ type: 'ticket', projectId, ticketId })
          : TE.left({ type: 'TicketHasDrop', ticket, projectId, drNumber: dr })
      }),
    )
