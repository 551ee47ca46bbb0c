import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { z } from 'zod'
import type { ChangeDeps } from '../../application/change.ts'
import { isWithin, reachOf } from '../../application/permissions.ts'
import type { Stored } from '../../application/ports/ticket-store.ts'
import type { Principal } from '../../application/principal.ts'
import type { addPhoto } from '../../application/ticket/add-photo.ts'
import type { TicketChanges } from '../../application/ticket/changes.ts'
import type { listReadinessRuns } from '../../application/ticket/timeline.ts'
import type { viewTicket } from '../../application/ticket/view-ticket.ts'
import type { StepKey } from '../../domain/verification/steps.ts'
import { STEP_KEYS } from '../../domain/verification/steps.ts'
import { photoView, progressView, runView } from '../contract/ticket-parts-view.ts'
import { ticketView } from '../contract/ticket-view.ts'
import { body } from './answer.ts'
import { given, id, instant, scanned, text } from './fields.ts'
import { type Route, route } from './route.ts'
import { photoShape, runShape, stepShape } from './ticket-shapes.ts'

export type VerificationRoutesDeps = Pick<ChangeDeps, 'now' | 'newId'> & {
  readonly view: ReturnType<typeof viewTicket>
  readonly changes: Pick<TicketChanges, 'recordStep' | 'completeSteps' | 'runReadiness'>
  readonly addPhoto: ReturnType<typeof addPhoto>
  readonly readinessRuns: ReturnType<typeof listReadinessRuns>
}

const step = z.enum(STEP_KEYS)
const oneStep = { id, step }

const progressShape = {
  progress: z.string().meta({ example: '7/12' }),
  steps_completed: z.int(),
  required_steps: z.int(),
  required_completed: z.int(),
}
const verificationShape = z.looseObject({ ...progressShape, qa_ready: z.boolean(), steps: z.array(stepShape) })

/** A changed step, with what the change did to its ticket. */
const stepResult = (stored: Stored, principal: Principal, now: string, key: StepKey) => {
  const { steps, ...ticket } = ticketView(stored, principal, now)
  return { ...steps.find((one) => one.step_key === key), ticket: standing(ticket) }
}

const standing = (ticket: Omit<ReturnType<typeof ticketView>, 'steps'>) => ({
  id: ticket.id,
  status: ticket.status,
  qa_ready: ticket.qa_ready,
  progress: ticket.progress,
  version: ticket.version,
})

const verificationOf = (stored: Stored, principal: Principal, now: string) => {
  const { steps, qa_ready } = ticketView(stored, principal, now)
  return { ticket_id: stored.ticket.id, ...progressView(stored.ticket), qa_ready, steps }
}

