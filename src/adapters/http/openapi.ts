import { z } from 'zod'
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiResponsesObject } from 'zod-openapi'
import { STATUS_OF } from './codes.ts'
import type { Answers, Route } from './route.ts'

const meta = z.object({ timestamp: z.string() })
const errorShape = z
  .object({
    success: z.literal(false),
    error: z.object({
      code: z.enum(Object.keys(STATUS_OF) as [string, ...string[]]),
      message: z.string(),
      details: z.record(z.string(), z.unknown()).optional(),
    }),
    meta,
  })
  .meta({ id: 'Error', description: 'Every answer of 400 and above' })
const pagination = z
  .object({
    page: z.int().optional(),
    pageSize: z.int(),
    total: z.int().optional(),
    totalPages: z.int().optional(),
    totalIsEstimate: z.boolean().optional(),
    nextCursor: z.string().nullable().optional(),
  })
  .meta({ id: 'Pagination' })

const json = (schema: z.ZodType) => ({ 'application/json': { schema } })

const successOf = (answers: Answers) => {
  switch (answers.type) {
    case 'body':
      return json(z.object({ success: z.literal(true), data: answers.schema, message: z.string().optional(), meta }))
    case 'page':
      return json(z.object({ success: z.literal(true), data: z.array(answers.schema), pagination, meta }))
    case 'events':
      return { 'text/event-stream': { schema: answers.schema } }
    case 'file':
      return { [answers.mime]: { schema: z.string().meta({ format: 'binary' }) } }
    case 'nothing':
      return null
  }
}

const refusalsOf = (route: Route): ReadonlyArray<readonly [number, string]> => {
  const takesBody = route.body !== null || route.upload !== null || route.raw
  const takesAnything = takesBody || Object.keys({ ...route.params, ...route.query }).length > 0
  return [
    ...(takesAnything ? ([[400, 'Not readable as a request']] as const) : []),
    ...(route.raw ? ([[401, 'The signature is missing or wrong']] as const) : []),
    ...(route.may === 'anyone'
      ? []
      : ([
          [401, 'Nobody vouches for the caller'],
          [403, 'The role may not do this'],
        ] as const)),
    ...(Object.keys(route.params).length > 0 ? ([[404, 'Not there, or not for this caller']] as const) : []),
    ...(route.method === 'get' ? [] : ([[409, 'Someone else was first']] as const)),
    ...(takesBody
      ? ([
          [413, 'Too large'],
          [415, 'Wrong media type'],
        ] as const)
      : []),
    [422, 'A field is not valid, or a rule refuses'],
    ...(route.method === 'get' ? [] : ([[423, 'Frozen or handed over']] as const)),
    ...(route.upload === null ? [] : ([[424, 'The evidence storage is away']] as const)),
    ...(route.ifMatch ? ([[428, 'If-Match is missing']] as const) : []),
    [503, 'The database is away, or the server is stopping'],
  ]
}

const etag = { ETag: z.string().meta({ description: 'The version, to be sent back as If-Match', example: '"7"' }) }

const operationOf = (route: Route): ZodOpenApiOperationObject => {
  const content = successOf(route.answers)
  const responses: ZodOpenApiResponsesObject = {
    [String(route.status) as '200']: {
      description: route.summary,
      ...(content === null ? {} : { content }),
      ...(route.ifMatch && content !== null ? { headers: z.object(etag) } : {}),
    },
    ...Object.fromEntries(
      refusalsOf(route).map(([status, description]) => [String(status), { description, content: json(errorShape) }]),
    ),
  }
  const header = z.object({
    'If-Match': z
      .string()
      .regex(/^"(0|[1-9]\d{0,9})"$/)
      .meta({ description: 'The ETag as read', example: '"7"' }),
  })
  return {
    operationId: route.name,
    tags: [route.tag],
    summary: route.summary,
    ...(route.may === 'anyone' ? {} : { 'x-permission': route.may }),
    requestParams: {
      ...(Object.keys(route.params).length > 0 ? { path: z.object(route.params) } : {}),
      ...(Object.keys(route.query).length > 0 ? { query: z.object(route.query) } : {}),
      ...(route.ifMatch ? { header } : {}),
    },
    ...(route.upload !== null
      ? { requestBody: { required: true, content: { 'multipart/form-data': { schema: formOf(route) } } } }
      : route.body !== null
        ? { requestBody: { required: true, content: json(route.body) } }
        : route.raw
          ? { requestBody: { required: true, content: { 'application/json': {} } } }
          : {}),
    responses,
  }
}

const formOf = ({ body, upload }: Route): z.ZodType => {
  const texts = body instanceof z.ZodObject ? body.shape : {}
  const { field = 'file', description = '' } = upload ?? {}
  const named = `${description}. Its name is no path, of at most 255 characters, on one line`
  return z.strictObject({ ...texts, [field]: z.string().meta({ format: 'binary', description: named }) })
}

/** The OpenAPI 3.1 document of these routes, made from the schemas that validate. */
export const openApiDocument = (routes: ReadonlyArray<Route>, root: string): ReturnType<typeof createDocument> => {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {}
  for (const route of routes) {
    const path = `${root}${route.path}`
    paths[path] = { ...paths[path], [route.method]: operationOf(route) }
  }
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'FibreFlow ticketing',
      version: '1.0.0',
      description: 'Ticketing for a fibre network: weekly report to locked handover, with proof.',
    },
    paths,
  })
}
