import { SingleBar } from 'cli-progress'
import type { Terminal } from './terminal.ts'

/** How far long work is: `total` null when nobody knows, from the first word on. */
export type Progress = {
  readonly at: (done: number, total: number | null) => void
  readonly end: () => void
}

const BETWEEN_LINES_MS = 2_000

/** A bar where someone watches; elsewhere a plain line every two seconds, and none for work that is shorter. */
export const progress = (terminal: Terminal, what: string, unit: string): Progress =>
  terminal.interactive ? bar(what, unit) : lines(terminal, what, unit)

const bar = (what: string, unit: string): Progress => {
  let drawn: SingleBar | null = null
  return {
    at: (done, total) => {
      if (drawn === null) {
        drawn = drawing(`${what} ${total === null ? '{value}' : '{bar} {value} of {total}'} ${unit} · {duration} s`)
        drawn.start(total ?? 0, done)
      }
      if (total !== null) drawn.setTotal(total)
      drawn.update(done)
    },
    end: () => drawn?.stop(),
  }
}

const drawing = (format: string): SingleBar =>
  new SingleBar({
    format,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 28,
    hideCursor: true,
    linewrap: false,
  })

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
