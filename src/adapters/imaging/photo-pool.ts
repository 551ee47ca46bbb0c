import { availableParallelism } from 'node:os'
import type { Look } from './look.ts'
import { type Answered, DEFAULT_PHOTO_LIMITS, type PhotoProcessLimits, photoProcess } from './photo-process.ts'

export type PhotoPool = {
  readonly look: (picture: Look) => Promise<Answered>
  /** Process ids of those that run now. */
  readonly running: () => ReadonlyArray<number>
  readonly close: () => Promise<void>
}

/** Pictures are work for one core each, and the server wants one for itself. */
const PROCESSES = Math.max(1, Math.min(2, availableParallelism() - 1))

/**
 * Looks at pictures outside the server process, at most two at once; the others wait their turn. A process that dies or
 * hangs may have done so for no fault of the picture's: a fresh one looks once more.
 */
export const photoPool = ({
  limits = DEFAULT_PHOTO_LIMITS,
  processes = PROCESSES,
  worker,
}: {
  readonly limits?: PhotoProcessLimits
  readonly processes?: number
  /** Another program to run in place of ours. */
  readonly worker?: string
} = {}): PhotoPool => {
  const all = Array.from({ length: processes }, () => photoProcess(limits, worker))
  // The one used last is warm: it is taken first.
  const free = [...all]
  const waiting: Array<(one: (typeof all)[number]) => void> = []
  let isClosed = false
  const take = (): Promise<(typeof all)[number]> => {
    const one = free.pop()
    return one === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(one)
  }
  return {
    look: async (picture) => {
      const one = await take()
      try {
        const answered = await one.ask(picture)
        if (answered.type !== 'unfinished' || answered.why === 'memory' || isClosed) return answered
        one.end()
        return await one.ask(picture)
      } finally {
        const next = waiting.shift()
        if (next === undefined) free.push(one)
        else next(one)
      }
    },
    running: () => all.flatMap((one) => one.pid() ?? []),
    close: async () => {
      isClosed = true
      for (const one of all) one.end()
    },
  }
}
