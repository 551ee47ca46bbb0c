import { once } from 'node:events'
import { createInterface } from 'node:readline/promises'
import { styleText } from 'node:util'

/** Where a command speaks to a person or a script. */
export type Terminal = {
  readonly say: (line: string) => void
  /** Problems, on the error stream. */
  readonly complain: (line: string) => void
  /** Someone watches: progress may move and colours may show. */
  readonly interactive: boolean
  readonly style: (how: Style, text: string) => string
  /** What is answered in a line; empty when nothing is. */
  readonly ask: (question: string) => Promise<string>
}
export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'

/** The terminal of this process. Colours follow the stream, NO_COLOR and FORCE_COLOR. */
export const processTerminal = (): Terminal => ({
  say: (line) => void process.stdout.write(`${line}\n`),
  complain: (line) => void process.stderr.write(`${line}\n`),
  interactive: process.stdout.isTTY === true && process.stdin.isTTY === true,
  style: (how, text) => styleText(how, text, { stream: process.stdout }),
  ask: async (question) => {
    const lines = createInterface({ input: process.stdin, output: process.stdout })
    // Ctrl-C while a question stands reaches only the question.
    lines.once('SIGINT', () => {
      lines.close()
      process.kill(process.pid, 'SIGINT')
    })
    try {
      return await Promise.race([lines.question(question), once(lines, 'close').then(() => '')])
    } finally {
      lines.close()
    }
  },
})

// biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes take no room on the screen
const COLOURS = /\u001b\[\d+m/g

/** How many columns a text takes on the screen. */
const widthOf = (text: string): number => text.replaceAll(COLOURS, '').length

const padded = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - widthOf(text)))

/** Rows in aligned columns, two spaces apart, the last column running free. */
export const table = (rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> => {
  const widths = rows.reduce<ReadonlyArray<number>>(
    (known, row) =>
      Array.from({ length: Math.max(known.length, row.length) }, (_, at) =>
        Math.max(known[at] ?? 0, widthOf(row[at] ?? '')),
      ),
    [],
  )
  return rows.map((row) =>
    row
      .map((cell, at) => (at === row.length - 1 ? cell : padded(cell, widths[at] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
}

/** 23 708, readable at a glance. */
export const grouped = (count: number): string => String(count).replaceAll(/\B(?=(\d{3})+$)/g, ' ')

/** 840 ms, 2.4 s. */
export const duration = (ms: number): string => (ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`)
