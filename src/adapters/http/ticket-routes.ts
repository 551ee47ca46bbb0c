import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { ChangeDeps } from '../../application/change.ts'
import type { Stored } from '../../application/ports/ticket-store.ts'
import type { Principal } from '../../application/principal.ts'
import type { TicketChanges } from '../../application/ticket/changes.ts'
import type { createTicket } from '../../application/ticket/create-ticket.ts'
import type { runCommand } from '../../application/ticket/lifecycle.ts'
import type { ListTickets, ListTicketsAfter } from '../../application/ticket/list-tickets.ts'
import type { showSla } from '../../application/ticket/show-sla.ts'
import type { viewTicket } from '../../application/ticket/view-ticket.ts'
import { inSnakeCase } from '../contract/snake-case.ts'
import { ticketView } from '../contract/ticket-view.ts'
import { type Answer, body, nothing } from './answer.ts'
import { id } from './fields.ts'
import { listed } from './list-window.ts'
import { type Route, route } from './route.ts'
import { filtersOf, listQuery, sortOf } from './ticket-list-request.ts'
import { creationOf, editOf, newTicket, ticketEdit } from './ticket-requests.ts'
import { slaShape, ticketRowShape, ticketShape } from './ticket-shapes.ts'

export type TicketRoutesDeps = Pick<ChangeDeps, 'now'> & {
  readonly list: ListTickets
  readonly listAfter: ListTicketsAfter
  readonly create: ReturnType<typeof createTicket>
  readonly view: ReturnType<typeof viewTicket>
  readonly sla: ReturnType<typeof showSla>
  readonly changes: Pick<TicketChanges, 'edit'>
  readonly run: ReturnType<typeof runCommand>
}

/** A ticket as this caller may see it, with its version. */
export const shown =
  (deps: Pick<ChangeDeps, 'now'>, principal: Principal) =>
  (stored: Stored): Answer =>
    body(ticketView(stored, principal, deps.now()), { version: stored.version })

/** What the loser of a race is shown. */
export const currentTicket =
  ({ view, now }: Pick<TicketRoutesDeps, 'view' | 'now'>) =>
  ({ params }: { readonly params: { readonly id: string } }, principal: Principal) =>
    pipe(
      view(principal, params.id),
      TE.map((stored) => ticketView(stored, principal, now())),
    )

export const oneTicket = { tag: 'Tickets', status: 200, answers: { type: 'body', schema: ticketShape } } as const

export const ticketRoutes = (deps: TicketRoutesDeps): ReadonlyArray<Route> => [
  route({
    method: 'get',
    path: '/tickets',
    name: 'listTickets',
    tag: 'Tickets',
    summary: 'Tickets within the caller’s sight, filtered, searched and sorted; by page, or by cursor',
    may: 'read_ticket',
    query: listQuery,
    status: 200,
    answers: { type: 'page', schema: ticketRowShape },
    handle: ({ query }, principal) => {
      const wanted = { principal, filters: filtersOf(query), q: query.q ?? '', sort: sortOf(query) }
      return listed(query, 25, {
        page: (window) => deps.list({ ...wanted, ...window }),
        cursor: (window) => deps.listAfter({ ...wanted, ...window }),
      })
    },
  }),
  route({
    method: 'post',
    path: '/tickets',
    name: 'createTicket',
    tag: 'Tickets',
    summary: 'Log a ticket; a client-made id makes sure that it is logged once',
    may: 'create_ticket',
    body: newTicket,
    status: 201,
    answers: { type: 'body', schema: ticketShape },
    handle: ({ body: said }, principal) =>
      pipe(
        deps.create(principal, creationOf(said)),
        TE.map((stored) =>
          body(ticketView(stored, principal, deps.now()), {
            version: stored.version,
            location: `/tickets/${stored.ticket.id}`,
          }),
        ),
      ),
  }),
  route({
    ...oneTicket,
    method: 'get',
    path: '/tickets/{id}',
    name: 'getTicket',
    summary: 'One ticket with its steps, photos, risks, readiness, and what the caller may do',
    may: 'read_ticket',
    params: { id },
    handle: ({ params }, principal) => pipe(deps.view(principal, params.id), TE.map(shown(deps, principal))),
  }),
  route({
    method: 'get',
    path: '/tickets/{id}/sla',
    name: 'getSla',
    tag: 'Tickets',
    summary: 'Both clocks as they stand, and how they came to it: what was counted, pauses, holidays',
    may: 'read_ticket',
    params: { id },
    status: 200,
    answers: { type: 'body', schema: slaShape },
    handle: ({ params }, principal) =>
      pipe(
        deps.sla(principal, params.id),
        TE.map((shownSla) => body(inSnakeCase(shownSla))),
      ),
  }),
  route({
    ...oneTicket,
    method: 'put',
    path: '/tickets/{id}',
    name: 'editTicket',
    summary: 'Correct what is written on a ticket; fields left out stay',
    may: 'edit_ticket',
    params: { id },
    body: ticketEdit,
    ifMatch: true,
    current: currentTicket(deps),
    handle: ({ params, body: said, version }, principal) =>
      pipe(
        deps.changes.edit({ ticketId: params.id, principal, version }, editOf(said)),
        TE.map(shown(deps, principal)),
      ),
  }),
  route({
    method: 'delete',
    path: '/tickets/{id}',
    name: 'deleteTicket',
    tag: 'Tickets',
    summary: 'Soft delete of an open or cancelled ticket without a snapshot',
    may: 'delete_ticket',
    params: { id },
    ifMatch: true,
    status: 204,
    answers: { type: 'nothing' },
    current: currentTicket(deps),
    handle: ({ params, version }, principal) =>
      pipe(
        deps.run({ ticketId: params.id, principal, version }, { command: 'delete' }),
        TE.map(() => nothing),
      ),
  }),
]
