import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { z } from 'zod'
import type { AppError } from '../../application/errors.ts'
import type { Subject } from '../../application/ports/subject-records.ts'
import type { EraseSubject } from '../../application/subject/erase-subject.ts'
import type { SubjectOfTicket } from '../../application/subject/subject-of-ticket.ts'
import { inSnakeCase } from '../contract/snake-case.ts'
import { body } from './answer.ts'
import { drop, hostId, line, text } from './fields.ts'
import { type Route, route } from './route.ts'

const erasedShape = z.object({
  tickets: z.array(z.string()),
  newly_erased: z.int(),
  rows_beside: z.int(),
  rows_cleared: z.int(),
  plain_originals: z.int(),
  copies_left: z.int(),
  copies_kept: z.int(),
  at: z.string(),
})

const ONE_FORM = 'must be named either by project_id and dr_number, or by ticket alone'

/** The client of a project's drop, or that of a ticket that has none. */
const asked = z
  .strictObject({
    project_id: hostId.optional(),
    dr_number: drop.optional(),
    ticket: line(50).optional(),
    reason: text(2_000),
  })
  .superRefine(({ project_id, dr_number, ticket }, context) => {
    const refuse = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message })
    if (ticket !== undefined && (project_id !== undefined || dr_number !== undefined)) refuse('ticket', ONE_FORM)
    if (ticket === undefined && project_id === undefined) refuse('project_id', ONE_FORM)
    if (ticket === undefined && dr_number === undefined) refuse('dr_number', ONE_FORM)
  })

export const subjectRoutes = (deps: {
  readonly erase: EraseSubject
  readonly subjectOfTicket: SubjectOfTicket
}): ReadonlyArray<Route> => [
  route({
    method: 'post',
    path: '/subjects/erase',
    name: 'eraseSubject',
    tag: 'Clients',
    summary:
      'Erase for good what is personal about the client of a drop, or of a ticket that has none: data, texts, photos and documents. Sealed handovers stay and still verify',
    may: 'erase_subject',
    body: asked,
    status: 200,
    answers: { type: 'body', schema: erasedShape },
    handle: ({ body: { project_id: projectId = '', dr_number: dr = '', ticket, reason } }, principal) =>
      pipe(
        ticket === undefined
          ? TE.right<AppError, Subject>({ type: 'drop', projectId, dr })
          : deps.subjectOfTicket(principal, 'erase_subject', ticket),
        TE.flatMap((subject) => deps.erase(principal, { subject, reason })),
        TE.map((erased) => body(inSnakeCase(erased))),
      ),
  }),
]
