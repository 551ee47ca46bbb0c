import { type KeyObject, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { checkSignedUrl } from './signed-url.ts'
import { startStorageEmulator } from './storage-emulator.ts'
import {
  type BucketRules,
  badUpload,
  changed,
  isProtected,
  type Kept,
  type ObjectFields,
  type Refused,
  retentionEnd,
  unmet,
} from './strict-objects.ts'

const CHUNK = 256 * 1_024
const OPEN: BucketRules = { objectRetention: false, policy: null }

/** `away` answers 503; `cut` ends the connection inside the upload; `mute` does all that is asked and loses the reply. */
export type Trouble = 'none' | 'away' | 'cut' | 'mute'

type Answer = { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body: unknown }
type Session = {
  readonly bucket: string
  readonly name: string
  readonly fields: ObjectFields
  readonly query: URLSearchParams
  received: Buffer
  answer: Answer | null
}

export type StrictStorage = {
  readonly url: string
  /** Buckets do not spring into being here. */
  readonly makeBucket: (name: string, rules?: BucketRules) => void
  /** For the next so many requests that bring content, or those of them that name such an object; `away` for all of them. */
  readonly trouble: (kind: Trouble, times?: number, about?: RegExp) => void
  /** Replaces or removes the bytes behind everybody's back, leaving what is said about them. */
  readonly overwrite: (bucket: string, name: string, bytes: Uint8Array) => Promise<void>
  readonly lose: (bucket: string, name: string) => Promise<void>
  /** Requests since the last look, as `POST upload`. */
  readonly seen: () => ReadonlyArray<string>
  readonly stop: () => Promise<void>
}

/**
 * The emulator of firebase-tools behind what production enforces and the emulator does not: preconditions, holds,
 * retention, checksums, chunks, buckets that exist, and signed URLs, which must be signed with this key.
 */
export const startStrictStorage = async (publicKey: KeyObject): Promise<StrictStorage> => {
  const emulator = await startStorageEmulator()
  const buckets = new Map<string, BucketRules>()
  const objects = new Map<string, Kept>()
  const sessions = new Map<string, Session>()
  const turns = new Map<string, Promise<unknown>>()
  let [trouble, times]: [Trouble, number] = ['none', 0]
  let concerned = /^/
  let generation = Date.now() * 1_000
  let seen: string[] = []

  const inTurn = <A>(key: string, work: () => Promise<A>): Promise<A> => {
    const turn = (turns.get(key) ?? Promise.resolve()).then(work)
    turns.set(
      key,
      turn.catch(() => undefined),
    )
    return turn
  }

  const rulesOf = (bucket: string): BucketRules => buckets.get(bucket) ?? OPEN
  const addressOf = (bucket: string, name: string): string => `/storage/v1/b/${bucket}/o/${encodeURIComponent(name)}`

  const shown = (bucket: string, object: { readonly name: string }): object => {
    const kept = objects.get(`${bucket}/${object.name}`)
    if (kept === undefined) return object
    const { generation: number, metageneration, custom, eventBasedHold, temporaryHold, retention } = kept
    const end = retentionEnd(kept, rulesOf(bucket))
    return {
      ...object,
      generation: String(number),
      metageneration: String(metageneration),
      metadata: custom,
      eventBasedHold,
      temporaryHold,
      ...(retention === null ? {} : { retention }),
      ...(end === null ? {} : { retentionExpirationTime: new Date(end).toISOString() }),
    }
  }

  const store = async (bucket: string, name: string, fields: ObjectFields, bytes: Uint8Array): Promise<object> => {
    const edge = randomUUID()
    const { contentType = 'application/octet-stream', metadata = {} } = fields
    const body = Buffer.concat([
      Buffer.from(
        `--${edge}\r\ncontent-type: application/json\r\n\r\n${JSON.stringify({ name, contentType, metadata })}\r\n--${edge}\r\ncontent-type: ${contentType}\r\n\r\n`,
      ),
      bytes,
      Buffer.from(`\r\n--${edge}--`),
    ])
    const stored = await fetch(`${emulator.url}/upload/storage/v1/b/${bucket}/o?uploadType=multipart`, {
      method: 'POST',
      headers: { 'content-type': `multipart/related; boundary=${edge}` },
      body,
    })
    return (await stored.json()) as object
  }

  const create = (bucket: string, name: string, fields: ObjectFields, bytes: Uint8Array, query: URLSearchParams) =>
    inTurn(`${bucket}/${name}`, async (): Promise<Answer> => {
      const key = `${bucket}/${name}`
      const kept = objects.get(key)
      const rules = rulesOf(bucket)
      const refused = unmet(query, kept) ?? isProtected(kept, rules) ?? badUpload(fields, bytes, rules)
      if (refused !== null) return refusal(refused)
      const held = fields.eventBasedHold ?? rules.defaultHold ?? false
      const stored = (await store(bucket, name, fields, bytes)) as { readonly name: string }
      generation += 1
      objects.set(key, {
        generation,
        metageneration: 1,
        custom: fields.metadata ?? {},
        eventBasedHold: held,
        temporaryHold: fields.temporaryHold ?? false,
        retention: fields.retention ?? null,
        retainedFrom: held ? null : Date.now(),
      })
      return { status: 200, body: shown(bucket, stored) }
    })

  const upload = async (request: Received, bucket: string): Promise<Answer> => {
    const { method, query, headers, body } = request
    if (method === 'PUT') return chunk(request, sessions.get(query.get('upload_id') ?? ''))
    if (query.get('uploadType') === 'resumable') {
      const fields = (body.length === 0 ? {} : JSON.parse(body.toString())) as ObjectFields
      const name = query.get('name') ?? fields.name ?? ''
      const refused = unmet(query, objects.get(`${bucket}/${name}`))
      if (refused !== null) return refusal(refused)
      const id = randomUUID()
      const contentType = String(headers['x-upload-content-type'] ?? fields.contentType ?? '')
      sessions.set(id, {
        bucket,
        name,
        fields: { ...fields, contentType },
        query,
        received: Buffer.alloc(0),
        answer: null,
      })
      const location = `http://${headers.host}/upload/storage/v1/b/${bucket}/o?uploadType=resumable&upload_id=${id}`
      return { status: 200, headers: { location }, body: '' }
    }
    const { fields, bytes } = multipart(String(headers['content-type']), body)
    return create(bucket, query.get('name') ?? fields.name ?? '', fields, bytes, query)
  }

  const chunk = async ({ headers, body }: Received, session: Session | undefined): Promise<Answer> => {
    if (session === undefined) return refusal({ status: 404, message: 'No such upload.' })
    if (session.answer !== null) return session.answer
    const [, from, total] = /^bytes (?:(\d+)-[\d*]+|\*)\/(\d+|\*)$/.exec(String(headers['content-range'] ?? '')) ?? []
    const whole = headers['content-range'] === undefined || /-\*/.test(String(headers['content-range']))
    if (body.length > 0) {
      const last = whole || (total !== '*' && session.received.length + body.length === Number(total))
      if (!last && body.length % CHUNK !== 0)
        return refusal({ status: 400, message: 'Chunks are multiples of 256 KiB.' })
      if (Number(from ?? 0) !== session.received.length)
        return refusal({ status: 400, message: 'This chunk does not follow the one before.' })
      session.received = Buffer.concat([session.received, body])
    }
    if (!whole && session.received.length !== Number(total)) {
      const range = session.received.length === 0 ? {} : { range: `bytes=0-${session.received.length - 1}` }
      return { status: 308, headers: range, body: '' }
    }
    session.answer = await create(session.bucket, session.name, session.fields, session.received, session.query)
    return session.answer
  }

  const list = async (bucket: string, query: URLSearchParams): Promise<Answer> => {
    const found: Array<{ readonly name: string }> = []
    let token: string | undefined
    do {
      const asked = new URLSearchParams({ prefix: query.get('prefix') ?? '', ...(token && { pageToken: token }) })
      const page = (await (await fetch(`${emulator.url}/storage/v1/b/${bucket}/o?${asked.toString()}`)).json()) as {
        readonly items?: ReadonlyArray<{ readonly name: string }>
        readonly nextPageToken?: string
      }
      found.push(...(page.items ?? []))
      token = page.nextPageToken
    } while (token !== undefined)
    const from = [query.get('startOffset') ?? '', query.get('pageToken') ?? ''].sort().at(-1) ?? ''
    const [prefix, delimiter] = [query.get('prefix') ?? '', query.get('delimiter')]
    const folderOf = (name: string): string | null => {
      const end = delimiter === null ? -1 : name.indexOf(delimiter, prefix.length)
      return end === -1 ? null : name.slice(0, end + 1)
    }
    const prefixes = new Set(found.map(({ name }) => folderOf(name)).filter((folder) => folder !== null))
    const rest = found.filter(({ name }) => name >= from && folderOf(name) === null)
    const most = Number(query.get('maxResults') ?? 1_000)
    const next = rest[most]?.name
    return {
      status: 200,
      body: {
        kind: 'storage#objects',
        prefixes: [...prefixes],
        items: rest.slice(0, most).map((object) => shown(bucket, object)),
        ...(next === undefined ? {} : { nextPageToken: next }),
      },
    }
  }

  const read = async (bucket: string, name: string, query: URLSearchParams, media: boolean): Promise<Answer> => {
    const kept = objects.get(`${bucket}/${name}`)
    const asked = query.get('generation')
    if (kept === undefined || (asked !== null && asked !== String(kept.generation)))
      return refusal({ status: 404, message: `No such object: ${bucket}/${name}` })
    const found = await fetch(`${emulator.url}${addressOf(bucket, name)}${media ? '?alt=media' : ''}`)
    if (found.status !== 200) return refusal({ status: 404, message: `No such object: ${bucket}/${name}` })
    if (!media) return { status: 200, body: shown(bucket, (await found.json()) as { name: string }) }
    const type = query.get('response-content-type') ?? found.headers.get('content-type') ?? ''
    const disposition = query.get('response-content-disposition')
    const headers = { 'content-type': type, ...(disposition && { 'content-disposition': disposition }) }
    return { status: 200, headers, body: Buffer.from(await found.arrayBuffer()) }
  }

  const change = ({ method, query, body }: Received, bucket: string, name: string): Promise<Answer> =>
    inTurn(`${bucket}/${name}`, async () => {
      const key = `${bucket}/${name}`
      const kept = objects.get(key)
      if (kept === undefined) return refusal({ status: 404, message: `No such object: ${key}` })
      const refused = unmet(query, kept) ?? (method === 'DELETE' ? isProtected(kept, rulesOf(bucket)) : null)
      if (refused !== null) return refusal(refused)
      if (method === 'DELETE') {
        await fetch(`${emulator.url}${addressOf(bucket, name)}`, { method: 'DELETE' })
        objects.delete(key)
        return { status: 204, body: '' }
      }
      const next = changed(kept, JSON.parse(body.toString()) as ObjectFields, rulesOf(bucket))
      if ('status' in next) return refusal(next)
      objects.set(key, next)
      return read(bucket, name, new URLSearchParams(), false)
    })

  const answer = async (request: Received): Promise<Answer> => {
    const { method, path, query, url, headers } = request
    const uploaded = /^\/upload\/storage\/v1\/b\/([^/]+)\/o$/.exec(path)?.[1]
    const [, bucket = uploaded ?? '', , encoded] = /^\/storage\/v1\/b\/([^/]+)(\/o(?:\/([^/]+))?)?$/.exec(path) ?? []
    const isJson = path.startsWith('/storage/v1/') || uploaded !== undefined
    if (isJson && !buckets.has(bucket)) return refusal({ status: 404, message: 'The specified bucket does not exist.' })
    if (uploaded !== undefined) return upload(request, bucket)
    if (!isJson) {
      const refused = checkSignedUrl(method, url, headers, publicKey)
      const [, signedBucket = '', ...name] = path.split('/')
      return refused === null ? read(signedBucket, decodeURIComponent(name.join('/')), query, true) : refusal(refused)
    }
    if (!path.includes('/o')) return { status: 200, body: bucketOf(bucket, rulesOf(bucket)) }
    if (encoded === undefined) return list(bucket, query)
    const name = decodeURIComponent(encoded)
    if (method === 'GET') return read(bucket, name, query, query.get('alt') === 'media')
    return method === 'PATCH' || method === 'DELETE'
      ? change(request, bucket, name)
      : refusal({ status: 400, message: `This layer knows no ${method}.` })
  }

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const brings = request.method === 'POST' || request.method === 'PUT'
    const concerns = concerned.test(decodeURIComponent(request.url ?? ''))
    const now = concerns && (brings || trouble === 'away') ? trouble : 'none'
    if (now !== 'none' && times !== Number.POSITIVE_INFINITY) {
      times -= 1
      if (times === 0) trouble = 'none'
    }
    const parts: Buffer[] = []
    for await (const part of request as AsyncIterable<Buffer>) {
      parts.push(part)
      if (now === 'cut') return void request.socket.destroy()
    }
    const url = new URL(request.url ?? '/', `http://${request.headers.host}`)
    seen.push(`${request.method} ${url.pathname.startsWith('/upload') ? 'upload' : 'object'}`)
    const given =
      now === 'away'
        ? { status: 503, body: { error: { code: 503, message: 'Backend Error' } } }
        : await answer({
            method: request.method ?? 'GET',
            url,
            path: url.pathname,
            query: url.searchParams,
            headers: request.headers,
            body: Buffer.concat(parts),
          })
    if (now === 'mute') return void request.socket.destroy()
    const { status, body, headers = {} }: Answer = given
    const isBytes = typeof body === 'string' || Buffer.isBuffer(body)
    response.writeHead(status, { ...(isBytes ? {} : { 'content-type': 'application/json' }), ...headers })
    response.end(isBytes ? body : JSON.stringify(body))
  }

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      response.writeHead(599, { 'content-type': 'text/plain' })
      response.end(String(error))
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    makeBucket: (name, rules = OPEN) => void buckets.set(name, rules),
    trouble: (kind, count = Number.POSITIVE_INFINITY, about = /^/) => {
      trouble = kind
      concerned = about
      times = count
    },
    overwrite: async (bucket, name, bytes) => {
      await store(bucket, name, {}, bytes)
    },
    lose: async (bucket, name) => {
      await fetch(`${emulator.url}${addressOf(bucket, name)}`, { method: 'DELETE' })
      objects.delete(`${bucket}/${name}`)
    },
    seen: () => {
      const before = seen
      seen = []
      return before
    },
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await emulator.stop()
    },
  }
}

