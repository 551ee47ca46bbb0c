import { runCommandLine } from '../../src/adapters/cli/program.ts'
import type { Terminal } from '../../src/adapters/cli/terminal.ts'
import { commands } from '../../src/infrastructure/commands.ts'

export type Ran = { readonly code: number; readonly said: string; readonly complained: string }

/** A terminal that keeps what is said; `answers` makes somebody sit at it. */
const keptTerminal = (answers: ReadonlyArray<string> | null = null) => {
  const said: string[] = []
  const complained: string[] = []
  const left = [...(answers ?? [])]
  const terminal: Terminal = {
    say: (line) => void said.push(line),
    complain: (line) => void complained.push(line),
    interactive: answers !== null,
    style: (_, text) => text,
    ask: async (question) => {
      said.push(question)
      return left.shift() ?? ''
    },
  }
  return { terminal, said: () => said.join('\n'), complained: () => complained.join('\n') }
}

/** Runs one command line in this process, as a script would unless somebody answers. */
export const ticketing = async (
  words: ReadonlyArray<string>,
  env: Readonly<Record<string, string | undefined>> = {},
  {
    answers = null,
    signal = new AbortController().signal,
  }: { readonly answers?: ReadonlyArray<string> | null; readonly signal?: AbortSignal } = {},
): Promise<Ran> => {
  const { terminal, said, complained } = keptTerminal(answers)
  const code = await runCommandLine(commands({ terminal, env, signal }), words)
  return { code, said: said(), complained: complained() }
}
