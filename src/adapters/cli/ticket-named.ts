import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { AppError } from '../../application/errors.ts'
import type { Application } from './application.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** The id of a ticket: people know it by its number. */
export const ticketNamed = (
  { principal, listTickets }: Pick<Application, 'principal' | 'listTickets'>,
  named: string,
): TE.TaskEither<AppError, string> => {
  if (UUID.test(named)) return TE.right(named.toLowerCase())
  const asked = {
    principal,
    filters: {},
    q: named,
    sort: { by: 'ticket_uid', direction: 'asc' },
    page: 1,
    pageSize: 100,
  } as const
  return pipe(
    listTickets(asked),
    TE.flatMap(({ rows }) => {
      const found = rows.find(({ ticket_uid: uid }) => uid.toLowerCase() === named.toLowerCase())
      return found === undefined
        ? TE.left<AppError>({ type: 'NotFound', resource: 'Ticket', id: named })
        : TE.right(found.id)
    }),
  )
}
