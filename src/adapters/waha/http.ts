import { Agent as HttpAgent, request as httpRequest } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'

export type WahaReply =
  /** `body` is null where it was no JSON, or too long to be an answer to us. */
  | { readonly type: 'Answered'; readonly status: number; readonly body: unknown }
  /** Nothing of the request left this machine's connection. */
  | { readonly type: 'NotReached'; readonly why: string }
  /** It left, and no whole answer came. */
  | { readonly type: 'Lost'; readonly why: string }

export type WahaCall = {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: Readonly<Record<string, unknown>>
}

const MOST_BYTES = 1_048_576

/** A connection kept open may be cut just as it is used, and nobody could tell whether the message went: each call has its own. */
const agents = { 'http:': new HttpAgent({ keepAlive: false }), 'https:': new HttpsAgent({ keepAlive: false }) }

/** One call of WAHA's API; never rejects. */
export const callWaha = (
  { url, apiKey, timeoutMs }: { readonly url: string; readonly apiKey: string; readonly timeoutMs: number },
  { method, path, query = {}, body }: WahaCall,
): Promise<WahaReply> =>
  new Promise((resolve) => {
    const at = new URL(`${url.replace(/\/+$/, '')}${path}`)
    for (const [name, value] of Object.entries(query)) at.searchParams.set(name, value)
    const secure = at.protocol === 'https:'
    const text = body === undefined ? null : JSON.stringify(body)
    let left = false
    const lost = (error: unknown): void => {
      const { name, code } = error as { name?: string; code?: string }
      const why =
        name === 'AbortError' || name === 'TimeoutError' || code === 'ABORT_ERR' ? 'timeout' : 'connection_lost'
      resolve(left ? { type: 'Lost', why } : { type: 'NotReached', why: 'unreachable' })
    }
    const call = (secure ? httpsRequest : httpRequest)(
      at,
      {
        method,
        agent: agents[secure ? 'https:' : 'http:'],
        signal: AbortSignal.timeout(timeoutMs),
        headers: {
          Accept: 'application/json',
          'X-Api-Key': apiKey,
          ...(text === null
            ? {}
            : { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(text)) }),
        },
      },
      (response) => {
        const parts: Buffer[] = []
        let bytes = 0
        response.on('data', (part: Buffer) => {
          bytes += part.length
          if (bytes <= MOST_BYTES) parts.push(part)
        })
        response.on('error', lost)
        response.on('end', () =>
          resolve({
            type: 'Answered',
            status: response.statusCode ?? 0,
            body: bytes > MOST_BYTES ? null : jsonIn(Buffer.concat(parts).toString('utf8')),
          }),
        )
        response.on('close', () => lost({}))
      },
    )
    call.on('socket', (socket) => {
      socket.once(secure ? 'secureConnect' : 'connect', () => {
        left = true
      })
    })
    call.on('error', lost)
    call.end(text ?? undefined)
  })

const jsonIn = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
