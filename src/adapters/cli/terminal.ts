import { styleText } from 'node:util'

/** Where a command speaks to a person or a script. */
export type Terminal = {
  readonly say: (line: string) => void
  /** Problems, on the error stream. */
  readonly complain: (line: string) => void
  /** Someone watches: progress may move and colours may show. */
  readonly interactive: boolean
  readonly style: (how: Style, text: string) => string
  /** Asks a yes-or-no question; never answered yes where nobody watches. */
  readonly confirm: (question: string) => Promise<boolean>
}
export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'

/** The terminal of this process. Colours follow the stream, NO_COLOR and FORCE_COLOR. */
export const processTerminal = (): Terminal => ({
  say: (line) => void process.stdout.write(`${line}\n`),
  complain: (line) => void process.stderr.write(`${line}\n`),
  interactive: process.stdout.isTTY === true && process.stdin.isTTY === true,
  style: (how, text) => styleText(how, text, { stream: process.stdout }),
  confirm: async (question) => {
    const { createInterface } = await import('node:readline/promises')
    const lines = createInterface({ input: process.stdin, output: process.stdout })
    try {
      return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim())
    } finally {
      lines.close()
    }
  },
})

// biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes take no room on the screen
const COLOURS = /\u001b\[\d+m/g

/** How many columns a text takes on the screen. */
export const widthOf = (text: string): number => text.replaceAll(COLOURS, '').length

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
