import { isUtf8 } from 'node:buffer'
import express, { type Request, type Response } from 'express'
import * as E from 'fp-ts/lib/Either.js'
import { z } from 'zod'
import { invalid, type Problem, problem } from './problem.ts'
import type { Route } from './route.ts'
import { validate } from './validation.ts'

const JSON_LIMIT_BYTES = 1_048_576
const QUERY_LIMIT_CHARACTERS = 8_192

/** `"<version>"`, strong, one; a list, a weak tag or `*` would not say which version was read. */
const ETAG = /^"(0|[1-9]\d{0,9})"$/

/** The version a change was decided by; routes that need none are not asked. */
export const readVersion = (header: string | undefined): E.Either<Problem, number> => {
  if (header === undefined || header.trim() === '')
    return E.left(
      problem('PRECONDITION_REQUIRED', 'Send the ETag that was read as If-Match', {
        details: { 'If-Match': 'is required' },
      }),
    )
  const found = ETAG.exec(header.trim())?.[1]
  return found === undefined || Number(found) > 2_147_483_647
    ? E.left(invalid({ 'If-Match': 'must be one strong ETag as it was read, such as "7"' }))
    : E.right(Number(found))
}

/** The parameters after `?`: each once, else a list of texts, which no field accepts. */
export const readQuery = (url: string): E.Either<Problem, Readonly<Record<string, unknown>>> => {
  const at = url.indexOf('?')
  if (at < 0) return E.right({})
  const written = url.slice(at + 1)
  if (written.length > QUERY_LIMIT_CHARACTERS)
    return E.left(problem('BAD_REQUEST', `The query is longer than ${QUERY_LIMIT_CHARACTERS} characters`))
  try {
    const found = new Map<string, string | ReadonlyArray<string>>()
    for (const pair of written.split('&')) {
      if (pair === '') continue
      const [name = '', ...rest] = pair.split('=').map((part) => decodeURIComponent(part.replaceAll('+', ' ')))
      const earlier = found.get(name)
      const value = rest.join('=')
      found.set(name, earlier === undefined ? value : [...(typeof earlier === 'string' ? [earlier] : earlier), value])
    }
    return E.right(Object.fromEntries(found))
  } catch {
    return E.left(problem('BAD_REQUEST', 'The query is not percent-encoded UTF-8'))
  }
}

const parseJson = express.json({
  limit: JSON_LIMIT_BYTES,
  inflate: false,
  strict: false,
  type: 'application/json',
  verify: (_request, _response, bytes) => {
    if (!isUtf8(bytes)) throw new Error('not UTF-8')
  },
})

/** The JSON body of a request; no body at all is an empty object, so that each missing field is named. */
export const readJson = async (request: Request, response: Response): Promise<E.Either<Problem, unknown>> => {
  const declared = request.headers['content-length']
  const empty = request.headers['transfer-encoding'] === undefined && (declared === undefined || declared === '0')
  if (empty) return E.right({})
  if (request.is('application/json') === false) return E.left(notThis('application/json'))
  if (/charset=(?!"?utf-8"?\s*(;|$))/i.test(request.headers['content-type'] ?? ''))
    return E.left(notPlain('Content-Type'))
  return new Promise((resolve) => {
    parseJson(request, response, (error?: unknown) => {
      resolve(error === undefined ? E.right(request.body) : E.left(bodyProblem(error)))
    })
  })
}

const RAW_LIMIT_BYTES = 5_242_880
const readBytes = express.raw({ limit: RAW_LIMIT_BYTES, inflate: false, type: () => true })

/** The body as it came. */
export const readRaw = (request: Request, response: Response): Promise<E.Either<Problem, Uint8Array>> =>
  new Promise((resolve) => {
    readBytes(request, response, (error?: unknown) => {
      if (error !== undefined) return resolve(E.left(bodyProblem(error, RAW_LIMIT_BYTES)))
      resolve(E.right(Buffer.isBuffer(request.body) ? request.body : new Uint8Array()))
    })
  })

export const notThis = (wanted: string): Problem =>
  problem('UNSUPPORTED_MEDIA_TYPE', `Send ${wanted}`, { details: { 'Content-Type': `must be ${wanted}` } })

const notPlain = (header: string): Problem =>
  problem('UNSUPPORTED_MEDIA_TYPE', 'Send the body as plain UTF-8', { details: { [header]: 'must be plain UTF-8' } })

const bodyProblem = (error: unknown, limitBytes = JSON_LIMIT_BYTES): Problem => {
  switch ((error as { readonly type?: string }).type) {
    case 'entity.too.large':
      return problem('PAYLOAD_TOO_LARGE', `The body is larger than ${limitBytes} bytes`, {
        details: { limit_bytes: limitBytes },
      })
    case 'encoding.unsupported':
      return notPlain('Content-Encoding')
    default:
      return problem('BAD_REQUEST', 'The body is not JSON in UTF-8')
  }
}

export type Shapes = {
  readonly params: z.ZodType
  readonly query: z.ZodType
  readonly body: z.ZodType | null
}

/** What changes something takes no field that it does not name, even when it names none. */
export const shapesOf = ({ method, params, query, body, upload, raw }: Route): Shapes => ({
  params: z.strictObject(params),
  query: z.strictObject(query),
  body: body ?? ((method === 'post' || method === 'put') && upload === null && !raw ? z.strictObject({}) : null),
})

/** Everything a handler is given but the version and the file, or all messages at once. */
export const readFields = (
  shapes: Shapes,
  raw: { readonly params: unknown; readonly query: unknown; readonly body: unknown },
): E.Either<Problem, { readonly params: unknown; readonly query: unknown; readonly body: unknown }> => {
  const params = validate(shapes.params, raw.params, 'path')
  const query = validate(shapes.query, raw.query, 'query')
  const body = shapes.body === null ? E.right(null) : validate(shapes.body, raw.body, 'body')
  if (E.isRight(params) && E.isRight(query) && E.isRight(body))
    return E.right({ params: params.right, query: query.right, body: body.right })
  const messages = [params, query, body].flatMap((one) => (E.isLeft(one) ? Object.entries(one.left) : []))
  return E.left(invalid(Object.fromEntries(messages)))
}
