import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** One of the program's own processes, as an operator starts it. */
export type Started = {
  readonly pid: number
  readonly lives: () => boolean
  /** SIGKILL; gives the signal it ended by. */
  readonly kill: () => Promise<string | null>
  readonly stop: () => Promise<void>
}

export type Programs = {
  readonly worker: () => Promise<Started>
  readonly server: () => Promise<Started>
  /** Every line that any of them wrote. */
  readonly lines: () => ReadonlyArray<string>
  readonly stopAll: () => Promise<void>
}

const CLI = fileURLToPath(new URL('../../src/infrastructure/cli.ts', import.meta.url))
const MOST_LINES = 400_000
/** Whoever started them may be killed, too: then they end with the pipe that it held. */
const ENDS_WITH_US = `data:text/javascript,${encodeURIComponent("process.stdin.on('end', () => process.exit(9)).resume().unref()")}`

/** Compiles the program once for all its processes, which are started often: NODE_COMPILE_CACHE names this folder. */
export const compileInto = async (folder: string): Promise<void> => {
  const env = { PATH: process.env.PATH ?? '', NODE_COMPILE_CACHE: folder }
  await once(spawn(process.execPath, [CLI, 'help'], { env, stdio: 'ignore' }), 'exit')
}

/** `ticketing worker` and `ticketing serve` in processes of their own, with this environment. */
export const programs = (env: Readonly<Record<string, string>>): Programs => {
  const lines: string[] = []
  const all = new Set<ChildProcess>()

  const start = async (words: ReadonlyArray<string>, more: Readonly<Record<string, string>>, ready: string) => {
    const child = spawn(process.execPath, ['--import', ENDS_WITH_US, CLI, ...words], {
      env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...env, ...more },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    all.add(child)
    const isReady = Promise.withResolvers<void>()
    for (const stream of [child.stdout, child.stderr]) {
      let rest = ''
      stream.setEncoding('utf8').on('data', (text: string) => {
        const said = (rest + text).split('\n')
        rest = said.pop() ?? ''
        if (lines.length < MOST_LINES) lines.push(...said)
        if (said.some((line) => line.includes(ready))) isReady.resolve()
      })
    }
    const ended = once(child, 'exit') as Promise<[number | null, string | null]>
    void ended.then(([code, signal]) => {
      all.delete(child)
      isReady.reject(new Error(`${words.join(' ')} ended (${code ?? signal}): ${lines.slice(-15).join('\n')}`))
    })
    await isReady.promise
    const end = (signal: NodeJS.Signals) => async (): Promise<string | null> => {
      child.kill(signal)
      return (await ended)[1]
    }
    return {
      pid: child.pid as number,
      lives: () => child.exitCode === null && child.signalCode === null,
      kill: end('SIGKILL'),
      stop: async () => void (await end('SIGTERM')()),
    }
  }

  return {
    worker: () => start(['worker'], {}, 'Working.'),
    server: () => start(['serve'], { WORKER: 'off' }, 'listens on'),
    lines: () => lines,
    stopAll: async () => {
      await Promise.all(
        [...all].map(async (child) => {
          const ended = once(child, 'exit')
          if (child.kill('SIGKILL')) await ended
        }),
      )
    },
  }
}
