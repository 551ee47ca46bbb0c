import { type ChildProcess, fork } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Look, Looked } from './look.ts'
import type { PhotoReady, PhotoReply, PhotoRequest } from './photo-messages.ts'

/** Beside this file: photo-worker.ts from sources, photo-worker.js once compiled. */
const WORKER = fileURLToPath(new URL(`./photo-worker${extname(import.meta.url)}`, import.meta.url))

export type PhotoProcessLimits = {
  /** From its start until a process is ready: a busy machine takes seconds to load it. */
  readonly startMs: number
  /** From the moment a process that is ready has the picture. */
  readonly timeMs: number
  /** Resident memory of one process, looked at while it works; where the system does not tell, only its own heap is held. */
  readonly memoryMiB: number
}
export const DEFAULT_PHOTO_LIMITS: PhotoProcessLimits = { startMs: 30_000, timeMs: 10_000, memoryMiB: 1_024 }

/** It holds this much at rest: what it has kept is given back by ending it. */
const RESTING_MIB = 300
const HEAP_MIB = 256
const WATCH_MS = 50
const PAGE_MIB = 4 / 1024

/** The process died, was too slow or took too much memory: nothing is known of the picture. */
export type Unfinished = {
  readonly type: 'unfinished'
  readonly why: 'time' | 'memory' | 'crash'
  readonly detail: string
}
export type Answered = Looked | Unfinished | { readonly type: 'failed'; readonly code: string }

/** One process that looks at pictures, one after the other: started by the first, ended by trouble, started again by the next. */
export const photoProcess = (limits: PhotoProcessLimits, worker: string = WORKER) => {
  let child: ChildProcess | null = null
  let isReady = false
  let asked = 0

  /** It gets nothing of our environment: it reads strangers' files and needs no secret. */
  const start = (): ChildProcess => {
    const started = fork(worker, [], {
      execPath: process.execPath,
      execArgv: [`--max-old-space-size=${HEAP_MIB}`],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      env: { TZ: 'UTC' },
    })
    isReady = false
    started.on('message', (reply: PhotoReady | PhotoReply) => {
      if (child === started && reply.id === null) isReady = true
    })
    started.once('exit', () => {
      if (child === started) child = null
    })
    started.on('error', () => started.kill('SIGKILL'))
    return started
  }

  /** A process at rest does not keep the program alive. */
  const holding = (held: ChildProcess, isHeld: boolean): void => {
    if (isHeld) {
      held.ref()
      held.channel?.ref()
    } else {
      held.unref()
      held.channel?.unref()
    }
  }

  const end = (): void => {
    child?.kill('SIGKILL')
    child = null
  }

  const ask = async (picture: Look): Promise<Answered> => {
    child ??= start()
    const working = child
    asked += 1
    const id = asked
    holding(working, true)
    const stopWatching: Array<() => void> = []
    try {
      return await new Promise<Answered>((resolve) => {
        const onReply = (reply: PhotoReady | PhotoReply) => {
          if (reply.id === null) timer = within(limits.timeMs)
          if (reply.id !== id) return
          if (reply.residentMiB > Math.min(RESTING_MIB, limits.memoryMiB)) end()
          resolve(reply.looked)
        }
        const onExit = (code: number | null, signal: NodeJS.Signals | null) =>
          resolve({ type: 'unfinished', why: 'crash', detail: String(signal ?? code) })
        const give = (why: 'time' | 'memory', detail: string) => {
          resolve({ type: 'unfinished', why, detail })
          end()
        }
        const within = (ms: number): NodeJS.Timeout => {
          clearTimeout(timer)
          return setTimeout(() => give('time', `${ms} ms`), ms)
        }
        let timer: NodeJS.Timeout | undefined
        timer = within(isReady ? limits.timeMs : limits.startMs)
        const watch = setInterval(async () => {
          const resident = await residentMiB(working.pid)
          if (resident > limits.memoryMiB) give('memory', `${limits.memoryMiB} MiB`)
        }, WATCH_MS)
        working.on('message', onReply)
        working.once('exit', onExit)
        stopWatching.push(
          () => clearTimeout(timer),
          () => clearInterval(watch),
          () => working.off('message', onReply),
          () => working.off('exit', onExit),
        )
        working.send({ id, ...picture } satisfies PhotoRequest, (error) => {
          if (error !== null) resolve({ type: 'unfinished', why: 'crash', detail: error.message })
        })
      })
    } finally {
      for (const stop of stopWatching) stop()
      holding(working, false)
    }
  }
  return { ask, end, pid: () => child?.pid ?? null }
}

const residentMiB = async (pid: number | undefined): Promise<number> => {
  const pages = await readFile(`/proc/${pid}/statm`, 'utf8').then(
    (text) => Number(text.split(' ')[1]),
    () => 0,
  )
  return pages * PAGE_MIB
}
