import { spawn } from 'node:child_process'
import { extname } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import * as E from 'fp-ts/lib/Either.js'
import type {
  ReadRequest,
  WorkbookRead,
  WorkbookReader,
  WorkbookRefused,
} from '../../application/ports/workbook-reader.ts'
import type { SheetRow } from '../../domain/shared/sheet.ts'
import type { ParsingJob, ParsingMessage } from './messages.ts'
import { MESSAGES_FD } from './messages.ts'

/** Beside this file: parse-worker.ts from sources, parse-worker.js once compiled. */
const WORKER = fileURLToPath(new URL(`./parse-worker${extname(import.meta.url)}`, import.meta.url))
const SHOWN_OF_STDERR = 4_096

type OnRows = (rows: ReadonlyArray<SheetRow>) => void | Promise<void>
type Answer = E.Either<WorkbookRefused, WorkbookRead>

/** At most `places` at once; the others wait their turn. */
const turnstile = (places: number) => {
  let free = places
  const waiting: Array<() => void> = []
  return async <A>(work: () => Promise<A>): Promise<A> => {
    if (free > 0) free -= 1
    else await new Promise<void>((enter) => waiting.push(enter))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) free += 1
      else next()
    }
  }
}

/** The parser gets nothing of our environment: it reads strangers' files and needs no secret. */
const startParser = (job: ParsingJob) =>
  spawn(
    process.execPath,
    [`--max-old-space-size=${job.limits.memoryMiB}`, '--max-semi-space-size=16', WORKER, JSON.stringify(job)],
    {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      env: { TZ: 'UTC' },
    },
  )

async function* messagesOf(stream: Readable): AsyncGenerator<ParsingMessage> {
  let rest = ''
  for await (const chunk of stream.setEncoding('utf8')) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) yield JSON.parse(line) as ParsingMessage
  }
}

const diedOfMemory = (stderr: string, code: number | null, signal: NodeJS.Signals | null): boolean =>
  /heap out of memory|heap limit/i.test(stderr) || signal === 'SIGABRT' || signal === 'SIGKILL' || code === 134

/** Runs out after `ms`, the time while it is held not counted. */
const deadline = (ms: number, expire: () => void) => {
  let left = ms
  let since = performance.now()
  let timer: NodeJS.Timeout | undefined
  const run = () => {
    since = performance.now()
    timer = setTimeout(expire, Math.max(0, left))
  }
  const hold = () => {
    clearTimeout(timer)
    left -= performance.now() - since
  }
  run()
  return { run, hold }
}

const readInChild = async ({ path, sheet, limits, signal }: ReadRequest, onRows: OnRows): Promise<Answer> => {
  if (signal?.aborted) return E.left({ type: 'ParseStopped' })
  const parser = startParser({ path, sheet, limits })
  const ended = new Promise<readonly [number | null, NodeJS.Signals | null]>((resolve, reject) => {
    parser.once('error', reject)
    parser.once('close', (code, killedBy) => resolve([code, killedBy]))
  })
  ended.catch(() => {})
  let stopped: WorkbookRefused | null = null
  const stop = (why: WorkbookRefused) => {
    stopped ??= why
    parser.kill('SIGKILL')
  }
  const abort = () => stop({ type: 'ParseStopped' })
  signal?.addEventListener('abort', abort, { once: true })
  const time = deadline(limits.timeMs, () => stop({ type: 'ParseTimeout', timeMs: limits.timeMs }))
  let stderr = ''
  parser.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(0, SHOWN_OF_STDERR)
  })
  try {
    let answer: Answer | null = null
    for await (const message of messagesOf(parser.stdio[MESSAGES_FD] as Readable)) {
      if (stopped !== null) break
      if (message.type === 'rows') {
        time.hold()
        await onRows(message.rows)
        time.run()
      } else answer = message.type === 'read' ? E.right(message.read) : E.left(message.refused)
    }
    const [code, killedBy] = await ended
    if (stopped !== null) return E.left(stopped)
    if (answer !== null) return answer
    return diedOfMemory(stderr, code, killedBy)
      ? E.left({ type: 'WorkbookTooLarge', limit: 'memoryMiB', max: limits.memoryMiB, actual: limits.memoryMiB })
      : E.left({ type: 'CorruptWorkbook', reason: `the parsing process ended with ${killedBy ?? code}` })
  } finally {
    time.hold()
    signal?.removeEventListener('abort', abort)
    parser.kill('SIGKILL')
  }
}

/** Reads workbooks outside the server process, each in a parser of its own with limits of memory and time; `parallel` at once. */
export const childProcessWorkbookReader = ({ parallel = 2 }: { readonly parallel?: number } = {}): WorkbookReader => {
  const inTurn = turnstile(parallel)
  return { read: (request, onRows) => () => inTurn(() => readInChild(request, onRows)) }
}
