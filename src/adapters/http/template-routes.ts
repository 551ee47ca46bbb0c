import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { z } from 'zod'
import type { changeTemplates, previewTemplate, readTemplates } from '../../application/notification/templates.ts'
import { MOST_TEMPLATE } from '../../domain/notification/template.ts'
import { TEMPLATE_KINDS } from '../../domain/notification/template-kinds.ts'
import { inSnakeCase } from '../contract/snake-case.ts'
import { body } from './answer.ts'
import { given, hostId, id, text } from './fields.ts'
import { type Route, route } from './route.ts'

export type TemplateRoutesDeps = {
  readonly readTemplates: ReturnType<typeof readTemplates>
  readonly changeTemplates: ReturnType<typeof changeTemplates>
  readonly previewTemplate: ReturnType<typeof previewTemplate>
}

const kind = z.enum(TEMPLATE_KINDS)
const said = text(MOST_TEMPLATE)

const templatesView = z.object({
  project_id: z.string(),
  version: z.int().min(0),
  changed_by: z.string().nullable(),
  changed_at: z.string().nullable(),
  templates: z.array(z.object({ kind, text: z.string(), own: z.boolean(), variables: z.array(z.string()) })),
})
const previewView = z.object({ kind, text: z.string(), example: z.boolean() })

const about = { tag: 'Templates', may: 'change_templates', status: 200 } as const

/** What each project's WhatsApp messages say. */
export const templateRoutes = (deps: TemplateRoutesDeps): ReadonlyArray<Route> => [
  route({
    ...about,
    method: 'get',
    path: '/projects/{id}/templates',
    name: 'readTemplates',
    summary: 'The message templates of a project, its own and built-in ones, with the variables each may name',
    params: { id: hostId },
    answers: { type: 'body', schema: templatesView },
    handle: ({ params }, principal) =>
      pipe(
        deps.readTemplates(principal, params.id),
        TE.map((found) => body(inSnakeCase(found), { version: found.version })),
      ),
  }),
  route({
    ...about,
    method: 'put',
    path: '/projects/{id}/templates',
    name: 'changeTemplates',
    summary: 'Replaces the templates of a project; a kind that is left out has the built-in text from then on',
    params: { id: hostId },
    body: z.strictObject({
      templates: z.strictObject(
        Object.fromEntries(TEMPLATE_KINDS.map((one) => [one, said.optional()])) as {
          [K in z.output<typeof kind>]: z.ZodOptional<typeof said>
        },
      ),
    }),
    ifMatch: true,
    current: ({ params }, principal) => pipe(deps.readTemplates(principal, params.id), TE.map(inSnakeCase)),
    answers: { type: 'body', schema: templatesView },
    handle: ({ params, body: { templates }, version }, principal) =>
      pipe(
        deps.changeTemplates(principal, { projectId: params.id, version, texts: given(templates) }),
        TE.map((changed) => body(inSnakeCase(changed), { version: changed.version })),
      ),
  }),
  route({
    ...about,
    method: 'post',
    path: '/projects/{id}/templates/{kind}/preview',
    name: 'previewTemplate',
    summary: 'A message as it would be sent, about a ticket of the project or an invented one; nothing is sent',
    params: { id: hostId, kind },
    body: z.strictObject({ text: said.optional(), ticket_id: id.optional() }),
    answers: { type: 'body', schema: previewView },
    handle: ({ params, body: { text: typed = null, ticket_id: ticketId = null } }, principal) =>
      pipe(
        deps.previewTemplate(principal, { projectId: params.id, kind: params.kind, text: typed, ticketId }),
        TE.map((shown) => body(shown)),
      ),
  }),
]
