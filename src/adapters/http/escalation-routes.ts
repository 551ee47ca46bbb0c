import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { z } from 'zod'
import type { checkRepeatFaults } from '../../application/escalation/check-repeat-faults.ts'
import type { endEscalation } from '../../application/escalation/end-escalation.ts'
import type {
  listEscalations,
  listEscalationsAfter,
  viewEscalation,
} from '../../application/escalation/list-escalations.ts'
import type { EscalationDetail, EscalationFilters } from '../../application/ports/escalation-store.ts'
import { ESCALATION_TYPES, SCOPES } from '../../domain/escalation/escalation.ts'
import { STATUSES } from '../../domain/ticket/ticket.ts'
import { body } from './answer.ts'
import { drop, given, hostId, id, pole, pon, several, severalLines, text, zone } from './fields.ts'
import { listed, listWindow } from './list-window.ts'
import { type Route, route } from './route.ts'

export type EscalationRoutesDeps = {
  readonly list: ReturnType<typeof listEscalations>
  readonly listAfter: ReturnType<typeof listEscalationsAfter>
  readonly view: ReturnType<typeof viewEscalation>
  readonly end: ReturnType<typeof endEscalation>
  readonly check: ReturnType<typeof checkRepeatFaults>
}

const ESCALATION_STATUSES = ['open', 'investigating', 'resolved', 'no_action'] as const

const moment = z.string().meta({ format: 'date-time' })
const ticketInShort = z
  .object({
    id: z.string(),
    ticket_uid: z.string(),
    ticket_type: z.string(),
    status: z.enum(STATUSES),
    title: z.string(),
    created_at: moment,
    deleted_at: moment.nullable(),
  })
  .meta({ id: 'TicketInShort' })

const escalationFields = {
  id: z.string(),
  project_id: z.string(),
  scope_type: z.enum(SCOPES),
  scope_value: z.string(),
  escalation_type: z.enum(ESCALATION_TYPES),
  status: z.enum(ESCALATION_STATUSES),
  fault_count: z.int().meta({
    description: 'Faults within the window when the escalation opened; it stays so, whatever joins later',
  }),
  fault_threshold: z.int(),
  window_days: z.int(),
  contributing_count: z.int().meta({
    description:
      'Tickets that count towards it by now: those of fault_count and every one that joined while it was open',
  }),
  escalation_ticket_id: z.string(),
  escalation_ticket_uid: z.string(),
  escalation_ticket_status: z.enum(STATUSES),
  created_at: moment,
  investigating_since: moment.nullable(),
  resolved_at: moment.nullable(),
  resolved_by: z.string().nullable(),
  resolution_notes: z.string().nullable(),
  version: z.int(),
}
const escalationShape = z.object(escalationFields).meta({ id: 'Escalation' })
const detailShape = z
  .object({ ...escalationFields, ticket: ticketInShort, contributing_tickets: z.array(ticketInShort) })
  .meta({ id: 'EscalationDetail' })

const scopeFields = {
  scope: z.enum(SCOPES),
  value: z.string(),
  count: z.int(),
  threshold: z.int(),
  window_days: z.int(),
}
const liveFields = { id: z.string(), status: z.enum(ESCALATION_STATUSES) }
const checkShape = z
  .object({
    project_id: z.string(),
    checked_at: moment,
    scopes: z.array(
      z.object({
        ...scopeFields,
        window_from: moment,
        counting_since: moment.nullable(),
        over_threshold: z.boolean(),
        contributing_tickets: z.array(ticketInShort),
        live_escalation: z.object({ ...liveFields, escalation_ticket_id: z.string(), created_at: moment }).nullable(),
      }),
    ),
    patterns: z.array(
      z.object({ ...scopeFields, latest_at: moment, live_escalation: z.object(liveFields).nullable() }),
    ),
  })
  .meta({ id: 'RepeatFaultCheck' })

const tag = 'Escalations'
const shown = (found: EscalationDetail) => body(found, { version: found.version })

export const escalationRoutes = (deps: EscalationRoutesDeps): ReadonlyArray<Route> => [
  route({
    method: 'get',
    path: '/escalations',
    name: 'listEscalations',
    tag,
    summary: 'Repeat-fault escalations, newest first; by page, or by cursor',
    may: 'read_escalations',
    query: {
      status: several(ESCALATION_STATUSES).optional(),
      scope_type: several(SCOPES).optional(),
      project_id: severalLines(255).optional(),
      ...listWindow(100),
    },
    status: 200,
    answers: { type: 'page', schema: escalationShape },
    handle: ({ query }, principal) => {
      const filters: EscalationFilters = given({
        status: query.status,
        scope: query.scope_type,
        project: query.project_id,
      })
      return listed(query, 50, {
        page: (window) => deps.list(principal, { filters, ...window }),
        cursor: (window) => deps.listAfter(principal, { filters, ...window }),
      })
    },
  }),
  route({
    method: 'get',
    path: '/escalations/{id}',
    name: 'viewEscalation',
    tag,
    summary: 'One escalation with its infrastructure ticket and the faults that made it',
    may: 'read_escalations',
    params: { id },
    status: 200,
    answers: { type: 'body', schema: detailShape },
    handle: ({ params }, principal) => pipe(deps.view(principal, params.id), TE.map(shown)),
  }),
  route({
    method: 'post',
    path: '/escalations/{id}/resolve',
    name: 'resolveEscalation',
    tag,
    summary: 'End an escalation with notes, after its ticket was closed or cancelled, or once that is past QA',
    may: 'end_escalation',
    params: { id },
    body: z.strictObject({
      outcome: z.enum(['resolved', 'no_action']).default('resolved'),
      resolution_notes: text(5_000),
    }),
    ifMatch: true,
    status: 200,
    answers: { type: 'body', schema: detailShape },
    current: ({ params }, principal) => deps.view(principal, params.id),
    handle: ({ params, body: said, version }, principal) =>
      pipe(
        deps.end(principal, { id: params.id, version, outcome: said.outcome, notes: said.resolution_notes }),
        TE.map(shown),
      ),
  }),
  route({
    method: 'get',
    path: '/repeat-faults/check',
    name: 'checkRepeatFaults',
    tag,
    summary: 'How near a place is to escalating; without a place, which places of the project are nearest',
    may: 'read_escalations',
    query: {
      project_id: hostId,
      dr_number: drop.optional(),
      pole_number: pole.optional(),
      pon_number: pon.optional(),
      zone_no: zone.optional(),
    },
    status: 200,
    answers: { type: 'body', schema: checkShape },
    handle: ({ query }, principal) =>
      pipe(
        deps.check(principal, query.project_id, {
          dr: query.dr_number ?? null,
          pole: query.pole_number ?? null,
          pon: query.pon_number ?? null,
          zone: query.zone_no ?? null,
        }),
        TE.map((found) => body(found)),
      ),
  }),
]
