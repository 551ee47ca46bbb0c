import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'

/** What the server said, with the host's envelope opened. */
export type Said = {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: the story reads what it needs and breaks by name when it is not there
  readonly data: any
  readonly etag: string | null
  readonly error: {
    readonly code: string
    readonly message: string
    readonly details: Readonly<Record<string, unknown>>
  } | null
  readonly ms: number
}

export type Upload = {
  readonly path: string
  /** The part of the form that carries it. */
  readonly field: string
  readonly name: string
  readonly content: Uint8Array<ArrayBuffer>
  readonly mime: string
  readonly fields: Readonly<Record<string, string>>
}

/** One person at the keyboard, over HTTP. */
export type Caller = {
  readonly user: string
  readonly get: (path: string) => Promise<Said>
  /** `version` is the one that was read: it goes into If-Match. */
  readonly send: (
    method: 'POST' | 'PUT' | 'DELETE',
    path: string,
    body: unknown,
    version?: number | null,
  ) => Promise<Said>
  readonly upload: (upload: Upload) => Promise<Said>
  /** The data of each event of a stream, until the server ends it. */
  readonly follow: (path: string, hear: (data: never) => void) => Promise<void>
}

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

const opened = async (response: Response, began: number): Promise<Said> => {
  const text = await response.text()
  const json = text === '' ? {} : JSON.parse(text)
  const error = json.error === undefined ? null : { ...json.error, details: json.error.details ?? {} }
  return {
    status: response.status,
    data: json.data ?? null,
    etag: response.headers.get('etag'),
    error,
    ms: performance.now() - began,
  }
}

/** Rejects as soon as the signal aborts. A fetch that is itself aborted while it sends a form takes the process down (undici 7). */
const untilStopped = (signal: AbortSignal): (<A>(work: Promise<A>) => Promise<A>) => {
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('stopped')), { once: true })
  })
  stopped.catch(() => {})
  return (work) => Promise.race([work, stopped])
}

/** Speaks to the server at `root` under the name of a user of the local sign-in. */
export const callerAt = (root: string, signal: AbortSignal) => {
  const unlessStopped = untilStopped(signal)
  return (user: string, role?: string): Caller => {
    const who = { 'X-Local-User': user, ...(role === undefined ? {} : { 'X-Local-Role': role }) }
    const ask = async (path: string, init: RequestInit): Promise<Said> => {
      const began = performance.now()
      const headers = { ...who, ...(init.headers as Record<string, string> | undefined) }
      return unlessStopped(fetch(`${root}${path}`, { ...init, headers }).then((response) => opened(response, began)))
    }
    return {
      user,
      get: (path) => ask(path, {}),
      send: (method, path, body, version = null) =>
        ask(path, {
          method,
          headers: {
            ...(body === null ? {} : { 'Content-Type': 'application/json' }),
            ...(version === null ? {} : { 'If-Match': `"${version}"` }),
          },
          body: body === null ? null : JSON.stringify(body),
        }),
      upload: ({ path, field, name, content, mime, fields }) => {
        const form = new FormData()
        for (const [key, value] of Object.entries(fields)) form.set(key, value)
        form.set(field, new Blob([content], { type: mime }), name)
        return ask(path, { method: 'POST', body: form })
      },
      follow: async (path, hear) => {
        const response = await unlessStopped(fetch(`${root}${path}`, { headers: who }))
        let rest = ''
        for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
          signal.throwIfAborted()
          const parts = `${rest}${chunk}`.split('\n\n')
          rest = parts.pop() ?? ''
          for (const part of parts) {
            const data = /^data: (.*)$/m.exec(part)?.[1]
            if (data !== undefined) hear(JSON.parse(data) as never)
          }
        }
      },
    }
  }
}

/** A workbook on disk, ready to be uploaded. */
export const workbookUpload = async (
  path: string,
  file: string,
  fields: Readonly<Record<string, string>>,
): Promise<Upload> => ({
  path,
  field: 'file',
  name: basename(file),
  content: new Uint8Array(await readFile(file)),
  mime: XLSX,
  fields,
})
