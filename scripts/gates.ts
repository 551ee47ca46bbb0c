import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'

/** A program from node_modules that must end well, and what it looks at. */
export type Gate = { readonly name: string; readonly command: readonly [string, ...ReadonlyArray<string>] }

/** What is judged without running the code: the slowest first, so that the others run beside it. */
export const staticGates: ReadonlyArray<Gate> = [
  { name: 'types', command: ['tsc', '-p', '.', '--declaration'] },
  { name: 'unused', command: ['knip', '--no-progress'] },
  { name: 'lint', command: ['oxlint', '--deny-warnings', 'src', 'test', 'scripts', 'bench', 'vitest.config.ts'] },
  { name: 'boundaries', command: ['depcruise', 'src', '--config', '.dependency-cruiser.cjs'] },
  { name: 'format', command: ['biome', 'check', '--error-on-warnings'] },
]

/** Runs gates side by side, shows what the failed ones say, and returns their names. */
export const runGates = async (gates: ReadonlyArray<Gate>): Promise<ReadonlyArray<string>> => {
  const waiting = [...gates]
  const failed: Array<string> = []
  const worker = async (): Promise<void> => {
    for (let gate = waiting.shift(); gate !== undefined; gate = waiting.shift()) {
      const started = performance.now()
      const { code, output } = await run(gate)
      const seconds = ((performance.now() - started) / 1_000).toFixed(1)
      console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${gate.name} (${seconds} s)`)
      if (code === 0) continue
      failed.push(gate.name)
      console.log(output)
    }
  }
  await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, worker))
  return failed
}

const run = ({ command: [program, ...args] }: Gate): Promise<{ readonly code: number; readonly output: string }> =>
  new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    const keep = (chunk: Buffer): void => {
      output += chunk.toString()
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.once('error', (error) => resolve({ code: 1, output: error.message }))
    child.once('close', (code) => resolve({ code: code ?? 1, output }))
  })
