import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { z } from 'zod'
import type { AppError } from '../../application/errors.ts'
import type { Action } from '../../application/permissions.ts'
import type { Principal } from '../../application/principal.ts'
import type { Answer } from './answer.ts'

export type Fields = Readonly<Record<string, z.ZodType>>
type Read<F extends Fields> = z.output<z.ZodObject<F>>
// biome-ignore lint/complexity/noBannedTypes: no fields at all
type NoFields = {}

/** A file as it arrives: read it once. `filename` is only the uploader's word for it: no path, one line, at most 255 characters. */
export type IncomingFile = { readonly filename: string; readonly content: AsyncIterable<Uint8Array> }

/** The one file of a multipart body, handed to the handler while it arrives; texts of the form come before it. */
export type Upload = {
  readonly field: string
  /** What OpenAPI says of it. */
  readonly description: string
}

/** What a handler gets: everything validated. `version` is the If-Match of routes that ask for it. */
export type Input<P, Q, B, V, U> = {
  readonly params: P
  readonly query: Q
  readonly body: B
  readonly version: V
  readonly upload: U
}

/** The body as it came, for whoever signed these very bytes. */
export type RawBody = { readonly bytes: Uint8Array; readonly header: (name: string) => string | null }

/** `signal` aborts when the client goes away; `raw` is empty but on routes that ask for it. */
export type Context = { readonly signal: AbortSignal; readonly requestId: string; readonly raw: RawBody }

export type Handler<I> = (input: I, principal: Principal, context: Context) => TaskEither<AppError, Answer>

/** What a successful answer holds, for the OpenAPI document. */
export type Answers =
  | { readonly type: 'body' | 'page'; readonly schema: z.ZodType }
  | { readonly type: 'nothing' }
  | { readonly type: 'file'; readonly mime: string }
  | { readonly type: 'events'; readonly schema: z.ZodType }

type Common = {
  readonly method: 'get' | 'post' | 'put' | 'delete'
  /** Under `/api/ticketing`, with `{name}` for parameters. Fixed words win over parameters. */
  readonly path: string
  /** Its name in the OpenAPI document: unique, camelCase. */
  readonly name: string
  readonly tag: string
  readonly summary: string
  /** The permission the use case asks for; the use case decides. `anyone`: no caller is named at all. */
  readonly may: Action | ReadonlyArray<Action> | 'anyone'
  readonly status: 200 | 201 | 202 | 204
  readonly answers: Answers
}

/** Any route, its types forgotten: what the server, the document and the tests walk over. */
export type Route = Common & {
  readonly params: Fields
  readonly query: Fields
  readonly body: z.ZodType | null
  readonly ifMatch: boolean
  readonly upload: Upload | null
  /** The body is signed and read as it came, whatever it says it is. */
  readonly raw: boolean
  readonly handle: Handler<Input<never, never, never, never, never>>
  /** After a lost race: what the thing is now, for the details of the 409. */
  readonly current:
    | ((input: Input<never, never, never, never, never>, principal: Principal) => TaskEither<AppError, unknown>)
    | null
}

type Spec<P extends Fields, Q extends Fields, B extends z.ZodType, M extends boolean, F> = Common & {
  readonly params?: P
  readonly query?: Q
  /** A strict object, or a union of such; of a multipart route, its text fields. */
  readonly body?: B
  readonly ifMatch?: M
  readonly upload?: F
  readonly raw?: boolean
  readonly handle: Handler<
    Input<Read<P>, Read<Q>, z.output<B>, M extends true ? number : null, F extends Upload ? IncomingFile : null>
  >
  readonly current?: (input: { readonly params: Read<P> }, principal: Principal) => TaskEither<AppError, unknown>
}

/** One route: its address, what it takes, who may, what it answers. Server, OpenAPI document and tests are made from it. */
export const route = <
  P extends Fields = NoFields,
  Q extends Fields = NoFields,
  B extends z.ZodType = z.ZodNull,
  M extends boolean = false,
  F extends Upload | null = null,
>({
  params,
  query,
  body,
  ifMatch,
  upload,
  raw,
  handle,
  current,
  ...common
}: Spec<P, Q, B, M, F>): Route => ({
  ...common,
  params: params ?? {},
  query: query ?? {},
  body: body ?? null,
  ifMatch: ifMatch ?? false,
  upload: upload ?? null,
  raw: raw ?? false,
  handle: handle as Route['handle'],
  current: (current as Route['current'] | undefined) ?? null,
})
