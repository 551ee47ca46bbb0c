import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { z } from 'zod'
import type { ChangeDeps } from '../../application/change.ts'
import type { AppError } from '../../application/errors.ts'
import type { RiskFilters } from '../../application/ports/risk-queries.ts'
import type { Stored } from '../../application/ports/ticket-store.ts'
import type { Principal } from '../../application/principal.ts'
import type { ListRisks, ListRisksAfter, ListTicketRisks } from '../../application/risk/list-risks.ts'
import type { TicketChanges } from '../../application/ticket/changes.ts'
import type { viewTicket } from '../../application/ticket/view-ticket.ts'
import { RISK_STATUSES } from '../../domain/risk/risk.ts'
import type { TicketId } from '../../domain/ticket/ticket.ts'
import { riskView } from '../contract/ticket-parts-view.ts'
import { body } from './answer.ts'
import { count, day, flag, given, id, several, severalLines, text } from './fields.ts'
import { newRisk, riskOf } from './lifecycle-requests.ts'
import { listed, listWindow } from './list-window.ts'
import { type Route, route } from './route.ts'
import { currentTicket } from './ticket-routes.ts'
import { riskShape } from './ticket-shapes.ts'

export type RiskRoutesDeps = Pick<ChangeDeps, 'now' | 'newId'> & {
  readonly view: ReturnType<typeof viewTicket>
  readonly changes: Pick<TicketChanges, 'acceptRisk' | 'resolveRisk' | 'reviewRisk'>
  readonly listRisks: ListRisks
  readonly listRisksAfter: ListRisksAfter
  readonly listTicketRisks: ListTicketRisks
  /** The ticket a risk belongs to; NotFound when there is no such risk, or not for this caller. */
  readonly ticketOfRisk: (principal: Principal, riskId: string) => TE.TaskEither<AppError, TicketId>
}

const common = { tag: 'Risk acceptance', answers: { type: 'body', schema: riskShape } } as const

export const riskRoutes = (deps: RiskRoutesDeps): ReadonlyArray<Route> => {
  const riskOn = (stored: Stored, riskId: string) => {
    const risk = stored.ticket.risks.find((one) => one.id === riskId)
    return risk === undefined ? null : riskView(stored.ticket.id, risk, deps.now())
  }
  return [
    route({
      ...common,
      method: 'post',
      path: '/tickets/{id}/risk-acceptance',
      name: 'acceptRisk',
      summary: 'Take a documented exception upon oneself until a date; approves nothing by itself',
      may: 'accept_risk',
      params: { id },
      body: newRisk,
      ifMatch: true,
      status: 201,
      current: currentTicket(deps),
      handle: ({ params, body: said, version }, principal) => {
        const risk = riskOf(deps.newId)(said)
        return pipe(
          deps.changes.acceptRisk({ ticketId: params.id, principal, version }, risk),
          TE.map((stored) => body(riskOn(stored, risk.id), { version: stored.version })),
        )
      },
    }),
    route({
      method: 'get',
      path: '/tickets/{id}/risk-acceptances',
      name: 'listTicketRisks',
      tag: 'Risk acceptance',
      summary: 'Every risk acceptance of one ticket, the oldest first',
      may: 'read_ticket',
      params: { id },
      status: 200,
      answers: { type: 'body', schema: z.array(riskShape) },
      handle: ({ params }, principal) =>
        pipe(
          deps.listTicketRisks({ principal, ticketId: params.id }),
          TE.map((rows) => body(rows)),
        ),
    }),
    route({
      method: 'get',
      path: '/risk-acceptances',
      name: 'listRisks',
      tag: 'Risk acceptance',
      summary:
        'Risk acceptances within the caller’s sight, the most urgent first: expiring, follow-ups due; by page, or by cursor',
      may: 'read_ticket',
      query: {
        status: several(RISK_STATUSES).optional(),
        project_id: severalLines(255).optional(),
        expiring_within_days: count(0, 366).optional(),
        followup_due: flag.optional(),
        ...listWindow(100),
      },
      status: 200,
      answers: { type: 'page', schema: riskShape },
      handle: ({ query }, principal) => {
        const filters: RiskFilters = given({
          status: query.status,
          project: query.project_id,
          expiringWithinDays: query.expiring_within_days,
          followUpDue: query.followup_due,
        })
        return listed(query, 50, {
          page: (window) => deps.listRisks({ principal, filters, ...window }),
          cursor: (window) => deps.listRisksAfter({ principal, filters, ...window }),
        })
      },
    }),
    route({
      ...common,
      method: 'put',
      path: '/risk-acceptances/{id}/resolve',
      name: 'resolveRisk',
      summary: 'The exception is no more; If-Match is the ticket’s version',
      may: 'resolve_risk',
      params: { id },
      body: z.strictObject({ resolution_notes: text(5_000) }),
      ifMatch: true,
      status: 200,
      current: ({ params }, principal) =>
        pipe(
          deps.ticketOfRisk(principal, params.id),
          TE.flatMap((ticketId) => currentTicket(deps)({ params: { id: ticketId } }, principal)),
        ),
      handle: ({ params, body: said, version }, principal) =>
        pipe(
          deps.ticketOfRisk(principal, params.id),
          TE.flatMap((ticketId) =>
            deps.changes.resolveRisk({ ticketId, principal, version }, params.id, said.resolution_notes),
          ),
          TE.map((stored) => body(riskOn(stored, params.id), { version: stored.version })),
        ),
    }),
    route({
      ...common,
      method: 'post',
      path: '/risk-acceptances/{id}/reviews',
      name: 'reviewRisk',
      summary:
        'A scheduled look at a running risk: what came of it, and when next; the same id again is the same review',
      may: 'review_risk',
      params: { id },
      body: z.strictObject({ id: id.optional(), outcome: text(5_000), next_date: day.nullable().default(null) }),
      status: 201,
      handle: ({ params, body: said }, principal) =>
        pipe(
          deps.ticketOfRisk(principal, params.id),
          TE.flatMap((ticketId) =>
            deps.changes.reviewRisk(
              { ticketId, principal, version: null },
              { id: said.id ?? null, riskId: params.id, outcome: said.outcome, nextOn: said.next_date },
            ),
          ),
          TE.map((stored) => body(riskOn(stored, params.id), { version: stored.version })),
        ),
    }),
  ]
}
