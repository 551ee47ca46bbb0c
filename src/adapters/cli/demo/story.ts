import { duration, type Style, type Terminal, table } from '../terminal.ts'
import type { Said } from './caller.ts'

/** Tells what happens, to a person who reads along. */
export type Story = {
  readonly chapter: (title: string) => Promise<void>
  readonly does: (user: string, what: string) => void
  readonly answers: (what: string, ms?: number) => void
  readonly refuses: (what: string, reasons?: ReadonlyArray<string>) => void
  readonly shows: (rows: ReadonlyArray<ReadonlyArray<string>>) => void
  readonly remarks: (what: string) => void
  readonly style: (how: Style, text: string) => string
}

const NAME_WIDTH = 10
const INDENT = ' '.repeat(4 + NAME_WIDTH)

/** `between` is awaited before each chapter but the first: somebody may want to read. */
export const story = ({ say, style }: Terminal, between: () => Promise<unknown>): Story => {
  let chapters = 0
  return {
    chapter: async (title) => {
      if (chapters > 0) await between()
      chapters += 1
      say('')
      say(style('bold', `${String(chapters).padStart(2)}. ${title}`))
    },
    does: (user, what) => say(`    ${style('cyan', user.padEnd(NAME_WIDTH - 1))} ${what}`),
    answers: (what, ms) =>
      say(`${INDENT}${style('green', '->')} ${what}${ms === undefined ? '' : style('dim', `  ${duration(ms)}`)}`),
    refuses: (what, reasons = []) => {
      say(`${INDENT}${style('yellow', 'x ')} ${what}`)
      for (const reason of reasons) say(`${INDENT}     ${reason}`)
    },
    shows: (rows) => {
      for (const line of table(rows)) say(`${INDENT}   ${line}`)
    },
    remarks: (what) => say(`    ${style('dim', what)}`),
    style,
  }
}

const inShort = ({ status, error, data }: Said): string =>
  error === null
    ? `${status} ${JSON.stringify(data).slice(0, 400)}`
    : `${status} ${error.code}: ${error.message} ${JSON.stringify(error.details).slice(0, 600)}`

/** The story ends here when the server did not do what is told. */
export const told = (said: Said, status: number, what: string): Said => {
  if (said.status !== status) throw new Error(`${what}: ${status} was expected, the server said ${inShort(said)}`)
  return said
}

/** A refusal that belongs to the story, by the name of its rule. */
export const toldRefusal = (said: Said, rule: string, what: string): NonNullable<Said['error']> => {
  if (said.error === null || said.error.details.rule !== rule)
    throw new Error(`${what}: the refusal ${rule} was expected, the server said ${inShort(said)}`)
  return said.error
}

/** What must be so for the story to be true. */
export const holds = (so: boolean, what: string): void => {
  if (!so) throw new Error(`The story does not hold: ${what}`)
}
