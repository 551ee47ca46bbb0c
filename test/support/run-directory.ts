import { spawn } from 'node:child_process'
import { chown, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export type Owner = { readonly uid: number; readonly gid: number } | null

/** What one test run keeps outside the checkout. It goes away with the process that made it, however that ends. */
export type RunDirectory = {
  readonly path: string
  /** Starts a program that is stopped before the directory is deleted. */
  readonly start: (program: string, args: ReadonlyArray<string>) => void
  /** The last lines that the programs wrote to stderr. */
  readonly log: () => string
  readonly remove: () => Promise<void>
}

// The shell reads commands from a pipe whose other end only this process holds. When this process ends, kill -9 included, the
// pipe ends too: the programs are stopped (SIGINT is PostgreSQL's fast shutdown), then the directory is deleted.
const UNTIL_WE_END = `
pids=
while IFS= read -r command; do eval "exec $command" </dev/null & pids="$pids $!"; done
[ -z "$pids" ] || kill -INT $pids 2>/dev/null
wait
rm -rf "$1"`

export const makeRunDirectory = async (owner: Owner = null): Promise<RunDirectory> => {
  const path = await mkdtemp(join(tmpdir(), 'fibreflow-test-'))
  if (owner !== null) await chown(path, owner.uid, owner.gid)
  const shell = spawn('/bin/sh', ['-c', UNTIL_WE_END, 'until-we-end', path], {
    ...owner,
    detached: true, // Ctrl-C is for us alone
    stdio: ['pipe', 'ignore', 'pipe'],
    cwd: '/',
  })
  let log = ''
  shell.stderr.on('data', (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-4_000)
  })
  return {
    path,
    start: (program, args) => {
      shell.stdin.write(`${[program, ...args].map(quoted).join(' ')}\n`)
    },
    log: () => log,
    remove: () =>
      new Promise((resolve) => {
        if (shell.exitCode !== null) return resolve()
        shell.once('exit', () => resolve())
        shell.stdin.end()
      }),
  }
}

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`
