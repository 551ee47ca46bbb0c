import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { z } from 'zod'
import type { ChangeDeps } from '../../application/change.ts'
import type { Action } from '../../application/permissions.ts'
import type { Principal } from '../../application/principal.ts'
import type { BulkAnswer, bulk } from '../../application/ticket/bulk.ts'
import type { LifecycleCommand, runCommand } from '../../application/ticket/lifecycle.ts'
import type { viewTicket } from '../../application/ticket/view-ticket.ts'
import type { Instant } from '../../domain/shared/time.ts'
import { transitions } from '../../domain/ticket/ticket.ts'
import { ticketView } from '../contract/ticket-view.ts'
import { body } from './answer.ts'
import { STATUS_OF } from './codes.ts'
import { id } from './fields.ts'
import {
  assignmentChange,
  bulkOf,
  bulkRequest,
  changeOf,
  commandOf,
  decisionOf,
  duplicate,
  handover,
  handoverOf,
  lifecycleCommand,
  qaDecision,
} from './lifecycle-requests.ts'
import { problemOf } from './problem.ts'
import { type Route, route } from './route.ts'
import { currentTicket, oneTicket, shown } from './ticket-routes.ts'

export type LifecycleRoutesDeps = Pick<ChangeDeps, 'now' | 'newId'> & {
  readonly run: ReturnType<typeof runCommand>
  readonly bulk: ReturnType<typeof bulk>
  readonly view: ReturnType<typeof viewTicket>
}

const ACTIONS = Object.keys(transitions).map((command) =>
  command === 'delete' ? 'delete_ticket' : command,
) as Action[]

type OneCommand<B extends z.ZodType> = {
  readonly method?: 'delete'
  readonly path: string
  readonly name: string
  readonly summary: string
  readonly may: Action | ReadonlyArray<Action>
  readonly takes: B
  readonly as: (said: z.output<B>) => LifecycleCommand
}

const none = z.strictObject({})

export const lifecycleRoutes = (deps: LifecycleRoutesDeps): ReadonlyArray<Route> => {
  const one = <B extends z.ZodType>({ method, path, takes, as, ...about }: OneCommand<B>): Route =>
    route({
      ...oneTicket,
      ...about,
      tag: 'Lifecycle',
      method: method ?? 'post',
      path: `/tickets/{id}${path}`,
      params: { id },
      ...(method === 'delete' ? {} : { body: takes }),
      ifMatch: true,
      current: currentTicket(deps),
      handle: ({ params, body: said, version }, principal) =>
        pipe(
          deps.run({ ticketId: params.id, principal, version }, as(said as z.output<B>)),
          TE.map(shown(deps, principal)),
        ),
    })
  return [
    one({
      path: '/transitions',
      name: 'runCommand',
      summary: 'Any command of the lifecycle table, with its data',
      may: ACTIONS.filter((action) => (action as string) !== 'fall_back'),
      takes: lifecycleCommand,
      as: commandOf(deps.newId),
    }),
    one({
      path: '/assign',
      name: 'assignTicket',
      summary: 'Make a technician, a contractor or a team responsible',
      may: 'assign',
      takes: assignmentChange,
      as: (said) => ({ command: 'assign', assignment: changeOf(said) }),
    }),
    one({
      path: '/qa-decision',
      name: 'decideQa',
      summary: 'Approve, approve with conditions, or reject',
      may: ['approve', 'approve_with_conditions', 'reject'],
      takes: qaDecision,
      as: decisionOf(deps.newId),
    }),
    one({
      path: '/handover',
      name: 'handOver',
      summary: 'Hand the ticket to its next owner and seal a snapshot',
      may: ['start_qa', 'hand_over', 'complete_maintenance'],
      takes: handover,
      as: handoverOf,
    }),
    one({
      path: '/duplicate',
      name: 'markDuplicate',
      summary: 'Mark the ticket as a duplicate of a surviving one',
      may: 'mark_duplicate',
      takes: duplicate,
      as: (said) => ({ command: 'mark_duplicate', survivor: said.duplicate_of, reason: said.reason }),
    }),
    one({
      method: 'delete',
      path: '/duplicate',
      name: 'unmarkDuplicate',
      summary: 'The ticket is no duplicate after all and goes back to where it came from',
      may: 'unmark_duplicate',
      takes: none,
      as: () => ({ command: 'unmark_duplicate' }),
    }),
    route({
      method: 'post',
      path: '/tickets/bulk',
      name: 'runBulkCommand',
      tag: 'Lifecycle',
      summary: 'One command on many tickets, each through the same gates as alone, answered per item',
      may: 'bulk',
      body: bulkRequest,
      status: 200,
      answers: { type: 'body', schema: z.array(itemShape) },
      handle: ({ body: said }, principal) =>
        pipe(
          deps.bulk(principal, bulkOf(deps.newId)(said)),
          TE.map((answers) => body(answers.map(itemView(principal, deps.now())))),
        ),
    }),
  ]
}

const itemShape = z.looseObject({
  ticket_id: z.string(),
  success: z.boolean(),
  version: z.int().optional(),
  status: z.string().optional(),
  error: z.looseObject({ code: z.string(), message: z.string(), status: z.int() }).optional(),
})

const itemView =
  (principal: Principal, now: Instant) =>
  ({ ticketId, result, current }: BulkAnswer) => {
    if (E.isRight(result)) {
      const { uid, status, version } = result.right
      return { ticket_id: ticketId, ticket_uid: uid, success: true, status, version }
    }
    const { code, message, details: said } = problemOf(result.left)
    const details = current === null ? said : { ...said, current: ticketView(current, principal, now) }
    const error = { status: STATUS_OF[code], code, message }
    return { ticket_id: ticketId, success: false, error: details === null ? error : { ...error, details } }
  }
