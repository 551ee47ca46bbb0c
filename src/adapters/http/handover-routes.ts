import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { z } from 'zod'
import type { ReadHandoverHistory } from '../../application/handover/handover-history.ts'
import type { VerifySnapshots } from '../../application/handover/verify-snapshots.ts'
import { HANDOVER_TYPES } from '../../domain/ticket/events.ts'
import { inSnakeCase } from '../contract/snake-case.ts'
import { body } from './answer.ts'
import { id } from './fields.ts'
import { type Route, route } from './route.ts'

export type HandoverRoutesDeps = { readonly history: ReadHandoverHistory; readonly verify: VerifySnapshots }

const snapshotShape = z
  .looseObject({
    id: z.string(),
    handover_type: z.enum(HANDOVER_TYPES),
    handover_at: z.string(),
    handover_by: z.string(),
    seq: z.int(),
    sha256: z.string(),
    chain_hash: z.string(),
    format_version: z.int(),
    key_id: z.string().nullable(),
    signed_at: z.string().nullable(),
    anchored: z.boolean(),
    verified: z.boolean().nullable(),
  })
  .meta({ id: 'HandoverSnapshot' })

const verificationShape = z.object({
  snapshots: z.int(),
  faults: z.int(),
  not_yet_anchored: z.int(),
  chains: z.array(z.looseObject({ project_id: z.string() })),
  findings: z.array(z.looseObject({ project_id: z.string(), seq: z.int().nullable() })),
})

export const handoverRoutes = (deps: HandoverRoutesDeps): ReadonlyArray<Route> => [
  route({
    method: 'get',
    path: '/tickets/{id}/handover-history',
    name: 'getHandoverHistory',
    tag: 'Handover',
    summary: 'What was sealed at each change of ownership, the first handover first',
    may: 'read_ticket',
    params: { id },
    status: 200,
    answers: { type: 'body', schema: z.array(snapshotShape) },
    handle: ({ params }, principal) =>
      pipe(
        deps.history({ principal, ticketId: params.id }),
        TE.map((rows) => body(rows.map((row) => ({ ...row, faults: inSnakeCase(row.faults) })))),
      ),
  }),
  route({
    method: 'get',
    path: '/tickets/{id}/handover-history/verification',
    name: 'verifySnapshots',
    tag: 'Handover',
    summary: 'Recompute every hash, link and signature of the ticket’s snapshots from what is stored',
    may: 'verify_snapshots',
    params: { id },
    status: 200,
    answers: { type: 'body', schema: verificationShape },
    handle: ({ params }, principal) =>
      pipe(
        deps.verify({ principal, scope: { type: 'ticket', ticketId: params.id } }),
        TE.map((found) => body(inSnakeCase(found))),
      ),
  }),
]
