import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { z } from 'zod'
import type { EraseSubject } from '../../application/subject/erase-subject.ts'
import { inSnakeCase } from '../contract/snake-case.ts'
import { body } from './answer.ts'
import { drop, hostId, text } from './fields.ts'
import { type Route, route } from './route.ts'

const erasedShape = z.object({
  tickets: z.array(z.string()),
  newly_erased: z.int(),
  plain_originals: z.int(),
  copies_left: z.int(),
  copies_kept: z.int(),
  at: z.string(),
})

export const subjectRoutes = (deps: { readonly erase: EraseSubject }): ReadonlyArray<Route> => [
  route({
    method: 'post',
    path: '/subjects/erase',
    name: 'eraseSubject',
    tag: 'Clients',
    summary:
      'Erase for good what is personal about the client of a drop: data, texts, photos and documents. Sealed handovers stay and still verify',
    may: 'erase_subject',
    body: z.strictObject({ project_id: hostId, dr_number: drop, reason: text(2_000) }),
    status: 200,
    answers: { type: 'body', schema: erasedShape },
    handle: ({ body: asked }, principal) =>
      pipe(
        deps.erase(principal, {
          subject: { type: 'drop', projectId: asked.project_id, dr: asked.dr_number },
          reason: asked.reason,
        }),
        TE.map((erased) => body(inSnakeCase(erased))),
      ),
  }),
]
