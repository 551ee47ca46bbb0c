import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Response } from 'express'
import type { Answer, StreamEvent } from './answer.ts'
import { STATUS_OF } from './codes.ts'
import type { Problem } from './problem.ts'

const HEARTBEAT_MS = 15_000

const sendJson = (response: Response, status: number, value: unknown): void => {
  response.statusCode = status
  response.setHeader('Content-Type', 'application/json; charset=utf-8')
  response.end(JSON.stringify(value))
}

/** The host's shape of an error; of a fault of ours only the code goes out. */
export const sendProblem = (response: Response, { code, message, details, headers }: Problem, at: string): void => {
  const status = STATUS_OF[code]
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  const said = code === 'INTERNAL_ERROR' ? 'Something went wrong on our side' : message
  const error = details === null || status >= 500 ? { code, message: said } : { code, message: said, details }
  sendJson(response, status, { success: false, error, meta: { timestamp: at } })
}

/** Answers in the host's shape, with the status that the route declares. */
export const sendAnswer = async (
  response: Response,
  status: number,
  answer: Answer,
  at: string,
  root: string,
): Promise<void> => {
  const meta = { timestamp: at }
  switch (answer.type) {
    case 'body': {
      const message = answer.message ?? (status === 201 ? 'Resource created successfully' : null)
      if (answer.version !== null) response.setHeader('ETag', `"${answer.version}"`)
      if (answer.location !== null) response.setHeader('Location', `${root}${answer.location}`)
      const shape = { success: true, data: answer.data }
      return sendJson(response, status, message === null ? { ...shape, meta } : { ...shape, message, meta })
    }
    case 'page':
      return sendJson(response, status, { success: true, data: answer.items, pagination: answer.pagination, meta })
    case 'nothing':
      response.statusCode = 204
      response.end()
      return
    case 'file':
      response.statusCode = status
      response.setHeader('Content-Type', answer.mime)
      response.setHeader('Content-Disposition', attachment(answer.name))
      response.setHeader('Content-Security-Policy', "default-src 'none'; sandbox")
      if (answer.size !== null) response.setHeader('Content-Length', answer.size)
      return pipeline(Readable.from(answer.content), response)
    case 'events':
      return sendEvents(response, status, answer.events)
  }
}

/** RFC 6266: a plain name for old readers, the real one in UTF-8. */
const attachment = (name: string): string =>
  `attachment; filename="${name.replaceAll(/[^\w.() -]/g, '_')}"; filename*=UTF-8''${encodeURIComponent(
    name.toWellFormed(),
  ).replaceAll(/['()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)}`

const sendEvents = async (response: Response, status: number, events: AsyncIterable<StreamEvent>): Promise<void> => {
  response.statusCode = status
  response.setHeader('Content-Type', 'text/event-stream; charset=utf-8')
  response.setHeader('X-Accel-Buffering', 'no')
  response.flushHeaders()
  const heartbeat = setInterval(() => response.write(': still here\n\n'), HEARTBEAT_MS)
  const source = events[Symbol.asyncIterator]()
  const stop = () => void source.return?.()
  response.once('close', stop)
  try {
    for (let next = await source.next(); next.done !== true && !response.closed; next = await source.next()) {
      const { id, event, data } = next.value
      const lines = [...(id === null ? [] : [`id: ${id}`]), `event: ${event}`, `data: ${JSON.stringify(data)}`]
      if (!response.write(`${lines.join('\n')}\n\n`)) await drained(response)
    }
  } finally {
    clearInterval(heartbeat)
    response.removeListener('close', stop)
    response.end()
  }
}

const drained = (response: Response): Promise<void> =>
  new Promise((resolve) => {
    const go = () => {
      response.removeListener('drain', go)
      response.removeListener('close', go)
      resolve()
    }
    response.once('drain', go)
    response.once('close', go)
  })
