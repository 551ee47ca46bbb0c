import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { z } from 'zod'
import type { ChangeDeps, Target } from '../../application/change.ts'
import type { AppError } from '../../application/errors.ts'
import type { Action } from '../../application/permissions.ts'
import type { Attachment } from '../../application/ports/ticket-papers.ts'
import type { Stored } from '../../application/ports/ticket-store.ts'
import type { Principal } from '../../application/principal.ts'
import type { TicketChanges } from '../../application/ticket/changes.ts'
import type { viewTicket } from '../../application/ticket/view-ticket.ts'
import { photoChecks } from '../../domain/evidence/evidence.ts'
import { FAULT_CAUSES, FAULT_COMPONENTS } from '../../domain/fault/fault.ts'
import { BILLING_CLASSIFICATIONS, type DecidedBilling } from '../../domain/guarantee/guarantee.ts'
import { PLATFORMS } from '../../domain/readiness/readiness.ts'
import { id, text } from './fields.ts'
import { type Route, route } from './route.ts'
import { currentTicket, oneTicket, shown } from './ticket-routes.ts'

export type JudgementRoutesDeps = Pick<ChangeDeps, 'now'> & {
  readonly view: ReturnType<typeof viewTicket>
  readonly changes: Pick<
    TicketChanges,
    'attributeFault' | 'waive' | 'withdrawWaiver' | 'overrideVerdict' | 'clearReuse' | 'classifyBilling'
  >
  readonly attachmentFor: (principal: Principal, id: string) => TE.TaskEither<AppError, Attachment>
}

const reason = text(2_000)
const faultCause = z.strictObject({
  fault_cause: z.enum(FAULT_CAUSES),
  fault_component: z.enum(FAULT_COMPONENTS).nullable().default(null),
  fault_cause_details: text(5_000).nullable().default(null),
  reason,
})
const waiver = z.strictObject({ platform: z.enum(PLATFORMS), reason })
const DECIDED = BILLING_CLASSIFICATIONS.filter((one): one is DecidedBilling => one !== 'pending_classification')
const billing = z.strictObject({ billing_classification: z.enum(DECIDED), reason })

type Judgement<B extends z.ZodType> = {
  readonly method?: 'post' | 'delete'
  readonly path: string
  readonly name: string
  readonly tag: string
  readonly summary: string
  readonly may: Action | ReadonlyArray<Action>
  readonly takes: B
  readonly judge: (target: Target, said: z.output<B>, subject: string) => TE.TaskEither<AppError, Stored>
}

/** What people with the right to it decide about a ticket or one of its photos, beside the lifecycle. */
export const judgementRoutes = (deps: JudgementRoutesDeps): ReadonlyArray<Route> => {
  const { changes } = deps
  const common = { ...oneTicket, params: { id }, ifMatch: true } as const
  const ofTicket = <B extends z.ZodType>({ method = 'post', takes, judge, ...about }: Judgement<B>): Route =>
    route({
      ...common,
      ...about,
      method,
      body: takes,
      current: currentTicket(deps),
      handle: ({ params, body, version }, principal) =>
        pipe(judge({ ticketId: params.id, principal, version }, body, params.id), TE.map(shown(deps, principal))),
    })
  const ofPhoto = <B extends z.ZodType>({ method = 'post', takes, judge, ...about }: Judgement<B>): Route =>
    route({
      ...common,
      ...about,
      method,
      body: takes,
      current: ({ params }, principal) =>
        pipe(
          deps.attachmentFor(principal, params.id),
          TE.flatMap(({ ticketId }) => currentTicket(deps)({ params: { id: ticketId } }, principal)),
        ),
      handle: ({ params, body, version }, principal) =>
        pipe(
          deps.attachmentFor(principal, params.id),
          TE.flatMap(({ ticketId }) => judge({ ticketId, principal, version }, body, params.id)),
          TE.map(shown(deps, principal)),
        ),
    })
  return [
    ofTicket({
      path: '/tickets/{id}/fault-cause',
      name: 'attributeFault',
      tag: 'Fault and billing',
      summary: 'A person says why the fault happened',
      may: ['attribute_fault', 'attribute_workmanship'],
      takes: faultCause,
      judge: (target, said) =>
        changes.attributeFault(target, {
          cause: said.fault_cause,
          component: said.fault_component,
          details: said.fault_cause_details,
          reason: said.reason,
        }),
    }),
    ofTicket({
      path: '/tickets/{id}/billing-classification',
      name: 'classifyBilling',
      tag: 'Fault and billing',
      summary: 'A manager settles who pays; also after handover',
      may: 'classify_billing',
      takes: billing,
      judge: (target, said) =>
        changes.classifyBilling(target, { billing: said.billing_classification, reason: said.reason }),
    }),
    ofTicket({
      path: '/tickets/{id}/waivers',
      name: 'waivePlatform',
      tag: 'QA readiness',
      summary: 'One platform is not compared for this ticket',
      may: 'waive_platform',
      takes: waiver,
      judge: (target, said) => changes.waive(target, said.platform, said.reason),
    }),
    ofTicket({
      method: 'delete',
      path: '/tickets/{id}/waivers',
      name: 'withdrawWaiver',
      tag: 'QA readiness',
      summary: 'The platform is compared again',
      may: 'waive_platform',
      takes: waiver,
      judge: (target, said) => changes.withdrawWaiver(target, said.platform, said.reason),
    }),
    ofPhoto({
      path: '/attachments/{id}/override',
      name: 'overrideVerdict',
      tag: 'Evidence',
      summary: 'One blocking verdict of one photo no longer blocks; If-Match is the ticket’s version',
      may: 'override_verdict',
      takes: z.strictObject({ check: z.enum(photoChecks), reason }),
      judge: (target, said, photoId) => changes.overrideVerdict(target, photoId, said.check, said.reason),
    }),
    ofPhoto({
      path: '/attachments/{id}/clear-reuse',
      name: 'clearReuse',
      tag: 'Evidence',
      summary: 'The picture may stand on both tickets; If-Match is the ticket’s version',
      may: 'clear_reuse',
      takes: z.strictObject({ reason }),
      judge: (target, said, photoId) => changes.clearReuse(target, photoId, said.reason),
    }),
  ]
}
