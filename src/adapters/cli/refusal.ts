import type { AppError } from '../../application/errors.ts'
import { EXIT, type Exit } from './exit.ts'
import type { Terminal } from './terminal.ts'

/** A refusal in words, with the data that explains it in the names of the columns. */
export type Explained = {
  readonly sentence: string
  readonly details: Readonly<Record<string, unknown>> | null
  /** The part that is away, not the request, is at fault. */
  readonly isAway: boolean
}
export type Explain = (error: AppError) => Explained

const LONGEST_VALUE = 200

const shown = (value: unknown): string => {
  const text =
    Array.isArray(value) && value.every((one) => typeof one !== 'object')
      ? value.join(', ')
      : typeof value === 'string'
        ? value
        : JSON.stringify(value)
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text
}

/** The lines of a refusal: the sentence, then field, rule and value, one a line. */
const refusalLines = ({ sentence, details }: Explained): ReadonlyArray<string> => [
  sentence,
  ...Object.entries(details ?? {}).flatMap(([field, value]) =>
    value === null || value === undefined ? [] : [`  ${field}: ${shown(value)}`],
  ),
]

/** Says why not, and with which code the command ends. */
export const refuse = ({ complain }: Terminal, explained: Explained): Exit => {
  for (const line of refusalLines(explained)) complain(line)
  return explained.isAway ? EXIT.unavailable : EXIT.problem
}
