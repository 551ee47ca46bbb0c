import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { z } from 'zod'
import type {
  dropDeadLetter,
  listDeadLetters,
  retryDeadLetter,
  viewDeadLetter,
} from '../../application/engine/dead-letters.ts'
import type { DeadLetter, DeadLetterDetail } from '../../application/ports/dead-letters.ts'
import { inSnakeCase } from '../contract/snake-case.ts'
import { body, nothing, page } from './answer.ts'
import { count, id, severalLines, text } from './fields.ts'
import { type Route, route } from './route.ts'

export type DeadLetterRoutesDeps = {
  readonly list: ReturnType<typeof listDeadLetters>
  readonly view: ReturnType<typeof viewDeadLetter>
  readonly retry: ReturnType<typeof retryDeadLetter>
  readonly drop: ReturnType<typeof dropDeadLetter>
}

const moment = z.string().meta({ format: 'date-time' })
const fields = {
  id: z.string(),
  reaction: z.string().meta({ description: 'What could not be done about it' }),
  event_id: z.string(),
  event_type: z.string(),
  ticket_id: z.string().nullable(),
  reason: z.string(),
  attempts: z.int(),
  happened_at: moment,
  died_at: moment,
  retry_asked_at: moment.nullable().meta({ description: 'Set while it waits to be taken up again' }),
}
const inShort = z.object(fields).meta({ id: 'DeadLetter' })
const whole = z
  .object({
    ...fields,
    event: z.record(z.string(), z.unknown()).meta({ description: 'What happened, as the program tells itself' }),
    decisions: z.array(
      z.object({ decision: z.enum(['retried', 'dropped']), reason: z.string(), by: z.string(), at: moment }),
    ),
  })
  .meta({ id: 'DeadLetterDetail' })

const viewOf = (found: DeadLetter) => inSnakeCase(found)
const detailOf = ({ event, ...found }: DeadLetterDetail) => ({ ...(inSnakeCase(found) as object), event })
const why = z.strictObject({ reason: text(1_000) })

/** Those made by earlier versions have the look of a UUID, and no version of one. */
const letter = z.guid().transform((value) => value.toLowerCase())

const tag = 'Dead letters'
const may = 'handle_dead_letters'

export const deadLetterRoutes = ({ list, view, retry, drop }: DeadLetterRoutesDeps): ReadonlyArray<Route> => [
  route({
    method: 'get',
    path: '/dead-letters',
    name: 'listDeadLetters',
    tag,
    summary: 'Events that could not be handled in any attempt, latest first',
    may,
    query: {
      reaction: severalLines(100).optional(),
      event_type: severalLines(100).optional(),
      ticket_id: id.optional(),
      page: count(1, 100_000).optional(),
      pageSize: count(1, 100).optional(),
    },
    status: 200,
    answers: { type: 'page', schema: inShort },
    handle: ({ query }, principal) => {
      const window = { page: query.page ?? 1, pageSize: query.pageSize ?? 50 }
      const filter = {
        reaction: query.reaction ?? null,
        eventType: query.event_type ?? null,
        ticketId: query.ticket_id ?? null,
      }
      return pipe(
        list(principal, { filter, ...window }),
        TE.map(({ rows, total }) =>
          page(rows.map(viewOf), { ...window, total, totalPages: Math.ceil(total / window.pageSize) }),
        ),
      )
    },
  }),
  route({
    method: 'get',
    path: '/dead-letters/{id}',
    name: 'viewDeadLetter',
    tag,
    summary: 'One dead letter whole, with what was decided about it before',
    may,
    params: { id: letter },
    status: 200,
    answers: { type: 'body', schema: whole },
    handle: ({ params }, principal) =>
      pipe(
        view(principal, params.id),
        TE.map((found) => body(detailOf(found))),
      ),
  }),
  route({
    method: 'post',
    path: '/dead-letters/{id}/retry',
    name: 'retryDeadLetter',
    tag,
    summary: 'Handle it again, before every event of its ticket that still waits for the same reaction',
    may,
    params: { id: letter },
    body: why,
    status: 202,
    answers: { type: 'body', schema: whole },
    handle: ({ params, body: said }, principal) =>
      pipe(
        retry(principal, params.id, said.reason),
        TE.map((found) => body(detailOf(found))),
      ),
  }),
  route({
    method: 'delete',
    path: '/dead-letters/{id}',
    name: 'dropDeadLetter',
    tag,
    summary: 'Give it up for good; who did and why is kept',
    may,
    params: { id: letter },
    body: why,
    status: 204,
    answers: { type: 'nothing' },
    handle: ({ params, body: said }, principal) =>
      pipe(
        drop(principal, params.id, said.reason),
        TE.map(() => nothing),
      ),
  }),
]