type Received = {
  readonly method: string
  readonly url: URL
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

const refusal = ({ status, message }: Refused): Answer => ({
  status,
  body: { error: { code: status, message, errors: [{ message, domain: 'global', reason: REASONS[status] }] } },
})

const REASONS = { 400: 'invalid', 401: 'required', 403: 'forbidden', 404: 'notFound', 412: 'conditionNotMet' } as const

const bucketOf = (name: string, { objectRetention, policy }: BucketRules): object => ({
  kind: 'storage#bucket',
  id: name,
  name,
  ...(objectRetention ? { objectRetention: { mode: 'Enabled' } } : {}),
  ...(policy === null
    ? {}
    : { retentionPolicy: { retentionPeriod: String(policy.retentionPeriod), isLocked: policy.isLocked } }),
})

/** Two parts: what is said about the object, in JSON, and its bytes. */
const multipart = (contentType: string, body: Buffer): { readonly fields: ObjectFields; readonly bytes: Buffer } => {
  const edge = /boundary="?([^";]+)"?/.exec(contentType)?.[1] ?? ''
  const end = Buffer.from('\r\n\r\n')
  const said = body.indexOf(end) + end.length
  const between = body.indexOf(`\r\n--${edge}`, said)
  const content = body.indexOf(end, between) + end.length
  const type = /content-type: *(.+)/i.exec(body.subarray(between, content).toString())?.[1]?.trim()
  const fields = JSON.parse(body.subarray(said, between).toString()) as ObjectFields
  const close = body.lastIndexOf(`\r\n--${edge}--`)
  return {
    fields: { ...fields, ...(type === undefined ? {} : { contentType: type }) },
    bytes: body.subarray(content, close),
  }
}