export const verificationRoutes = (deps: VerificationRoutesDeps): ReadonlyArray<Route> => {
  const { now, newId, view, changes } = deps
  return [
    route({
      method: 'get',
      path: '/tickets/{id}/verification',
      name: 'getVerification',
      tag: 'Verification',
      summary: 'All steps with their photos, and how many are done',
      may: 'read_ticket',
      params: { id },
      status: 200,
      answers: { type: 'body', schema: verificationShape },
      handle: ({ params }, principal) =>
        pipe(
          view(principal, params.id),
          TE.map((stored) => body(verificationOf(stored, principal, now()))),
        ),
    }),
    route({
      method: 'put',
      path: '/tickets/{id}/verification/{step}',
      name: 'recordStep',
      tag: 'Verification',
      summary: 'Record a step: its value, its notes, that it is done. If-Match is the step’s own version',
      may: 'record_step',
      params: oneStep,
      body: z.strictObject({
        is_complete: z.boolean().optional(),
        value: scanned(300).nullable().optional(),
        notes: text(5_000).nullable().optional(),
        done_at: instant.nullable().optional(),
      }),
      ifMatch: true,
      status: 200,
      answers: { type: 'body', schema: stepShape },
      current: ({ params }, principal) =>
        pipe(
          view(principal, params.id),
          TE.map((stored) => stepResult(stored, principal, now(), params.step)),
        ),
      handle: ({ params, body: said, version }, principal) =>
        pipe(
          changes.recordStep(
            { ticketId: params.id, principal, version: null },
            {
              step: params.step,
              version,
              ...given({ complete: said.is_complete, value: said.value, notes: said.notes, doneAt: said.done_at }),
            },
          ),
          TE.map((stored) =>
            body(stepResult(stored, principal, now(), params.step), {
              version: stored.ticket.steps.find((one) => one.key === params.step)?.version ?? null,
            }),
          ),
        ),
    }),
    route({
      method: 'post',
      path: '/tickets/{id}/verification/complete',
      name: 'completeSteps',
      tag: 'Verification',
      summary: 'Complete all required steps, or say which cannot be and why',
      may: 'record_step',
      params: { id },
      status: 200,
      answers: { type: 'body', schema: verificationShape },
      handle: ({ params }, principal) =>
        pipe(
          changes.completeSteps({ ticketId: params.id, principal, version: null }),
          TE.map((stored) => body(verificationOf(stored, principal, now()))),
        ),
    }),
    route({
      method: 'post',
      path: '/tickets/{id}/verification/{step}/photos',
      name: 'addPhoto',
      tag: 'Verification',
      summary: 'A photo for a step; the same id again is the same photo',
      may: 'add_photo',
      params: oneStep,
      body: z.strictObject({ id: id.optional(), done_at: instant.optional() }),
      upload: { field: 'photo', description: 'JPEG, PNG, WebP or HEIC, as the camera made it' },
      status: 201,
      answers: { type: 'body', schema: photoShape },
      handle: ({ params, body: said, upload }, principal) => {
        const photoId = said.id ?? newId()
        return pipe(
          deps.addPhoto(principal, {
            ticketId: params.id,
            step: params.step,
            photoId,
            doneAt: said.done_at ?? null,
            ...upload,
          }),
          TE.map((stored) => {
            const photo = stored.ticket.photos.find((one) => one.id === photoId)
            // Who sent it again after the ticket became someone else's, or was deleted, learns no more of the ticket.
            const sees =
              stored.ticket.deletedAt === null && isWithin(reachOf(principal, 'read_ticket'), principal, stored.ticket)
            const ticket = sees ? { ticket: standing(ticketView(stored, principal, now())) } : {}
            return body({ ...(photo === undefined ? {} : photoView(photo, true)), ...ticket })
          }),
        )
      },
    }),
    route({
      method: 'post',
      path: '/tickets/{id}/qa-readiness-check',
      name: 'runReadinessCheck',
      tag: 'QA readiness',
      summary: 'Run the readiness check and log it; the same id again is the same run',
      may: 'run_readiness',
      params: { id },
      body: z.strictObject({ id: id.optional() }),
      status: 200,
      answers: { type: 'body', schema: readinessShape },
      handle: ({ params, body: said }, principal) =>
        pipe(
          changes.runReadiness({ ticketId: params.id, principal, version: null }, said.id ?? null),
          TE.map(({ ticket, version }) => body(readinessOf(ticket, version))),
        ),
    }),
    route({
      method: 'get',
      path: '/tickets/{id}/qa-readiness',
      name: 'getReadiness',
      tag: 'QA readiness',
      summary: 'Whether the ticket is QA ready, the last check and the ones before',
      may: 'read_ticket',
      params: { id },
      status: 200,
      answers: { type: 'body', schema: readinessShape },
      handle: ({ params }, principal) =>
        pipe(
          view(principal, params.id),
          TE.bindTo('stored'),
          TE.bind('history', () => deps.readinessRuns({ principal, ticketId: params.id })),
          TE.map(({ stored, history }) => body({ ...readinessOf(stored.ticket, stored.version), history })),
        ),
    }),
  ]
}

const readinessShape = z.looseObject({
  ticket_id: z.string(),
  status: z.string(),
  qa_ready: z.boolean(),
  last_check: runShape.nullable(),
  history: z.array(runShape).optional(),
  version: z.int(),
})

const readinessOf = ({ id: ticket_id, status, qaReady, lastCheck }: Stored['ticket'], version: number) => ({
  ticket_id,
  status,
  qa_ready: qaReady,
  last_check: lastCheck === null ? null : runView(lastCheck),
  version,
})
