import { SingleBar } from 'cli-progress'
import type { Terminal } from './terminal.ts'

/** How far long work is: `total` null while nobody knows. */
export type Progress = {
  readonly at: (done: number, total: number | null) => void
  readonly end: () => void
}

const BETWEEN_LINES_MS = 2_000

/** A bar where someone watches; elsewhere a plain line every two seconds, and none for work that is shorter. */
export const progress = (terminal: Terminal, what: string, unit: string): Progress =>
  terminal.interactive ? bar(what, unit) : lines(terminal, what, unit)

const bar = (what: string, unit: string): Progress => {
  const drawn = new SingleBar({
    format: `${what} {bar} {value} {of} ${unit} · {duration} s`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 28,
    hideCursor: true,
    clearOnComplete: false,
    stopOnComplete: false,
    linewrap: false,
  })
  let started = false
  return {
    at: (done, total) => {
      const of = { of: total === null ? '' : `of ${total}` }
      if (!started) drawn.start(total ?? Math.max(done, 1), done, of)
      else {
        drawn.setTotal(total ?? Math.max(done, 1))
        drawn.update(done, of)
      }
      started = true
    },
    end: () => {
      if (started) drawn.stop()
    },
  }
}

const lines = ({ say }: Terminal, what: string, unit: string): Progress => {
  let last = performance.now()
  return {
    at: (done, total) => {
      if (performance.now() - last < BETWEEN_LINES_MS) return
      last = performance.now()
      say(`${what}: ${done}${total === null ? '' : ` of ${total}`} ${unit}`)
    },
    end: () => {},
  }
}
