/** One event of a stream; `id` lets a client go on where it left off. */
export type StreamEvent = { readonly id: string | null; readonly event: string; readonly data: unknown }

/** `page` and `pageSize` as the host has them; `totalIsEstimate` only beyond what is counted exactly. */
export type Pagination =
  | {
      readonly page: number
      readonly pageSize: number
      readonly total: number
      readonly totalPages: number
      readonly totalIsEstimate?: boolean
    }
  | { readonly pageSize: number; readonly nextCursor: string | null }

/** What a handler gives back; the route says with which status it leaves. */
export type Answer =
  | {
      readonly type: 'body'
      readonly data: unknown
      readonly version: number | null
      readonly message: string | null
      readonly location: string | null
    }
  | { readonly type: 'page'; readonly items: ReadonlyArray<unknown>; readonly pagination: Pagination }
  | { readonly type: 'nothing' }
  | {
      readonly type: 'file'
      readonly name: string
      readonly mime: string
      readonly size: number | null
      readonly content: AsyncIterable<Uint8Array>
    }
  | { readonly type: 'events'; readonly events: AsyncIterable<StreamEvent> }

/** `version` becomes the ETag, `location` the path (under the API's root) of what was made. */
export const body = (
  data: unknown,
  {
    version = null,
    message = null,
    location = null,
  }: { readonly version?: number | null; readonly message?: string | null; readonly location?: string | null } = {},
): Answer => ({ type: 'body', data, version, message, location })

export const page = (items: ReadonlyArray<unknown>, pagination: Pagination): Answer => ({
  type: 'page',
  items,
  pagination,
})

/** Of a change that leaves nothing to show. */
export const nothing: Answer = { type: 'nothing' }

/** Always a download, never shown by the browser as part of this site. */
export const file = (of: Omit<Extract<Answer, { type: 'file' }>, 'type'>): Answer => ({ type: 'file', ...of })

export const events = (stream: AsyncIterable<StreamEvent>): Answer => ({ type: 'events', events: stream })
