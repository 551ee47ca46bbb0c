import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { TicketRefusal } from './refusals.ts'
import type { Assignment, From, Ticket, To } from './ticket.ts'
import { type Decided, enter, type Outcome, type Stamp, transition } from './transition.ts'

/** What is left out stays as it is; null takes it away. */
export type AssignmentChange = { readonly [K in keyof Assignment]?: string | null }

export type Assign = Stamp & { readonly assignment: AssignmentChange }

const nobody: Assignment = { technician: null, contractor: null, team: null }

/** An assignment names at least one of technician, contractor and team. */
export const assignmentOf = (assignment: Assignment): E.Either<TicketRefusal, Assignment> =>
  Object.values(assignment).every((who) => who === null) ? E.left({ type: 'NoAssignee' }) : E.right(assignment)

/** Someone becomes responsible for the work; every change is told to the new assignee. */
export const assign = ({ assignment: change, at, by }: Assign): ((ticket: Ticket) => Decided<To<'assign'>>) =>
  transition('assign', (ticket) => {
    const before = ticket.status === 'open' ? null : ticket.assignment
    return pipe(
      assignmentOf({ ...(before ?? nobody), ...change }),
      E.map((after) => (same(before, after) ? [ticket as To<'assign'>, []] : assigned(ticket, before, after, at, by))),
    )
  })

const same = (a: Assignment | null, b: Assignment): boolean =>
  a !== null && a.technician === b.technician && a.contractor === b.contractor && a.team === b.team

const assigned = (
  ticket: From<'assign'>,
  from: Assignment | null,
  to: Assignment,
  at: string,
  by: string,
): Outcome<To<'assign'>> => [
  ticket.status === 'open' ? enter(ticket, 'assigned', at, { assignment: to }) : { ...ticket, assignment: to },
  [{ type: 'TicketAssigned', from, to, at, by }],
]
