#!/usr/bin/env node
import { EXIT } from '../adapters/cli/exit.ts'
import { runCommandLine } from '../adapters/cli/program.ts'
import { processTerminal } from '../adapters/cli/terminal.ts'
import { outliveTheReader } from './closed-output.ts'
import { commands } from './commands.ts'
import { EXIT_CONFIG, nodeProblem } from './config.ts'

const old = nodeProblem()
if (old !== null) {
  console.error(old)
  process.exit(EXIT_CONFIG)
}
outliveTheReader(process.stdout)
const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort())
const line = commands({ terminal: processTerminal(), env: process.env, signal: stopping.signal })
const words = process.argv.slice(2)
process.exitCode = await runCommandLine(line, words).catch((error: unknown) => {
  line.terminal.complain(`Something went wrong on our side: ${error instanceof Error ? error.message : String(error)}`)
  return EXIT.fault
})
// What a worker gave to others at its stop may still run here; nobody waits for it.
if (words[0] === 'worker') setTimeout(() => process.exit(), 500).unref()
